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

    assert "06663581fdbf6fcc66df834942ac54eaef0b52bf52fe0b757bd7b6a04338ef7e" == content.hexdigest()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("trust=agent_receipts", "f1168c48a1181ad5b5237f4fb65fd1ea1b8322710c257f28a623bbc8b3c484b1"),
        ("trust=paid_receipts", "26cd48de55dc6853996ed7d2714b211d64ac927f1191dd356ff21462822770f9"),
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

    assert 15_613 == len(texts)
    assert (
        "baee39199d40989a83834b8a09814363d4fb88451b254424eb1aa7ee9a1bb071"
        == hashlib.sha256(b"".join(texts)).hexdigest()
    )
