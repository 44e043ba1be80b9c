"""`crosslayer replay`: run counterexamples again, without Hypothesis."""

from pathlib import Path
from typing import Any

import click
from attrs import frozen

from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.printing import say_line, say_story
from crosslayer.harness.commands.report import report_of, shown
from crosslayer.harness.commands.searches import QUIET, VERBOSE, verbosity_options
from crosslayer.harness.commands.shared import (
    allow_option,
    format_option,
    isolating,
    json_option,
    print_json,
    property_option,
    stack_option,
    system_option,
    with_own_found,
    write_trace,
)
from crosslayer.harness.commands.showing import Outputs, line_of, outputs_options
from crosslayer.harness.explain import code, report
from crosslayer.harness.explain.findings import claim
from crosslayer.harness.explain.reasons import Reason
from crosslayer.harness.explain.report import line
from crosslayer.harness.explain.story import story
from crosslayer.harness.formats.counterexample import load
from crosslayer.harness.formats.files import require_writable
from crosslayer.harness.formats.naming import Find, Stale
from crosslayer.harness.keep.replay import STALE, Replayed, require_property, stack_of
from crosslayer.harness.keep.replay import replay as again
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.picture.summary import Line, Summary
from crosslayer.harness.process.output import say
from crosslayer.harness.search.judgement import broken
from crosslayer.harness.systems.finding import find_system, in_files


@click.command(epilog="Exit status: 0 none is violated any more, 1 one is, 2 bad input or stale, 4 plugin fault.")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=PLACE)
@system_option
@stack_option
@allow_option
@property_option
@click.option("--trace", "trace_file", type=PLACE, help="Write the trace of the (one) run here.")
@click.option("--as-code", is_flag=True, help="Print each FILE as Python, to paste into a test; nothing is run.")
@format_option
@json_option
@verbosity_options
@isolating
@outputs_options
def replay(
    files: tuple[Path, ...],
    system_name: str | None,
    assignments: tuple[str, ...],
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    trace_file: Path | None,
    as_code: bool,
    trace_format: str,
    as_json: bool,
    verbosity: int,
    outputs: Outputs,
) -> int:
    """Replay counterexample FILEs: reproduced, fixed, drifted or stale."""
    if trace_file is not None and len(files) > 1:
        raise click.UsageError("--trace goes with one FILE")
    known = None if system_name is None else find_system(system_name)
    find = with_own_found(in_files(known, allowed), property_paths)
    if as_code:
        say("\n\n\n".join(code.as_code(load(file, find)) for file in files))
        return report.EXIT_HOLDS
    if trace_file is not None:
        require_writable(trace_file)
    answers = [_replay(file, find, assignments, allowed, verbosity) for file in files]
    if as_json:
        values = [answer.value for answer in answers]
        print_json(values[0] if len(values) == 1 else {"replays": values})
    else:
        for answer in answers:
            for told in answer.lines if len(answers) == 1 else answer.lines[:1]:
                say_line(told)
            if answer.story and len(answers) == 1:
                say_story(f"\n{answer.story}")
    if trace_file is not None and answers[0].result is not None:
        write_trace(trace_file, trace_format, answers[0].result)
    if outputs:
        _show(files, answers, find, assignments, allowed, outputs)
    return max((answer.status for answer in answers), key=_SEVERITY.index)


def _show(
    files: tuple[Path, ...],
    answers: "list[_Answer]",
    find: Find,
    assignments: tuple[str, ...],
    allowed: tuple[str, ...],
    outputs: Outputs,
) -> None:
    """Write what is asked for; of stale files there is nothing to draw."""
    lines = []
    exhibits = []
    for file, answer in zip(files, answers, strict=True):
        said, detail = answer.value["outcome"], answer.value["detail"]
        if said == STALE:
            lines.append(Line(name=str(file), outcome=STALE, detail=detail, red=True, fault=True))
        else:
            (one,) = shown((file,), find, assignments, allowed)
            exhibits.append(one)
            lines.append(line_of(one, str(file), said))
    title = f"{sum(one.red for one in lines)} of {len(files)} are violated or stale"
    outputs.write(Summary("replay", title, tuple(lines)), lambda: report_of(exhibits, "replay"))


@frozen
class _Answer:
    """What came of one file: exit status, JSON value, lines of text, and the story if it is violated still."""

    status: int
    value: dict[str, Any]
    lines: list[str]
    story: str = ""
    result: Result | None = None


_SEVERITY = (report.EXIT_HOLDS, report.EXIT_VIOLATED, report.EXIT_FAULT, report.EXIT_BAD_INPUT)


def _replay(file: Path, find: Find, assignments: tuple[str, ...], allowed: tuple[str, ...], verbosity: int) -> _Answer:
    try:
        counterexample = load(file, find)
    except Stale as error:
        value = {"file": str(file), "outcome": STALE, "detail": error.reason}
        return _Answer(report.EXIT_BAD_INPUT, value, [line(f"{file}: {STALE}: {error.reason}")])
    require_property(counterexample, str(file))
    stack = stack_of(counterexample, assignments, allowed, str(file))
    properties = counterexample.system.properties
    replayed = again(counterexample, stack, properties)
    lines = [line(f"{file}: {replayed.outcome}: {replayed.detail}")]
    lines += [f"  no longer does anything: {step}" for step in replayed.stale_steps]
    told = ""
    if broken(replayed.result, counterexample.invariant) and verbosity != QUIET:
        named = claim(properties, counterexample.invariant)
        known = tuple(Reason.from_json(one) for one in counterexample.why)
        verbose = verbosity == VERBOSE
        told = story(counterexample, replayed.result, named, known, "", verbose=verbose)
    status = _status(counterexample.invariant, replayed)
    return _Answer(status, _json(file, counterexample.invariant, replayed), lines, told, replayed.result)


def _status(invariant: str, replayed: Replayed) -> int:
    if replayed.result.fault is not None:
        return report.EXIT_FAULT
    return report.EXIT_VIOLATED if broken(replayed.result, invariant) else report.EXIT_HOLDS


def _json(file: Path, invariant: str, replayed: Replayed) -> dict[str, Any]:
    return {
        "file": str(file),
        "outcome": replayed.outcome,
        "invariant": invariant,
        "detail": replayed.detail,
        "digest": replayed.result.digest,
        "digest_matches": replayed.digest_matches,
        "stale_steps": list(replayed.stale_steps),
        "verdicts": report.verdicts_json({**replayed.result.verdicts, **replayed.result.contracts}),
    }
