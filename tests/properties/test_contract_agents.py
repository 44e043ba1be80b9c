"""What honest agents owe each other."""

from typing import Any

import pytest

from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.contracts.agents import FUNCTIONAL, PROPERTY
from tests.properties.story import GOODS, HAPPY, NOTHING, ROBBED, Story, fact, reported, wire

COMPLAINT = fact(1002, "complained", "buyer-0", seller="seller-0", ref="order-1")
HEARD = reported(1003, "complaint")

_UNPAID = ROBBED.changed("ledger", to={"streams": []})
"""The goods never come, and by the ledger nobody paid for them, either."""


def test_the_happy_path_keeps_the_contract() -> None:
    """Everything arrived, everybody was scored, the buyer kept its word."""
    assert HAPPY.judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize("kind", sorted(FUNCTIONAL))
def test_a_functional_message_that_never_arrives_violates(kind: str) -> None:
    """What one honest agent sends another must arrive by the end of the run."""
    lost = Message(9, "buyer-0", "auditor-0", kind, b"unheard")
    story = HAPPY.before("settlement", wire(1050, "send", lost))

    verdict = story.judged(PROPERTY)

    assert verdict.detail == f"a {kind} that buyer-0 sent to auditor-0 at tick 1050 never arrived intact"
    assert verdict.evidence == (story.seq("send", id=9), story.seq("end"))


@pytest.mark.parametrize(
    "change",
    [{"payload": b"changed"}, {"to": "auditor-0"}, {"source": "shill-0"}, {"kind": "draft"}],
    ids=["payload", "to", "source", "kind"],
)
def test_arriving_otherwise_than_it_was_sent_is_not_arriving(change: dict[str, Any]) -> None:
    """A message that was changed or redirected did not arrive."""
    story = HAPPY.changed("deliver", id=3, to={"message": GOODS._replace(**change)})

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_copy_or_a_resent_message_that_arrives_is_enough() -> None:
    """At least once: under whatever id, and however often it was lost before; the first sending is evidence."""
    resent = GOODS._replace(id=9)
    story = HAPPY.changed("deliver", id=3, to={"kind": "drop"})
    story = story.before("settlement", wire(1050, "send", resent), wire(1051, "deliver", resent))
    in_vain = story.without("deliver", id=9)
    once_more = story.before("settlement", wire(1060, "send", GOODS._replace(id=10)))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS
    assert once_more.judged(PROPERTY).outcome is Outcome.HOLDS
    assert in_vain.judged(PROPERTY).evidence == (in_vain.seq("send", id=3), in_vain.seq("end"))


def test_who_goes_on_sending_is_not_to_blame() -> None:
    """A message that its sender still sends when all faults have stopped, and that is lost, is no agent's fault."""
    lost = Message(9, "buyer-0", "auditor-0", "complaint", b"unheard")
    gave_up = HAPPY.before("settlement", wire(1050, "send", lost))
    went_on = gave_up.before("end", wire(16000, "send", lost._replace(id=10)))

    assert gave_up.judged(PROPERTY).outcome is Outcome.VIOLATED
    assert went_on.judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    "message",
    [
        Message(9, "seller-0", "buyer-0", "gossip", b""),
        Message(9, "seller-0", "buyer-0", "ack", b""),
        Message(9, "shill-0", "buyer-0", "goods", b""),
        Message(9, "buyer-0", "shill_seller-0", "bid", b""),
    ],
    ids=["gossip", "ack", "from a shill", "to a shill"],
)
def test_other_messages_may_be_lost(message: Message) -> None:
    """Gossip, acknowledgements and everything that concerns corrupt agents may be lost."""
    assert HAPPY.before("settlement", wire(1050, "send", message)).judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize("name", ["buyer-0", "seller-0", "shill_seller-0", "shill-0"])
def test_every_trading_agent_is_scored_by_the_auditor(name: str) -> None:
    """A missing score, or one that somebody else gave, breaks the contract."""
    missing = HAPPY.without("scored", about=name)
    usurped = HAPPY.changed("scored", about=name, to={"agent": "shill-0"})

    assert missing.judged(PROPERTY).detail == f"the auditor never scored {name}"
    assert usurped.judged(PROPERTY).outcome is Outcome.VIOLATED


@pytest.mark.parametrize("change", [{"payee": "shill_seller-0"}, {"ref": "order-2"}, {"agent": "shill-0"}])
def test_goods_are_accepted_for_ones_own_stream_only(change: dict[str, Any]) -> None:
    """An honest buyer takes goods from whom it pays, under that reference."""
    story = HAPPY.without("bid_placed").changed("stream_opened", to=change)

    verdict = story.judged(PROPERTY)

    assert verdict.detail.endswith("for order-1 at tick 1002, but had opened no such stream to it")
    assert story.broken_at(PROPERTY) == story.seq("goods_accepted")


