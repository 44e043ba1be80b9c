"""Determinism is checked, not believed: two runs of one schedule must be the same, event by event.

Owns the comparison of two runs. Knows nothing of why they were made.
"""

from itertools import zip_longest

from crosslayer.harness.explain.sentences import sentence
from crosslayer.harness.kernel.simulation import Result


def difference(first: Result, second: Result) -> str:
    """The first event in which two runs of one schedule differ, in words; empty if they are the same."""
    for seq, (one, other) in enumerate(zip_longest(first.events, second.events)):
        if one != other:
            told = " against ".join(
                sentence(first.system, event) if event else "nothing more" for event in (one, other)
            )
            return f"two runs of this schedule differ from event {seq} on ({told}): a plugin is not deterministic"
    return ""
