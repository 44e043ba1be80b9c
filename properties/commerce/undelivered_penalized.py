"""A seller that took an honest buyer's money and whose goods never arrived ends below the trust threshold.

Joins payments and trust. Owns who counts as having withheld: what was paid is the ledger's word, not
anybody's message, and it makes no difference whether the seller is honest or which receipts it has.
"""

from collections.abc import Mapping

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import SELLER_ROLES, TRUST_THRESHOLD, Population
from crosslayer.properties.commerce.books import Books, Row
from crosslayer.properties.watcher import NOT_ENDED, Watcher, holds, vacuous, violated


class _UndeliveredPenalized(Watcher):
    def __init__(self, population: Population) -> None:
        super().__init__()
        self._buyers = frozenset(population.of("buyer"))
        self._sellers = frozenset(population.of(*SELLER_ROLES))
        self._books = Books()
        self._opened: dict[tuple[str, str, str], int] = {}

    def handlers(self) -> Mapping[str, Handler]:
        return {**self._books.handlers(), "stream_opened": self._stream_opened}

    def _stream_opened(self, seq: int, event: Event) -> None:
        match event.data:
            case {"payee": str() as payee, "ref": str() as ref}:
                if event.agent in self._buyers and payee in self._sellers:
                    self._opened.setdefault((event.agent, ref, payee), seq)

    def verdict(self) -> Verdict:
        if not self._books.ended:
            return vacuous(NOT_ENDED)
        withheld = [row for row in self._books.undelivered() if row[:3] in self._opened]
        if not withheld:
            return vacuous("nobody withheld: every honest buyer that paid got its goods")
        for row in withheld:
            leniency = self._leniency(row)
            if leniency:
                return violated(f"{_robbery(row)}, {leniency}", *self._evidence(row))
        robbers = ", ".join(sorted({row.payee for row in withheld}))
        evidence = [seq for row in withheld for seq in self._evidence(row)]
        return holds(f"{robbers} took money, did not deliver, and ended below {TRUST_THRESHOLD:g}", *evidence)

    def _leniency(self, row: Row) -> str:
        """How a seller that withheld got away with it; empty if it did not."""
        opinion = self._books.scores.get(row.payee)
        if opinion is None:
            return "and was never scored"
        if opinion.score < TRUST_THRESHOLD:  # never true of a score that is not a number
            return ""
        return f"but ended with score {opinion.score:g}, not below {TRUST_THRESHOLD:g}"

    def _evidence(self, row: Row) -> tuple[int, ...]:
        opinion = self._books.scores.get(row.payee)
        scored = () if opinion is None else (opinion.seq,)
        return (self._opened[row[:3]], *self._books.ledger_seqs, *scored)


def _robbery(row: Row) -> str:
    return f"{row.payee} took {row.moved} credits from {row.payer} under {row.ref} and never delivered"


PROPERTY = Property(
    name="commerce_undelivered_penalized",
    claim="A seller that took an honest buyer's money and never delivered ends below the trust threshold.",
    parts=("payments", "trust"),
    watch=_UndeliveredPenalized,
)
