"""Who takes part: populations from one buyer and one seller to a dozen and a half agents.

Owns the strategy for populations. The simplest has one agent of each role.
"""

from hypothesis import strategies as st

from harness.nouns import Population

BUYERS, SELLERS, SHILL_SELLERS, SHILLS = 5, 4, 2, 6
"""The most of each role that a hunt draws."""


def population(buyers: int, sellers: int, shill_sellers: int, shills: int) -> Population:
    """A population of these counts; with no seller of either kind, one honest seller is added."""
    return Population(buyers, sellers if sellers + shill_sellers else 1, shill_sellers, shills)


def populations(
    buyers: int = BUYERS, sellers: int = SELLERS, shill_sellers: int = SHILL_SELLERS, shills: int = SHILLS
) -> st.SearchStrategy[Population]:
    """Populations of at most so many of each role; `ValueError` if there could be no buyer."""
    if buyers < 1:
        raise ValueError("populations need at least one buyer")
    return st.builds(
        population,
        buyers=_counts(1, buyers, often=(1, 2, 1, 2)),
        sellers=_counts(0, sellers, often=(1, 0, 0, 2, 0, 1)),
        shill_sellers=_counts(0, shill_sellers, often=(1, 1, 1)),
        shills=_counts(0, shills, often=(1, 2, 0, 1, 3)),
    )


def _counts(least: int, most: int, often: tuple[int, ...]) -> st.SearchStrategy[int]:
    """Counts in a range; those that come more often stand in front, and are the simplest."""
    return st.sampled_from([count for count in (*often, *range(least, most + 1)) if least <= count <= most])
