"""Who can take part: populations from one buyer and one seller to a dozen and a half agents.

Owns the bounds of populations and how often each count comes. The simplest has one agent of each role.
"""

from collections.abc import Mapping

from crosslayer.harness.search.generation.drawing import Values
from crosslayer.harness.systems.commerce.nouns import Population

BUYERS, SELLERS, SHILL_SELLERS, SHILLS = 5, 4, 2, 6
"""The most of each role that a hunt draws."""

CORRUPT = SHILL_SELLERS + SHILLS
"""The most corrupt agents of a drawn population."""

AGENTS = BUYERS + SELLERS + CORRUPT + 1
"""The most agents of a drawn population, its auditor included."""


def population(buyers: int, sellers: int, shill_sellers: int, shills: int) -> Population:
    """A population of these counts; with no seller of either kind, one honest seller is added."""
    return Population(buyers, sellers if sellers + shill_sellers else 1, shill_sellers, shills)


def counts(
    buyers: int = BUYERS, sellers: int = SELLERS, shill_sellers: int = SHILL_SELLERS, shills: int = SHILLS
) -> Mapping[str, Values]:
    """The counts of each role, of which there are at most so many; `ValueError` if there could be no buyer."""
    if buyers < 1:
        raise ValueError("populations need at least one buyer")
    return {
        "buyers": _counts(1, buyers, often=(1, 2, 1, 2)),
        "sellers": _counts(0, sellers, often=(1, 0, 0, 2, 0, 1)),
        "shill_sellers": _counts(0, shill_sellers, often=(1, 1, 1)),
        "shills": _counts(0, shills, often=(1, 2, 0, 1, 3)),
    }


def _counts(least: int, most: int, often: tuple[int, ...]) -> Values:
    """Counts in a range; those that come more often stand in front, and are the simplest."""
    return [count for count in (*often, *range(least, most + 1)) if least <= count <= most]
