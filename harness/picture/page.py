"""A report as one HTML file, which needs no network, no server and no script to be read.

Owns what stands on the page and the policy that forbids everything else. Knows nothing of how anything was found.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any

from attrs import field, frozen
from markupsafe import Markup

from crosslayer.harness.explain.sentences import words
from crosslayer.harness.model.steps import RUNNING_ON
from crosslayer.harness.picture.chart import ROOM, WIDE_ROOM, Chart
from crosslayer.harness.picture.divergence import Divergence, Pair
from crosslayer.harness.picture.drawing import svg
from crosslayer.harness.picture.exhibit import Exhibit
from crosslayer.harness.picture.markup import raw, rendered, shortened

FEW = 3
"""How many counterexamples are drawn in every detail; of more, only what their evidence rests on."""

DRAWN_MAX = 20
"""How many counterexamples are drawn at all in one file."""

AROUND = 4
"""Lines around a difference that are shown although they are the same in both runs."""

PAIRS_MAX = 240
"""Lines of two runs side by side."""


@frozen
class Table:
    """A table of texts. A cell that is an outcome is coloured as one."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@frozen
class Bars:
    """Counts as bars: for each a label, a number, and what is written beside it. A count of nought is marked.

    A full bar is the `whole`, if one is given, or else the greatest count.
    """

    caption: str
    rows: tuple[tuple[str, int, str], ...]
    whole: int = 0

    @property
    def most(self) -> int:
        """What a full bar stands for, at least one."""
        return max(1, self.whole, *(count for _, count, _ in self.rows))


@frozen(kw_only=True)
class Report:
    """What a page shows: a title with an outcome, exhibits, then tables and bars. `kind` says what was done."""

    kind: str
    title: str
    outcome: str
    lede: tuple[str, ...] = ()
    exhibits: Sequence[Exhibit] = ()
    bars: tuple[Bars, ...] = ()
    tables: tuple[Table, ...] = ()
    foot: tuple[str, ...] = field(default=())

    @property
    def more(self) -> int:
        """How many exhibits are not drawn."""
        return max(0, len(self.exhibits) - DRAWN_MAX)


def html(report: Report) -> str:
    """The page."""
    styles, script = raw("report.css") + raw("chart.css"), raw("report.js")
    drawn = report.exhibits[:DRAWN_MAX]
    return str(
        rendered(
            "report.html.jinja",
            report=report,
            exhibits=[_exhibit(one, f"x{number}", len(drawn)) for number, one in enumerate(drawn, 1)],
            policy=_policy(styles, script),
            styles=Markup(styles),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            version=version("crosslayer"),
            tone=tone,
            short=shortened,
            partings=partings,
        )
    )


def partings(divergence: Divergence) -> Markup:
    """Where two runs part, as it stands on a page."""
    return rendered("partings.html.jinja", divergence=divergence)


def side_by_side(divergence: Divergence) -> Table:
    """Two runs as a table, without long stretches that are the same in both."""
    rows: list[tuple[str, ...]] = []
    for entry in list(_shortened(divergence.pairs))[:PAIRS_MAX]:
        pair = entry["it"]
        if pair is None:
            rows.append(("", f"⋯ {entry['skipped']} lines are the same in both", ""))
        else:
            sign = "first difference" if pair.first else "" if pair.sort == "same" else pair.sort
            rows.append((_SIGNS.get(sign, sign), pair.left, pair.right))
    return Table("Side by side", ("", "A", "B"), tuple(rows))


_SIGNS = {"left": "only in A", "right": "only in B"}


def tone(text: str) -> str:
    """The class of an outcome's colour; empty if a text is no outcome."""
    word = text.partition(" ")[0].rstrip(":,")
    return word if word in _OUTCOMES else ""


_OUTCOMES = ("violated", "holds", "vacuous", "reproduced", "fixed", "drifted", "stale", "survived")


def _policy(styles: str, script: str) -> str:
    """Nothing may be loaded from anywhere, and nothing may run but what stands in the page as it was written."""
    return f"{allowing([styles], [script])}; form-action 'none'"


def allowing(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """The part of a policy that allows these styles and scripts, each as one element, and nothing else."""
    style, script = (" ".join(f"'{_digest(text)}'" for text in texts) for texts in (styles, scripts))
    return f"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _exhibit(one: Exhibit, name: str, count: int) -> dict[str, Any]:
    pairs = list(_shortened(one.divergence.pairs if one.divergence is not None else ()))
    return {
        "it": one,
        "name": name,
        "charts": list(_charts(one, name, few=count <= FEW)),
        "pairs": pairs[:PAIRS_MAX],
        "pairs_cut": len(pairs) > PAIRS_MAX,
        "story": list(_story(one)),
    }


def _charts(one: Exhibit, name: str, *, few: bool) -> Iterator[dict[str, Any]]:
    wanted = [("What the evidence rests on", one.chart(ROOM))]
    if few:
        wanted += [
            ("More of it", one.chart(WIDE_ROOM)),
            ("The whole run", one.chart(WIDE_ROOM, whole=True)),
        ]
    return levels(wanted, one.counterexample.invariant, name)


def levels(charts: Iterable[tuple[str, Chart]], title: str, name: str) -> Iterator[dict[str, Any]]:
    """Charts of one run, each with its label, that show more and more of it; none that shows no more than another."""
    seen: list[int] = []
    for number, (label, chart) in enumerate(charts, 1):
        if chart.shown not in seen:
            seen.append(chart.shown)
            yield {"label": label, "it": chart, "svg": _svg(chart, f"{title}: {label}", f"{name}-c{number}")}


def _svg(chart: Chart, title: str, name: str) -> Markup:
    return svg(chart, title, name, alone=False)


def _story(one: Exhibit) -> Iterator[tuple[int, str, str]]:
    """What the adversary did and what proves it, in the order of the run."""
    evidence = dict.fromkeys(one.verdict.evidence)
    steps = iter(zip(one.result.schedule, one.result.done, strict=True))
    for seq, event in enumerate(one.result.events):
        if event.kind == "step":
            step, done = next(steps)
            if not isinstance(step, RUNNING_ON) and done.applied:
                yield event.tick, "foe", done.note
        elif seq in evidence:
            yield event.tick, "proof", words(one.counterexample.system, event)


def _shortened(pairs: Sequence[Pair]) -> Iterator[dict[str, Any]]:
    """Pairs without long stretches that are the same in both."""
    near = [False] * len(pairs)
    for index, pair in enumerate(pairs):
        if pair.sort != "same":
            for other in range(max(0, index - AROUND), min(len(pairs), index + AROUND + 1)):
                near[other] = True
    skipped = 0
    for pair, shown in zip(pairs, near, strict=True):
        if not shown:
            skipped += 1
            continue
        if skipped:
            yield {"it": None, "skipped": skipped}
            skipped = 0
        yield {"it": pair, "skipped": 0}
    if skipped:
        yield {"it": None, "skipped": skipped}
