import pytest
from attrs import evolve

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.events import Message
from crosslayer.harness.systems.commerce.agents.guild import guild_id
from crosslayer.harness.systems.commerce.agents.wire import read_receipt, write
from crosslayer.harness.systems.commerce.nouns import Population, Receipt
from crosslayer.harness.systems.commerce.ports import Roster
from tests.play import begun, facts, participant, payloads, played, wire

TRIO = Population(buyer=1, seller=3, shill_seller=1)


def drafts(events: object) -> list[tuple[str, str]]:
    """Who asked whom to co-sign, once each."""
    return sorted(set(wire(events, "send", "draft")))  # type: ignore[arg-type]


@pytest.mark.parametrize("sellers", [1, 2, 3, 5])
def test_the_guild_is_a_cycle(sellers: int) -> None:
    """Every honest seller asks the next to co-sign, the last asks the first, and a single one asks nobody."""
    names = [f"seller-{number}" for number in range(sellers)]
    cycle = [(name, names[(index + 1) % sellers]) for index, name in enumerate(names)] if sellers > 1 else []

    assert cycle == drafts(begun(population=Population(1, sellers, 2)).journal.events)


def test_guild_receipts_reach_the_auditor() -> None:
    """Each seller of the cycle ends with a payment receipt that its successor has co-signed."""
    result = played(population=TRIO)
    filed = {said["id"] for said in facts(result.events, "reported") if said["id"].startswith("guild")}

    assert {guild_id(f"seller-{number}", f"seller-{(number + 1) % 3}") for number in range(3)} == filed


def ask(simulation: Simulation, draft: Receipt, source: str = "seller-0") -> list[str]:
    """Hand seller-1 a draft; why it was ignored, if it was."""
    seller = participant(simulation, "seller-1")
    simulation.world.perform("seller-1", seller.on_message(Message(0, source, "seller-1", "draft", write(draft))))
    return [said["reason"] for said in facts(simulation.journal.events, "ignored", "seller-1")]


def honest(simulation: Simulation) -> Receipt:
    """The draft that seller-0 sent to seller-1."""
    return read_receipt(payloads(simulation.journal.events, "draft", "seller-0")[0])


def test_a_neighbours_draft_is_co_signed() -> None:
    """The successor signs the very draft that it was sent, and sends it back."""
    simulation = begun(population=TRIO)
    draft = honest(simulation)
    assert [] == ask(simulation, draft)
    receipt = read_receipt(payloads(simulation.journal.events, "receipt", "seller-1")[0])

    assert draft == evolve(receipt, cosignature="")
    assert verify(receipt.counterparty, receipt.cosigned_body(), receipt.cosignature)


@pytest.mark.parametrize("source", ["shill_seller-0", "seller-2", "buyer-0"])
def test_only_the_neighbour_may_ask(source: str) -> None:
    """A draft from anybody but the seller before is ignored, even if it is a good one."""
    simulation = begun(population=TRIO)

    assert ["a draft from outside the guild"] == ask(simulation, honest(simulation), source)


@pytest.mark.parametrize("changes", [{"category": "purchase"}, {"ref": "bid-buyer-0"}, {"id": "sale:1"}])
def test_a_draft_of_something_else_is_not_co_signed(changes: dict[str, str]) -> None:
    """The guild signs guild receipts only, whatever a neighbour signs."""
    simulation = begun(population=TRIO)
    other = evolve(honest(simulation), **changes)
    signed = evolve(other, signature=Roster((), 42).signer("seller-0").sign(other.body()))

    assert ["a draft of something else"] == ask(simulation, signed)


def test_an_unsigned_draft_is_not_co_signed() -> None:
    """Without the issuer's signature there is nothing to co-sign."""
    simulation = begun(population=TRIO)

    assert ["a draft that is not signed"] == ask(simulation, evolve(honest(simulation), signature="00" * 64))


def test_only_what_was_drafted_is_filed() -> None:
    """A co-signed receipt that the seller never drafted, or that somebody else co-signed, is not passed on."""
    simulation = begun(population=TRIO)
    draft = honest(simulation)
    signer = Roster((), 42).signer("seller-1")
    good = evolve(draft, cosignature=signer.sign(draft.cosigned_body()))
    seller = participant(simulation, "seller-0")
    for source, receipt in (
        ("seller-1", evolve(good, ref="x")),
        ("seller-2", good),
        ("seller-1", evolve(good, cosignature="00" * 64)),
        ("seller-1", good),
        ("seller-1", good),
    ):
        payload = write(receipt) + b" " * len(simulation.journal.events)
        simulation.world.perform("seller-0", seller.on_message(Message(0, source, "seller-0", "receipt", payload)))
    reasons = [said["reason"] for said in facts(simulation.journal.events, "ignored", "seller-0")]

    assert [
        "a receipt that was not asked for",
        "a receipt that is not from its counterparty",
        "a co-signature that does not verify",
        "a receipt that was not asked for",
    ] == reasons
    assert [write(good)] == payloads(simulation.journal.events, "receipt", "seller-0")
