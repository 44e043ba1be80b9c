"""The reference trust layer: commerce's own, told of bargains that were kept as sales and of the others as complaints.

Owns the reading of the arbiter's statements. The rule is commerce's reference: a co-signed receipt counts if money
is behind it, and a complaint that money is behind, and no sale answers, brings a score to nothing.
"""

from typing import Any

from attrs import evolve

from crosslayer import Refused, Roster, role_of, verify
from crosslayer.commerce import PRIVATE_COMMERCE, Score, Stream, Trust
from crosslayer.commerce import Roster as CommerceRoster
from crosslayer.harness.systems.escrow.nouns import Statement


class Bargains:
    """One agent's opinion of sellers: all statements that it was told, which survive a loss of memory."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._roster, self._name, self._store = roster, name, roster.store(name)
        self._dids = {member.name: member.did for member in roster.members}

    def report(self, statement: Statement) -> None:
        """Take in how a hold ended. `Refused`: not the arbiter's word."""
        if not self._is_arbiters(statement):
            raise Refused("not signed by the arbiter")
        self._store.put(statement.acceptance.terms.id, statement)
        self._store.sync()

    def score(self, name: str) -> Score:
        """What commerce's plugin thinks of somebody, who is told all statements as its own kind of evidence."""
        streams: dict[tuple[str, str], Stream] = {}
        mine = self._roster
        known = CommerceRoster(mine.members, mine.seed, mine.clock, ledger=lambda *key: streams.get(key))
        inner: Trust = PRIVATE_COMMERCE.layer("trust").reference.factory(known)[self._name]
        for statement in map(self._store.get, self._store):
            terms, evidence = statement.acceptance.terms, self._evidence(statement)
            if evidence is not None:
                amount, parties = terms.amount, (terms.buyer, terms.seller, terms.id)
                streams[terms.buyer, terms.id] = Stream(*parties, amount, amount, amount, open=False)
                inner.report(terms.seller, evidence)
        return inner.score(name)

    def _evidence(self, statement: Statement) -> Any:
        """The receipt of a hold that was claimed, the complaint of one that expired, nothing for one taken back."""
        acceptance, terms = statement.acceptance, statement.acceptance.terms
        if self._is_sale(statement.outcome):
            signed = evolve(terms.receipt(self._dids), signature=acceptance.signature)
            return signed.cosigned(acceptance.cosignature)
        if statement.outcome == "expired":
            return evolve(terms.complaint(self._dids), signature=acceptance.complaint)
        return None

    def _is_sale(self, outcome: str) -> bool:
        return outcome == "claimed"

    def _is_arbiters(self, statement: Statement) -> bool:
        (arbiter,) = (member for member in self._roster.members if role_of(member.name) == "escrow")
        known = {statement.acceptance.terms.buyer, statement.acceptance.terms.seller} <= self._dids.keys()
        return known and verify(arbiter.did, statement.body(), statement.signature)


def make(roster: Roster) -> dict[str, Bargains]:
    """An opinion for every agent; only the auditor's is ever asked."""
    return {name: Bargains(roster, name) for name in roster.names()}
