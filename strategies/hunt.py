"""The hunt: run the machine until its budget is spent, and keep the first failing case of every property.

Owns the use of Hypothesis for a whole hunt: generation only, without raising, so that one hunt finds a violation of
each property, and counts what it reached. Shrinking is left to the reducer, which works on plain steps.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from attrs import define, field, frozen
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from harness.collector import rare_collections
from harness.counterexample import FAULT, Case
from harness.nouns import Population
from harness.probes import PROBES
from harness.scenario import Scenario
from harness.stack import Stack
from harness.verdicts import Outcome, Property
from strategies.machine import Example, ScheduleMachine, machine

EXAMPLES = 1500
"""Runs of a hunt, unless told otherwise: every planted defect of the tests is found well within."""

STEPS = 20
"""Steps of one run."""

ROUND = 1500
"""Runs in one go. Hypothesis remembers every run of a go, so a long hunt is many goes, and its memory stays flat."""

_FAR = 1_000_003
"""Between the seeds of two goes, far enough from the seeds that people choose."""

PATIENCE = 100
"""Once something is found, a hunt goes on for so many runs, and as many again as it took, to find more."""


@frozen
class Budget:
    """What a hunt may spend: runs, seconds (None for any), and the seed of its choices."""

    examples: int = EXAMPLES
    seconds: float | None = None
    seed: int = 0


@define
class Hunted:
    """What a hunt has found so far.

    `reached` counts runs by probe, `exercised` counts runs by property whose antecedent arose, `first` says in
    which run each broken property was seen first.
    """

    examples: int = 0
    seconds: float = 0.0
    steps: int = 0
    reached: dict[str, int] = field(factory=lambda: dict.fromkeys(PROBES, 0))
    exercised: dict[str, int] = field(factory=dict)
    cases: dict[str, Case] = field(factory=dict)
    first: dict[str, int] = field(factory=dict)


class _Enough(Exception):
    """The budget is spent, or everything that was looked for is found."""


Progress = Callable[[Hunted], None]
"""Is shown the state of the hunt after every run."""


def hunt(
    scenario: Scenario,
    stack: Stack,
    properties: Sequence[Property],
    budget: Budget,
    *,
    wanted: Sequence[str] = (),
    population: SearchStrategy[Population] | None = None,
    progress: Progress | None = None,
) -> Hunted:
    """Hunt for violations of these properties; over as soon as all of `wanted` (if any) are broken."""
    began = time.monotonic()
    state = Hunted(exercised={one.name: 0 for one in properties})

    def see(example: Example) -> None:
        if _spent(state, budget, wanted):  # Hypothesis replays the run that ended the hunt
            raise _Enough
        state.examples += 1
        state.steps += len(example.case.schedule)
        state.seconds = time.monotonic() - began
        _count(state, example)
        if progress is not None:
            progress(state)
        if _spent(state, budget, wanted):
            raise _Enough

    chosen = machine(scenario, stack, properties, population=population, sink=see)
    with suppress(_Enough), rare_collections():
        for number in range(-(-budget.examples // ROUND)):
            left = budget.examples - state.examples
            _drive(seed(budget.seed + number * _FAR)(chosen), min(ROUND, left))
    return state


def _drive(chosen: type[ScheduleMachine], examples: int) -> None:
    run_state_machine_as_test(
        chosen,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )


def _count(state: Hunted, example: Example) -> None:
    for name in example.reached:
        state.reached[name] += 1
    result = example.result
    for name, verdict in {**result.verdicts, **result.contracts}.items():
        state.exercised[name] += verdict.outcome is not Outcome.VACUOUS
    for name in (FAULT,) if result.fault is not None else result.broken:
        if name not in state.cases:
            state.cases[name] = example.case
            state.first[name] = state.examples


def _spent(state: Hunted, budget: Budget, wanted: Sequence[str]) -> bool:
    if budget.seconds is not None and state.seconds >= budget.seconds:
        return True
    if wanted:
        return all(name in state.cases for name in wanted) or state.examples >= budget.examples
    if state.first and state.examples >= 2 * max(state.first.values()) + PATIENCE:
        return True
    return state.examples >= budget.examples


def unreached(reached: Mapping[str, int]) -> tuple[str, ...]:
    """The situations that a hunt never saw."""
    return tuple(name for name, count in reached.items() if not count)
