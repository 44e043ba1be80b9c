"""How the network falls apart.

Owns the strategies for partitions. The simplest cuts one agent off; others split by bits, into two or more groups.
"""

from hypothesis import strategies as st

from harness.steps import Partition

AGENTS = 18
"""The most agents of a drawn population."""


def isolated(agent: int) -> tuple[int, ...]:
    """The groups in which the agent of this index stands alone."""
    return (*(0 for _ in range(agent)), 1, *(0 for _ in range(AGENTS - 1 - agent)))


def groups() -> st.SearchStrategy[tuple[int, ...]]:
    """The group of each agent, by index: one agent alone, or each agent anywhere in two or three groups."""
    anywhere = st.lists(st.integers(0, 2), min_size=2, max_size=AGENTS).map(tuple)
    return st.integers(0, AGENTS - 1).map(isolated) | anywhere


def partitions() -> st.SearchStrategy[Partition]:
    """Partition steps."""
    return st.builds(Partition, groups=groups())
