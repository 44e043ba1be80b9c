"""`crosslayer check`: a stored trace, judged."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.shared import (
    FORMATS,
    NEST,
    allow_option,
    isolating,
    json_option,
    print_json,
    property_option,
    system_option,
    with_own_found,
)
from crosslayer.harness.explain import report
from crosslayer.harness.formats import trace
from crosslayer.harness.formats.naming import Find
from crosslayer.harness.kernel.journal import handlers_by_kind
from crosslayer.harness.model.errors import plain
from crosslayer.harness.model.events import EVERY_KIND, Event
from crosslayer.harness.model.verdicts import Verdict
from crosslayer.harness.process.output import say, tell
from crosslayer.harness.search import progress
from crosslayer.harness.systems.commerce.nest.facts import Facts
from crosslayer.harness.systems.commerce.nest.lines import Reading, is_nest
from crosslayer.harness.systems.commerce.nest.verdicts import MARKERS, best_basis, judge
from crosslayer.harness.systems.finding import find_system, in_files
from crosslayer.properties.commerce import leaks


@click.command(epilog=report.EXIT_HELP)
@click.argument("trace_file", metavar="TRACE", type=PLACE)
@click.option(
    "--format",
    "trace_format",
    type=click.Choice(FORMATS),
    help="The format of the trace: ours, or NEST's. Otherwise its first line tells.",
)
@system_option
@allow_option
@property_option
@json_option
@isolating
def check(
    trace_file: Path,
    trace_format: str | None,
    system_name: str | None,
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    as_json: bool,
) -> int:
    """Judge a stored TRACE: the same verdicts as the run that wrote it, or those that a trace of NEST's allows."""
    if trace_format == NEST or (trace_format is None and is_nest(trace_file)):
        if property_paths:
            tell("crosslayer: note: properties of your own judge traces of Crosslayer's; this is one of NEST's")
        return _check_nest(trace_file, as_json)
    find = in_files(None if system_name is None else find_system(system_name), allowed)
    return _check_own(trace_file, with_own_found(find, property_paths), as_json)


def _check_own(trace_file: Path, find: Find, as_json: bool) -> int:
    began = time.perf_counter()
    header, events = trace.read(trace_file, find)
    monitors = [(one, one.watch(header.scenario.population)) for one in header.system.properties]
    handlers = handlers_by_kind(monitor for _, monitor in monitors)
    hasher = hashlib.sha256()
    count = 0
    fault: dict[str, Any] | None = None

    def judged(seq: int, event: Event) -> Event:
        nonlocal count, fault
        for handle in handlers.get(event.kind, handlers[EVERY_KIND]):
            handle(seq, event)
        if event.kind == "fault":
            fault = {"agent": event.agent, **event.data}
        count += 1
        return event

    for line in trace.lines(header, (judged(seq, event) for seq, event in events)):
        hasher.update(line)
    verdicts: dict[bool, dict[str, Verdict]] = {True: {}, False: {}}
    for one, monitor in monitors:
        verdicts[one.joint][one.name] = monitor.conclude()
    seconds = time.perf_counter() - began
    joint, contracts = verdicts[True], verdicts[False]
    if as_json:
        value = {
            "stack": dict(header.stack),
            "seed": header.scenario.seed,
            "digest": hasher.hexdigest(),
            "events": count,
            "seconds": round(seconds, 3),
            "verdicts": report.verdicts_json(joint),
            "contracts": report.verdicts_json(contracts),
            "fault": fault,
        }
        print_json(value)
    else:
        told = f"{trace_file}: {count} events of {header.scenario.name}, seed {header.scenario.seed}"
        say(plain(told))
        say(f"digest {hasher.hexdigest()}")
        say("\n".join(report.verdict_lines(joint, contracts)))
        if fault is not None:
            told = f"plugin fault: {fault.get('part')} of {fault['agent']}: {fault.get('reason')}"
            say(plain(told))
    return report.EXIT_FAULT if fault is not None else report.exit_status(joint, contracts, None)


def _check_nest(trace_file: Path, as_json: bool) -> int:
    began = time.perf_counter()
    facts = Facts(leaks.shown, leaks.shown_amount)
    with progress.reading(trace_file) as show:
        lines = Reading(trace_file, show)
        for line in lines:
            facts.take(line)
    basis = best_basis(facts)
    verdicts, published = judge(facts, basis), judge(facts, MARKERS)
    seconds = time.perf_counter() - began
    if as_json:
        value = {
            "format": NEST,
            "lines": lines.lines,
            "left_out": lines.strange,
            "cut": lines.cut,
            "seconds": round(seconds, 3),
            "verdicts": _based(verdicts, basis),
            "published": _based(published, MARKERS),
        }
        print_json(value)
    else:
        say(plain(f"{trace_file}: {lines.lines} lines of a NEST trace, {len(facts.participants())} agents"))
        if lines.strange:
            say(f"left out: {lines.strange} line(s) of a kind that is not known here")
        if lines.cut:
            say("left out: the last line, which is cut off")
        say(f"on the basis of {basis}")
        say("\n".join(report.verdict_lines(verdicts)))
        if basis != MARKERS:
            say(f"by the published rules, on the basis of {MARKERS}")
            say("\n".join(report.verdict_lines(published)))
    return report.exit_status(verdicts, {}, None)


def _based(verdicts: Mapping[str, Verdict], basis: str) -> dict[str, Any]:
    return {name: {**one, "basis": basis} for name, one in report.verdicts_json(verdicts).items()}
