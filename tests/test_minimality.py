"""The exhaustive search as the yardstick of the corpus: no entry has more deviations than it takes.

The search knows nothing of what a hunt found; it goes by levels, fewest deviations first, in the entry's own
population. Entries of two deviations are compared with the whole of the first level only, because the second
takes minutes (docs/minimality.md has it in full, under many seeds).
"""

from pathlib import Path

import pytest

from benchmarks.minimality import least, lines
from crosslayer.harness.model.steps import deviations
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import ALL
from tests.commerce import load

FILES = sorted((Path(__file__).parent.parent / "corpus").glob("*.json"))
VIOLATED = [file.stem for file in FILES if load(file).expect == "violated"]


@pytest.mark.parametrize("stem", VIOLATED)
def test_no_entry_has_more_deviations_than_it_takes(stem: str) -> None:
    """Searched exhaustively, nothing with fewer deviations breaks the promise, and if they are few, as many do."""
    one = load(FILES[0].with_name(f"{stem}.json"))
    stack = build(f"{part}={name}" for part, name in one.stack.items())

    assert deviations(one.schedule) == least(Judgement(one.scenario, stack, ALL), one.invariant)


def test_a_longer_find_does_not_count_as_minimal() -> None:
    """Of two seeds whose finds have one and two deviations where one suffices, one found as little as can be."""
    robbed = {"buyer": 2, "seller": 0, "shill_seller": 1, "shill": 0, "auditor": 1}
    row = {
        "name": "average",
        "stack": "trust=score_average",
        "caught_by": "commerce_undelivered_penalized",
        "seeds": 2,
        "catches": [{"population": robbed, "deviations": number} for number in (1, 2)],
    }

    assert [("average", row["caught_by"], "1", "1 (1 times), 2 (1 times)", "1 of 2")] == list(lines([row]))
