"""Steps and schedules as strategies, for use with plain `@given` as well as by the machine.

What their arguments are drawn from is in `crosslayer.harness.search.generation.arguments`.
"""

from collections.abc import Mapping

from hypothesis import strategies as st

from crosslayer.harness.model.steps import STEP_CLASSES, Schedule, Step
from crosslayer.harness.search.generation import arguments
from crosslayer.strategies.partitions import groups
from crosslayer.strategies.values import values

ARGUMENTS: Mapping[type[Step], Mapping[str, st.SearchStrategy[object]]] = {
    kind: {name: groups() if callable(row) else values(row) for name, row in rows.items()}
    for kind, rows in arguments.ARGUMENTS.items()
}
"""For every step, the strategies of its arguments. Only groups are made of several draws."""


def steps(*kinds: type[Step]) -> st.SearchStrategy[Step]:
    """Steps of these kinds (all, if none is named), the kinds named first being the simplest."""
    chosen = kinds or STEP_CLASSES
    return st.one_of(*(st.builds(kind, **ARGUMENTS[kind]) for kind in chosen))


def schedules(*kinds: type[Step], max_size: int = 30) -> st.SearchStrategy[Schedule]:
    """Schedules of at most so many steps of these kinds."""
    return st.lists(steps(*kinds), max_size=max_size).map(tuple)
