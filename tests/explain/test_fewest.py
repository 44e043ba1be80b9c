"""What one deviation does alone is not told as the doing of two."""

from itertools import pairwise

import pytest

from crosslayer.harness.explain import fewest as module
from crosslayer.harness.explain.fewest import fewest
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.steps import Crash, Drop, Heal, Run, Schedule, deviations
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Inject
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import ALL
from tests.commerce import reduce
from tests.play import scenario

CASE = Case(Population(1, 0, 1, 0), (Heal(), Drop("goods", 1), Crash(1)))


class _Pretended(Judgement):
    """Breaks if a message is lost and an agent crashes; or, with `alone`, by one malformed message in good time."""

    alone = True

    def breaks(self, name: str, case: Case) -> bool:
        in_time = (
            isinstance(one, Run) and one.events >= 5 and isinstance(two, Inject) for one, two in pairwise(case.schedule)
        )
        return {Drop, Crash} <= _kinds(case.schedule) or (self.alone and any(in_time))


class _PretendedTogether(_Pretended):
    alone = False


PRETENDED = _Pretended(scenario(), REFERENCE, ALL)


def _kinds(schedule: Schedule) -> set[type]:
    return {type(step) for step in schedule}


def test_one_other_step_is_found_where_two_were() -> None:
    """The reducer is left with two steps; the only other way takes one, of a kind that was not among them."""
    left = reduce(CASE, lambda case: PRETENDED.breaks("x", case))
    found = fewest(PRETENDED, "x", CASE)

    assert {Drop, Crash} == _kinds(left.schedule)
    assert ({Run, Inject}, 1) == (_kinds(found.schedule), deviations(found.schedule))


def test_two_steps_stay_where_it_takes_two() -> None:
    """Where nothing shorter breaks the promise, what the reducer left is the answer."""
    together = _PretendedTogether(scenario(), REFERENCE, ALL)

    assert reduce(CASE, lambda case: together.breaks("x", case)) == fewest(together, "x", CASE)


def test_too_many_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a world with more schedules than the bound, what the reducer left is the answer."""
    monkeypatch.setattr(module, "SEARCHED_MAX", 10)

    assert {Drop, Crash} == _kinds(fewest(PRETENDED, "x", CASE).schedule)
