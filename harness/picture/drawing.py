"""A chart as SVG.

Owns the geometry. Knows nothing of what the lanes and marks stand for; colours and strokes are those of `chart.css`.
"""

from typing import Any

from attrs import frozen
from markupsafe import Markup

from crosslayer.harness.picture.chart import CHANGED, COPIED, DROPPED, LATE, NO_TICK, PENDING, Arrow, Chart, Mark
from crosslayer.harness.picture.markup import raw, rendered, shortened

ROW = 26
TOP = 64
LEFT = 92
TEXT = 460
PAGE = 1196
"""What fits on a page beside a scroll bar: lanes move together for it, as far as they can."""

TOLD_MAX = 56
"""Characters that fit beside the lanes."""

SIGNS = {DROPPED: "✕ lost", LATE: "◷ late", CHANGED: "≠ changed", COPIED: "⇉ copy", PENDING: "… on its way"}
"""What is written at a message that did not just arrive: nothing is told by colour alone."""


@frozen
class _Place:
    """Where everything stands."""

    chart: Chart
    gap: int

    def x(self, lane: int) -> float:
        """The middle of a lane; wider apart where a group begins."""
        return LEFT + self.gap / 2 + lane * self.gap + 24 * self._groups(lane)

    def y(self, row: int) -> float:
        """The middle of a row."""
        return TOP + row * ROW + ROW / 2

    @property
    def right(self) -> float:
        """Where the lanes end and the text begins."""
        return self.x(len(self.chart.lanes) - 1) + self.gap / 2

    @property
    def bottom(self) -> float:
        """Where the lanes end."""
        return TOP + self.chart.rows * ROW + 6

    def _groups(self, lane: int) -> int:
        lanes = self.chart.lanes
        return sum(lanes[one].group != lanes[one - 1].group for one in range(1, lane + 1))


def svg(chart: Chart, title: str, name: str = "chart", *, alone: bool = True) -> Markup:
    """The chart as an SVG element; with its styles if it stands alone. `name` sets its ids apart from others'."""
    place = _Place(chart, _gap(chart))
    return rendered(
        "chart.svg.jinja",
        chart=chart,
        name=name,
        title=title,
        styles=Markup(raw("chart.css")) if alone else "",  # noqa: S704 - our own file
        place=place,
        width=round(place.right + TEXT),
        height=round(place.bottom + 40),
        top=TOP,
        row=ROW,
        arrows=[_arrow(one, place, place.gap) for one in chart.arrows],
        marks=[_mark(one) for one in chart.marks],
        ticks=_ticks(chart),
        short=shortened,
        told_max=TOLD_MAX,
    )


def _gap(chart: Chart) -> int:
    return max(72, min(150, (PAGE - LEFT - TEXT) // len(chart.lanes)))


def _ticks(chart: Chart) -> list[tuple[int, int]]:
    """The rows at which the tick changes, each with its tick."""
    found: list[tuple[int, int]] = []
    for row, tick in enumerate(chart.ticks):
        if tick != NO_TICK and (not found or found[-1][1] != tick):
            found.append((row, tick))
    return found


def _arrow(arrow: Arrow, place: _Place, gap: int) -> dict[str, Any]:
    x1, y1, x2, y2 = place.x(arrow.source), place.y(arrow.start), place.x(arrow.to), place.y(arrow.end)
    if DROPPED in arrow.fates or PENDING in arrow.fates:
        x2, y2 = x1 + (x2 - x1) * 0.7, y1 + (y2 - y1) * 0.7
    if arrow.source == arrow.to:
        x2 = x1
        path = f"M{x1:.1f} {y1:.1f} C{x1 + gap / 3:.1f} {y1:.1f} {x1 + gap / 3:.1f} {y2:.1f} {x1 + 4:.1f} {y2:.1f}"
    else:
        path = f"M{x1:.1f} {y1:.1f} L{x2 - (4 if x2 > x1 else -4):.1f} {y2:.1f}"
    # Labels stand at the sender: many messages may go to one agent at a time, but an agent sends one a row.
    forward = x2 >= x1
    signs = [SIGNS[fate] for fate in arrow.fates if fate in SIGNS]
    return {
        "one": arrow,
        "path": path,
        "classes": " ".join(_CLASSES[fate] for fate in arrow.fates) + (" proof" if arrow.evidence else ""),
        "head": "" if DROPPED in arrow.fates or PENDING in arrow.fates else "head",
        "x1": x1,
        "y1": y1,
        "x2": x2,
        "y2": y2,
        "lost": DROPPED in arrow.fates,
        "label": " ".join([arrow.kind, *signs]),
        "label_x": x1 + (9 if forward else -9),
        "label_y": y1 - 5,
        "anchor": "start" if forward else "end",
    }


_CLASSES = {"delivered": "ok", LATE: "late", DROPPED: "lost", CHANGED: "changed", COPIED: "copied", PENDING: "pending"}


def _mark(mark: Mark) -> dict[str, Any]:
    return {"one": mark, "classes": f"{mark.sort}{' proof' if mark.evidence else ''}{' idle' if mark.idle else ''}"}
