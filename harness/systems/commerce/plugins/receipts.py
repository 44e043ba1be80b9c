"""What evidence is worth: the shared half of the trust plugins that rest on co-signed receipts.

Owns validity, weights, the book of evidence, and the score that follows once a rule has said what is severed.
Knows no such rule, and no agent's behaviour: signatures and the ledger are all that it believes.

Everything is judged by DIDs and signed fields, never by names, by the order of reports or by how often one is
repeated. What cannot be verified is not booked at all, so it changes neither a score nor a confidence. Two things
count once however often they are told: receipts of one issuer under one id (the smallest by its fields stands
for them), and backed receipts for one stream.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import networkx as nx
from attrs import astuple, fields_dict, frozen

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.systems.commerce.nouns import NEUTRAL_SCORE, Complaint, Evidence, Receipt, Score
from crosslayer.harness.systems.commerce.ports import Member, Roster

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"purchase": 5, "payment": 5, "commitment": 4, "attestation": 2, "message": 1}
)
"""What a receipt of each category weighs; a receipt of any other category is not valid."""

WEIGHT_SCALE = 10
"""A score is 1 - (1 - prior) exp(-weight / WEIGHT_SCALE)."""

_MEMO = 1 << 10

NEUTRAL = Score(NEUTRAL_SCORE, 0.0)

Claim = tuple[str, str, str]
"""That a payer (DID) paid, under a reference of its own, a payee (DID)."""


def _claim(evidence: Evidence) -> Claim:
    """What the ledger would have to show to back a purchase receipt or a complaint."""
    if isinstance(evidence, Receipt):
        return (evidence.counterparty, evidence.ref, evidence.issuer)
    return (evidence.complainant, evidence.ref, evidence.subject)


def confidence(pieces: int) -> float:
    """How far a score can be relied on that rests on this many pieces of evidence: 0 for none, never above 1."""
    return 1 - 0.5**pieces


def circles(receipts: Iterable[Receipt]) -> tuple[frozenset[str], ...]:
    """The strongly connected components of two DIDs or more in the graph issuer -> counterparty, by smallest DID."""
    graph: nx.DiGraph[str] = nx.DiGraph((receipt.issuer, receipt.counterparty) for receipt in receipts)
    components = (frozenset(component) for component in nx.strongly_connected_components(graph))
    return tuple(sorted((component for component in components if len(component) > 1), key=min))


@frozen
class Case:
    """All that can be proved at one moment.

    `receipts` are valid, one for each issuer and id, in that order. `complaints` are valid, one for each complainant,
    subject and reference, in that order, and the ledger backs each. `paid` holds what the ledger shows as paid.
    """

    receipts: tuple[Receipt, ...]
    complaints: tuple[Complaint, ...]
    paid: frozenset[Claim]

    def is_backed(self, receipt: Receipt) -> bool:
        """Whether the ledger shows that the counterparty paid the issuer for this purchase."""
        return receipt.category == "purchase" and _claim(receipt) in self.paid

    def issued_by(self, did: str) -> tuple[Receipt, ...]:
        """The receipts of this issuer."""
        return tuple(receipt for receipt in self.receipts if receipt.issuer == did)

    def about(self, did: str) -> tuple[Complaint, ...]:
        """The complaints about this subject, answered or not."""
        return tuple(complaint for complaint in self.complaints if complaint.subject == did)

    def is_robber(self, did: str) -> bool:
        """Whether a complaint about this subject is not answered by a purchase receipt for the same reference."""
        answers = {_claim(receipt) for receipt in self.issued_by(did) if receipt.category == "purchase"}
        return any(_claim(complaint) not in answers for complaint in self.about(did))

    def weigh(self, receipts: Iterable[Receipt]) -> int:
        """The weight of these receipts together; backed ones count once for each stream."""
        weights = {}
        for receipt in receipts:
            occasion = _claim(receipt) if self.is_backed(receipt) else (receipt.issuer, receipt.id)
            weights[occasion] = WEIGHTS[receipt.category]
        return sum(weights.values())


@frozen
class Rule:
    """What tells one receipts plugin from another.

    `severed` names the receipts that count nothing; `prior` is the score of an agent of whose receipts none counts.
    `receipts_silence_complaints` is a flaw of the published rules: an agent that issued one valid receipt cannot be
    complained of.
    """

    severed: Callable[[Case], frozenset[Receipt]]
    receipts_silence_complaints: bool = False
    prior: float = 0.0

    @lru_cache(_MEMO)  # noqa: B019 - rules are few, and live as long as the process
    def judge(self, case: Case, dids: tuple[str, ...]) -> Mapping[str, Score]:
        """Each agent's score; neutral for those about whom nothing is proved. Memoised: a hunt repeats its cases."""
        severed = self.severed(case)
        return {did: self._score(case, did, severed) for did in dids}

    def _score(self, case: Case, did: str, severed: frozenset[Receipt]) -> Score:
        issued = case.issued_by(did)
        pieces = len(issued) + len(case.about(did))
        if not pieces:
            return NEUTRAL
        silenced = bool(issued) and self.receipts_silence_complaints
        if case.is_robber(did) and not silenced:
            return Score(0.0, confidence(pieces))
        weight = case.weigh(receipt for receipt in issued if receipt not in severed)
        return Score(1 - (1 - self.prior) * math.exp(-weight / WEIGHT_SCALE), confidence(pieces))


