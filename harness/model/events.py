"""What happened: events, the messages in them, and the names of what the kernel itself records.

Owns the one shape of an event. Every other kind of event is a fact that a system declares. Knows nothing of who
records them.

An event is a `NamedTuple` rather than an attrs value because the kernel makes millions of them: a third of
the cost, and as immutable. `docs/trace.md` documents the data of each kind.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

WIRE = ("send", "copy", "tamper", "deliver", "drop")
"""What happens to messages. `copy` is a message that the adversary put on its way (duplicate, redirect)."""

EVERY_KIND = "*"
"""What stands for every event kind that a monitor does not name."""

MARKS = ("step", "link", "node", "settlement", "fault", "end")
"""What the environment did, and where the run stands."""


class Message(NamedTuple):
    """One message on the wire. `id` is unique in a run, `payload` is what the network sees."""

    id: int
    source: str
    to: str
    kind: str
    payload: bytes


class Event(NamedTuple):
    """One record of what happened at `tick`, by or to `agent`; wire events carry their message."""

    tick: int
    kind: str
    agent: str
    data: Mapping[str, Any]
    message: Message | None = None


NO_DATA: Mapping[str, Any] = {}

Trace = tuple[Event, ...]
"""All events of a run. An event's sequence number is its index."""
