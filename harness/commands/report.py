"""`crosslayer report`: counterexamples as a page, a diagram, or one of their twins in text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.shared import (
    allow_option,
    isolating,
    property_option,
    stack_option,
    system_option,
    with_own_found,
)
from crosslayer.harness.commands.showing import line_of
from crosslayer.harness.explain import report as texts
from crosslayer.harness.explain.story import story
from crosslayer.harness.formats.counterexample import load
from crosslayer.harness.formats.files import write_atomically
from crosslayer.harness.formats.naming import Find
from crosslayer.harness.keep.replay import require_property, stack_of
from crosslayer.harness.model.errors import BadInput, plain
from crosslayer.harness.picture.chart import ROOM
from crosslayer.harness.picture.drawing import svg as drawn
from crosslayer.harness.picture.exhibit import Exhibit, exhibit
from crosslayer.harness.picture.mermaid import mermaid as sequence
from crosslayer.harness.picture.page import Report, Table, html
from crosslayer.harness.picture.shiviz import shiviz as log
from crosslayer.harness.picture.summary import Summary, junit, markdown, sarif
from crosslayer.harness.process.output import say, say_whole
from crosslayer.harness.systems.finding import find_system, in_files

PAGE = Path("report.html")
"""Where a page is written, unless told otherwise."""


def _html(exhibits: Sequence[Exhibit]) -> str:
    return html(report_of(exhibits))


def _svg(exhibits: Sequence[Exhibit]) -> str:
    return f"{drawn(exhibits[0].chart(ROOM), exhibits[0].counterexample.invariant)}\n"


def _mermaid(exhibits: Sequence[Exhibit]) -> str:
    return "\n".join(sequence(one.chart(ROOM)) for one in exhibits)


def _text(exhibits: Sequence[Exhibit]) -> str:
    return "\n\n".join(story(one.counterexample, one.result, one.claim, (), one.file) for one in exhibits) + "\n"


def _shiviz(exhibits: Sequence[Exhibit]) -> str:
    return "\n".join(log(exhibits[0].result)) + "\n"


def _otlp(exhibits: Sequence[Exhibit]) -> str:
    if find_spec("opentelemetry") is None:
        raise BadInput("--format otlp-json", "needs OpenTelemetry's encoder; pip install 'crosslayer[otel]' brings it")
    one = exhibits[0]
    told = f"{one.promise} — {one.headline}" if one.is_broken else ""
    write = import_module("crosslayer.harness.picture.otlp").otlp
    return f"{write(one.result, one.verdict.evidence, told)}\n"


FORMATS: Mapping[str, Callable[[Sequence[Exhibit]], str]] = {
    "html": _html,
    "svg": _svg,
    "mermaid": _mermaid,
    "text": _text,
    "markdown": lambda exhibits: markdown(_summary(exhibits)),
    "junit": lambda exhibits: junit(_summary(exhibits)).decode(),
    "sarif": lambda exhibits: sarif(_summary(exhibits)).decode(),
    "shiviz": _shiviz,
    "otlp-json": _otlp,
}
"""What a counterexample can be shown as."""

SINGLE = ("svg", "shiviz", "otlp-json")
"""What shows one counterexample only."""


@click.command(epilog="Exit status: 0 none is violated any more, 1 one is, 2 bad input or stale, 4 plugin fault.")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=PLACE)
@click.option("-o", "--output", type=PLACE, help="Where to write; a page by default to report.html.")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="html", show_default=True, help="As what.")
@system_option
@stack_option
@allow_option
@property_option
@isolating
def report(
    files: tuple[Path, ...],
    output: Path | None,
    kind: str,
    system_name: str | None,
    assignments: tuple[str, ...],
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
) -> int:
    """Show counterexample FILEs: each is run again, and drawn beside the nearest run that keeps the promise."""
    if kind in SINGLE and len(files) > 1:
        raise BadInput(f"--format {kind}", "goes with one FILE")
    find = with_own_found(in_files(None if system_name is None else find_system(system_name), allowed), property_paths)
    exhibits = list(shown(files, find, assignments, allowed))
    text = FORMATS[kind](exhibits)
    if output is None and kind != "html":
        say_whole(text.rstrip("\n"))
    else:
        place = output or PAGE
        write_atomically(place, [text.encode()])
        say(plain(f"{len(exhibits)} counterexample{'' if len(exhibits) == 1 else 's'}: {place}"))
    if any(one.result.fault is not None for one in exhibits):
        return texts.EXIT_FAULT
    return texts.EXIT_VIOLATED if any(one.is_broken for one in exhibits) else texts.EXIT_HOLDS


def shown(
    files: Sequence[Path], find: Find, assignments: Sequence[str] = (), allowed: Sequence[str] = ()
) -> Iterator[Exhibit]:
    """The counterexamples in these files, run again."""
    for file in files:
        one = load(file, find)
        require_property(one, str(file))
        yield exhibit(one, stack_of(one, assignments, allowed, str(file)), one.system.properties, str(file))


def report_of(exhibits: Sequence[Exhibit], kind: str = "report") -> Report:
    """The page of some counterexamples; with a table of them if there are several."""
    red = sum(one.is_broken for one in exhibits)
    if len(exhibits) == 1:
        title = exhibits[0].headline
    else:
        title = f"{red} of {len(exhibits)} counterexamples break their promise"
    return Report(
        kind=kind,
        title=title,
        outcome="violated" if red else "holds",
        exhibits=exhibits,
        tables=(counterexamples_table(exhibits),) if len(exhibits) > 1 else (),
        foot=tuple(f"{one.counterexample.name}: digest {one.result.digest}" for one in exhibits[:20]),
    )


def counterexamples_table(exhibits: Sequence[Exhibit]) -> Table:
    """One line for each counterexample."""
    rows = tuple(
        (
            "violated" if one.is_broken else "holds",
            one.counterexample.invariant,
            one.headline,
            ", ".join(one.swapped) or "-",
            " and ".join(one.counterexample.blame) or "-",
            str(len(one.counterexample.schedule)),
            one.file or "-",
        )
        for one in exhibits
    )
    return Table(
        "All counterexamples", ("outcome", "promise", "what happened", "stack", "blame", "steps", "file"), rows
    )


def _summary(exhibits: Sequence[Exhibit]) -> Summary:
    return Summary("report", report_of(exhibits).title, tuple(line_of(one) for one in exhibits))
