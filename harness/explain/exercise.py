"""How often a stack exercises its joint promises, beside the reference: a stack that does less passes more easily.

Owns the comparison on the same drawn schedules. Knows nothing of why a promise was not exercised.
"""

from collections.abc import Iterator

import attrs
from attrs import frozen

from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.search.generation.cases import drawn_case, generator
from crosslayer.harness.search.hunting import STEPS
from crosslayer.harness.search.judgement import Judgement

CASES = 40
"""Schedules that are run on both stacks; at some milliseconds each, less than a second in all."""

FEW = 5
"""Cases in which the reference must exercise a promise before less than half of that says anything."""


@frozen
class Idle:
    """A joint promise that a stack exercised in this number of the cases, and the reference in that."""

    name: str
    here: int
    reference: int

    def __str__(self) -> str:
        return f"{self.name} was exercised in {self.here} of {CASES} cases, and in {self.reference} by the reference"


def idle(judgement: Judgement, seed: int) -> Iterator[Idle]:
    """The joint promises that a stack with a replaced plugin exercises in less than half as many cases."""
    stack = judgement.stack
    if not stack.swapped():
        return
    usual = attrs.evolve(judgement, stack=reference(stack.system))
    cases = [drawn_case(stack.system, generator(seed, number).randint, STEPS) for number in range(CASES)]
    here, there = ([one.run(case).verdicts for case in cases] for one in (judgement, usual))
    for one in judgement.properties:
        if one.joint:
            mine, theirs = (
                sum(said[one.name].outcome is not Outcome.VACUOUS for said in verdicts) for verdicts in (here, there)
            )
            if theirs >= FEW and mine * 2 < theirs:
                yield Idle(one.name, mine, theirs)
