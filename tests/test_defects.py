from collections import Counter
from pathlib import Path

import pytest
from attrs import evolve

from harness.nouns import LAYERS, PARTS, Population
from harness.scenario import load
from harness.simulation import Result, run
from harness.stack import build
from harness.steps import Schedule
from properties import ALL
from tests.defects.catalogue import DEFECTS, PLUGIN_FAULT, Defect

HUNT = load(Path(__file__).parent.parent / "scenarios" / "hunt.yaml")


def _run(witness: tuple[Population, Schedule], *assignments: str) -> Result:
    population, schedule = witness
    return run(evolve(HUNT, population=population), build(assignments), schedule, ALL)


def _caught(result: Result, part: str) -> tuple[str, ...]:
    """All that speaks against a run but the contract of this part; that contract where nothing else does."""
    if result.fault is not None:
        return (PLUGIN_FAULT, result.fault.part, *result.broken)
    others = tuple(name for name in result.broken if name != part)
    return others or result.broken


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.part}-{defect.name}")
def test_planted_defect_is_caught(defect: Defect) -> None:
    """Its witness violates the one property that must catch it, no other promise, and no other part's contract."""
    result = _run(defect.witness, f"{defect.part}={defect.path}")

    expected = (PLUGIN_FAULT, defect.part) if defect.caught_by == PLUGIN_FAULT else (defect.caught_by,)
    assert expected == _caught(result, defect.part)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.part}-{defect.name}")
def test_reference_withstands_the_witness(defect: Defect) -> None:
    """On the reference stack the same schedule breaks nothing."""
    result = _run(defect.witness)

    assert (None, ()) == (result.fault, result.broken)


def test_defects_are_many() -> None:
    """At least six are planted in each layer, four in the agents and three in the kernel, each under its own name."""
    planted = Counter(defect.part for defect in DEFECTS)
    least = {**dict.fromkeys(LAYERS, 6), "agents": 4, "kernel": 3}

    assert len(DEFECTS) == len({defect.path for defect in DEFECTS})
    assert [] == [part for part in PARTS if planted[part] < least[part]]