class Book:
    """All verified evidence, each piece once, in any order and by any reporter."""

    def __init__(self, dids: frozenset[str]) -> None:
        """`dids` are those who exist; evidence about or by anybody else is worth nothing."""
        self._dids = dids
        self._receipts: dict[tuple[str, str], Receipt] = {}
        self._complaints: dict[Claim, Complaint] = {}
        self._claims: tuple[Claim, ...] | None = None

    def add(self, evidence: object) -> None:
        """Book a piece of evidence if it is valid; otherwise, whatever it is, do nothing."""
        if isinstance(evidence, Receipt) and self._is_valid_receipt(evidence):
            key = (evidence.issuer, evidence.id)
            known = self._receipts.get(key)
            self._receipts[key] = evidence if known is None else min(known, evidence, key=astuple)
            self._claims = None
        elif isinstance(evidence, Complaint) and self._is_valid_complaint(evidence):
            self._complaints[_claim(evidence)] = evidence
            self._claims = None

    def claims(self) -> tuple[Claim, ...]:
        """What the ledger must be asked, each claim once, in an order that depends on nothing else."""
        if self._claims is None:
            purchases = (receipt for receipt in self._receipts.values() if receipt.category == "purchase")
            self._claims = tuple(sorted({*map(_claim, purchases), *self._complaints}))
        return self._claims

    def case(self, paid: frozenset[Claim]) -> Case:
        """All that is proved when the ledger shows these claims as paid, and no others."""
        receipts = tuple(self._receipts[key] for key in sorted(self._receipts))
        complaints = tuple(self._complaints[claim] for claim in sorted(self._complaints) if claim in paid)
        return Case(receipts, complaints, paid)

    def _is_valid_receipt(self, receipt: Receipt) -> bool:
        return (
            _is_all_text(receipt)
            and receipt.category in WEIGHTS
            and receipt.issuer != receipt.counterparty
            and receipt.issuer in self._dids
            and receipt.counterparty in self._dids
            and verify(receipt.issuer, receipt.body(), receipt.signature)
            and verify(receipt.counterparty, receipt.cosigned_body(), receipt.cosignature)
        )

    def _is_valid_complaint(self, complaint: Complaint) -> bool:
        return (
            _is_all_text(complaint)
            and complaint.complainant in self._dids
            and complaint.subject in self._dids
            and verify(complaint.complainant, complaint.body(), complaint.signature)
        )


_FIELDS: Mapping[type, Callable[[Any], tuple[Any, ...]]] = MappingProxyType(
    {kind: attrgetter(*fields_dict(kind)) for kind in (Receipt, Complaint)}
)
"""For each kind of evidence, what gives the values of its fields."""


def _is_all_text(evidence: Evidence) -> bool:
    return all(type(value) is str for value in _FIELDS[type(evidence)](evidence))


@lru_cache(_MEMO)
def _directory(members: tuple[Member, ...]) -> tuple[Mapping[str, str], Mapping[str, str], frozenset[str]]:
    """Names by DID, DIDs by name, and all DIDs; the same for all books of a roster."""
    names = {member.did: member.name for member in members}
    return MappingProxyType(names), MappingProxyType({one.name: one.did for one in members}), frozenset(names)


_KINDS: Mapping[str, Callable[..., Evidence]] = MappingProxyType({"Receipt": Receipt, "Complaint": Complaint})
"""What is made again of the fields that are stored under a number for each piece that was heard."""


class ReceiptTrust:
    """A trust plugin: one book, one rule, and the ledger, which is read afresh whenever a score is asked for."""

    def __init__(self, roster: Roster, rule: Rule, store: Store | None = None) -> None:
        """Nothing is known yet but what the store kept, so everybody else is neutral."""
        self._names, self._dids, existing = _directory(roster.members)
        self._ledger = roster.ledger
        self._rule = rule
        self._book = Book(existing)
        self._judged: tuple[frozenset[Claim], Mapping[str, Score]] | None = None
        self._store = Store() if store is None else store
        for kind, *fields in map(self._store.get, self._store):
            self._book.add(_KINDS[kind](*fields))
        self._stored = len(self._store.keys())

    def report(self, agent: str, evidence: Evidence) -> None:  # noqa: ARG002 - evidence itself says whom it is about
        """Take in evidence; forged, malformed or repeated evidence changes nothing and raises nothing."""
        self._book.add(evidence)
        self._judged = None
        if type(evidence) in _FIELDS:
            self._store.put(str(self._stored), (type(evidence).__name__, *_FIELDS[type(evidence)](evidence)))
            self._stored += 1
            self._store.sync()

    def score(self, agent: str) -> Score:
        """The agent's score by all evidence so far and the ledger as it is now; neutral for a stranger."""
        paid = frozenset(claim for claim in self._book.claims() if self._is_paid(claim))
        if self._judged is None or self._judged[0] != paid:
            self._judged = (paid, self._rule.judge(self._book.case(paid), tuple(self._names)))
        return self._judged[1].get(self._dids.get(agent, ""), NEUTRAL)

    def _is_paid(self, claim: Claim) -> bool:
        payer, ref, payee = claim
        stream = self._ledger(self._names[payer], ref)
        return stream is not None and stream.payee == self._names[payee] and stream.moved > 0
