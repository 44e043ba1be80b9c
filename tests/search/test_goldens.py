"""Fingerprints of what is drawn, run and enumerated: a change of any of them is a change of meaning, or an accident."""

import hashlib

import attrs

from crosslayer.harness.formats.codec import dumps, schedule_json
from crosslayer.harness.search.explore import Scope, extensions
from crosslayer.harness.search.generation.cases import generator
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import ALL
from tests.commerce import HUNT_SCENARIO, drawn_case

CASES = [drawn_case(generator(7, number).randint, 20) for number in range(200)]
JUDGEMENT = Judgement(HUNT_SCENARIO, REFERENCE, ALL)


def test_the_drawn_cases_are_the_same() -> None:
    """Two hundred cases of one seed."""
    content = hashlib.sha256()
    for case in CASES:
        content.update(dumps(schedule_json(case.schedule)))

    assert "77b0cab80bd58fc8bfef845bbd9e5e05dc337445644a95af9c7778e47f498e05" == content.hexdigest()


def test_their_runs_are_the_same() -> None:
    """The digests of their traces on the reference stack."""
    content = hashlib.sha256()
    for case in CASES:
        content.update(JUDGEMENT.run(case).digest.encode())

    assert "1f4c9395d454cf4ae08c8aec42f169e70068c150453b75c606509e59b36df170" == content.hexdigest()


def test_the_first_level_of_an_exploration_is_the_same() -> None:
    """Every schedule with one deviation of the default population, whatever their order."""
    scenario = attrs.evolve(HUNT_SCENARIO, population=Population(2, 2, 1, 2))
    found = extensions(attrs.evolve(JUDGEMENT, scenario=scenario), Scope(1), ())
    texts = sorted(dumps(schedule_json(one)) for one in found)

    assert 10_662 == len(texts)
    assert (
        "55d6be62a6ee09ec1d696832f8bd3751cc2b0fec95b27426c8c21e120a726656"
        == hashlib.sha256(b"".join(texts)).hexdigest()
    )
