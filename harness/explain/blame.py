"""Whose fault is it? Replay the counterexample with each part replaced by its reference.

Owns the search for the guilty part. The replacement that cures the counterexample names it. If several cure it, each
of them has its share; if none does alone, a pair may.
"""

from collections.abc import Iterable
from itertools import combinations

from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.search.judgement import Judgement, broken


def blame(judgement: Judgement, name: str, case: Case) -> tuple[str, ...]:
    """The parts to blame for breaking the property: usually one; empty if even the reference stack breaks it."""
    swapped = judgement.stack.swapped()
    for size in range(1, len(swapped) + 1):
        cures = [parts for parts in combinations(swapped, size) if _cured(judgement, name, case, parts)]
        if cures:
            return tuple(part for part in swapped if any(part in parts for parts in cures))
    return ()


def _cured(judgement: Judgement, name: str, case: Case, parts: Iterable[str]) -> bool:
    """Whether the promise is kept with the reference in these parts. A run that ends in a fault keeps nothing."""
    stack = judgement.stack
    usual = reference(stack.system)
    for part in parts:
        stack = stack.replace(part, usual.choices[part])
    result = judgement.on(stack).about(name).run(case)
    return result.fault is None and not broken(result, name)
