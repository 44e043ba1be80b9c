"""What a trade is that stands still, and where it stands."""

import pytest

from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.trade_completes import PROPERTY
from tests.properties.story import HAPPY, NOTHING, ROBBED, fact

UNSERVED = HAPPY.without("opened").without("goods_sent").without("goods_accepted")


def test_a_bid_that_ends_in_goods_holds() -> None:
    """The happy path keeps the promise."""
    verdict = HAPPY.judged(PROPERTY)

    assert (Outcome.HOLDS, "1 bid(s), each ended in goods") == (verdict.outcome, verdict.detail)
    assert verdict.evidence == (HAPPY.seq("goods_accepted"),)


@pytest.mark.parametrize(
    ("story", "stage"),
    [
        (UNSERVED, "seller-0 never opened it"),
        (ROBBED, "seller-0 opened it and never sent the goods"),
        (HAPPY.without("goods_accepted"), "seller-0 sent the goods, and buyer-0 never accepted them"),
    ],
    ids=["sealed", "opened", "sent"],
)
def test_a_trade_that_stands_still_says_where(story: object, stage: str) -> None:
    """Who does not do its part is named, with the last thing that was done."""
    verdict = story.judged(PROPERTY)  # type: ignore[attr-defined]

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail == f"buyer-0 bid to seller-0 under order-1 at tick 1000, and {stage}"


def test_goods_of_another_order_are_not_the_goods() -> None:
    """What was accepted under another reference ends no other trade."""
    story = HAPPY.changed("goods_accepted", to={"ref": "order-2"})

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_corrupt_seller_owes_no_trade() -> None:
    """What becomes of a bid to a corrupt seller is another promise's business."""
    story = UNSERVED.changed("bid_placed", to={"seller": "shill_seller-0"})

    assert story.judged(PROPERTY).outcome is Outcome.VACUOUS


def test_where_nothing_goes_wrong_a_buyer_that_finds_a_seller_bids() -> None:
    """A buyer that knows an honest seller and never bids breaks the promise; one that knows none may be too early."""
    idle = HAPPY.without("bid_placed")

    assert idle.judged(PROPERTY).detail == "nothing went wrong, and buyer-0, which had discovered seller-0, never bid"
    assert idle.without("discovered").judged(PROPERTY).outcome is Outcome.VACUOUS


@pytest.mark.parametrize("applied", [True, False])
def test_a_disturbed_buyer_may_be_too_late(applied: bool) -> None:  # noqa: FBT001
    """Any step but waiting that did something excuses a buyer that never bid; one that did nothing does not."""
    step = fact(0, "step", step="Cut", applied=applied, note="")
    story = HAPPY.without("bid_placed").before("registered", step)

    assert (Outcome.VACUOUS if applied else Outcome.VIOLATED) == story.judged(PROPERTY).outcome


def test_without_an_end_nothing_can_be_said() -> None:
    """A run that did not end owes nothing yet."""
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert HAPPY.without("end").judged(PROPERTY).outcome is Outcome.VACUOUS
