"""How the network falls apart.

Owns the strategies for partitions. The simplest cuts one agent off; others split by bits, into two or more groups.
"""

from hypothesis import strategies as st

from harness.steps import Partition

AGENTS = 18
"""The most agents of a drawn population."""


def isolated(agent: int, agents: int) -> tuple[int, ...]:
    """The groups in which one of so many agents stands alone (among more agents, every so-many-th)."""
    return tuple(int(index == agent % agents) for index in range(agents))


def groups() -> st.SearchStrategy[tuple[int, ...]]:
    """The group of each agent, by index: one agent alone, or each agent anywhere in two or three groups."""
    alone = st.builds(isolated, agent=st.integers(0, AGENTS - 1), agents=st.integers(3, AGENTS - 6))
    anywhere = st.lists(st.integers(0, 2), min_size=2, max_size=AGENTS).map(tuple)
    return alone | anywhere


def partitions() -> st.SearchStrategy[Partition]:
    """Partition steps."""
    return st.builds(Partition, groups=groups())
