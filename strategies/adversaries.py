"""What an adversary plans, as strategies: collusions, interceptions, robberies.

The plans themselves, and what they are drawn from, are in `crosslayer.harness.search.generation.plans`.
"""

from hypothesis import strategies as st

from crosslayer.harness.model.steps import Schedule, WashTrade
from crosslayer.harness.search.generation.plans import (
    COLLUSION,
    INTERCEPTION,
    ROBBERY,
    collusion,
    interception,
    robbery,
)
from crosslayer.strategies.values import built


def collusions() -> st.SearchStrategy[tuple[WashTrade, ...]]:
    """Any shape, from one edge to a ring of all corrupt agents with a tail."""
    return built(collusion, COLLUSION)


def interceptions() -> st.SearchStrategy[Schedule]:
    """Any meddling with any kind of message."""
    return built(interception, INTERCEPTION)


def robberies() -> st.SearchStrategy[Schedule]:
    """Any shill seller robs any buyer, and covers it up in any way."""
    return built(robbery, ROBBERY)
