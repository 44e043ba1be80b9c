"""What commands share: how they end, how stack, scenario and properties are named, how JSON is printed."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import attrs
import click

from crosslayer.harness.commands import completing
from crosslayer.harness.commands.completing import short_name
from crosslayer.harness.commands.kinds import SECONDS
from crosslayer.harness.explain.report import named
from crosslayer.harness.formats import scenario, trace
from crosslayer.harness.formats.files import require_writable, write_atomically
from crosslayer.harness.formats.naming import Find
from crosslayer.harness.kernel import foreign
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, allowed_stack, assigned, resolve
from crosslayer.harness.model.brief import brief, guess
from crosslayer.harness.model.errors import BadInput, plain
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System, with_properties
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.process.crash import Crashed
from crosslayer.harness.process.output import say_whole, tell
from crosslayer.harness.process.parent import STALL_SECONDS, Child
from crosslayer.harness.search import processes
from crosslayer.harness.systems.commerce.nest import scenario as nest
from crosslayer.harness.systems.finding import DEFAULT, find_system, in_files

system_option = click.option(
    "--system",
    "system_name",
    metavar="NAME",
    shell_complete=completing.systems,
    help="The system: a shipped name, an entry point, or module:SYSTEM; by default private_commerce.",
)
stack_option = click.option(
    "--stack",
    "assignments",
    multiple=True,
    metavar="LAYER=PLUGIN",
    shell_complete=completing.of_system(completing.assignments),
    help="Replace one layer's plugin; repeatable.",
)
property_option = click.option(
    "--property",
    "property_paths",
    multiple=True,
    metavar="MODULE:PROPERTY",
    help="Judge this property of your own as well; repeatable.",
)
allow_option = click.option(
    "--allow", "allowed", multiple=True, metavar="PACKAGE", help="Load plugins that files name from this package."
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


def require_trace(path: Path, trace_format: str, system: System) -> None:
    """`BadInput` if no trace in this format can be written there: that must be known before the run."""
    if trace_format != CROSSLAYER and trace_format not in system.writers:
        raise BadInput(f"--format {trace_format}", f"{system.name} has no such format; leave it out")
    require_writable(path)


def write_trace(path: Path, trace_format: str, result: Result) -> None:
    """Write a run's trace in one of the formats, whole or not at all."""
    require_trace(path, trace_format, result.system)
    writer = result.system.writers.get(trace_format)
    if writer is None:
        trace.write(path, result.header, result.events)
    else:
        write_atomically(path, writer(result.header, result.events))


def answering(function: Callable[..., int]) -> Callable[..., int]:
    """A command whose answer is its exit status, and for which no code is loaded but ours."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> int:
        with foreign.closed():
            return function(*args, **kwargs)

    return wrapper


in_process_option = click.option(
    "--in-process", is_flag=True, help="Load plugins into this very process: for a debugger, and for coverage."
)
stall_option = click.option(
    "--stall-timeout",
    "stall_seconds",
    type=SECONDS,
    default=STALL_SECONDS,
    show_default=True,
    envvar="CROSSLAYER_STALL_TIMEOUT",
    help="Seconds without any progress, after which plugins are given up; also CROSSLAYER_STALL_TIMEOUT.",
)


def isolating(function: Callable[..., int]) -> Callable[..., int]:
    """A command whose answer is its exit status, and that runs in a child process where it needs foreign code.

    It is begun here; where it comes upon the name of such code, it is begun anew in the child. So nothing may be
    printed or written before the stack is known.
    """

    @in_process_option
    @stall_option
    @click.pass_context
    @wraps(function)
    def wrapper(context: click.Context, /, in_process: bool, stall_seconds: float, **kwargs: Any) -> int:
        words: list[str] = context.find_root().obj
        processes.patience(stall_seconds)
        if in_process or words is None:
            return function(**kwargs)
        try:
            with foreign.closed():
                return function(**kwargs)
        except foreign.Foreign:
            pass
        return _in_child(words, stall_seconds)

    return wrapper


def _in_child(words: list[str], stall_seconds: float) -> int:
    child = Child(stall_seconds)
    try:
        answer = child.ask("crosslayer.cli:in_child", words)
    finally:
        child.close()
    if answer["crash"]:
        raise Crashed(answer["crash"])
    return int(answer["status"])


JSON_VERSION = 1
"""The version of what commands print for programs: raised when a key goes or means something else."""


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output, with the version of its form."""
    say_whole(json.dumps({"version": JSON_VERSION, **value}))


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


def with_own(system: System, paths: Sequence[str]) -> System:
    """The system with the properties at these paths as well; `BadInput` for what is none."""
    for path in paths:
        if type(foreign.found(path, f"--property {path}")) is not Property:
            raise BadInput(f"--property {path}", "is no Property: name one as module:PROPERTY")
    return with_properties(system, *paths)


def with_own_found(find: Find, paths: Sequence[str]) -> Find:
    """Finds systems, each with the properties at these paths as well."""
    return (lambda name, place: with_own(find(name, place), paths)) if paths else find


def scenario_system(
    path: Path | None, name: str | None, allowed: Sequence[str] = (), paths: Sequence[str] = ()
) -> System:
    """The system that is named, or else the one that a scenario's file names, or else the default one.

    It has the properties at these paths as well.
    """
    return with_own(_scenario_system(path, name, allowed), paths)


def _scenario_system(path: Path | None, name: str | None, allowed: Sequence[str]) -> System:
    if name is not None or path is None:
        return chosen_system(name)
    value = scenario.read_yaml(path)
    said = value.get("system", DEFAULT) if isinstance(value, dict) else DEFAULT
    if not isinstance(said, str):
        raise BadInput(str(path), f"system: expected a text, not {brief(said)}")
    return in_files(None, allowed)(said, f"{path}: system")


def _read_scenario(path: Path, system: System) -> Scenario:
    value = scenario.read_yaml(path)
    for reader in system.readers:
        if reader.recognises(value):
            found, notes = reader.read(system, value, str(path))
            for note in notes:
                tell(f"crosslayer: note: {named(str(path))}: {plain(note)}")
            chosen: Scenario = found
            return chosen
    return scenario.from_value(value, str(path), system)


def chosen_stack(
    system: System, chosen: Scenario, place: str, assignments: Sequence[str], allowed: Sequence[str] = ()
) -> Stack:
    """The scenario's stack, with these assignments over it.

    What the scenario's file names is loaded only where it is the system's own, or of an allowed package.
    """
    given: dict[str, str] = {}
    for part, name in (assigned(system, one, "--stack") for one in assignments):
        if given.setdefault(part, name) != name:
            raise BadInput(f"--stack {part}={name}", f"{part} is {given[part]} already; name one plugin for each layer")
    by_file = [(part, name) for part, name in chosen.stack if part not in given]
    stack = allowed_stack(system, by_file, allowed, f"{place}: stack", nest.STOCK.values())
    for part, name in given.items():
        stack = stack.replace(part, resolve(system, part, name, f"--stack {part}={name}"))
    return stack


def require_folder(folder: Path) -> None:
    """`BadInput` if finds could not be saved there: that must be known before the hunt."""
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
            known = [one.name for one in system.properties]
            if "," in name:
                raise BadInput(f"--invariant {name}", "names one property; repeat the flag for each")
            hint = guess(name, [*known, *(short_name(system, one) for one in known)])
            raise BadInput(f"--invariant {name}", f"choose one of {', '.join(known)}{hint}")
        chosen.extend(found)
    return tuple(chosen) or system.properties
