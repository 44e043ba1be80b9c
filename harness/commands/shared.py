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
from crosslayer.harness.formats.scenario import Scenario
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, build, resolve
from crosslayer.harness.model.errors import BadInput, ProcessLost
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.systems.commerce.nest import export
from crosslayer.harness.systems.commerce.nest import scenario as nest
from crosslayer.harness.systems.commerce.nouns import PARTS
from crosslayer.properties import ALL

HUNT_SCENARIO = scenario.default_path().with_name("hunt.yaml")
"""The compressed timeline of hunts."""

FOUND = Path("counterexamples")
"""Where finds are saved, unless another folder is named."""

CORPUS = Path("corpus")
"""Where entries are kept, unless another folder is named."""

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
    if trace_format == NEST:
        write_atomically(path, export.lines(result.header, result.events))
    else:
        trace.write(path, result.header, result.events)


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


def chosen_scenario(path: Path, seed: int | None = None) -> Scenario:
    """The scenario of a file, ours or NEST's, under another seed if one is given. Notes go to standard error."""
    value = scenario.read_yaml(path)
    if nest.is_nest(value):
        chosen, notes = nest.read(value, str(path))
        for note in notes:
            click.echo(report.plain(f"crosslayer: note: {path}: {note}"), err=True)
    else:
        chosen = scenario.from_value(value, str(path))
    return chosen if seed is None else attrs.evolve(chosen, seed=seed)


def chosen_stack(chosen: Scenario, place: str, assignments: Sequence[str]) -> Stack:
    """The scenario's stack, with these assignments over it."""
    stack = build([f"{part}={name}" for part, name in chosen.stack], f"{place}: stack")
    for assignment in assignments:
        part, equals, name = assignment.partition("=")
        if not equals or not name or part not in PARTS:
            build([assignment])
        stack = stack.replace(part, resolve(part, name, f"--stack {assignment}"))
    return stack


def require_folder(folder: Path) -> None:
    """`BadInput` if finds could not be saved there: nobody wants to hear that after the hunt."""
    place = next(one for one in (folder, *folder.parents) if one.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise BadInput(f"--save {folder}", f"{place} is no folder that can be written to")


def chosen_properties(names: tuple[str, ...]) -> tuple[Property, ...]:
    """All properties, or those of these names (`commerce_` may be left out); `BadInput` for an unknown one."""
    chosen = []
    for name in names:
        found = [one for one in ALL if one.name in (name, f"commerce_{name}")]
        if not found:
            raise BadInput(f"--invariant {name}", f"choose one of {', '.join(one.name for one in ALL)}")
        chosen.extend(found)
    return tuple(chosen) or ALL
