"""A second purchase, and lies of every kind: each is told, and moves nobody who keeps the rules."""

import pytest

from crosslayer.harness.model.steps import Alter, Run, RunUntil, Step
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import (
    LIES,
    PRETEXTS,
    TRICKS,
    Buy,
    BuyAgain,
    DivertPayment,
    Equivocate,
    PadReceipts,
    Republish,
    Slander,
    SpreadLie,
)
from tests.play import HONEST, facts, played

EVERYBODY = Population(buyer=2, seller=1, shill_seller=1, shill=1)
SERVED = (RunUntil("receipt delivered"), Run(30))

LIED: list[tuple[str, tuple[Step, ...]]] = [
    ("buyer-0 buys once more, from seller-0", (*SERVED, BuyAgain(0, 0))),
    ("shill-0 bids to seller-0 under a stream that pays shill_seller-0", (Run(9), DivertPayment(1, 0, 1))),
    *((f"without a case: {one}", (*SERVED, Slander(1, 0, number))) for number, one in enumerate(PRETEXTS)),
    ("that is not what was traded: second id", (Buy(1, 1), *SERVED, PadReceipts(0, 1, 0))),
    *(
        (f"that is not what was traded: {one}", (PadReceipts(0, 1, number + 1),))
        for number, one in enumerate(TRICKS[1:])
    ),
    *((f"a false card of seller-0: {one}", (Run(40), SpreadLie(1, 0, number))) for number, one in enumerate(LIES[:-1])),
    ("a false card of seller-0: older card", (Run(40), SpreadLie(1, 0, 5), Run(9), SpreadLie(1, 0, 5))),
    ("says one thing to half of the others", (Run(20), Equivocate(0))),
    ("publishes version 1002 of its card", (Run(20), Republish(0, 1000))),
    ("of the bid from buyer-0 to seller-0 is changed", (RunUntil("bid sent"), Alter("bid", 0, 1, 1))),
]


@pytest.mark.parametrize(("told", "schedule"), LIED, ids=[told for told, _ in LIED])
def test_it_is_told_and_changes_nothing_for_the_honest(told: str, schedule: tuple[Step, ...]) -> None:
    """It applies, says so in one sentence, and no promise of the reference breaks."""
    result = played(*schedule, population=EVERYBODY)

    assert told in result.done[-1].note
    assert result.done[-1].applied
    assert () == result.broken


def test_a_second_purchase_goes_all_the_way() -> None:
    """The same buyer is served by the same seller a second time, under another reference, and pays for both."""
    result = played(*SERVED, BuyAgain(0, 0), population=HONEST)
    accepted = [one["ref"] for one in facts(result.events, "goods_accepted")]

    assert ["bid-buyer-0", "bid-buyer-0-2"] == accepted
    assert Outcome.HOLDS is result.verdicts["commerce_delivery_rewarded"].outcome


def test_who_does_not_know_a_seller_does_not_buy_again() -> None:
    """Before any gossip has come, there is nobody to buy from."""
    assert not played(BuyAgain(0, 0), population=EVERYBODY).done[0].applied
