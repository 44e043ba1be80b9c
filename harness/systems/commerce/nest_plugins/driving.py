"""Calling asynchronous plugins without an event loop, and the context that NEST hands them.

Owns one call of a coroutine, from its first step to its last, and what a plugin may ask of its surroundings
meanwhile. Knows no layer.

NEST awaits its plugins inside a simulator that has no other time than its own. So does the kernel, and a call takes no
time in it: a coroutine that really waits, for a timer, a task or a socket, waits for something that never comes.
"""

from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from crosslayer.harness.model.errors import PluginFault
from crosslayer.harness.systems.commerce.ports import Outgoing, Roster


def drive(part: str, agent: str, operation: str, called: object) -> Any:
    """What an `async` operation answers, once it was called; `PluginFault` if it waits or cannot be awaited.

    Whatever the plugin raises passes through.
    """
    if not isinstance(called, Awaitable):
        reason = f"answered {type(called).__name__} at once, but NEST awaits it: write it as `async def`"
        raise PluginFault(part, agent, operation, reason)
    steps = called.__await__()
    try:
        next(steps)
    except StopIteration as done:
        return done.value
    with suppress(Exception):
        getattr(steps, "close", _nothing)()
    reason = "waits for something outside of the call (a timer, a task, a socket), which never comes"
    raise PluginFault(part, agent, operation, reason)


def _nothing() -> None:
    """What is done to an awaitable that cannot be closed."""


class Context:
    """NEST's context of one agent: who it is, what tick it is, chance of its own, and sending.

    There is no scheduling: rounds of gossip come at the scenario's interval.
    """

    def __init__(self, part: str, name: str, roster: Roster) -> None:
        """Chance is seeded by the run's seed, the part and the agent."""
        self.agent_id = name
        self.rng = roster.random(name, f"nest {part}")
        self.plugins: dict[str, Any] = {}
        self._part = part
        self._clock = roster.clock
        self._peers = tuple(peer for peer in roster.names() if peer != name)
        self._outbox: list[Outgoing] = []

    @property
    def time(self) -> float:
        """The tick, as the number that NEST has."""
        return float(self._clock.now)

    async def send(self, to: str, payload: bytes) -> None:
        """Send when the call is over."""
        self._outbox.append((to, payload))

    async def broadcast(self, payload: bytes) -> None:
        """Send to everybody else, in the order of the roster."""
        self._outbox.extend((peer, payload) for peer in self._peers)

    async def schedule(self, delay: float, payload: bytes) -> None:  # noqa: ARG002 - NEST's signature
        """Always a fault: there is nobody to wake."""
        raise PluginFault(self._part, self.agent_id, "schedule", "a plugin has no wake-ups of its own here")

    def sent(self) -> tuple[Outgoing, ...]:
        """What was to be sent since this was last asked."""
        sent = tuple(self._outbox)
        self._outbox.clear()
        return sent
