"""Steps, plans and schedules as strategies, for use with plain `@given` as well as by the machine.

What their arguments are drawn from is in `crosslayer.harness.search.generation.arguments`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from crosslayer.harness.model.steps import Schedule, Step
from crosslayer.harness.model.system import System
from crosslayer.harness.search.generation import arguments
from crosslayer.harness.search.generation.moves import moves
from crosslayer.strategies.partitions import groups
from crosslayer.strategies.values import built, values


@cache
def strategies_of(system: System) -> Mapping[type[Step], Mapping[str, st.SearchStrategy[Any]]]:
    """For every step, the strategies of its arguments. Only groups are made of several draws."""
    rows = {kind: arguments.arguments(system, kind) for kind in system.vocabulary}
    return {
        kind: {name: groups(system) if callable(row) else values(row) for name, row in named.items()}
        for kind, named in rows.items()
    }


def steps(system: System, *kinds: type[Step]) -> st.SearchStrategy[Step]:
    """Steps of these kinds (all, if none is named), the kinds named first being the simplest."""
    chosen = kinds or system.vocabulary
    return st.one_of(*(st.builds(kind, **strategies_of(system)[kind]) for kind in chosen))


def schedules(system: System, *kinds: type[Step], max_size: int = 30) -> st.SearchStrategy[Schedule]:
    """Schedules of at most `max_size` steps of these kinds."""
    return st.lists(steps(system, *kinds), max_size=max_size).map(tuple)


def plans(system: System, name: str, population: Any = None) -> st.SearchStrategy[Schedule]:
    """The steps of a plan of the system, for a population where the plan depends on it."""
    move = moves(system)[name]
    rows: Mapping[str, Any] = move.arguments
    return built(lambda **drawn: move.make(population, **drawn), rows)
