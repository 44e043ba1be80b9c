"""The hunt in volume: plain seeded generators on the bare kernel, in any number of processes, without Hypothesis.

Owns the order of its runs and how they are divided. The nth run of a seed is always the same, and runs are counted in
their order, so that what a hunt answers depends on its seed and its number of runs, never on how many processes share
the work. What is drawn, and how often, is what the Hypothesis machine draws, too (`generation`).
"""

import time
from collections.abc import Iterator, Sequence

from attrs import frozen

from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.generation.cases import drawn_case, generator
from crosslayer.harness.search.hunting import STEPS, Budget, Hunted, Progress, Seen, Stop, begun, never, seen
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.priorities import Scheduler, in_time
from crosslayer.harness.search.probes import Reached
from crosslayer.harness.search.workers import together

CHUNK = 20
"""Runs that one of several processes does in one go: few enough for a bound of seconds and for anyone who stops it."""


@frozen
class Runs:
    """Some runs of the hunt with this seed and scheduler, by their numbers."""

    seed: int
    scheduler: Scheduler
    numbers: range


def hunt(
    scenario: Scenario,
    stack: Stack,
    properties: Sequence[Property],
    budget: Budget,
    *,
    wanted: Sequence[str] = (),
    scheduler: Scheduler = in_time,
    jobs: int = 1,
    progress: Progress | None = None,
    stop: Stop = never,
) -> Hunted:
    """Hunt for violations of these properties; over when all of `wanted` (if any) are broken, or `stop` says so.

    With more than one job, the stack's plugins are loaded by name in each process.
    """
    began = time.monotonic()
    state = begun(stack.system, properties)
    run = together(Judgement(scenario, stack, properties), jobs, look)
    for _, chunk in run(_chunks(budget, scheduler, 1 if jobs == 1 else CHUNK)):
        for one in chunk:
            state.note(one, time.monotonic() - began)
            if progress is not None:
                progress(state)
            if state.done(budget, wanted):
                return state
        if state.late(budget) or stop():  # only now: what was run is counted
            return state
    return state


def look(judgement: Judgement, runs: Runs) -> list[Seen]:
    """What is seen of these runs, in their order, up to one that does not end by itself: there, a hunt is over."""
    found: list[Seen] = []
    for number in runs.numbers:
        found.append(_look(judgement, runs.seed, runs.scheduler, number))
        if found[-1].endless:
            break
    return found


def _look(judgement: Judgement, seed: int, scheduler: Scheduler, number: int) -> Seen:
    system = judgement.stack.system
    reached = Reached(system)
    case = drawn_case(system, generator(seed, number).randint, STEPS)
    performer = scheduler(generator(seed, number, "order"))
    return seen(judgement.run(case, probes=(reached,), performer=performer), reached.names)


def _chunks(budget: Budget, scheduler: Scheduler, size: int) -> Iterator[Runs]:
    start = 0
    while start < budget.examples:
        end = min(start + size, budget.examples)
        yield Runs(budget.seed, scheduler, range(start, end))
        start = end
