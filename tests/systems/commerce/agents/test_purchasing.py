import pytest
from attrs import evolve

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.effects import Send, Wake
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import Crash, Drop, Partition, Run, RunUntil
from crosslayer.harness.systems.commerce.agents.purchasing import Purchasing
from crosslayer.harness.systems.commerce.agents.wire import Goods, write
from crosslayer.harness.systems.commerce.nouns import Receipt
from crosslayer.harness.systems.commerce.ports import Roster
from tests.play import HONEST, begun, facts, participant, played

REF = "bid-buyer-0"


def signer(name: str) -> Signer:
    """An agent's key in runs of seed 42."""
    return Roster((), 42).signer(name)


def goods(**changes: str) -> Goods:
    """The goods that seller-0 owes buyer-0, or somewhat others, signed by the seller."""
    draft = evolve(Receipt("sale:1", signer("seller-0").did, signer("buyer-0").did, "purchase", REF), **changes)
    return Goods(REF, evolve(draft, signature=signer("seller-0").sign(draft.body())))


def ordered() -> Simulation:
    """A world in which buyer-0 has ordered from seller-0, and nothing came yet."""
    return begun(RunUntil("bid sent"), population=HONEST)


def deliver(simulation: Simulation, payload: bytes, source: str = "seller-0") -> list[str]:
    """Hand these goods to buyer-0; why they were ignored, if they were."""
    buyer = participant(simulation, "buyer-0")
    simulation.world.perform("buyer-0", buyer.on_message(Message(0, source, "buyer-0", "goods", payload)))
    return [said["reason"] for said in facts(simulation.journal.events, "ignored", "buyer-0")]


def test_an_order_opens_a_stream_and_bids() -> None:
    """A buyer opens its stream, then seals a bid for the seller, then sends it."""
    events = ordered().journal.events
    story = [
        event.kind
        for event in events
        if event.agent == "buyer-0" and event.kind in ("discovered", "stream_opened", "sealed", "bid_placed")
    ]

    assert ["discovered", "stream_opened", "sealed", "bid_placed"] == story
    assert [{"seller": "seller-0", "ref": REF, "amount": 150}] == facts(events, "bid_placed")


def test_an_order_without_money_is_refused_without_a_bid() -> None:
    """Where the stream cannot be opened there is no order, no bid and no check."""
    simulation = begun()
    shill = participant(simulation, "shill-0")
    assert shill.purchasing is not None
    placed = [shill.purchasing.order("seller-0", f"ref-{number}") for number in range(51)]

    assert [True] * 50 + [False] == placed
    assert 50 == len(shill.purchasing.orders)
    assert 50 == len([effect for effect in shill.flush() if isinstance(effect, Send)])


def test_goods_are_accepted_co_signed_and_filed() -> None:
    """On goods the buyer closes its stream and sends the co-signed receipt to the seller and to the auditor."""
    simulation = ordered()
    assert [] == deliver(simulation, write(goods()))
    events = simulation.journal.events

    assert [{"seller": "seller-0", "ref": REF}] == facts(events, "goods_accepted")
    assert 1 == len(facts(events, "stream_closed", "buyer-0"))
    assert [("buyer-0", "seller-0"), ("buyer-0", "auditor-0")] == [
        (message.source, message.to) for message in simulation.world.in_flight("receipt")
    ]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (goods(issuer=signer("auditor-0").did), "goods with somebody else's receipt"),
        (goods(counterparty=signer("auditor-0").did), "goods with somebody else's receipt"),
        (goods(category="payment"), "goods with somebody else's receipt"),
        (goods(ref="other"), "goods with somebody else's receipt"),
        (Goods("other", goods().draft), "goods that were not ordered"),
        (Goods(REF, evolve(goods().draft, signature="00" * 64)), "goods with a receipt that is not signed"),
        (Goods(REF, evolve(goods().draft, id="sale:2")), "goods with a receipt that is not signed"),
    ],
)
def test_goods_that_are_not_what_was_ordered_are_ignored(wrong: Goods, reason: str) -> None:
    """Goods with another reference, receipt or signature are ignored, and the stream stays open."""
    simulation = ordered()

    assert [reason] == deliver(simulation, write(wrong))
    assert [] == facts(simulation.journal.events, "goods_accepted")
    assert [] == facts(simulation.journal.events, "stream_closed")


def test_goods_from_somebody_else_are_ignored() -> None:
    """Only the seller that was paid can deliver."""
    assert ["goods that were not ordered"] == deliver(ordered(), write(goods()), "auditor-0")


def test_goods_are_accepted_once() -> None:
    """A second delivery of the same order, in other bytes, is ignored."""
    simulation = ordered()
    deliver(simulation, write(goods()))

    assert ["goods that came before"] == deliver(simulation, write(goods()) + b" ")
    assert 1 == len(facts(simulation.journal.events, "goods_accepted"))


def test_a_buyer_without_goods_closes_and_complains() -> None:
    """At its check a buyer that has nothing closes the stream, then complains of it, once."""
    result = played(RunUntil("bid sent"), Crash(1), RunUntil("complaint sent"), population=HONEST)
    told = [event.kind for event in result.events if event.kind in ("stream_closed", "complained", "goods_accepted")]

    assert ["stream_closed", "complained", "goods_accepted", "stream_closed"] == told
    assert () == result.broken


def test_a_buyer_with_goods_does_not_complain() -> None:
    """After the goods the check finds nothing to complain of."""
    result = played(population=HONEST)

    assert [] == facts(result.events, "complained")


def test_a_buyer_takes_whom_it_knows_at_the_deadline() -> None:
    """A buyer that cannot find every seller waits for the deadline, and then takes one that it knows."""
    result = played(Partition((0, 0, 0, 1, 0, 0, 0)), Run(100_000))
    placed = next(event for event in result.events if event.kind == "bid_placed")

    assert 120 == placed.tick
    assert "seller-1" not in [said["seller"] for said in facts(result.events, "bid_placed")]


def test_a_buyer_that_knows_nobody_gives_up() -> None:
    """A buyer without any seller at the deadline buys nothing."""
    result = played(Partition((0, 1, 1)), Run(100_000), population=HONEST)

    assert [] == facts(result.events, "bid_placed")


def test_a_lost_complaint_is_repeated() -> None:
    """A complaint is sent until the auditor has it."""
    result = played(RunUntil("bid sent"), Crash(1), RunUntil("complaint sent"), Drop("complaint"), population=HONEST)

    assert result.done[3].applied
    assert 1 == len([said for said in facts(result.events, "reported") if said["evidence"] == "complaint"])


def test_each_order_is_checked_after_the_check_delay() -> None:
    """An order asks to be woken when the goods are due."""
    simulation = begun()
    shill = participant(simulation, "shill-0")
    assert isinstance(shill.purchasing, Purchasing)
    shill.purchasing.order("seller-0", "r")

    assert Wake("check|seller-0|r", 20) in shill.flush()
