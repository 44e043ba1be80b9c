"""A trust layer that ends the worker process in which it is made for the two hundredth time."""

import os
from collections.abc import Mapping
from itertools import count
from multiprocessing import parent_process

from harness.plugins import trust_score_average
from harness.ports import Roster, Trust

_made = count(1)


def make(roster: Roster) -> Mapping[str, Trust]:
    """Averages, as long as it lasts."""
    if next(_made) == 200 and parent_process() is not None:
        os._exit(9)
    return trust_score_average.make(roster)
