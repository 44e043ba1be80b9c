"""What must have been paid when goods move, and what a just reward is."""

from typing import Any

import pytest

from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.delivery_rewarded import PROPERTY
from tests.properties.story import HAPPY, NOTHING, ROBBED, Story, fact, ledger

NO_MONEY: dict[str, Any] = {"streams": [["buyer-0", "order-1", "seller-0", 0, True]]}


def test_a_paid_and_rewarded_delivery_holds() -> None:
    """The happy path keeps the promise."""
    verdict = HAPPY.judged(PROPERTY)

    assert verdict.outcome is Outcome.HOLDS
    assert verdict.detail == "goods moved only after money, and seller-0 ended trusted for it"
    assert verdict.evidence == (HAPPY.seq("goods_sent"), HAPPY.seq("goods_accepted"))


def test_goods_sent_before_any_money_violate() -> None:
    """An honest seller sent goods while the ledger showed nothing moved; it breaks then and there."""
    story = HAPPY.before("goods_sent", fact(1001, "ledger", balances={}, **NO_MONEY))

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail.startswith("seller-0 sent buyer-0 the goods for order-1 at tick 1001, but")
    assert story.broken_at(PROPERTY) == story.seq("goods_sent")
    assert verdict.evidence == (story.seq("goods_sent") - 1, story.seq("goods_sent"))


def test_goods_accepted_before_any_money_violate() -> None:
    """An honest buyer accepted goods for which nothing had moved."""
    story = HAPPY.before("goods_accepted", fact(1002, "ledger", balances={}, **NO_MONEY))

    assert story.broken_at(PROPERTY) == story.seq("goods_accepted")


@pytest.mark.parametrize(
    "row",
    [
        ["buyer-0", "order-1", "shill-0", 30, True],
        ["buyer-0", "order-2", "seller-0", 30, True],
        ["shill-0", "order-1", "seller-0", 30, True],
    ],
    ids=["payee", "reference", "payer"],
)
def test_only_that_very_stream_counts_as_payment(row: list[object]) -> None:
    """Money to somebody else, under another reference or from another payer pays for nothing."""
    story = HAPPY.changed("ledger", to={"streams": [row]})

    assert story.broken_at(PROPERTY) == story.seq("goods_sent")


def test_without_any_ledger_nothing_is_paid() -> None:
    """If nobody ever looked at the money, none has been seen to move."""
    assert HAPPY.without("ledger").judged(PROPERTY).outcome is Outcome.VIOLATED


def test_what_corrupt_agents_do_among_themselves_is_free() -> None:
    """Unpaid goods from a shill_seller to a shill break nothing."""
    gift = (
        fact(900, "goods_sent", "shill_seller-0", buyer="shill-0", ref="x"),
        fact(900, "goods_accepted", "shill-0", seller="shill_seller-0", ref="x"),
    )

    assert HAPPY.before("discovered", *gift).judged(PROPERTY).outcome is Outcome.HOLDS
    assert Story(gift).judged(PROPERTY).outcome is Outcome.VACUOUS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"score": 0.299999}, "ended with score 0.299999, below 0.3"),
        ({"confidence": 0}, "its score 0.393469 rests on no evidence (confidence 0)"),
        ({"confidence": "nan"}, "its score 0.393469 rests on no evidence (confidence nan)"),
        ({"score": []}, "was never scored"),
    ],
    ids=["low", "no evidence", "no number", "malformed"],
)
def test_an_honest_seller_that_delivered_must_be_trusted_for_it(change: dict[str, Any], reason: str) -> None:
    """A low score, no evidence, or no readable score is no reward."""
    verdict = HAPPY.changed("scored", about="seller-0", to=change).judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail == f"seller-0 delivered to every payer, but {reason}"


def test_the_threshold_itself_is_enough() -> None:
    """A score of exactly the threshold counts as trusted."""
    story = HAPPY.changed("scored", about="seller-0", to={"score": 0.3})

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_an_honest_seller_that_is_never_scored_violates() -> None:
    """A missing score is no reward."""
    story = HAPPY.without("scored", about="seller-0")

    assert story.judged(PROPERTY).detail.endswith("but was never scored")


def test_a_score_that_ignores_all_receipts_violates() -> None:
    """Score and confidence that are the same without any receipt were not earned by delivering."""
    story = HAPPY.changed("counterfactual", to={"score": 0.393469, "confidence": 0.5})

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.evidence == (
        story.seq("goods_accepted"),
        story.seq("scored", about="seller-0"),
        story.seq("counterfactual"),
    )


def test_a_score_or_a_confidence_that_differs_is_earned() -> None:
    """It is enough that either number rests on the receipts; no counterfactual, no such question."""
    same_score = HAPPY.changed("counterfactual", to={"score": 0.393469})
    same_confidence = HAPPY.changed("counterfactual", to={"confidence": 0.5})
    unasked = HAPPY.without("counterfactual")

    outcomes = [story.judged(PROPERTY).outcome for story in (same_score, same_confidence, unasked)]

    assert outcomes == [Outcome.HOLDS] * 3


def test_a_seller_with_an_undelivered_stream_has_no_claim() -> None:
    """Who still owes somebody goods, be it a shill, need not be trusted."""
    owed = ["shill-0", "x", "seller-0", 10, True]
    streams = [*ledger(16000, 30).data["streams"], owed]
    low = HAPPY.changed("scored", about="seller-0", to={"score": 0.0})
    story = low.before("end", fact(16000, "ledger", balances={}, streams=streams))
    paid_off = story.before("end", fact(16000, "goods_accepted", "shill-0", seller="seller-0", ref="x"))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS
    assert story.judged(PROPERTY).detail.endswith("no honest seller earned a reward")
    assert paid_off.judged(PROPERTY).outcome is Outcome.VIOLATED


@pytest.mark.parametrize("about", ["buyer-0", "shill-0", "shill_seller-0", "seller-0"])
@pytest.mark.parametrize("score", ["nan", "inf", "-inf", float("nan")])
def test_a_score_that_is_no_number_violates_for_everybody(about: str, score: object) -> None:
    """Every trading agent's score must be a number, whatever the agent did."""
    story = HAPPY.changed("scored", about=about, to={"score": score})

    verdict = story.judged(PROPERTY)

    assert verdict.detail.startswith(f"the score of {about} is ")
    assert story.broken_at(PROPERTY) == story.seq("scored", about=about)


def test_the_auditors_own_score_is_nobodys_business() -> None:
    """The auditor does not trade."""
    story = HAPPY.before("end", fact(16000, "scored", "auditor-0", about="auditor-0", score="nan", confidence=0))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_when_nobody_delivered_it_is_vacuous() -> None:
    """No goods of honest agents, nothing to reward, even if somebody was robbed."""
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert ROBBED.judged(PROPERTY).detail == "nobody delivered"


def test_a_run_that_did_not_end_is_vacuous_unless_goods_moved_unpaid() -> None:
    """Rewards come at the end; unpaid goods are a violation at any time."""
    cut_off = HAPPY.without("scored").without("end")
    unpaid = cut_off.changed("ledger", to=NO_MONEY)

    assert cut_off.judged(PROPERTY).detail == "the run did not end"
    assert cut_off.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert unpaid.judged(PROPERTY).outcome is Outcome.VIOLATED
