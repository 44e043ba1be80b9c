"""Nobody ends above the neutral prior on receipts that nobody paid for.

Joins payments and trust. Owns what it means to have earned a reputation: one receipt at least, of those that the
auditor was told of, names a stream by which its co-signer really paid its issuer. What paid sales are worth is the
trust layer's own business; and corrupt agents that pay one another have paid.
"""

import math
from collections.abc import Mapping

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import NEUTRAL_SCORE, Population
from crosslayer.properties.commerce.books import Books, Opinion
from crosslayer.properties.watcher import NOT_ENDED, Watcher, holds, vacuous, violated

CLOSE = 1e-6
"""Scores are recorded with six digits; what differs by less is the same."""


class _ReputationEarned(Watcher):
    def __init__(self, population: Population) -> None:
        super().__init__()
        self._traders = tuple(name for name in population.names() if name not in population.of("auditor"))
        self._books = Books()
        self._receipts: dict[str, dict[tuple[str, str], int]] = {}
        self._heard_of: set[str] = set()

    def handlers(self) -> Mapping[str, Handler]:
        return {**self._books.handlers(), "reported": self._reported}

    def _reported(self, seq: int, event: Event) -> None:
        match event.data:
            case {"about": str() as about, "evidence": str() as kind, "partner": str() as partner, "ref": str() as ref}:
                self._heard_of.add(about)
                if kind == "receipt":
                    self._receipts.setdefault(about, {}).setdefault((partner, ref), seq)

    def verdict(self) -> Verdict:
        if not self._books.ended:
            return vacuous(NOT_ENDED)
        unpaid = {name: told for name, told in self._receipts.items() if name in self._traders and not self._sold(name)}
        if not unpaid:
            return vacuous("of nobody was there a receipt, and no money behind it")
        prior = self._prior()
        for name, told in unpaid.items():
            opinion = self._books.scores.get(name)
            if opinion is not None and opinion.score > prior + CLOSE:
                number = f"{len(told)} receipt{'' if len(told) == 1 else 's'}"
                detail = f"{name} ended with score {opinion.score:g} for {number} that nobody paid for"
                neutral = f"of whom nothing is known, has {prior:g}"
                return violated(f"{detail}; an agent {neutral}", *told.values(), *self._books.ledger_seqs, opinion.seq)
        names = ", ".join(unpaid)
        return holds(
            f"receipts that nobody paid for lifted {names} no higher than {prior:g}",
            *(seq for told in unpaid.values() for seq in told.values()),
        )

    def _sold(self, name: str) -> bool:
        """Whether a stream backs one of the receipts about an agent at least."""
        return any(self._books.paid(partner, ref, name) for partner, ref in self._receipts[name])

    def _prior(self) -> float:
        """What an agent has of whom nothing is known: the neutral score, or more where the plugin is more generous."""
        strangers = (self._books.scores.get(name) for name in self._traders if name not in self._heard_of)
        return max([NEUTRAL_SCORE, *(_value(one) for one in strangers if one is not None)])


def _value(opinion: Opinion) -> float:
    """A score that can be compared; one that is no number is some other property's business."""
    return 0.0 if math.isnan(opinion.score) else opinion.score


PROPERTY = Property(
    name="commerce_reputation_earned",
    claim="Receipts that nobody paid for lift no agent above the score of one of whom nothing is known.",
    parts=("payments", "trust"),
    watch=_ReputationEarned,
)
