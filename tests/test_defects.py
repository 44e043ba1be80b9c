from collections import Counter
from pathlib import Path

import pytest
from attrs import evolve

from crosslayer.harness.kernel.foreign import found
from crosslayer.harness.kernel.simulation import Result, run
from crosslayer.harness.model.steps import Schedule
from crosslayer.harness.systems.commerce.nouns import LAYERS, PARTS, Population
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import ALL
from tests.commerce import load_scenario as load
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

    expected = (PLUGIN_FAULT, defect.part) if defect.caught_by == PLUGIN_FAULT else (defect.caught_by, *defect.also)
    assert sorted(expected) == sorted(_caught(result, defect.part))


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


@pytest.mark.parametrize(
    "defect",
    [one for one in DEFECTS if one.path.startswith("tests.")],
    ids=lambda defect: f"{defect.part}-{defect.name}",
)
def test_comment_names_what_must_catch_it(defect: Defect) -> None:
    """The comment on a planted defect says what is wrong, and names the same property as the table."""
    told = " ".join((found(defect.path, "here").__doc__ or "").split())
    wrong, caught, by = told.partition("Caught ")
    words = {PLUGIN_FAULT: "as a plugin fault", defect.part: "contract"}

    assert ("Caught ", True) == (caught, wrong != "")
    assert words.get(defect.caught_by, f"by {defect.caught_by.removeprefix('commerce_')}") in by
