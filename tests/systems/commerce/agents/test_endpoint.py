import pytest

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.outbox import digest
from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.effects import Effect, Send, Wake
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import Drop, Duplicate, Redirect, Run, RunUntil, Step
from crosslayer.harness.systems.commerce.agents.endpoint import CAPABILITIES, QUIET_MAX, Endpoint
from crosslayer.harness.systems.commerce.nouns import Population
from tests.play import EVERYBODY, HONEST, begun, facts, participant, played, wire


def sent(effects: object, kind: str) -> list[Send]:
    """The messages of a kind among effects."""
    return [effect for effect in effects if isinstance(effect, Send) and effect.kind == kind]  # type: ignore[attr-defined]


def waits(effects: object) -> list[Effect]:
    """The wake-ups among effects."""
    return [effect for effect in effects if isinstance(effect, Wake)]  # type: ignore[attr-defined]


def agent(name: str, simulation: Simulation | None = None) -> Endpoint:
    """One agent of a fresh world."""
    return participant(simulation or begun(), name)


def said(kind: str, payload: bytes, source: str = "buyer-0", to: str = "seller-0") -> Message:
    """A message from somebody."""
    return Message(0, source, to, kind, payload)


def test_everybody_registers_a_signed_card() -> None:
    """At the start every agent publishes its own card, signed with its own key."""
    simulation = begun()
    registered = [event.agent for event in simulation.journal.events if event.kind == "registered"]
    card = participant(simulation, "seller-0").card

    assert list(EVERYBODY.names()) == registered
    assert verify(participant(simulation, "seller-0").kit.signer.did, card.body(), card.signature)
    assert ("sell",) == card.capabilities


def test_every_role_has_capabilities() -> None:
    """Each role publishes what it can do."""
    assert set(Population.roles()) == set(CAPABILITIES)


def test_what_is_posted_is_resent_until_acknowledged() -> None:
    """A posted message goes out with every resend, and no more after its acknowledgement."""
    buyer = agent("buyer-0")
    buyer.post("seller-0", "bid", b"x")
    first = buyer.flush()
    again = buyer.on_wake("resend")
    buyer.on_message(said("ack", digest("buyer-0", b"x").encode(), "seller-0", "buyer-0"))

    assert [Send("seller-0", "bid", b"x"), Wake("resend", 8)] == sorted(first, key=lambda effect: type(effect).__name__)
    assert [Send("seller-0", "bid", b"x"), Wake("resend", 8)] == list(again)
    assert [] == list(buyer.on_wake("resend"))


@pytest.mark.parametrize(
    ("source", "payload"),
    [
        ("seller-1", digest("buyer-0", b"x").encode()),
        ("seller-0", digest("seller-1", b"x").encode()),
        ("seller-0", digest("buyer-0", b"y").encode()),
        ("seller-0", b"\xff\xfe"),
    ],
    ids=["of another receiver", "to another sender", "of other bytes", "junk"],
)
def test_only_its_own_acknowledgement_counts(source: str, payload: bytes) -> None:
    """A message stays in the outbox until its very receiver acknowledges it, from its very sender."""
    buyer = agent("buyer-0")
    buyer.post("seller-0", "bid", b"x")
    buyer.flush()
    buyer.on_message(said("ack", payload, source, "buyer-0"))

    assert [Send("seller-0", "bid", b"x")] == sent(buyer.on_wake("resend"), "bid")


def test_an_acknowledgement_sent_on_to_somebody_else_acknowledges_nothing() -> None:
    """Buyer and seller file the same receipt: the auditor's word to the one does not stop the other from resending."""
    filed = RunUntil("receipt delivered")
    result = played(filed, Run(1), Redirect("ack", 1, 1), Drop("receipt"), population=HONEST)

    assert "a copy of the ack from auditor-0 to buyer-0 goes to seller-0" == result.done[2].note
    assert ("seller-0", "auditor-0") in wire(result.events, "deliver", "receipt")
    assert () == result.broken


@pytest.mark.parametrize("kind", ["bid", "goods", "receipt", "draft"])
def test_no_single_loss_changes_the_outcome(kind: str) -> None:
    """Losing the first message of any kind costs time and nothing else."""
    until = {"goods": "goods sent", "receipt": "receipt sent", "bid": "bid sent", "draft": "gossip sent"}[kind]
    steps: tuple[Step, ...] = (Run(0), Drop(kind)) if kind == "draft" else (RunUntil(until), Drop(kind))
    result = played(*steps)

    assert result.done[1].applied
    assert () == result.broken
    assert 2 == len(facts(result.events, "goods_accepted"))


def test_what_comes_twice_is_acknowledged_twice_and_taken_in_once() -> None:
    """A duplicate is answered, so that its sender may rest, and changes nothing."""
    result = played(RunUntil("bid sent"), Duplicate("bid"), population=HONEST)
    acks = [source for source, to in wire(result.events, "send", "ack") if (source, to) == ("seller-0", "buyer-0")]

    assert 2 == len(wire(result.events, "deliver", "bid"))
    assert 3 == len(acks)
    assert 1 == len(facts(result.events, "goods_sent"))
    assert [] == facts(result.events, "ignored")


@pytest.mark.parametrize(
    ("kind", "reason"), [("bid", "malformed envelope"), ("receipt", "not JSON"), ("goods", "not for this role")]
)
def test_what_cannot_be_used_is_ignored_and_recorded(kind: str, reason: str) -> None:
    """Malformed and unexpected messages leave a fact with the reason, and an acknowledgement."""
    simulation = begun()
    effects = agent("seller-0", simulation).on_message(said(kind, b"{"))

    assert [{"message": kind, "reason": reason}] == facts(simulation.journal.events, "ignored", "seller-0")
    assert 1 == len(sent(effects, "ack"))


def test_an_unknown_kind_of_message_is_ignored() -> None:
    """A message of a kind that nobody knows is no reason to fall over."""
    simulation = begun()
    agent("seller-0", simulation).on_message(said("poem", b"x"))

    assert [{"message": "poem", "reason": "not for this role"}] == facts(simulation.journal.events, "ignored")


def test_gossip_slows_down_when_there_is_nothing_to_say() -> None:
    """With silence the pause between gossip rounds doubles, up to a limit."""
    simulation = begun(Run(100_000))
    auditor = agent("auditor-0", simulation)
    pauses = [wake.delay for _ in range(12) for wake in auditor.on_wake("gossip") if isinstance(wake, Wake)]

    assert max(pauses) == pauses[-1] == 8 << QUIET_MAX
    assert sorted(pauses) == pauses


def test_news_brings_gossip_back_to_its_interval() -> None:
    """Anyone who hears gossip, or publishes a card, gossips at the usual interval again."""
    simulation = begun(Run(100_000))
    auditor = agent("auditor-0", simulation)
    for _ in range(12):
        auditor.on_wake("gossip")
    effects = auditor.on_message(said("gossip", b"{", "buyer-0", "auditor-0"))

    assert [] == waits(effects)
    assert [Wake("gossip", 8)] == waits(auditor.on_message(real_gossip(simulation)))


def real_gossip(simulation: Simulation) -> Message:
    """A gossip message that was delivered to the auditor before."""
    return next(
        event.message
        for event in simulation.journal.events
        if event.kind == "deliver" and event.agent == "auditor-0" and event.message and event.message.kind == "gossip"
    )
