"""Who takes part, as a strategy. The simplest population has the first count of each role.

The bounds, and how often each count comes, are declared in the system's population.
"""

from typing import Any

from hypothesis import strategies as st

from crosslayer.harness.model.system import System
from crosslayer.strategies.values import built


def populations(system: System, **most: int) -> st.SearchStrategy[Any]:
    """Populations of a system, of at most this many of each role; `ValueError` if there could be none."""
    return built(system.population.drawn, system.population.counts(**most))