def test_who_accepted_does_not_complain() -> None:
    """A complaint after the goods is a lie, and so is one about a stream of which there is none; else it is not."""
    other = COMPLAINT._replace(data={"seller": "seller-0", "ref": "order-2"})

    verdict = HAPPY.before("settlement", COMPLAINT).judged(PROPERTY)

    assert verdict.detail.endswith("though it had accepted the goods")
    assert HAPPY.before("goods_accepted", COMPLAINT, HEARD).judged(PROPERTY).outcome is Outcome.HOLDS
    assert HAPPY.before("settlement", other).judged(PROPERTY).detail.endswith("but had opened no such stream to it")


AGAIN = "a second time at tick 1050"


@pytest.mark.parametrize(
    ("again", "told"),
    [
        (fact(1050, "bid_placed", "buyer-0", seller="seller-0", ref="order-1", amount=150), AGAIN),
        (fact(1050, "goods_sent", "seller-0", buyer="buyer-0", ref="order-1"), AGAIN),
        (fact(1050, "goods_accepted", "buyer-0", seller="seller-0", ref="order-1"), AGAIN),
        (fact(1050, "bid_placed", "buyer-0", seller="seller-0", ref="order-2", amount=150), "no such stream to it"),
    ],
    ids=["bid", "goods sent", "goods accepted", "bid without a stream"],
)
def test_an_order_takes_its_course_once(again: Event, told: str) -> None:
    """One stream, one bid, one delivery."""
    assert HAPPY.before("settlement", again).judged(PROPERTY).detail.endswith(told)


@pytest.mark.parametrize(
    ("story", "told"),
    [
        (HAPPY.without("bid_placed"), "was paid for, but buyer-0 never bid"),
        (HAPPY.without("goods_accepted"), "were sent at tick 1001 and never accepted"),
        (ROBBED, "was paid, all messages arrived, and seller-0 never delivered"),
        (_UNPAID, "ended neither in goods nor in a complaint"),
        (HAPPY.without("stream_closed"), "went on being paid after its receipt at tick 1002"),
        (HAPPY.changed("stream_closed", to={"tick": 1003}), "went on being paid after its receipt at tick 1002"),
        (HAPPY.without("reported"), "the auditor was never told of the receipt for"),
        (_UNPAID.before("settlement", COMPLAINT), "the auditor was never told of the complaint for"),
        (_UNPAID.before("settlement", COMPLAINT, HEARD).without("stream_closed"), "after its complaint at tick 1002"),
    ],
)
def test_an_order_comes_to_its_end(story: Story, told: str) -> None:
    """Goods or a complaint, no more money after either, and the auditor knows; once all messages have arrived."""
    parted = story.before("end", wire(16000, "send", Message(9, "seller-0", "buyer-0", "draft", b"under way")))

    assert told in story.judged(PROPERTY).detail
    assert parted.judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    "wrong",
    [
        fact(1001, "flaw", "seller-0", layer="payments", check="terms", detail="it shows nothing"),
        fact(1001, "opened", "seller-0", plaintext="something else", envelope="e1"),
    ],
    ids=["money", "envelope"],
)
def test_a_seller_that_a_layer_misled_need_not_deliver(wrong: Event) -> None:
    """What another part said wrongly, is that part's fault."""
    story = ROBBED.before("settlement", COMPLAINT, HEARD)

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED
    assert story.before("settlement", wrong).judged(PROPERTY).outcome is Outcome.HOLDS


def test_what_the_auditor_could_not_read_it_need_not_pass_on() -> None:
    """A trust layer may refuse evidence: then it was ignored, and that is on record."""
    ignored = fact(1003, "ignored", "auditor-0", message="receipt", reason="no")

    assert HAPPY.without("reported").before("settlement", ignored).judged(PROPERTY).outcome is Outcome.HOLDS


def test_what_shills_do_breaks_nothing() -> None:
    """The contract binds honest agents: shills accept and complain as they like."""
    accepted = fact(1050, "goods_accepted", "shill-0", seller="seller-0", ref="x")
    complained = fact(1051, "complained", "shill-0", seller="seller-0", ref="x")

    assert HAPPY.before("settlement", accepted, complained).judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_run_that_did_not_end_is_vacuous_unless_broken_online() -> None:
    """Before the end, a message may still arrive; a lie is a lie at any time."""
    story = HAPPY.without("end").without("deliver", id=3)
    lie = story.without("stream_opened")

    assert story.judged(PROPERTY).detail == "the run did not end"
    assert story.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert lie.judged(PROPERTY).outcome is Outcome.VIOLATED
