"""Whole cases, drawn without Hypothesis: who takes part, and what is done.

Owns the order in which a case is drawn, and the generator of each example. An example is a function of the search's
seed and its own number, so that it does not matter which process draws it, or what was drawn before.
"""

import random

from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.kernel.crypto import secret
from crosslayer.harness.model.system import System
from crosslayer.harness.search.generation.drawing import Draw, each_of
from crosslayer.harness.search.generation.moves import drawn_steps, moves
from crosslayer.harness.search.generation.profiles import drawn_move, drawn_slots


def generator(seed: int, number: int, purpose: str = "case") -> random.Random:
    """The generator of one example of the search with this seed; another purpose has another generator."""
    return random.Random(secret(seed, str(number), f"search {purpose}"))  # noqa: S311 - reproducible


def drawn_case(system: System, draw: Draw, count: int) -> Case:
    """A population, and a schedule of this many moves."""
    known = moves(system)
    chosen = system.population.drawn(**each_of(draw, system.population.counts()))
    slots = drawn_slots(system, draw, known)
    steps = (step for _ in range(count) for step in drawn_steps(draw, known[drawn_move(draw, slots)], chosen))
    return Case(chosen, tuple(steps))
