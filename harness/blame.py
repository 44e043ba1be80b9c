"""Whose fault is it? Replay the counterexample with each part replaced by its reference.

Owns the search for the guilty part. The replacement that cures the counterexample names it; if none does alone, a
pair may.
"""

from itertools import combinations

from harness.counterexample import Case
from harness.judgement import Judgement
from harness.stack import REFERENCE


def blame(judgement: Judgement, name: str, case: Case) -> tuple[str, ...]:
    """The parts to blame for breaking the property: usually one; empty if even the reference stack breaks it."""
    swapped = judgement.stack.swapped()
    for size in range(1, len(swapped) + 1):
        for parts in combinations(swapped, size):
            stack = judgement.stack
            for part in parts:
                stack = stack.replace(part, REFERENCE.choices[part])
            if not judgement.on(stack).breaks(name, case):
                return parts
    return ()
