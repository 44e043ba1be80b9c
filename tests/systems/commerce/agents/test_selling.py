import pytest

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import Drop, Run, RunUntil
from crosslayer.harness.systems.commerce.agents.selling import sale_id
from crosslayer.harness.systems.commerce.agents.wire import Bid, read_goods, write
from crosslayer.harness.systems.commerce.steps import BidUnpaid
from tests.play import HONEST, begun, facts, participant, payloads, played


def paid(ref: str = "r") -> Simulation:
    """A world in which shill-0 has opened a stream to seller-0, and has not bid."""
    simulation = begun()
    participant(simulation, "shill-0").kit.payments.open_stream("seller-0", 10, 100, ref)
    return simulation


def bid(simulation: Simulation, said: bytes, sender: str = "shill-0", source: str = "shill-0") -> list[str]:
    """Let an agent seal these words for seller-0, and another (or the same) send them; why they were ignored."""
    envelope = participant(simulation, sender).kit.privacy.encrypt(said, ("seller-0",))
    seller = participant(simulation, "seller-0")
    simulation.world.perform("seller-0", seller.on_message(Message(0, source, "seller-0", "bid", envelope)))
    return [said["reason"] for said in facts(simulation.journal.events, "ignored", "seller-0")]


def words(ref: str = "r", buyer: str = "shill-0") -> bytes:
    """What shill-0 would say in a bid."""
    return write(Bid(150, buyer, ref))


def test_a_paid_bid_is_served_with_a_signed_draft() -> None:
    """The goods of a paid bid come with a purchase receipt that the seller has signed and nobody else has."""
    simulation = paid()
    assert [] == bid(simulation, words())
    goods = read_goods(payloads(simulation.journal.events, "goods", "seller-0")[0])

    assert ("r", sale_id("shill-0", "r"), "purchase", "") == (
        goods.ref,
        goods.draft.id,
        goods.draft.category,
        goods.draft.cosignature,
    )
    assert verify(goods.draft.issuer, goods.draft.body(), goods.draft.signature)
    assert [{"buyer": "shill-0", "ref": "r"}] == facts(simulation.journal.events, "goods_sent")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"junk", "not JSON"),
        (words("other"), "a bid without a stream"),
        (words(buyer="buyer-0"), "a bid in somebody else's name"),
    ],
)
def test_a_bid_that_is_not_paid_or_not_one_is_ignored(said: bytes, reason: str) -> None:
    """Only a bid in its sender's own name, under a stream that pays this seller, is served."""
    simulation = paid()

    assert [reason] == bid(simulation, said)
    assert [] == facts(simulation.journal.events, "goods_sent")


def test_a_stream_to_another_seller_does_not_pay_this_one() -> None:
    """The ledger must show that the money runs to the seller that is asked to deliver."""
    simulation = begun()
    participant(simulation, "shill-0").kit.payments.open_stream("seller-1", 10, 100, "r")

    assert ["a bid without a stream"] == bid(simulation, words())


def test_an_envelope_of_somebody_else_is_ignored() -> None:
    """A bid sealed by one agent and sent by another is no agent's bid."""
    assert ["a bid in somebody else's name"] == bid(paid(), words(), source="buyer-0")


def test_a_purchase_is_served_once() -> None:
    """A second bid under the same reference is ignored, however fresh its envelope."""
    simulation = paid()
    bid(simulation, words())

    assert ["a bid that was served before"] == bid(simulation, words())
    assert 1 == len(facts(simulation.journal.events, "goods_sent"))


def test_a_closed_stream_that_paid_still_pays() -> None:
    """A bid that arrives after the buyer has closed is served for the money that moved."""
    simulation = paid()
    simulation.perform(Run(5))
    participant(simulation, "shill-0").kit.payments.close_stream("shill-0", "r")

    assert [] == bid(simulation, words())
    assert 1 == len(facts(simulation.journal.events, "goods_sent"))


def test_the_money_is_looked_at_just_before_the_goods() -> None:
    """A ledger fact stands right before every sending and every acceptance of goods."""
    events = played(population=HONEST).events
    before = [
        events[seq - 1].kind for seq, event in enumerate(events) if event.kind in ("goods_sent", "goods_accepted")
    ]

    assert ["ledger", "ledger"] == before


def test_co_signed_receipts_are_filed() -> None:
    """What a buyer has co-signed the seller files with the auditor, even if the buyer's own copy is lost."""
    result = played(RunUntil("receipt sent"), Drop("receipt", 1), Run(3), population=HONEST)

    assert result.done[1].note == "the receipt from buyer-0 to auditor-0 is lost"
    assert 1 == len(facts(result.events, "reported"))
    assert 1 == len(payloads(result.events, "receipt", "seller-0"))


def test_a_bid_without_money_costs_the_seller_nothing() -> None:
    """An unpaid bid leaves no goods and no receipt behind."""
    result = played(BidUnpaid(1, 0), BidUnpaid(1, 0))

    assert "shill-0" not in [sale["buyer"] for sale in facts(result.events, "goods_sent")]
    assert () == result.broken
