"""How the network can fall apart: one agent alone, or each agent on any of two or three sides.

Owns the groups of partitions, and their bounds.
"""

from crosslayer.harness.search.generation.drawing import Draw, each_of, one_of
from crosslayer.harness.search.generation.populations import AGENTS

ALONE = {"agent": range(AGENTS), "agents": range(3, AGENTS - 5)}
"""What `isolated` is drawn from."""

SIDES = range(3)
"""The sides of a network that falls apart anywhere."""

SIZES = range(2, AGENTS + 1)
"""For how many agents sides are drawn; among more, they come again in the same order."""


def isolated(agent: int, agents: int) -> tuple[int, ...]:
    """The groups in which one of so many agents stands alone (among more agents, every so-many-th)."""
    return tuple(int(index == agent % agents) for index in range(agents))


def groups(draw: Draw) -> tuple[int, ...]:
    """The group of each agent, by index."""
    if draw(0, 1) == 0:
        return isolated(**each_of(draw, ALONE))
    return tuple(one_of(draw, SIDES) for _ in range(one_of(draw, SIZES)))
