"""What the arguments of every step are drawn from.

Owns the way from a field's declaration to a row of values. Bounds are static and arguments few, simplest first, so that
a step means the same whatever stands before it; a step chooses among agents by index, wrapping around.
"""

from collections.abc import Mapping
from functools import partial

import attrs

from crosslayer.harness.model.arguments import Agents, Argument, Groups, Kinds, Moments, Numbers, argument_of
from crosslayer.harness.model.steps import Step
from crosslayer.harness.model.system import System
from crosslayer.harness.search.generation.drawing import Drawn
from crosslayer.harness.search.generation.partitions import groups


def arguments(system: System, step: type[Step]) -> Mapping[str, Drawn]:
    """For every argument of a step, what it can be."""
    declared = ((one.name, argument_of(one)) for one in attrs.fields(step))
    return {name: _row(system, argument) for name, argument in declared if argument is not None}


def kinds(system: System) -> tuple[str, ...]:
    """The message kinds; those with more weight come more often, and stand in front."""
    often = (one.name for one in system.messages for _ in range(one.weight - 1))
    return (*often, *system.kinds)


def _row(system: System, argument: Argument) -> Drawn:
    match argument:
        case Agents():
            return argument.indices(system.population)
        case Numbers(among=among):
            return among
        case Kinds():
            return kinds(system)
        case Moments():
            return tuple(system.all_moments)
        case Groups():
            return partial(groups, system.population)
