"""The four joint invariants of a NEST trace, on both of its bases.

Owns what each promise means there. `deliveries` is the better basis: what the simulator saw arrive. `markers` are what
the published rules go by: what agents say of themselves, and in which order.

The two last promises are about how a run ended. A trace without any `stop`, or without any score, was cut off before;
then nothing is said against anybody. A trace without any `start` lacks its beginning: what it does not show may have
happened.
"""

import math
from collections.abc import Iterator

from attrs import frozen

from crosslayer.harness.model.errors import plain
from crosslayer.harness.model.verdicts import Outcome, Verdict
from crosslayer.harness.systems.commerce.nest.facts import Facts, Opinion
from crosslayer.harness.systems.commerce.nest.markers import Deal, is_corrupt
from crosslayer.harness.systems.commerce.nouns import NEUTRAL_SCORE, TRUST_THRESHOLD

DISCOVERY = "commerce_discovery_precedes_bid"
OPACITY = "commerce_bid_opacity"
UNDELIVERED = "commerce_undelivered_penalized"
REWARDED = "commerce_delivery_rewarded"

DELIVERIES, MARKERS = "deliveries", "markers"
"""The names of the bases."""

NO_BEGINNING = "inconclusive: the trace has no start events, so its beginning is missing"
NO_BIDS = "no honest buyer stated a bid"


def judge(facts: Facts, basis: str) -> dict[str, Verdict]:
    """The verdict of each joint invariant on this basis, by name; `evidence` are numbers of lines."""
    judged = _Judged(facts, on_deliveries=basis == DELIVERIES)
    return {
        DISCOVERY: judged.discovery(),
        OPACITY: judged.opacity(),
        UNDELIVERED: judged.undelivered(),
        REWARDED: judged.rewarded(),
    }


def best_basis(facts: Facts) -> str:
    """Deliveries wherever the trace tells what was received."""
    return DELIVERIES if facts.received else MARKERS


def _said(outcome: Outcome, detail: str, *evidence: int) -> Verdict:
    return Verdict(outcome, plain(" ".join(detail.split())), tuple(sorted(set(evidence))))


