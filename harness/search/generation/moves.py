"""The moves that a run is made of: every kind of step, and the plans of an adversary.

Owns their names, how a drawn move becomes steps, and the one plan that every system has: to intercept a message. Knows
nothing of how often each is drawn (`profiles`).
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from attrs import frozen

from crosslayer.harness.kernel.altering import PLACES, WAYS
from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.declarations import Plan
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.steps import (
    Alter,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Redirect,
    RunUntil,
    Schedule,
    Step,
    Tamper,
)
from crosslayer.harness.model.system import BadSystem, System
from crosslayer.harness.search.generation.arguments import arguments
from crosslayer.harness.search.generation.drawing import Draw, Drawn, each_of


@frozen
class Move:
    """Steps that are done together: `make` makes them, for a population, of one value for each argument.

    `needs` are the kinds of steps without which the move is none.
    """

    make: Callable[..., Schedule]
    arguments: Mapping[str, Drawn]
    needs: frozenset[type[Step]]


MEDDLING = (Deliver, Tamper, Drop, Duplicate, Delay, Redirect, Deliver, Tamper)
"""What can be done to a message that has just been sent; what no resending undoes comes more often."""

INTERCEPT_WEIGHT, ALTER_WEIGHT = 9, 4
"""How many slots an interception and an alteration have in the draw."""


def interception(_population: Population | None, kind: str, act: Callable[[str], Step]) -> Schedule:
    """Wait for the next message of a kind, and meddle with the oldest of that kind under way."""
    return RunUntil(f"{kind} sent"), act(kind)


def alteration(_population: Population | None, kind: str, way: int, place: int) -> Schedule:
    """Wait for the next message of a kind, and change it."""
    return RunUntil(f"{kind} sent"), Alter(kind, 0, way, place)


def interceptable(system: System) -> tuple[str, ...]:
    """The kinds of messages that can be waited for."""
    return system.intercepted or tuple(name for name in system.kinds if f"{name} sent" in system.all_moments)


@cache
def plans(system: System) -> tuple[Plan, ...]:
    """The plans of a system, and the one that every system has."""
    rows: dict[str, Any] = {"kind": interceptable(system), "act": MEDDLING}
    needs = {RunUntil, *MEDDLING}
    intercept = Plan(
        "intercept", interception, rows, INTERCEPT_WEIGHT, needs, "A message is meddled with once it is sent."
    )
    changed = {"kind": rows["kind"], "way": range(len(WAYS)), "place": range(PLACES)}
    about = "A message is changed in some place once it is sent."
    alter = Plan("alter_sent", alteration, changed, ALTER_WEIGHT, {RunUntil, Alter}, about)
    shared = [one for one in (intercept, alter) if one.needs <= {*system.vocabulary}]
    return (*shared, *system.plans) if rows["kind"] else system.plans


def move_name(kind: type[Step]) -> str:
    """`RunUntil` is the move `run_until`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _one(kind: type[Step], _population: Population, /, **drawn: Any) -> Schedule:
    return (kind(**drawn),)


@cache
def moves(system: System) -> Mapping[str, Move]:
    """Every move by its name."""
    single = {
        move_name(kind): Move(partial(_one, kind), arguments(system, kind), frozenset({kind}))
        for kind in system.vocabulary
    }
    return {
        **single,
        **{one.name: Move(partial(_planned, system, one), one.arguments, one.needs) for one in plans(system)},
    }


def drawn_steps(draw: Draw, move: Move, population: Population) -> Schedule:
    """The steps of a move."""
    return move.make(population, **each_of(draw, move.arguments))


def _planned(system: System, plan: Plan, population: Population, /, **drawn: Any) -> Schedule:
    """The steps of a plan; `BadSystem` if it makes anything else."""
    place = f"system {system.name}: plans: {plan.name}"
    try:
        steps = tuple(plan.make(population, **drawn))
    except Exception as error:
        raise BadSystem(place, f"cannot make its steps: {describe(error)}") from error
    for step in steps:
        if type(step) not in system.vocabulary:
            raise BadSystem(place, f"makes {brief(step)}, which is no step of this system")
    return steps
