import os
import subprocess
import sys
from itertools import pairwise

import pytest

from crosslayer.harness.formats.codec import schedule_json
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.search.generation.cases import generator
from crosslayer.harness.search.hunting import STEPS
from crosslayer.harness.systems.commerce.nouns import Population
from tests.commerce import SYSTEM, drawn_case, schedule_from

CASES = [drawn_case(generator(0, number).randint, STEPS) for number in range(400)]


def test_an_example_depends_on_seed_and_number_alone() -> None:
    """The same seed and number give the same case; another of either, or another purpose, gives another generator."""
    assert CASES[7] == drawn_case(generator(0, 7).randint, STEPS)
    assert 5 == len(
        {repr(generator(*words).getrandbits(64)) for words in ((0, 7), (0, 8), (1, 7), (7, 0), (0, 7, "order"))}
    )


@pytest.mark.parametrize("environment", [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"}])
def test_an_example_is_the_same_in_every_process(environment: dict[str, str]) -> None:
    """Under another order of hashes the same cases are drawn."""
    code = (
        "from crosslayer.harness.search.generation.cases import generator\n"
        "from tests.commerce import drawn_case\n"
        "print([drawn_case(generator(0, number).randint, 20) for number in range(40)])"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )

    assert repr(CASES[:40]) == done.stdout.strip()


def test_all_kinds_of_steps_are_drawn() -> None:
    """In some hundred cases every kind of step comes, and whole plans, which make a case longer than its moves."""
    kinds = {type(step) for case in CASES for step in case.schedule}

    assert [] == [kind.__name__ for kind in SYSTEM.vocabulary if kind not in kinds]
    assert STEPS == min(len(case.schedule) for case in CASES)
    assert STEPS + 10 < max(len(case.schedule) for case in CASES)


def test_all_sizes_of_populations_are_drawn() -> None:
    """The least and the greatest count of every role come, and there is always a seller of either kind."""
    counts = [(one.buyer, one.seller, one.shill_seller, one.shill) for one in (case.population for case in CASES)]

    assert [(1, 5), (0, 4), (0, 2), (0, 6)] == [(min(column), max(column)) for column in zip(*counts, strict=True)]
    assert all(sellers + shill_sellers for _, sellers, shill_sellers, _ in counts)
    assert max(len(case.population.names()) for case in CASES) <= Population.most()


def test_cases_are_plain_data() -> None:
    """A drawn schedule survives being written and read."""
    assert [case.schedule for case in CASES] == [schedule_from(schedule_json(case.schedule), "here") for case in CASES]


def test_neighbours_differ() -> None:
    """No case comes twice in a row."""
    assert not any(one == two for one, two in pairwise(CASES))
    assert len(CASES) == len({repr(case) for case in CASES if isinstance(case, Case)})
