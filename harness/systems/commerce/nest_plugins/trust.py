"""A NEST trust plugin as ours.

Owns nothing but the two calls. What evidence becomes is told in `evidence`. NEST shows its trust plugins no ledger, so
these see none.
"""

from typing import Any

from crosslayer.harness.kernel.guard import expect
from crosslayer.harness.systems.commerce.nest_plugins.driving import drive
from crosslayer.harness.systems.commerce.nest_plugins.evidence import Translator
from crosslayer.harness.systems.commerce.nouns import Evidence, Score

PART = "trust"


class NestTrust:
    """One agent's opinion of everybody."""

    def __init__(self, name: str, plugin: Any, types: Any, translator: Translator) -> None:
        self._name = name
        self._plugin = plugin
        self._types = types
        self._translator = translator

    def report(self, agent: str, evidence: Evidence) -> None:
        """`report`, in NEST's words."""
        said = self._translator.said(agent, evidence)
        if said is not None:
            drive(PART, self._name, "report", self._plugin.report(agent, said))

    def score(self, agent: str) -> Score:
        """`score`: of a `ReputationScore`, the score and the confidence."""
        found = drive(PART, self._name, "score", self._plugin.score(agent))
        expect(PART, self._name, "score", found, self._types.ReputationScore)
        return Score(found.score, found.confidence)
