"""Goods move only after money, and an honest seller that delivered ends trusted because it delivered.

Joins payments and trust. Owns what a just reward is: at least the threshold, resting on evidence, and not
what the same seller would have got without any receipt. A plugin that discards every receipt leaves
everybody at the neutral prior, which is above the threshold: that is no reward.
"""

import math
from collections.abc import Mapping

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import TRUST_THRESHOLD, Population
from crosslayer.properties.commerce.books import Books, Opinion, opinion
from crosslayer.properties.watcher import NOT_ENDED, Watcher, holds, vacuous, violated


class _DeliveryRewarded(Watcher):
    def __init__(self, population: Population) -> None:
        super().__init__()
        self._buyers = frozenset(population.of("buyer"))
        self._sellers = frozenset(population.of("seller"))
        self._traders = frozenset(population.names()) - frozenset(population.of("auditor"))
        self._books = Books()
        self._without_receipts: dict[str, Opinion] = {}
        self._deliveries: list[int] = []

    def handlers(self) -> Mapping[str, Handler]:
        return {
            **self._books.handlers(),
            "goods_sent": self._goods_sent,
            "goods_accepted": self._goods_accepted,
            "scored": self._scored,
            "counterfactual": self._counterfactual,
        }

    def _goods_sent(self, seq: int, event: Event) -> None:
        match event.data:
            case {"buyer": str() as buyer, "ref": str() as ref} if event.agent in self._sellers:
                self._deliveries.append(seq)
                if not self._books.paid(buyer, ref, event.agent):
                    what = f"{event.agent} sent {buyer} the goods for {ref} at tick {event.tick}"
                    self._unpaid(f"{what}, but by then the ledger showed no money moved", seq)

    def _goods_accepted(self, seq: int, event: Event) -> None:
        self._books.goods_accepted(seq, event)
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref} if event.agent in self._buyers:
                self._deliveries.append(seq)
                if not self._books.paid(event.agent, ref, seller):
                    what = f"{event.agent} accepted from {seller} the goods for {ref} at tick {event.tick}"
                    self._unpaid(f"{what}, but by then the ledger showed no money moved", seq)

    def _unpaid(self, detail: str, seq: int) -> None:
        self.breaks(detail, *self._books.ledger_seqs, seq)

    def _scored(self, seq: int, event: Event) -> None:
        self._books.scored(seq, event)
        found = opinion(seq, event)
        if found is not None and found.about in self._traders and not math.isfinite(found.score):
            self.breaks(f"the score of {found.about} is {found.score}, not a number", seq)

    def _counterfactual(self, seq: int, event: Event) -> None:
        found = opinion(seq, event)
        if found is not None:
            self._without_receipts[found.about] = found

    def verdict(self) -> Verdict:
        if not self._deliveries:
            return vacuous("nobody delivered")
        if not self._books.ended:
            return vacuous(NOT_ENDED)
        indebted = {row.payee for row in self._books.undelivered()}
        delivered = {
            seller: seq
            for buyer, seller, seq in self._books.accepted()
            if buyer in self._buyers and seller in self._sellers and seller not in indebted
        }
        for seller, seq in delivered.items():
            injustice = self._injustice(seller)
            if injustice:
                evidence = [opinion.seq for opinion in self._opinions(seller)]
                return violated(f"{seller} delivered to every payer, but {injustice}", seq, *evidence)
        if not delivered:
            return holds("goods moved only after money; no honest seller earned a reward", *self._deliveries)
        names = ", ".join(sorted(delivered))
        return holds(f"goods moved only after money, and {names} ended trusted for it", *self._deliveries)

    def _opinions(self, seller: str) -> list[Opinion]:
        found = (self._books.scores.get(seller), self._without_receipts.get(seller))
        return [opinion for opinion in found if opinion is not None]

    def _injustice(self, seller: str) -> str:
        """What is wrong with the score of an honest seller that delivered; empty if it is just."""
        opinion = self._books.scores.get(seller)
        without = self._without_receipts.get(seller)
        if opinion is None:
            return "was never scored"
        if opinion.score < TRUST_THRESHOLD:
            return f"ended with score {opinion.score:g}, below {TRUST_THRESHOLD:g}"
        if not opinion.confidence > 0:
            return f"its score {opinion.score:g} rests on no evidence (confidence {opinion.confidence:g})"
        if without is not None and opinion[2:] == without[2:]:
            return f"its score {opinion.score:g} is what it would be without any of its receipts"
        return ""


PROPERTY = Property(
    name="commerce_delivery_rewarded",
    claim="Goods move only after money, and an honest seller that delivered ends trusted because it delivered.",
    parts=("payments", "trust"),
    watch=_DeliveryRewarded,
)
