"""`crosslayer diff`: where two runs part."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.shared import (
    allow_option,
    isolating,
    json_option,
    print_json,
    property_option,
    stack_option,
    system_option,
    with_own_found,
)
from crosslayer.harness.explain import report
from crosslayer.harness.formats import trace
from crosslayer.harness.formats.counterexample import MARK, load
from crosslayer.harness.formats.files import open_for_reading, reading, write_atomically
from crosslayer.harness.formats.naming import Find
from crosslayer.harness.keep.replay import stack_of
from crosslayer.harness.model.errors import BadInput, plain
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.system import System
from crosslayer.harness.picture.divergence import Divergence, divergence
from crosslayer.harness.picture.page import Report, Table, html, side_by_side
from crosslayer.harness.process.output import say
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.finding import find_system, in_files

TRACE_MAX = 200_000
"""Events of a trace that are compared."""


@click.command(epilog="Exit status: 0 the runs were compared (whether they differ, the text says), 2 bad input.")
@click.argument("files", metavar="A [B]", nargs=-1, required=True, type=PLACE)
@system_option
@stack_option
@allow_option
@property_option
@click.option("--html", "page", type=PLACE, metavar="FILE", help="Write both runs side by side here.")
@json_option
@isolating
def diff(
    files: tuple[Path, ...],
    system_name: str | None,
    assignments: tuple[str, ...],
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    page: Path | None,
    as_json: bool,
) -> int:
    """Compare two runs: counterexamples or traces A and B, or one counterexample A with itself under --stack.

    Says at whose event they part first, and what differs first in each layer.
    """
    if len(files) > 2 or (len(files) == 1) != bool(assignments):  # noqa: PLR2004 - A and B
        raise BadInput("diff", "name two files, or one counterexample and a --stack to run it under as well")
    find = with_own_found(in_files(None if system_name is None else find_system(system_name), allowed), property_paths)
    left = _run(files[0], find, (), allowed)
    right = _run(files[-1], find, assignments, allowed)
    if left.system is not right.system and left.system.name != right.system.name:
        raise BadInput(str(files[-1]), f"is a run of {right.system.name}, and {files[0]} is one of {left.system.name}")
    found = divergence(left.system, left.events, right.events)
    if page is not None:
        write_atomically(page, [html(_report(left, right, found)).encode()])
    if as_json:
        print_json({"left": left.name, "right": right.name, **found.to_json()})
    else:
        say("\n".join(plain(line) for line in lines(left.name, right.name, found)))
    return report.EXIT_HOLDS


@frozen(eq=False)
class _Run:
    """One of the two runs."""

    name: str
    system: System
    events: Sequence[Event]


def _run(file: Path, find: Find, assignments: Sequence[str], allowed: Sequence[str]) -> _Run:
    name = " ".join([str(file), *(f"--stack {one}" for one in assignments)])
    with open_for_reading(file) as opened, reading(file):
        first = opened.read(200)
    if MARK not in first:
        if assignments:
            raise BadInput(str(file), "is no counterexample, so it cannot be run under another stack")
        header, events = trace.read(file, find)
        found = []
        for _, event in events:
            found.append(event)
            if len(found) > TRACE_MAX:
                raise BadInput(str(file), f"has more than {TRACE_MAX} events; such a run is too long to compare")
        return _Run(name, header.system, found)
    one = load(file, find)
    stack = stack_of(one, assignments, allowed, str(file))
    result = Judgement(one.scenario, stack, one.system.properties).run(one.case)
    return _Run(name, one.system, result.events)


def lines(left: str, right: str, found: Divergence) -> list[str]:
    """The answer for a person."""
    told = [f"A  {left}", f"B  {right}", ""]
    if found.cause is None:
        return [*told, "No agent sees, says or does anything else: what differs is content and time, if anything."]
    cause = found.cause
    told += [
        f"They part at {cause.agent or 'the network'}",
        f"  A  {cause.left.told}",
        f"  B  {cause.right.told}",
        "",
        "First difference in each layer",
    ]
    for one in found.layers:
        told += [f"  {one.by}, at {one.agent or 'the network'}", f"    A  {one.left.told}", f"    B  {one.right.told}"]
    told += [f"  {name}: the same in both" for name in found.same_layers]
    return told


def _report(left: _Run, right: _Run, found: Divergence) -> Report:
    tables: list[Table] = []
    if found.cause is not None:
        rows: list[tuple[Any, ...]] = [
            (one.by, one.agent or "the network", one.left.told, one.right.told) for one in (found.cause, *found.layers)
        ]
        rows += [(name, "-", "the same in both", "the same in both") for name in found.same_layers]
        tables = [Table("First difference", ("by", "agent", "A", "B"), tuple(rows)), side_by_side(found)]
    return Report(
        kind="diff",
        title="Two runs, " + ("alike" if found.alike else "and where they part"),
        outcome="alike" if found.alike else "differ",
        lede=(f"A: {left.name}", f"B: {right.name}"),
        tables=tuple(tables),
    )
