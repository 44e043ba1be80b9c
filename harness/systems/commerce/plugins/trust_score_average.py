"""The naive trust layer: the average of what everyone says, believed word for word.

Owns nothing but that average. It is the known-bad swap: it verifies no signature and asks no ledger, and one wash
trade makes up for one sale without goods. Only exact repetitions are dropped.
"""

from crosslayer.harness.systems.commerce.nouns import NEUTRAL_SCORE, Evidence, Receipt, Score
from crosslayer.harness.systems.commerce.ports import Roster, Trust


class AverageTrust:
    """Every receipt about an agent is a 1, every complaint a 0."""

    def __init__(self) -> None:
        """Nothing is known yet, so everybody is neutral."""
        self._reports: dict[str, list[Evidence]] = {}

    def report(self, agent: str, evidence: Evidence) -> None:
        """Take the evidence as it comes, true or forged."""
        reports = self._reports.setdefault(agent, [])
        if evidence not in reports:
            reports.append(evidence)

    def score(self, agent: str) -> Score:
        """The share of receipts in all that was reported about the agent; neutral if that is nothing."""
        reports = self._reports.get(agent)
        if not reports:
            return Score(NEUTRAL_SCORE, 0.0)
        receipts = sum(isinstance(evidence, Receipt) for evidence in reports)
        return Score(receipts / len(reports), 1 - 0.5 ** len(reports))


def make(roster: Roster) -> dict[str, Trust]:
    """One average per member, shared with nobody."""
    return {name: AverageTrust() for name in roster.names()}
