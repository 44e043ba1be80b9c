"""Exhaustive search: every schedule with at most N deviations, fewest first.

Owns the levels of an exploration, the order in which schedules are run, and what is remembered between them. Knows
nothing of how points are told apart (`placement`) or of who asks.

Level 0 is the happy path. Level k adds one deviation, at every distinguishable point from the last one on, to every
schedule of level k - 1 that is worth extending: its last step did something, and no earlier schedule of the level did
the same step to the same effect (`shape`). So what is found first has the fewest deviations there can be.

Schedules run in any number of processes; they are judged in the order in which they were made, so the result does not
depend on how many processes there are.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import define, field, frozen

from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.model.steps import RUNNING_ON, Run, Schedule, Step
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.placement import Placed, placed
from crosslayer.harness.search.shape import shape
from crosslayer.harness.search.timeline import timeline

TAIL = Run(1_000_000)
"""Every schedule runs on to the horizon, so that its faults last as long as they can."""


@frozen
class Scope:
    """What is to be explored: at most `deviations` deviations, splits into at most `sides` sides.

    `kinds` names the kinds of step that deviations are made of; if it is empty, all are. `everywhere` asks for every
    point of a run instead of the distinguishable ones, and merges nothing. Of the last level, the `share`th of `shares`
    equal shares is explored: no two have a schedule in common, and together they are the level.
    """

    deviations: int = 1
    sides: int = 2
    everywhere: bool = False
    kinds: tuple[str, ...] = ()
    share: int = 1
    shares: int = 1

    def whole(self, deviations: int) -> bool:
        """Whether every schedule with this number of deviations is asked for, and not a share of them."""
        return deviations < self.deviations or self.shares == 1

    def shared(self, parent: int, found: Sequence[Schedule]) -> Sequence[Schedule]:
        """What is asked for of the schedules that extend the parent of this number, on the last level.

        Each share has every nth extension of every parent, and begins with another one each time: so it tries every
        first deviation, and is a fair sample of the level as well.
        """
        return found[(self.share - 1 - parent) % self.shares :: self.shares]

    def __contains__(self, step: Step) -> bool:
        return not self.kinds or type(step).__name__ in self.kinds


@define
class Level:
    """What was done with one number of deviations.

    `schedules` were run; of them `idle` ended in a step that found nothing to do, and `merged` did what an earlier
    one had done (not asked of the last level, which nobody extends). `complete` means that the scope asks for no more.
    """

    deviations: int
    schedules: int = 0
    idle: int = 0
    merged: int = 0
    complete: bool = False


@define
class Explored:
    """What an exploration has seen so far, and all that it takes to go on.

    `examples` counts runs, `reached` those in which each property was exercised, `cases` holds the first
    schedule that breaks each property. `parents` are the schedules that the present level extends, `cursor` says which
    of them comes next and from which of its extensions on, `children` what the next level will extend, by effect.
    `expected` guesses the runs up to the end of the present level.
    """

    levels: list[Level] = field(factory=list)
    examples: int = 0
    seconds: float = 0.0
    expected: int = 1
    reached: dict[str, int] = field(factory=dict)
    cases: dict[str, Case] = field(factory=dict)
    parents: list[Schedule] = field(factory=list)
    cursor: tuple[int, int] = (0, 0)
    children: dict[str, Schedule] = field(factory=dict)

    def covers(self, scope: Scope) -> bool:
        """Whether every schedule that the scope asks for has been run."""
        return len(self.levels) > scope.deviations and all(level.complete for level in self.levels)


@frozen
class Candidate:
    """A schedule of a level, and where the next one stands. `final` says that nothing will extend it."""

    schedule: Schedule
    cursor: tuple[int, int]
    expected: int
    final: bool


@frozen
class Seen:
    """What became of one schedule.

    `applied` says whether its last step did anything, `effect` what all its steps did (empty if nothing extends it).
    """

    applied: bool
    effect: str
    broken: tuple[str, ...]
    exercised: tuple[str, ...]


Runner = Callable[[Iterable[Candidate]], Iterator[tuple[Candidate, Seen]]]
"""Runs candidates, and answers each with what was seen of it, in their order."""

Progress = Callable[[Explored], None]
"""Is shown the state of the exploration after every schedule."""


def look(judgement: Judgement, candidate: Candidate) -> Seen:
    """Run a candidate to the horizon and judge it."""
    schedule = candidate.schedule
    result = judgement.run(Case(judgement.scenario.population, (*schedule, TAIL)))
    done = result.done[: len(schedule)]
    notes = [one.note for one, step in zip(done, schedule, strict=True) if not isinstance(step, RUNNING_ON)]
    verdicts = {**result.verdicts, **result.contracts}
    return Seen(
        applied=not done or done[-1].applied,
        effect="" if candidate.final else "; ".join((*notes, shape(result.system, result.events))),
        broken=(FAULT,) if result.fault is not None else result.broken,
        exercised=tuple(name for name, verdict in verdicts.items() if verdict.outcome is not Outcome.VACUOUS),
    )


def explore(
    judgement: Judgement,
    scope: Scope,
    run: Runner,
    state: Explored,
    *,
    wanted: Sequence[str] = (),
    progress: Progress | None = None,
) -> Explored:
    """Explore until the scope is exhausted, or all of `wanted` is broken (if nothing is named: a level broke anything).

    `state` is where to begin, and is current after every schedule. Anyone who stops it by raising in `progress`,
    or in `run`, can go on from it; one that comes between, such as a signal's, may leave half a schedule in it.
    """
    began = time.monotonic() - state.seconds
    for name in (watched.name for watched in judgement.properties):
        state.reached.setdefault(name, 0)
    while not _over(state, scope, wanted):
        level = _level(state)
        for one, seen in run(_candidates(judgement, scope, state)):
            _note(state, level, seen, Case(judgement.scenario.population, one.schedule))
            if seen.applied and not one.final:
                _extend(state, level, f"{state.examples}" if scope.everywhere else seen.effect, one.schedule)
            state.cursor, state.expected = one.cursor, one.expected
            state.seconds = time.monotonic() - began
            if progress is not None:
                progress(state)
            if wanted and _found(state, wanted):
                return state
        level.complete = True
    return state


def _over(state: Explored, scope: Scope, wanted: Sequence[str]) -> bool:
    if _found(state, wanted):
        return bool(wanted) or state.levels[-1].complete
    return state.covers(scope)


def _found(state: Explored, wanted: Sequence[str]) -> bool:
    return set(wanted) <= state.cases.keys() if wanted else bool(state.cases)


def _level(state: Explored) -> Level:
    """The level that is under way, or else the next."""
    if not state.levels or state.levels[-1].complete:
        state.levels.append(Level(len(state.levels)))
        state.parents, state.children, state.cursor = list(state.children.values()), {}, (0, 0)
    return state.levels[-1]


def _candidates(judgement: Judgement, scope: Scope, state: Explored) -> Iterator[Candidate]:
    """The schedules of the present level, from the cursor on."""
    final = state.levels[-1].deviations == scope.deviations
    if state.levels[-1].deviations == 0:
        if state.cursor == (0, 0):
            yield Candidate((), (0, 1), 1, final)
        return
    number, begin = state.cursor
    made = state.examples
    for index in range(number, len(state.parents)):
        parent = state.parents[index]
        found = extensions(judgement, scope, parent)
        if final:
            found = scope.shared(index, found)
        left = (len(state.parents) - index - 1) * len(found)
        for position in range(begin, len(found)):
            made += 1
            expected = made + len(found) - position - 1 + left
            yield Candidate(found[position], (index, position + 1), expected, final)
        begin = 0


def extensions(judgement: Judgement, scope: Scope, parent: Schedule) -> Sequence[Schedule]:
    """A schedule with one more deviation of the scope, in every way, by point."""
    points = timeline(judgement.scenario, judgement.stack, parent)
    try:
        found = placed(points, scope.sides, everywhere=scope.everywhere)
        return [extended(parent, one) for one in found if one.step in scope]
    finally:
        points.simulation.close()


def extended(parent: Schedule, one: Placed) -> Schedule:
    """A schedule and one more step, this number of events later."""
    return (*parent, Run(one.after), one.step) if one.after else (*parent, one.step)


def _note(state: Explored, level: Level, one: Seen, case: Case) -> None:
    state.examples += 1
    level.schedules += 1
    level.idle += not one.applied
    for name in one.exercised:
        state.reached[name] += 1
    for name in one.broken:
        state.cases.setdefault(name, Case(case.population, (*case.schedule, TAIL)))


def _extend(state: Explored, level: Level, effect: str, schedule: Schedule) -> None:
    """Let the next level extend a schedule, unless an earlier one did the same."""
    if effect in state.children:
        level.merged += 1
    else:
        state.children[effect] = schedule
