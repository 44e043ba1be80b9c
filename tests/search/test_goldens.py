"""Fingerprints of what is drawn, run and enumerated: a change of any of them is a change of meaning, or an accident."""

import hashlib

import attrs
import pytest

from crosslayer.harness.formats.codec import dumps, schedule_json
from crosslayer.harness.search.explore import Scope, extensions
from crosslayer.harness.search.generation.cases import generator
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.commerce import HUNT_SCENARIO, drawn_case

CASES = [drawn_case(generator(7, number).randint, 20) for number in range(200)]
JUDGEMENT = Judgement(HUNT_SCENARIO, REFERENCE, ALL)


def test_the_drawn_cases_are_the_same() -> None:
    """Two hundred cases of one seed."""
    content = hashlib.sha256()
    for case in CASES:
        content.update(dumps(schedule_json(case.schedule)))

    assert "f04617650c4b23bfd0c9e11d028506e6f7f4e03f7e19565e7880f917c7db1dcf" == content.hexdigest()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("trust=agent_receipts", "8028ef09da2c50f9d165f2a371e2b7600b6655c4471c467d05ae995022b00c7c"),
        ("trust=paid_receipts", "a5d8441aa73267a8a1b14dec3ac5a296ff144aad4c116354213f9b9cea27cd01"),
    ],
)
def test_their_runs_are_the_same(rule: str, expected: str) -> None:
    """The digests of their traces, under an earlier trust rule and on the reference stack."""
    judgement = attrs.evolve(JUDGEMENT, stack=build([rule]))
    content = hashlib.sha256()
    for case in CASES:
        content.update(judgement.run(case).digest.encode())

    assert expected == content.hexdigest()


def test_the_first_level_of_an_exploration_is_the_same() -> None:
    """Every schedule with one deviation of the default population, whatever their order."""
    scenario = attrs.evolve(HUNT_SCENARIO, population=Population(2, 2, 1, 2))
    found = extensions(attrs.evolve(JUDGEMENT, scenario=scenario), Scope(1), ())
    texts = sorted(dumps(schedule_json(one)) for one in found)

    assert 15_745 == len(texts)
    assert (
        "ddbff2a2eb26e3d16a0a28e1b56ea287bf764fe165ff596efcce74939a27bf35"
        == hashlib.sha256(b"".join(texts)).hexdigest()
    )
