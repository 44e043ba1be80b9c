"""What commands share: how they end, how stack, scenario and properties are named, how JSON is printed."""

import json
import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import attrs
import click

from crosslayer.harness.commands.kinds import SECONDS
from crosslayer.harness.explain.report import named
from crosslayer.harness.formats import scenario, trace
from crosslayer.harness.formats.files import write_atomically
from crosslayer.harness.formats.scenario import Scenario
from crosslayer.harness.kernel import foreign
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, allowed_stack, build, resolve
from crosslayer.harness.model.errors import BadInput, plain
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.process.crash import Crashed
from crosslayer.harness.process.output import say_whole, tell
from crosslayer.harness.process.parent import STALL_SECONDS, Child
from crosslayer.harness.search import workers
from crosslayer.harness.systems.commerce.nest import export
from crosslayer.harness.systems.commerce.nest import scenario as nest
from crosslayer.harness.systems.commerce.nouns import PARTS
from crosslayer.properties import ALL

HUNT_SCENARIO = scenario.default_path().with_name("hunt.yaml")
"""The compressed timeline of hunts."""

stack_option = click.option(
    "--stack", "assignments", multiple=True, metavar="LAYER=PLUGIN", help="Replace one layer's plugin; repeatable."
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


def write_trace(path: Path, trace_format: str, result: Result) -> None:
    """Write a run's trace in one of the formats, whole or not at all."""
    if trace_format == NEST:
        write_atomically(path, export.lines(result.header, result.events))
    else:
        trace.write(path, result.header, result.events)


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
        workers.patience(stall_seconds)
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


def print_json(value: Any) -> None:
    """One JSON object on standard output."""
    say_whole(json.dumps(value))


def chosen_scenario(path: Path, seed: int | None = None) -> Scenario:
    """The scenario of a file, ours or NEST's, under another seed if one is given. Notes go to standard error."""
    value = scenario.read_yaml(path)
    if nest.is_nest(value):
        chosen, notes = nest.read(value, str(path))
        for note in notes:
            tell(f"crosslayer: note: {named(str(path))}: {plain(note)}")
    else:
        chosen = scenario.from_value(value, str(path))
    return chosen if seed is None else attrs.evolve(chosen, seed=seed)


def chosen_stack(chosen: Scenario, place: str, assignments: Sequence[str], allowed: Sequence[str] = ()) -> Stack:
    """The scenario's stack, with these assignments over it.

    What the scenario's file names is loaded only where it is ours, or of an allowed package.
    """
    given = {}
    for assignment in assignments:
        part, equals, name = assignment.partition("=")
        if not equals or not name or part not in PARTS:
            build([assignment])
        given[part] = assignment
    named_by_file = [(part, name) for part, name in chosen.stack if part not in given]
    stack = allowed_stack(named_by_file, allowed, f"{place}: stack", known=nest.STOCK.values())
    for part, assignment in given.items():
        stack = stack.replace(part, resolve(part, assignment.partition("=")[2], f"--stack {assignment}"))
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
