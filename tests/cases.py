"""Counterexamples for tests: one robbery that averaged scores forgive, and what can be made of it."""

from functools import cache
from pathlib import Path
from typing import Any

import attrs

from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats.counterexample import Case, Counterexample, write_to
from crosslayer.harness.formats.trace import trail
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.steps import Heal, RunUntil, Schedule
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population, Scenario
from crosslayer.harness.systems.commerce.steps import WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import ALL
from tests.commerce import SYSTEM
from tests.play import scenario

UNDELIVERED = "commerce_undelivered_penalized"
SWAP = "trust=score_average"
ROBBERY = Case(Population(2, 0, 1), (Withhold(),))
PADDED = Case(Population(3, 1, 1, 1), (Heal(), WashTrade(0, 1), Withhold(0, 1), RunUntil("goods sent"), Withhold(0, 0)))


@cache
def robbery() -> Counterexample:
    """A finished counterexample of one step."""
    return finish(Judgement(scenario(), build([SWAP]), ALL), UNDELIVERED, ROBBERY, {"how": "test"}).counterexample


def recorded(stack: Stack, population: Any, *schedule: Any, name: str = UNDELIVERED, **changes: Any) -> Counterexample:
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
        system=SYSTEM,
        trail=trail(result.header, result.events),
    )
    return attrs.evolve(one, **changes)


def written(path: Path, counterexample: Counterexample) -> Path:
    """The file into which it was written."""
    write_to(path, counterexample)
    return path
