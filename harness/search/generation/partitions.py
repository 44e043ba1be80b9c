"""How a network can fall apart: one agent alone, or each agent on any of two or three sides.

Owns the groups of partitions, and their bounds for a kind of population.
"""

from collections.abc import Mapping, Sequence

from crosslayer.harness.model.population import Population
from crosslayer.harness.model.steps import isolated
from crosslayer.harness.search.generation.drawing import Draw, each_of, one_of

SIDES = range(3)
"""The sides of a network that falls apart anywhere."""

FEW = 3
"""The fewest agents of which one is drawn to stand alone."""

EXTREME = 5
"""How many of the largest sizes are not drawn for an agent that stands alone."""


def alone(kind: type[Population]) -> Mapping[str, Sequence[int]]:
    """What `isolated` is drawn from."""
    most = kind.most()
    return {"agent": range(most), "agents": range(FEW, most - EXTREME) or range(2, max(most, 2) + 1)}


def sizes(kind: type[Population]) -> range:
    """For how many agents sides are drawn; among more, they come again in the same order."""
    return range(2, max(kind.most(), 2) + 1)


def groups(kind: type[Population], draw: Draw) -> tuple[int, ...]:
    """The group of each agent, by index."""
    if draw(0, 1) == 0:
        return isolated(**each_of(draw, alone(kind)))
    return tuple(one_of(draw, SIDES) for _ in range(one_of(draw, sizes(kind))))
