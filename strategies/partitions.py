"""How the network falls apart, as strategies. The simplest cuts one agent off.

The bounds are in `crosslayer.harness.search.generation.partitions`.
"""

from hypothesis import strategies as st

from crosslayer.harness.model.steps import Partition
from crosslayer.harness.search.generation.partitions import ALONE, SIDES, SIZES, isolated
from crosslayer.strategies.values import built, values


def groups() -> st.SearchStrategy[tuple[int, ...]]:
    """The group of each agent, by index: one agent alone, or each agent anywhere in two or three groups."""
    anywhere = st.lists(values(SIDES), min_size=SIZES[0], max_size=SIZES[-1]).map(tuple)
    return built(isolated, ALONE) | anywhere


def partitions() -> st.SearchStrategy[Partition]:
    """Partition steps."""
    return st.builds(Partition, groups=groups())
