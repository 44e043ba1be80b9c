"""What an exhaustive search costs: how many schedules there are, how many of them are run, and how fast.

Owns the table of growth with population and deviations. One process, the reference stack, all properties.

The first level is counted. Of the second every nth schedule of the first is extended and counted, and the sum
scaled up, which the table marks with a tilde.
"""

import time
from collections.abc import Iterable, Iterator, Sequence

import attrs

from benchmarks.measuring import Table
from crosslayer.harness.formats import scenario
from crosslayer.harness.model.steps import Schedule
from crosslayer.harness.search.explore import Candidate, Explored, Scope, Seen, explore, extensions, look
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.timeline import timeline
from crosslayer.harness.search.workers import alone
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, REFERENCE
from crosslayer.properties.commerce import ALL

POPULATIONS = (Population(1, 1), Population(1, 1, 1, 1), Population(2, 2, 1, 2))
FEW, EVERY = Scope(), Scope(everywhere=True)
"""The distinguishable points, and all."""
EXTENDED = 60
"""Schedules of the first level that are extended, to guess at the second."""
RUNS = 300
"""Schedules that are run for a rate."""


def growth() -> Table:
    """Schedules by population and deviations, every point against the distinguishable ones, and runs per second."""
    return Table(
        "exploring: schedules by population and deviations, and runs a second in one process",
        (
            "buyers, sellers, shill sellers, shills",
            "deviations",
            "points",
            "every point",
            "distinguishable",
            "pruned to",
            "runs/s",
        ),
        tuple(row for population in POPULATIONS for row in _rows(population)),
    )


def _rows(population: Population) -> Iterator[tuple[str, ...]]:
    judgement = Judgement(
        attrs.evolve(scenario.shipped(PRIVATE_COMMERCE, "hunt"), population=population), REFERENCE, ALL
    )
    few = extensions(judgement, FEW, ())
    every = extensions(judgement, EVERY, ())
    points = str(len(timeline(judgement.scenario, REFERENCE, ()).points))
    who = ", ".join(str(len(population.of(role))) for role in ("buyer", "seller", "shill_seller", "shill"))
    yield who, "1", points, str(len(every)), str(len(few)), *_cost(judgement, len(few) / len(every), few)

    worth = _worth_extending(judgement)
    seconds = [each for one in _some(worth, EXTENDED) for each in extensions(judgement, FEW, one)]
    pairs = len(seconds) * len(worth) / len(_some(worth, EXTENDED))
    whole = [len(extensions(judgement, EVERY, one)) for one in _some(every, EXTENDED)]
    unpruned = sum(whole) * len(every) / len(whole)
    yield who, "2", points, f"~{unpruned:.2g}", f"~{pairs:.2g}", *_cost(judgement, pairs / unpruned, seconds)


def _worth_extending(judgement: Judgement) -> list[Schedule]:
    """What the first level leaves for the second to extend."""
    state = Explored()

    def run(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Seen]]:
        for one in candidates:
            if one.final:
                return
            yield from alone(judgement, look)([one])

    explore(judgement, Scope(2), run, state)
    return state.parents


def _some(schedules: Sequence[Schedule], number: int) -> Sequence[Schedule]:
    """This number of them, or a few more, evenly spread; all if there are no more."""
    return schedules[:: max(1, len(schedules) // number)]


def _cost(judgement: Judgement, ratio: float, schedules: Sequence[Schedule]) -> tuple[str, str]:
    some = [Candidate(one, (0, 0), 0, final=True) for one in _some(schedules, RUNS)]

    def look_at_all() -> None:
        for _ in alone(judgement, look)(some):
            pass

    look_at_all()
    began = time.perf_counter()
    look_at_all()
    return f"{ratio:.2f}", f"{len(some) / (time.perf_counter() - began):.0f}"
