"""The canary of the Hypothesis hunt.

What it must catch is in `crosslayer.harness.search.canary`.
"""

from collections.abc import Sequence

from crosslayer.harness.formats.scenario import Scenario
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.canary import CASE, KNOWN_BAD
from crosslayer.harness.search.canary import canary as caught
from crosslayer.strategies.hunt import hunt


def canary(scenario: Scenario, properties: Sequence[Property]) -> str:
    """An empty text if everything that is known to be bad is caught; otherwise, what was missed."""
    return caught(scenario, properties, hunt)


__all__ = ["CASE", "KNOWN_BAD", "canary"]
