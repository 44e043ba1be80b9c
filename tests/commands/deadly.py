"""A trust layer that ends the worker process in which it is made for the two thousandth time."""

import os
from collections.abc import Mapping
from itertools import count
from multiprocessing import parent_process

from crosslayer.harness.systems.commerce.plugins import trust_agent_receipts
from crosslayer.harness.systems.commerce.ports import Roster, Trust

_made = count(1)


def make(roster: Roster) -> Mapping[str, Trust]:
    """The reference, as long as it lasts."""
    if next(_made) == 2000 and parent_process() is not None:
        os._exit(9)
    return trust_agent_receipts.make(roster)
