"""What a run looked like to its agents: the trace up to the order of events that commute.

Owns the shape of a run. Two runs of one shape are the same but for ticks, and for the order in which different agents
did what they did; each agent has seen, said and done the same things in the same order.
"""

import hashlib
from collections.abc import Sequence
from functools import cache

from crosslayer.harness.formats.codec import dumps
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.system import System

_LEFT_OUT = ("step", "settlement", "end", "copy")
"""Marks, and what the adversary puts on its way: no agent notices either."""


@cache
def _left_out(system: System) -> frozenset[str]:
    """What no agent notices; also the facts that are looked at between events of different agents."""
    return frozenset((*_LEFT_OUT, *(fact.kind for fact in system.facts if not fact.observed)))


def shape(system: System, events: Sequence[Event]) -> str:
    """The SHA-256 over each agent's own history, in hex; ticks and message numbers are left out."""
    left_out = _left_out(system)
    histories: dict[str, list[object]] = {}
    for event in events:
        if event.kind not in left_out:
            message = event.message
            told = None if message is None else [message.source, message.to, message.kind, message.payload.hex()]
            histories.setdefault(event.agent, []).append([event.kind, dict(event.data), told])
    return hashlib.sha256(dumps(histories)).hexdigest()
