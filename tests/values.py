"""Hypothesis strategies for values as such: any step, schedule, scenario or event, sensible or not.

They are for round trips and know nothing of what makes a good run.
"""

from typing import Any

import attrs
from hypothesis import strategies as st

from crosslayer.harness.model.events import WIRE, Event, Message
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.model.steps import Schedule, Step
from crosslayer.harness.systems.commerce.nouns import LAYERS, Population, Scenario, Terms
from crosslayer.harness.systems.commerce.steps import STEPS as _KINDS
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE
from tests.commerce import KINDS

NATURALS = st.integers(0, 1000) | st.integers(0, (1 << 63) - 1)
TEXTS = st.text(max_size=20)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(tuple(PRIVATE_COMMERCE.kinds)),
    "moment": st.sampled_from(tuple(PRIVATE_COMMERCE.all_moments)),
    "groups": st.lists(NATURALS, min_size=1, max_size=4).map(tuple),
}
_ENVELOPE = {"seq", "tick", "kind", "agent", "id", "source", "to", "message", "payload", "payload64"}


def _step(kind: type[Step]) -> st.SearchStrategy[Step]:
    return st.builds(kind, **{one.name: _FIELDS.get(one.name, NATURALS) for one in attrs.fields(kind)})


STEPS: st.SearchStrategy[Step] = st.one_of([_step(kind) for kind in _KINDS])
SCHEDULES: st.SearchStrategy[Schedule] = st.lists(STEPS, max_size=6).map(tuple)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)

SCENARIOS = st.builds(
    Scenario,
    name=TEXTS,
    population=st.builds(Population, buyer=st.integers(1, 5), seller=st.integers(1, 64), shill=st.integers(0, 3)),
    terms=st.builds(Terms, bid=st.integers(1, 9)),
    seed=NATURALS,
    faults=st.sampled_from([Faults(), Faults(drop=0.25), Faults(partition=(("buyer-0",), ("seller-0",)), heals_at=7)]),
    adversary=SCHEDULES,
    stack=st.lists(st.tuples(st.sampled_from(LAYERS), TEXTS), unique_by=lambda pair: pair[0]).map(tuple),
)

_DATA = st.dictionaries(TEXTS.filter(lambda key: key not in _ENVELOPE), JSON, max_size=3)
_MESSAGES = st.builds(
    Message, NATURALS, TEXTS, TEXTS, st.sampled_from(tuple(PRIVATE_COMMERCE.kinds)), st.binary(max_size=30)
)
_QUIET = st.sampled_from([kind for kind in KINDS if kind not in WIRE])
EVENTS: st.SearchStrategy[Event] = st.builds(Event, NATURALS, _QUIET, TEXTS, _DATA, st.none()) | st.builds(
    Event, NATURALS, st.sampled_from(WIRE), TEXTS, _DATA, _MESSAGES
)
