"""The hunt in volume: plain seeded generators on the bare kernel, in any number of processes, without Hypothesis.

Owns the order of its runs and how they are divided. The nth run of a seed is always the same, and runs are counted in
their order, so that what a hunt answers depends on its seed and its number of runs, never on how many processes share
the work. What is drawn, and how often, is what the Hypothesis machine draws, too (`generation`).
"""

import time
from collections.abc import Sequence
from functools import partial

from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.generation.cases import drawn_case, generator
from crosslayer.harness.search.hunting import STEPS, Budget, Hunted, Progress, Seen, Stop, begun, never, seen
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.priorities import Scheduler, in_time
from crosslayer.harness.search.probes import Reached
from crosslayer.harness.search.workers import ALONE, Workers, together


def hunt(
    scenario: Scenario,
    stack: Stack,
    properties: Sequence[Property],
    budget: Budget,
    *,
    wanted: Sequence[str] = (),
    scheduler: Scheduler = in_time,
    workers: Workers = ALONE,
    progress: Progress | None = None,
    stop: Stop = never,
) -> Hunted:
    """Hunt for violations of these properties; over when all of `wanted` (if any) are broken, or `stop` says so.

    All workers but the present process load the stack's plugins by name.
    """
    began = time.monotonic()
    state = begun(stack.system, properties)
    run = together(Judgement(scenario, stack, properties), workers, partial(look, budget.seed, scheduler))
    for _, one in run(range(budget.examples)):
        state.note(one, time.monotonic() - began)
        if progress is not None:
            progress(state)
        if state.done(budget, wanted) or state.late(budget) or stop():
            return state
    return state


def look(seed: int, scheduler: Scheduler, judgement: Judgement, number: int) -> Seen:
    """What is seen of the run of this number of the hunt with this seed and scheduler."""
    system = judgement.stack.system
    reached = Reached(system)
    case = drawn_case(system, generator(seed, number).randint, STEPS)
    performer = scheduler(generator(seed, number, "order"))
    return seen(judgement.run(case, probes=(reached,), performer=performer), reached.names)
