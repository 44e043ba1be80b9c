"""What a reputation may rest on."""

from typing import Any

import pytest

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.reputation_earned import PROPERTY
from tests.properties.story import HAPPY, NOTHING, Story, fact


def washed(about: str = "shill_seller-0", partner: str = "shill-0", ref: str = "wash") -> Event:
    """The auditor hears of a receipt that nobody paid for."""
    said = {"about": about, "evidence": "receipt", "id": "w", "ref": ref, "partner": partner}
    return fact(1004, "reported", "auditor-0", **said)


def scored(story: Story, **scores: Any) -> Story:
    """The same run with other scores, by role."""
    for role, score in scores.items():
        story = story.changed("scored", about=f"{role}-0", to={"score": score})
    return story


WASHED = HAPPY.before("settlement", washed())


def test_unpaid_receipts_that_lift_nobody_hold() -> None:
    """An agent that has them ends where one ends of whom nothing is known."""
    verdict = WASHED.judged(PROPERTY)

    assert verdict.outcome is Outcome.HOLDS
    assert verdict.detail == "receipts that nobody paid for lifted shill_seller-0 no higher than 0.5"


@pytest.mark.parametrize("score", [0.50001, 0.92, "inf"])
def test_unpaid_receipts_that_lift_violate(score: object) -> None:
    """A score above the prior that no payment backs is accused, with the receipts and the score."""
    story = scored(WASHED, shill_seller=score)
    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert "for 1 receipt that nobody paid for; an agent of whom nothing is known, has 0.5" in verdict.detail
    assert {story.seq("reported", about="shill_seller-0"), story.seq("scored", about="shill_seller-0")} < set(
        verdict.evidence
    )


def test_one_paid_sale_earns_a_reputation() -> None:
    """An agent with a receipt that a payment backs may have any score."""
    assert scored(WASHED, seller=0.99).judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize("changed", [{"ref": "order-2"}, {"partner": "shill-0"}])
def test_the_payment_is_that_of_the_receipt(changed: dict[str, str]) -> None:
    """Money under another reference, or from another payer, backs nothing."""
    story = scored(HAPPY.changed("reported", to=changed), seller=0.99)

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_generous_prior_is_no_lift() -> None:
    """Where strangers have more than the neutral score, unpaid receipts may leave an agent there."""
    generous = scored(WASHED, buyer=0.7, shill=0.7, shill_seller=0.7)

    assert generous.judged(PROPERTY).outcome is Outcome.HOLDS
    assert scored(generous, shill_seller=0.8).judged(PROPERTY).outcome is Outcome.VIOLATED


def test_complaints_are_no_receipts() -> None:
    """Where nobody told of an unpaid receipt, there is nothing to judge."""
    assert HAPPY.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
