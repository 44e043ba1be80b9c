"""Determinism is checked, not believed: two runs of one schedule must be the same, event by event.

Owns the comparison of two runs, and the few schedules that are run twice before a pass is believed.
"""

from itertools import zip_longest

from crosslayer.harness.explain.sentences import sentence
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.search.generation.cases import drawn_case, generator
from crosslayer.harness.search.hunting import STEPS
from crosslayer.harness.search.judgement import Judgement

TWICE = 5
"""Schedules that are run twice: a source of chance that is asked in every run differs in the first of them."""


def difference(first: Result, second: Result) -> str:
    """The first event in which two runs of one schedule differ, in words; empty if they are the same."""
    for seq, (one, other) in enumerate(zip_longest(first.events, second.events)):
        if one != other:
            told = " against ".join(
                sentence(first.system, event) if event else "nothing more" for event in (one, other)
            )
            return f"two runs of this schedule differ from event {seq} on ({told}): a plugin is not deterministic"
    return ""


def doubt(judgement: Judgement, seed: int) -> str:
    """Why no verdict on this stack can be relied on, after running some drawn schedules twice; empty if none is known.

    A run that does not end by itself is run no second time.
    """
    for number in range(TWICE):
        case = drawn_case(judgement.stack.system, generator(seed, number).randint, STEPS)
        first = judgement.run(case)
        if first.fault is not None:
            return ""
        found = difference(first, judgement.run(case))
        if found:
            return found
    return ""
