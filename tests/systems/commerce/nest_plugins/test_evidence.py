import hashlib
import json
from typing import Any

import attrs
import pytest

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.systems.commerce.nest_plugins.evidence import Translator, signer_of
from crosslayer.harness.systems.commerce.nouns import Complaint, Evidence
from tests.systems.commerce.nest_plugins.nest import types
from tests.systems.commerce.nest_plugins.published import did_of, read
from tests.systems.commerce.plugins.trust_world import complaint, cosign, did, receipt, roster_of

STRANGER = Signer(bytes(32))


def said(evidence: Evidence, agent: str = "seller-0", **names: str) -> Any:
    """What an auditor hears of a piece of evidence, in a world where some have other names."""
    return Translator("auditor-0", roster_of(names=names), types).said(agent, evidence)


def document(evidence: Evidence, **names: str) -> dict[str, Any]:
    """The receipt document in it."""
    value: dict[str, Any] = json.loads(said(evidence, **names).detail)
    return value


def test_keys_are_made_as_nest_makes_them() -> None:
    """A NEST plugin finds an agent's receipts by the public key that it derives from the agent's name."""
    assert did_of("seller-0") == signer_of("seller-0").did
    assert hashlib.sha256(b"seller-0").digest() == signer_of("seller-0").key


def test_a_receipt_is_a_document_that_nest_can_verify() -> None:
    """What both signed here, both have signed there; the evidence is positive, and told by the auditor."""
    evidence = said(receipt("seller-0", "buyer-1", "payment", "r"))
    found = read(evidence.detail)

    assert ("auditor-0", "seller-0", "positive") == (evidence.reporter, evidence.subject, evidence.kind)
    assert found is not None
    assert (did_of("seller-0"), did_of("buyer-1"), "payment_received") == found[:3]
    assert "r" == json.loads(evidence.detail)["action"]["payment_ref"]


@pytest.mark.parametrize("field", ["signature", "cosignature", "id", "ref", "category"])
def test_a_forged_receipt_is_forged_there_too(field: str) -> None:
    """A signature that does not hold here holds nowhere: the adapter signs for nobody."""
    forged = attrs.evolve(receipt("seller-0", "buyer-0", ref="r"), **{field: "ab" * 64})

    assert read(said(forged).detail) is None


def test_a_missing_cosignature_is_missing_there() -> None:
    """A receipt that nobody co-signed has no witness."""
    alone = attrs.evolve(receipt("seller-0", "buyer-0"), cosignature="")

    assert [] == document(alone)["evidence"]["witness_signatures"]
    assert read(said(alone).detail) is None


def test_strangers_keep_apart() -> None:
    """A throw-away key stays one that signs well and belongs to no agent."""
    ghost = attrs.evolve(receipt("seller-0", "buyer-0"), counterparty=STRANGER.did, signature="", cosignature="")
    signed = cosign(ghost, "seller-0", "seller-0")
    signed = attrs.evolve(signed, cosignature=STRANGER.sign(signed.cosigned_body()))
    found = read(said(signed).detail)

    assert found is not None
    assert found.counterparty not in {did_of(member.name) for member in roster_of().members}


@pytest.mark.parametrize("junk", ["", "not hex", "\ud800", "00"])
def test_junk_is_carried_without_harm(junk: str) -> None:
    """Whatever a corrupt agent writes into a receipt, NEST is told something, and it proves nothing."""
    evil = attrs.evolve(receipt("seller-0", "buyer-0"), counterparty=junk, cosignature=junk)

    assert read(said(evil).detail) is None


def test_identities_follow_names() -> None:
    """Under another name an agent has another key, as in NEST, and its receipts are still its own."""
    renamed = document(receipt("seller-0", "buyer-0"), **{"seller-0": "x"})

    assert did_of("x") == renamed["issuer_did"]


def test_a_complaint_is_negative_and_told_by_its_signer() -> None:
    """NEST has no signature for a complaint, but it has its reporter."""
    evidence = said(complaint("buyer-0", "seller-0", "r"))

    assert ("buyer-0", "seller-0", "negative", "undelivered:r") == (
        evidence.reporter,
        evidence.subject,
        evidence.kind,
        evidence.detail,
    )


@pytest.mark.parametrize(
    "forged",
    [
        attrs.evolve(complaint("buyer-0", "seller-0", "r"), ref="other"),
        Complaint(STRANGER.did, did("seller-0"), "r"),
        Complaint("junk", did("seller-0"), "r", "junk"),
    ],
)
def test_a_complaint_of_nobody_is_not_told(forged: Complaint) -> None:
    """Where no agent signed, there is no reporter, and so no evidence in NEST."""
    assert said(forged) is None
