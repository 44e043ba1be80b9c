"""A chart as a Mermaid sequence diagram, which code forges draw in comments and pages.

Owns the syntax and its escaping. Knows nothing of what is shown.
"""

from collections.abc import Iterator

from crosslayer.harness.model.errors import plain
from crosslayer.harness.picture.chart import CHANGED, COPIED, DELIVERED, DROPPED, LATE, PENDING, Arrow, Chart, Mark
from crosslayer.harness.picture.markup import shortened

LINES_MAX = 150
"""Lines of a diagram; forges refuse to draw much more than this."""

TOLD_MAX = 90
"""Characters of a note."""


def mermaid(chart: Chart) -> str:
    """The diagram's text, without a fence."""
    lines = list(_lines(chart))
    if len(lines) > LINES_MAX:
        lines = [*lines[:LINES_MAX], _over(chart, f"{len(lines) - LINES_MAX} more lines are left out")]
    people = [
        f"  participant a{number} as {text(lane.name)}{' (corrupt)' if lane.corrupt else ''}"
        for number, lane in enumerate(chart.lanes)
    ]
    last = [_over(chart, f"VERDICT: {chart.verdict}")] if chart.verdict else []
    return "\n".join(["sequenceDiagram", *people, *lines, *last]) + "\n"


def fenced(chart: Chart) -> str:
    """The diagram as a code block of Markdown."""
    return f"```mermaid\n{mermaid(chart)}```\n"


def text(words: str, length: int = TOLD_MAX) -> str:
    """A text that says nothing to Mermaid: no end of a statement, no comment, no markup."""
    return "".join(_CODES.get(one, one) for one in shortened(plain(words), length))


_CODES = {one: f"#{ord(one)};" for one in ";#<>&%`\"'{}\\"}


def _lines(chart: Chart) -> Iterator[str]:
    things: list[tuple[int, int, str]] = []
    things += [(arrow.start, 1, _arrow(arrow)) for arrow in chart.arrows]
    things += [(mark.row, 0, _mark(chart, mark)) for mark in chart.marks]
    things += [
        (fold.row, 0, _over(chart, f"… {fold.count} events, ticks {fold.first} to {fold.last}")) for fold in chart.folds
    ]
    yield from (line for _, _, line in sorted(things, key=lambda one: one[:2]))


def _arrow(arrow: Arrow) -> str:
    line = "-x" if DROPPED in arrow.fates else "--)" if PENDING in arrow.fates else "-->>" if _odd(arrow) else "->>"
    fates = [fate for fate in arrow.fates if fate != DELIVERED]
    told = f"{arrow.kind} ({', '.join(fates)})" if fates else arrow.kind
    return f"  a{arrow.source}{line}a{arrow.to}: {text(told)}"


def _odd(arrow: Arrow) -> bool:
    return any(fate in arrow.fates for fate in (LATE, CHANGED, COPIED))


def _mark(chart: Chart, mark: Mark) -> str:
    if mark.sort == "step":
        return _over(chart, f"ADVERSARY {mark.number}: {mark.told}{' (did nothing)' if mark.idle else ''}")
    told = f"EVIDENCE: {mark.told}" if mark.evidence else mark.told
    if mark.lane < 0:
        return _over(chart, told)
    return f"  Note over a{mark.lane}: {text(f'tick {chart.ticks[mark.row]}: {told}')}"


def _over(chart: Chart, told: str) -> str:
    last = len(chart.lanes) - 1
    return f"  Note over a0{f',a{last}' if last else ''}: {text(told)}"