@frozen(eq=False)
class _Judged:
    facts: Facts
    on_deliveries: bool

    def discovery(self) -> Verdict:
        facts = self.facts
        if not facts.bids:
            return _said(Outcome.VACUOUS, NO_BIDS)
        for deal, bid in facts.bids.items():
            problem, *evidence = self._discovery_problem(deal, bid.line)
            if problem and not facts.started:
                return _said(Outcome.VACUOUS, NO_BEGINNING, bid.line)
            if problem:
                told = f"{deal.buyer} bid to {deal.seller} at tick {bid.ts:g}{problem}"
                return _said(Outcome.VIOLATED, told, bid.line, *evidence)
        what = "an honest discovery" if self.on_deliveries else "a discovery"
        lines = (bid.line for bid in facts.bids.values())
        return _said(Outcome.HOLDS, f"{len(facts.bids)} bid(s), each after {what}", *lines)

    def _discovery_problem(self, deal: Deal, bid: int) -> tuple[str, *tuple[int, ...]]:
        found = self.facts.discovered.get((deal.buyer, deal.seller))
        if found is None or found.line > bid:
            return (" without having discovered it",)
        if self.on_deliveries and not found.told:
            told = f"when it discovered {deal.seller} at tick {found.ts:g} no push of gossip that it had received"
            return f", but {told} could have told {deal.buyer} of {deal.seller}", found.line
        return ("",)

    def opacity(self) -> Verdict:
        opacity = self.facts.opacity
        leak = opacity.leak if self.on_deliveries else opacity.literal
        if leak is not None:
            return _said(Outcome.VIOLATED, leak.told, leak.line)
        if not self.facts.bids:
            return _said(Outcome.VACUOUS, NO_BIDS)
        wired = {deal.buyer: opacity.searched.get(deal.buyer) for deal in self.facts.bids}
        lines = [line for line in wired.values() if line is not None]
        if not lines:
            return _said(Outcome.VACUOUS, "bids were stated, but no bid went over the wire")
        where = "no message of a bidder shows its bid" if self.on_deliveries else "no wire bid shows its plaintext"
        return _said(Outcome.HOLDS, f"{where}, of {len(lines)} bidder(s)", *lines)

    # Who withheld, who delivered

    def _is_delivered(self, deal: Deal) -> bool:
        facts = self.facts
        return deal in (facts.deliveries.goods if self.on_deliveries else facts.fulfilled)

    def _is_owed(self, deal: Deal) -> bool:
        """Whether the seller knows of the deal, as far as can be seen."""
        deliveries = self.facts.deliveries
        return deliveries.arrived(deal) if self.on_deliveries else not deliveries.lost(deal)

    def _withheld(self) -> list[Deal]:
        """Streams that took money, whose seller had got the bid, and whose payer never got the goods."""
        drained = [deal for deal, (_line, total) in self.facts.closed.items() if total > 0]
        return [deal for deal in drained if not self._is_delivered(deal) and self._is_owed(deal)]

    def _cut(self) -> str:
        """Why nothing can be said of how the run ended; empty if something can."""
        if not self.facts.stopped:
            return "inconclusive: the trace has no stop events, so it was cut before the run ended"
        if not self.facts.scores():
            return "inconclusive: nobody was ever scored, so the run ended before the audit"
        return ""

    def undelivered(self) -> Verdict:
        facts, withheld = self.facts, self._withheld()
        cut = self._cut()
        if cut:
            return _said(Outcome.VACUOUS, cut)
        if not facts.bids and not facts.closed:
            return _said(Outcome.VACUOUS, NO_BIDS)
        if not withheld:
            reason = "no stream was drained without delivery, so the adversary never fired"
            return _said(Outcome.VACUOUS, reason)
        scores = facts.scores()
        evidence: list[int] = []
        for deal in withheld:
            opinion = scores.get(deal.seller)
            lines = (facts.closed[deal][0], *(() if opinion is None else (opinion.line,)))
            leniency = _leniency(opinion)
            if leniency and not facts.started:
                return _said(Outcome.VACUOUS, NO_BEGINNING, *lines)
            if leniency:
                return _said(Outcome.VIOLATED, f"{self._robbery(deal)}, {leniency}", *lines)
            evidence += lines
        robbers = ", ".join(sorted({deal.seller for deal in withheld}))
        told = f"{robbers} took money, did not deliver, and ended below {TRUST_THRESHOLD:g}"
        return _said(Outcome.HOLDS, told, *evidence)

    def _robbery(self, deal: Deal) -> str:
        total = self.facts.closed[deal][1]
        sent = self.on_deliveries and deal in self.facts.deliveries.sent_goods
        what = "never delivered" if not sent else "sent goods of which no copy arrived"
        return f"{deal.seller} took {total} credits from {deal.buyer} under {deal.ref} and {what}"

    def _handed_over(self) -> Iterator[tuple[Deal, int]]:
        """All goods that honest sellers sent and that honest buyers got, with the lines that tell."""
        for deal, line in self.facts.fulfilled.items():
            if not is_corrupt(deal.buyer):
                yield deal, line
        if self.on_deliveries:
            yield from self.facts.deliveries.goods.items()

    def _is_paid(self, deal: Deal, line: int) -> bool:
        """Whether by this line a stream was there that pays for the deal, and had not given everything back."""
        closed, total = self.facts.closed.get(deal, (line, 0))
        return self.facts.opened.get(deal, line) < line and (closed >= line or total > 0)

    def rewarded(self) -> Verdict:
        facts = self.facts
        handed = sorted(self._handed_over(), key=lambda one: one[1])
        for deal, line in handed:
            if not self._is_paid(deal, line):
                if not facts.started:
                    return _said(Outcome.VACUOUS, NO_BEGINNING, line)
                told = (
                    f"the goods of {deal.ref} went from {deal.seller} to {deal.buyer} before any stream paid for them"
                )
                return _said(Outcome.VIOLATED, told, line)
        cut = self._cut()
        if cut:
            return _said(Outcome.VACUOUS, cut)
        scores = facts.scores()
        for about, opinion in scores.items():
            if not math.isfinite(opinion.score) and facts.trades(about):
                return _said(Outcome.VIOLATED, f"the score of {about} is {opinion.score}, not a number", opinion.line)
        if not handed:
            return _said(Outcome.VACUOUS, "nobody delivered")
        return self._reward(handed, scores)

    def _reward(self, handed: list[tuple[Deal, int]], scores: dict[str, Opinion]) -> Verdict:
        indebted = {deal.seller for deal in self._withheld()}
        # A plugin may leave all confidences at 0; then they say nothing of how much evidence there was.
        says_confidence = any(opinion.confidence > 0 for opinion in scores.values())
        earned = {
            deal.seller: line
            for deal, line in handed
            if self._is_delivered(deal) and not is_corrupt(deal.seller) and deal.seller not in indebted
        }
        lines = [line for _, line in handed]
        for seller, line in earned.items():
            opinion = scores.get(seller)
            injustice = _injustice(opinion, must_have_evidence=self.on_deliveries and says_confidence)
            if not injustice and opinion is not None and self.on_deliveries:
                injustice = self._indifference(seller, opinion, scores)
            if injustice:
                told = f"{seller} delivered to every payer, but {injustice}"
                return _said(Outcome.VIOLATED, told, line, *(() if opinion is None else (opinion.line,)))
        if not earned:
            return _said(Outcome.HOLDS, "goods moved only after money; no honest seller earned a reward", *lines)
        names = ", ".join(sorted(earned))
        return _said(Outcome.HOLDS, f"goods moved only after money, and {names} ended trusted", *lines)

    def _indifference(self, seller: str, opinion: Opinion, scores: dict[str, Opinion]) -> str:
        """Whether a seller's receipts left it at the neutral prior of those who filed none: they were worth nothing.

        Only the prior itself: a rule may well give a co-signer what it gives an issuer.
        """
        if seller not in self.facts.issuers or opinion[1:] != (NEUTRAL_SCORE, 0.0):
            return ""
        for about, other in scores.items():
            if about not in self.facts.issuers and other[1:] == opinion[1:]:
                return f"its score {opinion.score:g} is the neutral one of {about}, which filed no receipt"
        return ""


def _leniency(opinion: Opinion | None) -> str:
    """How a seller that withheld got away with it; empty if it did not."""
    if opinion is None:
        return "and was never scored"
    if opinion.score < TRUST_THRESHOLD:  # never true of a score that is not a number
        return ""
    return f"but ended with score {opinion.score:g}, not below {TRUST_THRESHOLD:g}"


def _injustice(opinion: Opinion | None, *, must_have_evidence: bool) -> str:
    """What is wrong with the score of an honest seller that delivered; empty if it is just."""
    if opinion is None:
        return "was never scored"
    if not opinion.score >= TRUST_THRESHOLD:
        return f"ended with score {opinion.score:g}, below {TRUST_THRESHOLD:g}"
    if must_have_evidence and not opinion.confidence > 0:
        return f"its score {opinion.score:g} rests on no evidence (confidence {opinion.confidence:g})"
    return ""
