"""Why each step is there: what happens without it, whether its place and numbers matter, what weaker fault would do.

Owns the questions asked of a minimal counterexample, and the choice of the nearest passing run. Knows nothing of how
the answers are printed.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import attrs
from attrs import frozen

from crosslayer.harness.explain.reduce import following, with_step, without
from crosslayer.harness.formats.codec import schedule_json
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.steps import (
    Crash,
    Cut,
    Delay,
    Drop,
    Partition,
    Schedule,
    Step,
    altered,
)
from crosslayer.harness.model.system import System
from crosslayer.harness.search.judgement import Judgement, broken, verdict

RANGE_MAX = 8
"""How far up a number is tried."""


@frozen
class Reason:
    """What is known of one step of a minimal counterexample.

    `without` is what the property says when the step is left out; `order` is "matters" or "free" against the next
    step, or empty for the last; `free` gives for each of its numbers the other values that do as well; `weaker` are
    weaker faults that break the promise, too.
    """

    step: str
    without: str
    needed: bool
    order: str
    free: dict[str, list[int]]
    weaker: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "step": self.step,
            "needed": self.needed,
            "without": self.without,
            "order": self.order,
            "free": self.free,
            "weaker": list(self.weaker),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Reason":
        """What `to_json` made; what a file of another version leaves out is unknown."""
        return cls(
            step=str(value.get("step", "")),
            without=str(value.get("without", "")),
            needed=bool(value.get("needed", True)),
            order=str(value.get("order", "")),
            free={str(name): list(values) for name, values in dict(value.get("free", {})).items()},
            weaker=tuple(map(str, value.get("weaker", ()))),
        )


@frozen
class Needed:
    """An agent without which the property is not broken, and what the property says then."""

    agent: str
    without: str


@frozen
class Explanation:
    """A reason per step, the nearest run that passes (None if the happy path breaks the promise), and needed agents."""

    reasons: tuple[Reason, ...]
    passing: dict[str, Any] | None
    agents: tuple[Needed, ...] = ()


def explain(judgement: Judgement, name: str, case: Case) -> Explanation:
    """Ask all questions of a minimal case; each costs a run or a few."""
    notes = [done.note for done in judgement.about(name).run(case).done]
    reasons = tuple(_reason(judgement, name, case, index, notes[index]) for index in range(len(case.schedule)))
    return Explanation(reasons, _nearest_passing(judgement, name, case, notes), tuple(_agents(judgement, name, case)))


def _agents(judgement: Judgement, name: str, case: Case) -> Iterator[Needed]:
    """The last agent of each role, if the system can do without it and the failure cannot."""
    population = case.population
    for role in population.roles():
        names = population.of(role)
        with suppress(ValueError):
            if names:
                fewer = attrs.evolve(population, **{role: len(names) - 1})
                kept = tuple(following(step, population, fewer) for step in case.schedule)
                result = judgement.about(name).run(Case(fewer, kept))
                if result.fault is None and not broken(result, name):
                    said = verdict(result, name)
                    yield Needed(names[-1], f"{said.outcome}: {said.detail}")


def _reason(judgement: Judgement, name: str, case: Case, index: int, note: str) -> Reason:
    shorter = judgement.about(name).run(Case(case.population, without(case.schedule, index)))
    said = verdict(shorter, name)
    return Reason(
        step=note,
        without=f"{said.outcome}: {said.detail}",
        needed=not broken(shorter, name),
        order=_order(judgement, name, case, index),
        free=_free(judgement, name, case, index),
        weaker=tuple(_weaker(judgement, name, case, index)),
    )


def _order(judgement: Judgement, name: str, case: Case, index: int) -> str:
    schedule = case.schedule
    if index + 1 >= len(schedule):
        return ""
    swapped = (*schedule[:index], schedule[index + 1], schedule[index], *schedule[index + 2 :])
    return "free" if judgement.breaks(name, Case(case.population, swapped)) else "matters"


def _free(judgement: Judgement, name: str, case: Case, index: int) -> dict[str, list[int]]:
    step = case.schedule[index]
    free: dict[str, list[int]] = {}
    for field in attrs.fields(type(step)):
        value = getattr(step, field.name)
        if isinstance(value, int):
            others = (other for other in range(value + RANGE_MAX + 1) if other != value)
            free[field.name] = [
                other
                for other in others
                if judgement.breaks(name, with_step(case, index, altered(step, **{field.name: other})))
            ]
    return {name: values for name, values in free.items() if values}


def _weaker(judgement: Judgement, name: str, case: Case, index: int) -> Iterator[str]:
    seen: dict[str, None] = {}
    for step in _weaker_steps(judgement.stack.system, case.schedule[index], len(case.population.names())):
        what = type(step).__name__
        if what not in seen and judgement.breaks(name, with_step(case, index, step)):
            seen[what] = None
            yield what


def _weaker_steps(system: System, step: Step, agents: int) -> Iterator[Step]:
    """Faults that do less than this one: delay for drop, a one-way cut for a partition, late for never."""
    match step:
        case Drop(kind=kind, nth=nth):
            yield Delay(kind, nth, 64)
        case Partition(groups=groups):
            for source in range(agents):
                for to in range(agents):
                    if groups[source % len(groups)] != groups[to % len(groups)]:
                        yield Cut(source, to)
        case Crash(agent=agent):
            for other in range(agents):
                if other != agent % agents:
                    yield Cut(other, agent % agents)
        case _ if type(step) in system.acts_by_step:
            yield from system.acts_by_step[type(step)].weaker(step)


def _nearest_passing(judgement: Judgement, name: str, case: Case, notes: list[str]) -> dict[str, Any] | None:
    """The same schedule with one step changed, or else left out, so that the promise is kept."""
    for index, step in enumerate(case.schedule):
        for change, nearby in _nearby(step):
            candidate = with_step(case, index, nearby)
            if not judgement.breaks(name, candidate):
                told = f"step {index + 1} ({notes[index]}): {change}"
                return {"change": told, "schedule": schedule_json(candidate.schedule)}
    for index in range(len(case.schedule)):
        schedule: Schedule = without(case.schedule, index)
        if not judgement.breaks(name, Case(case.population, schedule)):
            told = f"step {index + 1} ({notes[index]}): left out"
            return {"change": told, "schedule": schedule_json(schedule)}
    return None


def _nearby(step: Step) -> Iterator[tuple[str, Step]]:
    for field in attrs.fields(type(step)):
        value = getattr(step, field.name)
        if isinstance(value, int):
            for other in (value + 1, value - 1):
                if other >= 0:
                    yield f"{field.name} {other} instead of {value}", altered(step, **{field.name: other})
