"""Our evidence in NEST's words: receipts as the documents that NEST's receipts plugin reads, complaints as negatives.

Owns that translation and NEST's convention for receipt keys: an agent's key is made from the SHA-256 of its name, and
its DID is the public key in hex. Knows no plugin.

NEST signs other bytes than we do. So an agent that validly signed a receipt here has signed it there, with its key
there; a signature that does not verify here is handed on as it is, and verifies nowhere. No signature is made that was
not made before by the same hand.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crosslayer.harness.kernel.crypto import Signer, verify
from crosslayer.harness.systems.commerce.nouns import Complaint, Evidence, Receipt
from crosslayer.harness.systems.commerce.ports import Roster

CATEGORIES: Mapping[str, str] = {
    "purchase": "purchase",
    "payment": "payment_received",
    "commitment": "commitment_fulfilled",
    "attestation": "attestation_issued",
    "message": "message_sent",
}
"""NEST's name for each category; any other is handed on as it is."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@lru_cache(1 << 12)
def signer_of(agent: str) -> Signer:
    """An agent's key for receipts in NEST, where everybody knows how to make it."""
    return Signer(hashlib.sha256(agent.encode()).digest())


@lru_cache(1 << 12)
def _stranger(did: str) -> Signer:
    """The key of somebody who is no agent, always the same for the same DID."""
    return Signer(hashlib.sha256(b"a stranger\0" + did.encode(errors="backslashreplace")).digest())


@lru_cache(1 << 12)
def document(receipt: Receipt, issuer: Signer, counterparty: Signer) -> str:
    """A receipt as NEST's JSON document, between these two."""
    action = {
        "category": CATEGORIES.get(receipt.category, receipt.category),
        "counterparty_did": counterparty.did,
        "payment_ref": receipt.ref,
    }
    said: dict[str, Any] = {"receipt_id": receipt.id, "issuer_did": issuer.did, "action": action}
    signed = _canonical(said).encode()
    signature, witness = receipt.signature, receipt.cosignature
    if verify(receipt.issuer, receipt.body(), signature):
        signature = issuer.sign(signed)
    if verify(receipt.counterparty, receipt.cosigned_body(), witness):
        witness = counterparty.sign(signed)
    witnesses = [{"witness_did": counterparty.did, "signature": witness}] if witness else []
    return _canonical({**said, "signature": signature, "evidence": {"witness_signatures": witnesses}})


class Translator:
    """Says our evidence in NEST's words, for one reporter."""

    def __init__(self, reporter: str, roster: Roster, types: Any) -> None:
        self._reporter = reporter
        self._names = {member.did: member.name for member in roster.members}
        self._types = types

    def said(self, agent: str, evidence: Evidence) -> Any:
        """A NEST `Evidence`; None for a complaint that its complainant did not sign: NEST's reporter is a fact."""
        if isinstance(evidence, Receipt):
            detail = document(evidence, self._signer(evidence.issuer), self._signer(evidence.counterparty))
            return self._types.Evidence(reporter=self._reporter, subject=agent, kind="positive", detail=detail)
        complainant = self._complainant(evidence)
        if complainant is None:
            return None
        detail = f"undelivered:{evidence.ref}"
        return self._types.Evidence(reporter=complainant, subject=agent, kind="negative", detail=detail)

    def _signer(self, did: str) -> Signer:
        name = self._names.get(did)
        return _stranger(did) if name is None else signer_of(name)

    def _complainant(self, complaint: Complaint) -> str | None:
        if not verify(complaint.complainant, complaint.body(), complaint.signature):
            return None
        return self._names.get(complaint.complainant)
