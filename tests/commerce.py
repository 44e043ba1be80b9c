"""What tests of any part use of `private_commerce`: the system, and the functions that take one, bound to it."""

from functools import partial
from pathlib import Path
from typing import Any

from crosslayer.harness.explain import reduce as reducing
from crosslayer.harness.explain import sentences
from crosslayer.harness.formats import codec, counterexample, scenario, trace
from crosslayer.harness.kernel.stack import catalogue
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.search import probes, shape
from crosslayer.harness.search.generation import cases, moves, profiles
from crosslayer.harness.systems.commerce.nest import scenario as nest
from crosslayer.harness.systems.commerce.system import KNOWN_BAD as _KNOWN_BAD
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE
from crosslayer.harness.systems.finding import in_files
from crosslayer.strategies import canary as canaries
from crosslayer.strategies import populations as _populations
from crosslayer.strategies import schedules as _schedules

SYSTEM = PRIVATE_COMMERCE
FIND = in_files()
RUN_SCENARIO: Any = scenario.shipped(SYSTEM, "run")
HUNT_SCENARIO: Any = scenario.shipped(SYSTEM, "hunt")
RUN_FILE, HUNT_FILE = (Path(str(SYSTEM.scenarios[name])) for name in ("run", "hunt"))
CATALOGUE = catalogue(SYSTEM)
KNOWN_BAD = {one.assignment: one.breaks for one in _KNOWN_BAD}
ALSO = {one.assignment: {*one.also} for one in _KNOWN_BAD}
"""Beside the invariant that each known-bad plugin breaks, those that cannot but break with it."""
MESSAGE_KINDS, MOMENTS = tuple(SYSTEM.kinds), tuple(SYSTEM.all_moments)
FACTS, KINDS = tuple(SYSTEM.facts_by_kind), SYSTEM.event_kinds
MOVES, PLANS = moves.moves(SYSTEM), {one.name: one for one in moves.plans(SYSTEM)}
THEMES = profiles.themes(SYSTEM)

reduce = partial(reducing.reduce, SYSTEM)
sentence = partial(sentences.sentence, SYSTEM)
shape_of = partial(shape.shape, SYSTEM)
drawn_case = partial(cases.drawn_case, SYSTEM)
drawn_slots = partial(profiles.drawn_slots, SYSTEM)
populations = partial(_populations.populations, SYSTEM)
schedules = partial(_schedules.schedules, SYSTEM)
steps = partial(_schedules.steps, SYSTEM)
plans = partial(_schedules.plans, SYSTEM)
read_nest: Any = partial(nest.read, SYSTEM)
canary = partial(canaries.canary, SYSTEM)


def Reached() -> probes.Reached:  # noqa: N802 - it stands for the class
    """A monitor that collects the situations of commerce that one run reached."""
    return probes.Reached(SYSTEM)


def load_scenario(path: Path) -> Any:
    """A scenario from its file."""
    return scenario.load(path, SYSTEM)


def scenario_of(value: Any, place: str) -> Any:
    """A scenario from its JSON form."""
    return scenario.from_value(value, place, SYSTEM)


def schedule_from(value: Any, place: str) -> Any:
    """A schedule from its JSON form."""
    return codec.schedule_from(value, place, SYSTEM)


def load(path: Path) -> counterexample.Counterexample:
    """A counterexample from its file."""
    return counterexample.load(path, FIND)


def read_trace(path: Path, line_bound: int = trace.LINE_BOUND) -> Any:
    """A trace from its file."""
    return trace.read(path, FIND, line_bound)


def header(chosen: Scenario, stack: Any, schedule: Any) -> trace.Header:
    """The header of a run."""
    return trace.Header(chosen, stack, schedule, SYSTEM)
