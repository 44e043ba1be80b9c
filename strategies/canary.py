"""The canary of the Hypothesis hunt.

What it must catch is declared by the system.
"""

from collections.abc import Sequence

from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.canary import canary as caught
from crosslayer.strategies.hunt import hunt


def canary(system: System, scenario: Scenario, properties: Sequence[Property]) -> str:
    """An empty text if everything that is known to be bad is caught; otherwise, what was missed."""
    return caught(system, scenario, properties, hunt)
