"""What an agent asks of the kernel.

Owns the two effects that a handler may return. Agents never act on the world themselves; the kernel alone
performs effects. (Facts are not effects: an agent's kit writes them to the journal at once, so that they
stand in true order among the facts that its plugins' handles record.)
"""

from typing import NamedTuple


class Send(NamedTuple):
    """Put a message on its way; it arrives after the network's latency, if it arrives."""

    to: str
    kind: str
    payload: bytes


class Wake(NamedTuple):
    """Call me back under this tag after `delay` ticks; a pending wake-up of the tag is replaced.

    The earliest is the next tick: a delay of less than 1 counts as 1.
    """

    tag: str
    delay: int


Effect = Send | Wake
