"""The two published trust rules as somebody would write them for NEST: asynchronous, and with no ledger to ask.

They read receipts from `Evidence.detail`, as NEST's own receipts plugin does. Nothing here knows Crosslayer's receipts.
"""

import hashlib
import json
import math
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, NamedTuple

import networkx as nx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crosslayer.harness.kernel.crypto import verify
from tests.systems.commerce.nest_plugins.nest import types

WEIGHTS = {"purchase": 5, "payment_received": 5, "commitment_fulfilled": 4, "attestation_issued": 2, "message_sent": 1}

Edge = tuple[str, str]


class Receipt(NamedTuple):
    """What counts of a receipt document."""

    issuer: str
    counterparty: str
    category: str
    id: str


@cache
def did_of(agent: str) -> str:
    """NEST's receipt identity of an agent."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(agent.encode()).digest())
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


@lru_cache(1 << 13)
def read(detail: str) -> Receipt | None:
    """The receipt in a piece of evidence; None unless it is of a known category and both have signed it."""
    said = json.loads(detail)
    action = said["action"]
    receipt = Receipt(said["issuer_did"], action["counterparty_did"], action["category"], said["receipt_id"])
    return receipt if receipt.category in WEIGHTS and _is_signed_by_both(said) else None


def _is_signed_by_both(receipt: dict[str, Any]) -> bool:
    core = {key: value for key, value in receipt.items() if key not in ("signature", "evidence")}
    signed = json.dumps(core, sort_keys=True, separators=(",", ":")).encode()
    issuer, counterparty = receipt["issuer_did"], receipt["action"]["counterparty_did"]
    witnesses = receipt["evidence"]["witness_signatures"]
    return (
        issuer != counterparty
        and verify(issuer, signed, receipt["signature"])
        and any(
            one["witness_did"] == counterparty and verify(counterparty, signed, one["signature"]) for one in witnesses
        )
    )


def circles(edges: Iterable[Edge]) -> list[frozenset[str]]:
    """Strongly connected components of two or more, by smallest member."""
    graph: nx.DiGraph[str] = nx.DiGraph(edges)
    found = [frozenset(one) for one in nx.strongly_connected_components(graph) if len(one) > 1]
    return sorted(found, key=min)


class ReceiptsTrust:
    """What both rules share: receipts count outside of severed circles; complaints count where there is no receipt."""

    def __init__(self, agent_ids: list[str]) -> None:
        self._dids = {agent: did_of(agent) for agent in agent_ids}
        self._known = frozenset(self._dids.values())
        self._receipts: dict[Edge, Receipt] = {}
        self._complaints: dict[str, dict[Edge, None]] = {}
        self._outcasts: frozenset[str] | None = None

    async def report(self, agent: str, evidence: Any) -> None:
        self._outcasts = None
        if evidence.kind == "negative":
            self._complaints.setdefault(agent, {})[evidence.reporter, evidence.detail] = None
            return
        receipt = read(evidence.detail)
        if receipt is not None and {receipt.issuer, receipt.counterparty} <= self._known:
            key = (receipt.issuer, receipt.id)
            self._receipts[key] = min(receipt, self._receipts.get(key, receipt))

    async def score(self, agent: str) -> Any:
        did = self._dids.get(agent)
        mine = [one for one in self._receipts.values() if one.issuer == did]
        pieces = len(mine) + len(self._complaints.get(agent, ()))
        if not pieces:
            return types.ReputationScore(agent_id=agent, score=0.5)
        worthless = not mine or did in await self._severed()
        weight = 0 if worthless else sum(WEIGHTS[one.category] for one in mine)
        score, confidence = 1 - math.exp(-weight / 10), 1 - 0.5**pieces
        return types.ReputationScore(agent_id=agent, score=score, confidence=confidence, sample_count=pieces)

    async def _severed(self) -> frozenset[str]:
        if self._outcasts is None:
            edges = sorted({(one.issuer, one.counterparty) for one in self._receipts.values()})
            self._outcasts = frozenset[str]().union(*self.severed(edges))
        return self._outcasts

    def severed(self, edges: list[Edge]) -> list[frozenset[str]]:
        """The circles whose members are worth nothing."""
        raise NotImplementedError


class LargestCircleTrust(ReceiptsTrust):
    """The largest circle is taken for the honest one, all others are severed."""

    def severed(self, edges: list[Edge]) -> list[frozenset[str]]:
        found = circles(edges)
        anchor = max(found, key=len, default=None)
        return [one for one in found if one is not anchor]


class ShapeTrust(ReceiptsTrust):
    """Dense circles are severed, unless an edge joins them to somebody who is in none."""

    def severed(self, edges: list[Edge]) -> list[frozenset[str]]:
        dense = [
            one for one in circles(edges) if sum({a, b} <= one for a, b in edges) >= 0.8 * len(one) * (len(one) - 1)
        ]
        suspects = {did for circle in dense for did in circle}
        joined = [{a, b} for a, b in edges if (a in suspects) != (b in suspects)]
        return [circle for circle in dense if not any(circle & edge for edge in joined)]
