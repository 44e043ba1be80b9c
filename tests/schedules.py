"""Steps and schedules as Hypothesis strategies, for tests of the harness itself: every step, every argument."""

from functools import cache
from typing import Any

import attrs
from hypothesis import strategies as st

from crosslayer.harness.model.steps import RUNNING_ON, Step
from crosslayer.harness.systems.commerce.steps import STEPS
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE

ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(tuple(PRIVATE_COMMERCE.kinds)),
    "moment": st.sampled_from(tuple(PRIVATE_COMMERCE.all_moments)),
    "groups": st.lists(st.integers(0, 2), min_size=1, max_size=7).map(tuple),
    "ticks": st.sampled_from((1, 5, 20, 60, 100)),
    "events": st.sampled_from((1, 2, 5, 20, 100)),
}
"""Arguments by name; any other is an index."""


@cache
def steps() -> st.SearchStrategy[Step]:
    """Any step; running on as often as the other steps together, or nothing would ever happen."""
    made = {
        kind: st.builds(
            kind, **{field.name: ARGUMENTS.get(field.name, st.integers(0, 15)) for field in attrs.fields(kind)}
        )
        for kind in STEPS
    }
    return st.one_of(st.one_of(*(made[kind] for kind in RUNNING_ON)), st.one_of(*made.values()))


def schedules(max_size: int) -> st.SearchStrategy[tuple[Step, ...]]:
    """Any schedule of up to this number of steps."""
    return st.lists(steps(), max_size=max_size).map(tuple)
