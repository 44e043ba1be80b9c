from attrs import evolve

from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.events import Message
from crosslayer.harness.systems.commerce.agents.wire import write
from crosslayer.harness.systems.commerce.nouns import Complaint, Evidence, Receipt
from crosslayer.harness.systems.commerce.ports import Roster
from tests.play import EVERYBODY, begun, facts, participant, played

DIDS = {name: Roster((), 42).signer(name).did for name in EVERYBODY.names()}
RECEIPT = Receipt("r", DIDS["seller-0"], DIDS["buyer-0"], "purchase", "x", "00" * 64, "00" * 64)
COMPLAINT = Complaint(DIDS["buyer-0"], DIDS["seller-1"], "x", "00" * 64)


def file(simulation: Simulation, evidence: Evidence, blanks: int = 0) -> None:
    """Send evidence to the auditor, in fresh bytes."""
    kind = "receipt" if isinstance(evidence, Receipt) else "complaint"
    message = Message(0, "shill-0", "auditor-0", kind, write(evidence) + b" " * blanks)
    participant(simulation, "auditor-0").on_message(message)


def reported(simulation: Simulation) -> list[tuple[str, str, str]]:
    """About whom what was reported."""
    return [
        (said["about"], said["evidence"], said["id"])
        for said in facts(simulation.journal.events, "reported", "auditor-0")
    ]


def test_evidence_goes_to_the_trust_plugin() -> None:
    """A receipt is about its issuer, a complaint about its subject, true or not."""
    simulation = begun()
    file(simulation, RECEIPT)
    file(simulation, COMPLAINT)

    assert [("seller-0", "receipt", "r"), ("seller-1", "complaint", "")] == reported(simulation)


def test_the_same_evidence_is_reported_once() -> None:
    """Evidence in other bytes is still the same evidence."""
    simulation = begun()
    for blanks in range(3):
        file(simulation, RECEIPT, blanks)

    assert 1 == len(reported(simulation))


def test_junk_under_an_id_does_not_keep_the_real_receipt_out() -> None:
    """Two receipts of one id that differ in anything are both reported."""
    simulation = begun()
    file(simulation, RECEIPT)
    file(simulation, evolve(RECEIPT, signature="11" * 64))

    assert 2 == len(reported(simulation))


def test_evidence_about_nobody_is_ignored() -> None:
    """A receipt whose issuer nobody knows is ignored, and that is recorded."""
    simulation = begun()
    file(simulation, evolve(RECEIPT, issuer="ab" * 32))

    assert [] == reported(simulation)
    assert [{"message": "receipt", "reason": "evidence about nobody"}] == facts(simulation.journal.events, "ignored")


def test_everybody_else_is_scored_once_at_the_end() -> None:
    """The auditor scores all agents but itself, in the order of the population, after settlement."""
    events = played().events
    scored = [event.data["about"] for event in events if event.kind == "scored"]
    settled = next(seq for seq, event in enumerate(events) if event.kind == "settlement")

    assert list(EVERYBODY.names()[:-1]) == scored
    assert all(event.kind != "scored" for event in events[:settled])
