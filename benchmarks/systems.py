"""Every shipped system under both engines: runs and kernel events a second, as ratios to the first system's hunt."""

from functools import partial
from typing import Any

from benchmarks.measuring import Table, race
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.model.system import System
from crosslayer.harness.search import volume
from crosslayer.harness.search.generation.cases import drawn_case, generator
from crosslayer.harness.search.hunting import STEPS, Budget
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.finding import SHIPPED, find_system
from crosslayer.strategies import hunt as hypothesis

EXAMPLES = 200
"""Runs of each system and engine."""

ENGINES: dict[str, Any] = {"Hypothesis": hypothesis.hunt, "volume": volume.hunt}


def measure() -> Table:
    """Each system on its reference stack, all properties watching."""
    systems = {name: find_system(name) for name in SHIPPED}
    contenders = {
        (name, engine): partial(_hunt, hunt, system)
        for name, system in systems.items()
        for engine, hunt in ENGINES.items()
    }
    seconds = race({f"{name} {engine}": work for (name, engine), work in contenders.items()}, rounds=3)
    events = {name: _events(system) for name, system in systems.items()}
    first = next(iter(seconds.values()))
    rows = tuple(
        (
            name,
            engine,
            f"{EXAMPLES / seconds[f'{name} {engine}']:.0f}",
            f"{events[name] / EXAMPLES:.0f}",
            f"{first / seconds[f'{name} {engine}']:.2f}",
        )
        for name, engine in contenders
    )
    return Table(
        f"{EXAMPLES} runs of {STEPS} moves on each system's reference stack",
        ("system", "engine", "runs/s", "events a run (volume)", "of the first row's runs/s"),
        rows,
    )


def _hunt(hunt: Any, system: System) -> None:
    hunt(shipped(system, "hunt"), reference(system), system.properties, Budget(EXAMPLES))


def _events(system: System) -> int:
    """All events of the runs of one seed, as the journal counts them."""
    judgement = Judgement(shipped(system, "hunt"), reference(system), system.properties)
    cases = (drawn_case(system, generator(0, number).randint, STEPS) for number in range(EXAMPLES))
    return sum(len(judgement.run(case).events) for case in cases)
