"""The exhaustive search as the yardstick of the corpus: no entry has more deviations than it takes.

The search knows nothing of what a hunt found; it goes by levels, fewest deviations first, in the entry's own
population. Entries of two deviations are compared with the whole of the first level only, because the second
takes minutes (docs/minimality.md has it in full, under many seeds).
"""

from pathlib import Path

import attrs
import pytest

from harness.counterexample import Counterexample, load
from harness.explore import Explored, Scope, explore, look
from harness.judgement import Judgement
from harness.stack import build
from harness.steps import deviations
from harness.workers import alone
from properties import ALL

FILES = sorted((Path(__file__).parent.parent / "corpus").glob("*.json"))
VIOLATED = [file.stem for file in FILES if load(file).expect == "violated"]
SEARCHED = 1
"""Deviations to which everything is searched."""


def least(one: Counterexample) -> int:
    """The fewest deviations that break an entry's promise in its population, or one more than were searched."""
    stack = build(f"{part}={name}" for part, name in one.stack.items())
    scenario = attrs.evolve(one.scenario, population=one.case.population)
    judgement = Judgement(scenario, stack, ALL).about(one.invariant)
    state = explore(judgement, Scope(SEARCHED), alone(judgement, look), Explored(), wanted=(one.invariant,))
    found = state.cases.get(one.invariant)
    return SEARCHED + 1 if found is None else deviations(found.schedule)


@pytest.mark.parametrize("stem", VIOLATED)
def test_no_entry_has_more_deviations_than_it_takes(stem: str) -> None:
    """Searched exhaustively, nothing with fewer deviations breaks the promise, and if they are few, as many do."""
    one = load(FILES[0].with_name(f"{stem}.json"))

    assert deviations(one.schedule) == least(one)
