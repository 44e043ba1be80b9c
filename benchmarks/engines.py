"""Hypothesis against plain generators, and the clock against priorities: schedules a second, and what they find.

`speed` is a race on the reference stack. `finds` hunts for every planted defect of the tests with each engine under
each scheduler, with the same budget of runs and under the same seeds, and counts the CPU time of the hunts alone:
without the start of processes, and without reduction and story, which are the same for all.
"""

import random
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import frozen

from benchmarks.hunting import drive, idle_machine
from benchmarks.measuring import Table, race
from crosslayer.harness.commands.searches import CORES
from crosslayer.harness.formats import scenario
from crosslayer.harness.kernel.simulation import Performer
from crosslayer.harness.search import volume
from crosslayer.harness.search.generation.cases import generator
from crosslayer.harness.search.hunting import STEPS, Budget
from crosslayer.harness.search.priorities import by_priority, in_time
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.workers import Task
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, REFERENCE, build
from crosslayer.properties.commerce import ALL
from crosslayer.strategies import hunt as hypothesis
from tests.commerce import drawn_case
from tests.defects.catalogue import DEFECTS, Defect

EXAMPLES = 300
"""Runs of each contender of the race."""

LONG = 1500
"""Runs of the one that has to start processes first, which takes as long as some hundred runs."""

BUDGET, SEEDS = 300, 3
"""Runs at the most for each defect, and seeds under which it is hunted for."""


def either(chance: random.Random) -> Performer:
    """Half of the runs in time, half by priority."""
    return chance.choice((in_time, by_priority))(chance)


HUNTS: Mapping[str, Any] = {
    f"{name}, {how}": partial(engine.hunt, scheduler=scheduler)
    for name, engine in (("Hypothesis", hypothesis), ("volume", volume))
    for how, scheduler in (("time", in_time), ("priority", by_priority), ("half of each", either))
}
"""Every engine under every scheduler, and under both by turns."""


def speed() -> Table:
    """Schedules a second of each engine on the reference stack, and of their drawing alone."""
    idle, together = idle_machine(), f"volume, time, {CORES} processes"
    contenders: dict[str, Any] = {
        "Hypothesis, drawing alone": lambda: drive(idle, EXAMPLES),
        "volume, drawing alone": _draw,
        **{f"{name}, one process": partial(_all, hunt) for name, hunt in HUNTS.items()},
        together: partial(_all, partial(volume.hunt, workers=here(CORES)), LONG),
    }
    runs = {name: LONG if name == together else EXAMPLES for name in contenders}
    rates = {name: runs[name] / seconds for name, seconds in race(contenders, rounds=3).items()}
    whole = rates["Hypothesis, time, one process"]
    rows = tuple((name, f"{rate:.0f}", f"{rate / whole:.2f}") for name, rate in rates.items())
    title = f"schedules of {STEPS} moves on the reference stack, all properties watching ({EXAMPLES} of each)"
    return Table(title, ("engine, scheduler", "schedules/s", "of the Hypothesis hunt"), rows)


def _draw() -> None:
    for number in range(EXAMPLES):
        drawn_case(generator(0, number).randint, STEPS)


def _all(hunt: Any, examples: int = EXAMPLES) -> None:
    hunt(scenario.shipped(PRIVATE_COMMERCE, "hunt"), REFERENCE, ALL, Budget(examples))


@frozen
class _Answer:
    """Whether a hunt found what must catch the defect, in how many runs, and at the cost of how much CPU time."""

    found: bool
    examples: int
    seconds: float


def finds() -> Table:
    """What each engine finds under each scheduler: for each defect and seed, a hunt of at most this number of runs."""
    asked = [(defect, seed) for defect in DEFECTS for seed in range(SEEDS)]
    tasks = [(name, defect, seed) for defect, seed in asked for name in HUNTS]
    answers = [(name, answer) for (name, _, _), answer in here(CORES).spread(Task(_found), tasks)]
    rows = []
    for name in HUNTS:
        mine = [answer for whose, answer in answers if whose == name]
        found, examples = sum(one.found for one in mine), sum(one.examples for one in mine)
        seconds = sum(one.seconds for one in mine)
        rates = f"{1000 * found / examples:.1f}", f"{found / seconds:.2f}"
        rows.append((name, f"{found} of {len(mine)}", str(examples), *rates))
    title = f"{len(DEFECTS)} planted defects, {SEEDS} seeds, at most {BUDGET} runs for each"
    return Table(
        title, ("engine, scheduler", "found", "runs", "finds per 1,000 runs", "finds per CPU-second"), tuple(rows)
    )


def _found(task: tuple[str, Defect, int]) -> _Answer:
    name, defect, seed = task
    stack = build([f"{defect.part}={defect.path}"])
    began = time.process_time()
    hunted = HUNTS[name](
        scenario.shipped(PRIVATE_COMMERCE, "hunt"), stack, ALL, Budget(BUDGET, None, seed), wanted=(defect.caught_by,)
    )
    return _Answer(defect.caught_by in hunted.cases, hunted.examples, time.process_time() - began)
