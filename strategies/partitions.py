"""How the network falls apart, as strategies. The simplest cuts one agent off.

The bounds are in `crosslayer.harness.search.generation.partitions`.
"""

from hypothesis import strategies as st

from crosslayer.harness.model.steps import Partition, isolated
from crosslayer.harness.model.system import System
from crosslayer.harness.search.generation.partitions import SIDES, alone, sizes
from crosslayer.strategies.values import built, values


def groups(system: System) -> st.SearchStrategy[tuple[int, ...]]:
    """The group of each agent, by index: one agent alone, or each agent anywhere in two or three groups."""
    bounds = sizes(system.population)
    anywhere = st.lists(values(SIDES), min_size=bounds[0], max_size=bounds[-1]).map(tuple)
    return built(isolated, alone(system.population)) | anywhere


def partitions(system: System) -> st.SearchStrategy[Partition]:
    """Partition steps."""
    return st.builds(Partition, groups=groups(system))
