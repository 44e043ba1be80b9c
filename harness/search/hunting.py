"""A hunt, whatever draws its runs: what it may spend, what it has found, and when it is over.

Owns the state of a hunt and how each run adds to it. Knows nothing of how runs are drawn or in which process they run.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import define, field, frozen

from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.kernel.environment import NEVER_CAME, is_moment, moment
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.steps import RunUntil
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Outcome, Property

EXAMPLES = 1500
"""Runs of a hunt, unless told otherwise: every planted defect of the tests is found well within."""

ENDLESS = sys.maxsize
"""As many runs as the seconds allow."""

STEPS = 20
"""Moves of one run."""

PATIENCE = 100
"""Once something is found, a hunt goes on for this number of runs, and as many again as it took, to find more."""


@frozen
class Budget:
    """What a hunt may spend: runs, seconds (None for any), the seed of its choices, and whether one find is enough."""

    examples: int = EXAMPLES
    seconds: float | None = None
    seed: int = 0
    first_only: bool = False


@frozen
class Seen:
    """What a hunt remembers of one run: its steps, what it reached and exercised, and what it broke.

    `case` is the run itself, kept only where something broke. `tried` says of each kind of step, and of each moment,
    whether it ever did anything, or came. `endless` says that the run ended in a fault, and only in one.
    """

    steps: int
    tried: tuple[tuple[str, bool], ...]
    reached: tuple[str, ...]
    exercised: tuple[str, ...]
    broken: tuple[str, ...]
    case: Case | None
    endless: bool = False


def seen(result: Result, reached: Iterable[str]) -> Seen:
    """What is to be remembered of a run; a plugin's fault counts against no property."""
    verdicts = {**result.verdicts, **result.contracts}
    broken = (FAULT,) if result.fault is not None else result.broken
    return Seen(
        steps=len(result.schedule),
        tried=tuple(_tried(result)),
        reached=tuple(reached),
        exercised=tuple(name for name, verdict in verdicts.items() if verdict.outcome is not Outcome.VACUOUS),
        broken=broken,
        case=Case(result.header.scenario.population, result.schedule) if broken else None,
        endless=result.fault is not None and result.fault.endless,
    )


def _tried(result: Result) -> Iterator[tuple[str, bool]]:
    for step, done in zip(result.schedule, result.done, strict=True):
        if isinstance(step, RunUntil):
            yield f"moment '{step.moment}'", NEVER_CAME not in done.note or _came(result, step.moment)
        else:
            yield f"step {type(step).__name__}", done.applied


def _came(result: Result, name: str) -> bool:
    wanted = moment(result.system, name)
    return any(is_moment(event, wanted) for event in result.events)


@define
class Hunted:
    """What a hunt has found so far.

    `reached` counts runs by probe, `exercised` counts runs by property whose antecedent arose, `first` says in
    which run each broken property was seen first, `tried` how often each step and moment was tried, and how often it
    did something, or came.
    """

    examples: int = 0
    seconds: float = 0.0
    steps: int = 0
    reached: dict[str, int] = field(factory=dict)
    exercised: dict[str, int] = field(factory=dict)
    cases: dict[str, Case] = field(factory=dict)
    first: dict[str, int] = field(factory=dict)
    tried: dict[str, tuple[int, int]] = field(factory=dict)
    endless: bool = False

    def note(self, one: Seen, seconds: float) -> None:
        """Add the next run; this many seconds have passed since the hunt began."""
        self.examples += 1
        self.steps += one.steps
        self.seconds = seconds
        self.endless |= one.endless
        for name in one.reached:
            self.reached[name] += 1
        for name in one.exercised:
            self.exercised[name] += 1
        for what, applied in one.tried:
            times, did = self.tried.get(what, (0, 0))
            self.tried[what] = times + 1, did + applied
        for name in one.broken:
            if one.case is not None and name not in self.cases:
                self.cases[name] = one.case
                self.first[name] = self.examples

    def late(self, budget: Budget) -> bool:
        """Whether the seconds are over."""
        return budget.seconds is not None and self.seconds >= budget.seconds

    def done(self, budget: Budget, wanted: Sequence[str] = ()) -> bool:
        """Whether there were enough runs: all there may be, or all of `wanted` is broken, or enough since a find.

        One that does not end by itself is enough, too: each takes seconds, and says nothing of any property.
        """
        if self.examples >= budget.examples or self.endless:
            return True
        if budget.first_only and self.cases:
            return True
        if wanted:
            return all(name in self.cases for name in wanted)
        return bool(self.first) and self.examples >= 2 * max(self.first.values()) + PATIENCE

    def why_done(self, budget: Budget) -> str:
        """Why a hunt is over that nobody interrupted."""
        if budget.first_only and self.cases:
            return "stopped at the first find"
        if self.endless:
            return "stopped at a run without end"
        if self.examples >= budget.examples:
            return "all runs done"
        if self.late(budget):
            return f"{budget.seconds:g} seconds are over"
        return f"stopped {self.examples - max(self.first.values(), default=0)} runs after the last find"


def begun(system: System, properties: Sequence[Property]) -> Hunted:
    """The state of a hunt before its first run."""
    reached = {one.name: 0 for one in system.probes}
    return Hunted(reached=reached, exercised={one.name: 0 for one in properties})


Progress = Callable[[Hunted], None]
"""Is shown the state of the hunt after every run."""

Stop = Callable[[], bool]
"""Is asked again and again whether somebody wants the hunt to end."""


def never() -> bool:
    """Nobody wants the hunt to end."""
    return False


def unreached(reached: Mapping[str, int]) -> tuple[str, ...]:
    """The situations that a hunt never saw."""
    return tuple(name for name, count in reached.items() if not count)
