"""The moves that a run is made of: every kind of step, and the plans of an adversary.

Owns their names, and how a drawn move becomes steps. Knows nothing of how often each is drawn (`profiles`).
"""

import re
from collections.abc import Callable, Mapping

from attrs import frozen

from crosslayer.harness.model.steps import (
    STEP_CLASSES,
    ForgeCard,
    Partition,
    RunUntil,
    Schedule,
    Step,
    WashTrade,
    Withhold,
)
from crosslayer.harness.search.generation.arguments import ARGUMENTS
from crosslayer.harness.search.generation.drawing import Draw, Drawn, each_of
from crosslayer.harness.search.generation.plans import (
    COLLUSION,
    COVERS,
    ECLIPSE,
    INTERCEPTION,
    MEDDLING,
    ROBBERY,
    collusion,
    eclipse,
    interception,
    robbery,
)
from crosslayer.harness.systems.commerce.nouns import Population


@frozen
class Move:
    """Steps that are done together: `make` makes them, for a population, of one value for each argument.

    `needs` are the kinds of steps without which the move is none.
    """

    make: Callable[..., Schedule]
    arguments: Mapping[str, Drawn]
    needs: frozenset[type[Step]]


def move_name(kind: type[Step]) -> str:
    """`RunUntil` is the move `run_until`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _single(kind: type[Step]) -> Move:
    make: Callable[..., Step] = kind
    return Move(lambda _, **drawn: (make(**drawn),), ARGUMENTS[kind], frozenset({kind}))


PLANS: Mapping[str, Move] = {
    "collude": Move(lambda _, **drawn: collusion(**drawn), COLLUSION, frozenset({WashTrade})),
    "intercept": Move(lambda _, **drawn: interception(**drawn), INTERCEPTION, frozenset({RunUntil, *MEDDLING})),
    "rob": Move(lambda _, **drawn: robbery(**drawn), ROBBERY, frozenset({RunUntil, Withhold, *map(type, COVERS)})),
    "eclipse_seller": Move(eclipse, ECLIPSE, frozenset({ForgeCard, Partition})),
}
"""Moves of several steps."""

MOVES: Mapping[str, Move] = {**{move_name(kind): _single(kind) for kind in STEP_CLASSES}, **PLANS}
"""Every move by its name."""


def drawn_steps(draw: Draw, name: str, population: Population) -> Schedule:
    """The steps of the move of this name."""
    move = MOVES[name]
    return move.make(population, **each_of(draw, move.arguments))
