"""Counterexamples for tests: one robbery that averaged scores forgive, and what can be made of it."""

from functools import cache
from pathlib import Path
from typing import Any

import attrs

from crosslayer.harness.counterexample import Case, Counterexample, write_to
from crosslayer.harness.findings import finish
from crosslayer.harness.judgement import Judgement
from crosslayer.harness.nouns import Population
from crosslayer.harness.scenario import Scenario
from crosslayer.harness.stack import Stack, build
from crosslayer.harness.steps import Heal, RunUntil, Schedule, WashTrade, Withhold
from crosslayer.harness.trace import trail
from crosslayer.properties import ALL
from tests.play import scenario

UNDELIVERED = "commerce_undelivered_penalized"
SWAP = "trust=score_average"
ROBBERY = Case(Population(2, 0, 1), (Withhold(),))
PADDED = Case(Population(3, 1, 1, 1), (Heal(), WashTrade(0, 1), Withhold(0, 1), RunUntil("goods sent"), Withhold(0, 0)))


@cache
def robbery() -> Counterexample:
    """A finished counterexample of one step."""
    return finish(Judgement(scenario(), build([SWAP]), ALL), UNDELIVERED, ROBBERY, {"how": "test"}).counterexample


def recorded(
    stack: Stack, population: Population, *schedule: Any, name: str = UNDELIVERED, **changes: Any
) -> Counterexample:
    """A counterexample as it is, unreduced: what this schedule does on this stack, to the byte."""
    scenario_: Scenario = scenario(population)
    steps: Schedule = schedule
    result = Judgement(scenario_, stack, ALL).run(Case(population, steps))
    one = Counterexample(
        invariant=name,
        scenario=scenario_,
        stack=result.header.stack,
        schedule=steps,
        digest=result.digest,
        trail=trail(result.header, result.events),
    )
    return attrs.evolve(one, **changes)


def written(path: Path, counterexample: Counterexample) -> Path:
    """The file into which it was written."""
    write_to(path, counterexample)
    return path
