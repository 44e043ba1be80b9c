"""The what-if table: one schedule on one stack as a page on which both can be changed.

Owns what stands on that page, and the policy that forbids everything else. Knows nothing of how it is served, nor of
what becomes of a change.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen
from markupsafe import Markup

from crosslayer.harness.formats.counterexample import FAULT
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.arguments import Agents, Groups, Kinds, Moments, Numbers, argument_of
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.steps import Step
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Outcome, Verdict
from crosslayer.harness.picture.chart import ROOM, WIDE_ROOM, chart
from crosslayer.harness.picture.markup import raw, rendered, shortened
from crosslayer.harness.picture.page import allowing, levels, tone
from crosslayer.harness.search.judgement import verdict


@frozen
class Option:
    """One of several values, with the words that stand for it."""

    value: str
    told: str


@frozen
class Entry:
    """A field of a step: its name and value, and the values it can have; `number` if it is any natural number.

    With neither options nor `number` it is a text; `fixed` if it cannot be changed here.
    """

    name: str
    value: str
    options: tuple[Option, ...] = ()
    number: bool = False
    fixed: bool = False


@frozen(kw_only=True)
class Table:
    """What the page shows. `state` says the same as `schedule` and `stack` and stands in the page's address.

    `layers` has the plugins that each layer may have. `look` names the promise that is drawn, `saved` the file that was
    written last, `problem` what was wrong with a change that was therefore not made.
    """

    title: str
    result: Result
    stack: Mapping[str, str]
    layers: Mapping[str, Sequence[str]]
    state: str
    look: str
    saved: str = ""
    problem: str = ""

    @property
    def system(self) -> System:
        """The system."""
        return self.result.system

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """All verdicts, those that are violated first; a fault is one of them."""
        fault = {} if self.result.fault is None else {FAULT: verdict(self.result, FAULT)}
        found = {**fault, **self.result.verdicts, **self.result.contracts}
        return dict(sorted(found.items(), key=lambda one: one[1].outcome is not Outcome.VIOLATED))

    @property
    def drawn(self) -> str:
        """The promise whose evidence is drawn: the one that is looked at, or else the first that is violated."""
        violated = [name for name, one in self.verdicts.items() if one.outcome is Outcome.VIOLATED]
        if self.look in self.verdicts and (self.look in violated or not violated):
            return self.look
        return violated[0] if violated else ""


def page(table: Table) -> str:
    """The page."""
    styles, scripts = _resources()
    broken = [name for name, one in table.verdicts.items() if one.outcome is Outcome.VIOLATED]
    return str(
        rendered(
            "table.html.jinja",
            table=table,
            broken=broken,
            claims={one.name: one.claim for one in table.system.properties},
            steps=list(_steps(table)),
            vocabulary=[one.__name__ for one in table.system.vocabulary],
            charts=list(levels(_charts(table), table.drawn or table.title, "table")),
            styles=Markup(styles),  # noqa: S704 - our own files
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files
            tone=tone,
            short=shortened,
        )
    )


def policy() -> str:
    """The Content-Security-Policy of the page: forms go to where it comes from, and nothing else goes anywhere."""
    styles, scripts = _resources()
    return f"{allowing([styles], scripts)}; form-action 'self'; frame-ancestors 'none'; img-src data:"


def _resources() -> tuple[str, tuple[str, ...]]:
    return raw("report.css") + raw("chart.css") + raw("table.css"), (raw("report.js"), raw("table.js"))


def _charts(table: Table) -> Iterator[tuple[str, Any]]:
    proof = verdict(table.result, table.drawn) if table.drawn else None
    broken = proof is not None and proof.outcome is Outcome.VIOLATED
    told = f"{table.drawn} — {proof.detail}" if proof is not None and broken else ""
    evidence = proof.evidence if proof is not None else ()
    yield ("What the evidence rests on" if evidence else "What happened"), chart(table.result, evidence, told, ROOM)
    yield "The whole run", chart(table.result, evidence, told, WIDE_ROOM, whole=True)


def _steps(table: Table) -> Iterator[dict[str, Any]]:
    population = table.result.header.scenario.population
    ticks = [event.tick for event in table.result.events if event.kind == "step"]
    for index, step in enumerate(table.result.schedule):
        done = table.result.done[index] if index < len(table.result.done) else None
        yield {
            "number": index + 1,
            "name": type(step).__name__,
            "about": " ".join((type(step).__doc__ or "").split()),
            "entries": list(entries(table.system, population, step)),
            "tick": ticks[index] if index < len(ticks) else None,
            "applied": done is not None and done.applied,
            "note": "the run was over before" if done is None else done.note,
        }


def entries(system: System, population: Population, step: Step) -> Iterator[Entry]:
    """The fields of a step, each with the values that a person can choose from."""
    for one in attrs.fields(type(step)):
        value = getattr(step, one.name)
        match argument_of(one):
            case Kinds():
                yield Entry(one.name, value, tuple(Option(kind, kind) for kind in system.kinds))
            case Moments():
                yield Entry(one.name, value, tuple(Option(moment, moment) for moment in system.all_moments))
            case Agents() as agents:
                yield Entry(one.name, str(value), _agents(agents, population, value))
            case Numbers():
                yield Entry(one.name, str(value), number=True)
            case Groups():
                yield Entry(one.name, ",".join(map(str, value)))
            case _:
                yield Entry(one.name, str(value), fixed=True)


def _agents(agents: Agents, population: Population, value: int) -> tuple[Option, ...]:
    """The agents that an index can mean; and the index that it is, if it wraps around."""
    names = agents.names(population)
    options = [Option(str(index), name) for index, name in enumerate(names)]
    if value >= len(names):
        options.append(Option(str(value), f"{value} ({names[value % len(names)]})" if names else f"{value} (nobody)"))
    return tuple(options)
