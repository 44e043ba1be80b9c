"""The hunt: run the machine until its budget is spent, and keep the first failing case of every property.

Owns the use of Hypothesis for a whole hunt: generation only, without raising, so that one hunt finds a violation of
each property, and counts what it reached. Shrinking is left to the reducer, which works on plain steps.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.hunting import (
    EXAMPLES,
    PATIENCE,
    STEPS,
    Budget,
    Hunted,
    Progress,
    Stop,
    begun,
    never,
    seen,
    unreached,
)
from crosslayer.harness.search.priorities import Scheduler, in_time
from crosslayer.strategies.isolation import closed
from crosslayer.strategies.machine import Example, ScheduleMachine, machine

ROUND = 1500
"""Runs in one go. Hypothesis remembers every run of a go, so a long hunt is many goes, and its memory stays flat."""

_FAR = 1_000_003
"""Between the seeds of two goes, far enough from the seeds that people choose."""


class _Enough(Exception):
    """The budget is spent, or everything that was looked for is found."""


def hunt(
    scenario: Scenario,
    stack: Stack,
    properties: Sequence[Property],
    budget: Budget,
    *,
    wanted: Sequence[str] = (),
    population: SearchStrategy[Any] | None = None,
    scheduler: Scheduler = in_time,
    progress: Progress | None = None,
    stop: Stop = never,
) -> Hunted:
    """Hunt for violations of these properties; over when all of `wanted` (if any) are broken, or `stop` says so."""
    began = time.monotonic()
    state = begun(stack.system, properties)
    over = False

    def see(example: Example) -> None:
        nonlocal over
        if not over:  # Hypothesis replays the run that ended the hunt
            state.note(seen(example.result, example.reached), time.monotonic() - began)
            if progress is not None:
                progress(state)
            over = state.done(budget, wanted) or state.late(budget) or stop()
        if over:
            raise _Enough

    chosen = machine(scenario, stack, properties, population=population, scheduler=scheduler, sink=see)
    with suppress(_Enough), rare_collections():
        for number in range(-(-budget.examples // ROUND)):
            left = budget.examples - state.examples
            drive(seed(budget.seed + number * _FAR)(chosen), min(ROUND, left))
    return state


def drive(chosen: type[ScheduleMachine], examples: int) -> None:
    """Let Hypothesis draw this number of runs of a machine, and do nothing with them but that."""
    run_state_machine_as_test(chosen, settings=closed(examples, STEPS))


__all__ = ["EXAMPLES", "PATIENCE", "STEPS", "Budget", "Hunted", "Progress", "hunt", "unreached"]
