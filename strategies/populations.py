"""Who takes part, as a strategy. The simplest population has one agent of each role.

The bounds, and how often each count comes, are in `crosslayer.harness.search.generation.populations`.
"""

from hypothesis import strategies as st

from crosslayer.harness.search.generation.populations import BUYERS, SELLERS, SHILL_SELLERS, SHILLS, counts, population
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.strategies.values import built


def populations(
    buyers: int = BUYERS, sellers: int = SELLERS, shill_sellers: int = SHILL_SELLERS, shills: int = SHILLS
) -> st.SearchStrategy[Population]:
    """Populations of at most so many of each role; `ValueError` if there could be no buyer."""
    return built(population, counts(buyers, sellers, shill_sellers, shills))
