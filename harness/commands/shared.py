"""What commands share: how they end, how stack, scenario and properties are named, how JSON is printed."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import attrs
import click

from crosslayer.harness.explain import report
from crosslayer.harness.formats import scenario, trace
from crosslayer.harness.formats.files import write_atomically
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, assigned, build, resolve
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput, ProcessLost
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.systems.finding import DEFAULT, find_system, in_files

system_option = click.option(
    "--system",
    "system_name",
    metavar="NAME",
    help="The system: a shipped name, an entry point, or module:SYSTEM; by default private_commerce.",
)
stack_option = click.option(
    "--stack", "assignments", multiple=True, metavar="LAYER=PLUGIN", help="Replace one layer's plugin; repeatable."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")

FORMATS = CROSSLAYER, NEST = ("crosslayer", "nest")
"""The formats of a trace."""

format_option = click.option(
    "--format",
    "trace_format",
    type=click.Choice(FORMATS),
    default=CROSSLAYER,
    show_default=True,
    help="The format of the trace: ours, or NEST's.",
)


def write_trace(path: Path, trace_format: str, result: Result) -> None:
    """Write a run's trace in one of the formats, whole or not at all."""
    writer = result.system.writers.get(trace_format)
    if trace_format != CROSSLAYER and writer is None:
        raise BadInput(f"--format {trace_format}", f"{result.system.name} has no such format; leave it out")
    if writer is None:
        trace.write(path, result.header, result.events)
    else:
        write_atomically(path, writer(result.header, result.events))


def answering(function: Callable[..., int]) -> Callable[..., None]:
    """A command whose answer is its exit status, and whose bad input is one clear line and exit status 2."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            status = function(*args, **kwargs)
        except BadInput as error:
            click.echo(report.plain(f"crosslayer: {error}"), err=True)
            status = report.EXIT_BAD_INPUT
        except ProcessLost as error:
            click.echo(f"crosslayer: {error}", err=True)
            status = report.EXIT_FAULT
        except BrokenPipeError:
            status = report.EXIT_HOLDS
        sys.exit(status)

    return wrapper


def print_json(value: Any) -> None:
    """One JSON object on standard output."""
    click.echo(json.dumps(value))


def chosen_system(name: str | None) -> System:
    """The system of this name, or the default one."""
    return find_system(name or DEFAULT)


def chosen_scenario(path: Path | None, system: System, kind: str, seed: int | None = None) -> tuple[Scenario, str]:
    """The scenario of a file, or the one that ships under `kind`, and its place. Notes go to standard error."""
    if path is None:
        chosen, place = scenario.shipped(system, kind), f"the {kind} scenario of {system.name}"
    else:
        chosen, place = _read_scenario(path, system), str(path)
    return (chosen if seed is None else attrs.evolve(chosen, seed=seed)), place


def scenario_system(path: Path | None, name: str | None) -> System:
    """The system that is named, or else the one that a scenario's file names, or else the default one."""
    if name is not None or path is None:
        return chosen_system(name)
    value = scenario.read_yaml(path)
    named = value.get("system", DEFAULT) if isinstance(value, dict) else DEFAULT
    if not isinstance(named, str):
        raise BadInput(str(path), f"system: expected a text, not {brief(named)}")
    return in_files()(named, f"{path}: system")


def _read_scenario(path: Path, system: System) -> Scenario:
    value = scenario.read_yaml(path)
    for reader in system.readers:
        if reader.recognises(value):
            found, notes = reader.read(system, value, str(path))
            for note in notes:
                click.echo(report.plain(f"crosslayer: note: {path}: {note}"), err=True)
            chosen: Scenario = found
            return chosen
    return scenario.from_value(value, str(path), system)


def chosen_stack(system: System, chosen: Scenario, place: str, assignments: Sequence[str]) -> Stack:
    """The scenario's stack, with these assignments over it."""
    stack = build(system, [f"{part}={name}" for part, name in chosen.stack], f"{place}: stack")
    for assignment in assignments:
        part, name = assigned(system, assignment, "--stack")
        stack = stack.replace(part, resolve(system, part, name, f"--stack {assignment}"))
    return stack


def require_folder(folder: Path) -> None:
    """`BadInput` if finds could not be saved there: nobody wants to hear that after the hunt."""
    place = next(one for one in (folder, *folder.parents) if one.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise BadInput(f"--save {folder}", f"{place} is no folder that can be written to")


def chosen_properties(system: System, names: tuple[str, ...]) -> tuple[Property, ...]:
    """All properties of a system, or those of these names (what all names begin with may be left out).

    `BadInput` for an unknown one.
    """
    chosen = []
    for name in names:
        found = [one for one in system.properties if name in (one.name, short_name(system, one.name))]
        if not found:
            known = ", ".join(one.name for one in system.properties)
            raise BadInput(f"--invariant {name}", f"choose one of {known}")
        chosen.extend(found)
    return tuple(chosen) or system.properties


def short_name(system: System, name: str) -> str:
    """A joint invariant's name without what the names of all of them begin with."""
    joint = [one.name for one in system.joint]
    first = joint[0].partition("_")[0] + "_" if len(joint) > 1 else ""
    return name.removeprefix(first) if name in joint and all(one.startswith(first) for one in joint) else name
