"""What a run looked like to its agents: the trace up to the order of events that commute.

Owns the shape of a run. Two runs of one shape are the same but for ticks, and for the order in which different agents
did what they did; each agent has seen, said and done the same things in the same order.
"""

import hashlib
from collections.abc import Sequence

from crosslayer.harness.formats.codec import dumps
from crosslayer.harness.model.events import Event

_LEFT_OUT = frozenset(("step", "settlement", "end", "ledger", "audit", "counterfactual", "copy"))
"""Marks, and what the harness looks at between events of different agents."""


def shape(events: Sequence[Event]) -> str:
    """The SHA-256 over each agent's own history, in hex; ticks and message numbers are left out."""
    histories: dict[str, list[object]] = {}
    for event in events:
        if event.kind not in _LEFT_OUT:
            message = event.message
            told = None if message is None else [message.source, message.to, message.kind, message.payload.hex()]
            histories.setdefault(event.agent, []).append([event.kind, dict(event.data), told])
    return hashlib.sha256(dumps(histories)).hexdigest()
