"""What a score may be."""

import pytest

from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.contracts.trust import PROPERTY
from tests.properties.story import HAPPY, NOTHING


@pytest.mark.parametrize("kind", ["scored", "counterfactual"])
@pytest.mark.parametrize("what", ["score", "confidence"])
@pytest.mark.parametrize("value", [-0.000001, 1.000001, "nan", "inf", "-inf", float("nan"), 10**400])
def test_a_number_outside_the_unit_interval_violates(kind: str, what: str, value: object) -> None:
    """Neither score nor confidence may be below 0, above 1 or no number."""
    story = HAPPY.changed(kind, about="seller-0", to={what: value})

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail.startswith(f"the {what} of seller-0 at tick 16000 is ")
    assert verdict.evidence == (story.seq(kind, about="seller-0"),)


@pytest.mark.parametrize("value", [0, 0.0, 0.5, 1, 1.0])
def test_the_unit_interval_holds(value: object) -> None:
    """Both ends belong to it, as whole numbers, too."""
    story = HAPPY.changed("scored", to={"score": value, "confidence": value})

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize("value", [None, "0.5", True, [2], {}])
def test_what_is_not_a_recorded_number_is_absent(value: object) -> None:
    """A malformed score is no score."""
    story = HAPPY.changed("scored", to={"score": value}).without("counterfactual").without("audit", layer="trust")

    assert story.judged(PROPERTY).detail == "nothing of trust was seen"


def test_without_scores_it_is_vacuous() -> None:
    """No score and no audit, nothing to judge."""
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
