"""What a hunt costs, and what it finds.

Examples a second against the floor that Hypothesis itself sets: a machine with the same rules, arguments and steps
whose rules do nothing. And how soon each planted defect is found by the hunt, by uniformly random schedules on the
bare kernel, and by the fixed scenario under random seeds, which is how such bugs were looked for before.
"""

import random
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import attrs
from attrs import frozen
from hypothesis import seed

from benchmarks.measuring import Table, race
from crosslayer.harness.formats import scenario
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.steps import Step
from crosslayer.harness.search.judgement import Judgement, broken
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import STEPS
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, REFERENCE, build
from crosslayer.properties.commerce import ALL
from crosslayer.strategies import hunt as hypothesis
from crosslayer.strategies.hunt import STEPS as MOVES
from crosslayer.strategies.hunt import Budget, hunt
from crosslayer.strategies.machine import ScheduleMachine, machine
from tests.defects.catalogue import DEFECTS

EXAMPLES = 150
"""Runs of each contender of the floor."""

BUDGET = 300
"""Runs for each defect and each way of looking for it."""


class _Idle(ScheduleMachine):
    """The same choices, and nothing done with them."""

    def begin(self, population: Any, order: int = 0) -> None:
        """Nobody takes part."""

    def perform(self, *steps: Step) -> None:
        """Nothing happens."""


def floor() -> Table:
    """Examples a second of the hunt on the reference stack, and of the machine that does nothing."""
    chosen = scenario.shipped(PRIVATE_COMMERCE, "hunt")
    real = machine(chosen, REFERENCE, ALL, sink=lambda _: None)
    idle = idle_machine()
    taken = race({"hunt": lambda: drive(real), "no-op machine": lambda: drive(idle)}, rounds=3)
    rows = tuple(
        (name, f"{EXAMPLES / seconds:.0f}", f"{taken['no-op machine'] / seconds:.2f}")
        for name, seconds in taken.items()
    )
    return Table(
        f"the hunt against Hypothesis's own floor ({MOVES} steps an example)",
        ("machine", "examples/s", "of the floor (aim: 0.50)"),
        rows,
    )


def idle_machine() -> type[ScheduleMachine]:
    """The machine of a hunt on the reference stack, whose runs do not happen."""
    real = machine(scenario.shipped(PRIVATE_COMMERCE, "hunt"), REFERENCE, ALL, sink=lambda _: None)
    return type("IdleMachine", (_Idle,), {name: value for name, value in vars(real).items() if name[:2] != "__"})


def drive(chosen: type[ScheduleMachine], examples: int = EXAMPLES) -> None:
    """Let Hypothesis draw this number of runs of a machine."""
    with rare_collections():  # as a hunt does
        hypothesis.drive(seed(0)(chosen), examples)


@frozen
class _Found:
    """In which run, and after how many seconds; None if the budget was spent."""

    run: int | None
    seconds: float

    def told(self) -> str:
        """As a cell of a table."""
        return f"{self.run} ({self.seconds:.1f} s)" if self.run is not None else f"not in {BUDGET}"


def defects() -> Table:
    """How soon each defect shows what catches it, looked for in three ways."""
    rows = []
    for defect in DEFECTS:
        stack = build([f"{defect.part}={defect.path}"])
        ways = (_by_hunt, _by_chance, _by_seeds)
        rows.append((f"{defect.part}: {defect.name}", *(way(stack, defect.caught_by).told() for way in ways)))
    header = ("defect", "hunt", "uniformly random schedules", "fixed scenario, random seeds")
    return Table(f"runs (and seconds) to find each defect, of {BUDGET} at the most", header, tuple(rows))


def _by_hunt(stack: Stack, name: str) -> _Found:
    hunted = hunt(scenario.shipped(PRIVATE_COMMERCE, "hunt"), stack, ALL, Budget(BUDGET), wanted=(name,))
    return _Found(hunted.first.get(name), hunted.seconds)


def _by_chance(stack: Stack, name: str) -> _Found:
    judgement = Judgement(scenario.shipped(PRIVATE_COMMERCE, "hunt"), stack, ALL)
    cases = _uniform(random.Random(0))  # noqa: S311 - reproducible
    return _first(lambda: broken(judgement.run(next(cases)), name))


def _by_seeds(stack: Stack, name: str) -> _Found:
    chosen = scenario.shipped(PRIVATE_COMMERCE, "run")
    seeds = count()
    return _first(lambda: broken(run_seeded(attrs.evolve(chosen, seed=next(seeds)), stack, ALL), name))


def _first(breaks: Callable[[], bool]) -> _Found:
    began = time.perf_counter()
    run = next((number for number in range(1, BUDGET + 1) if breaks()), None)
    return _Found(run, time.perf_counter() - began)


def _uniform(draw: random.Random) -> Iterator[Case]:
    """Schedules in which every kind, number and population is as likely as any other."""
    while True:
        counts = draw.randint(1, 5), draw.randint(0, 4), draw.randint(0, 2), draw.randint(0, 6)
        if counts[1] + counts[2]:
            yield Case(Population(*counts), tuple(_step(draw) for _ in range(MOVES)))


def _step(draw: random.Random) -> Step:
    kind = draw.choice(STEPS)
    fields: dict[str, object] = {}
    for field in attrs.fields(kind):
        match field.name:
            case "kind":
                fields["kind"] = draw.choice(tuple(PRIVATE_COMMERCE.kinds))
            case "moment":
                fields["moment"] = draw.choice(tuple(PRIVATE_COMMERCE.all_moments))
            case "groups":
                fields["groups"] = tuple(draw.randrange(3) for _ in range(draw.randint(2, 18)))
            case "events" | "ticks":
                fields[field.name] = draw.randrange(64)
            case name:
                fields[name] = draw.randrange(18)
    make: Callable[..., Step] = kind
    return make(**fields)
