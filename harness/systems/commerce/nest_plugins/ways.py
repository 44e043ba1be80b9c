"""The two ways in which a NEST plugin moves a stream's money: by NEST's streams, or by one payment for each tick.

Owns the calls and what the plugin is told. Knows nothing of whose a stream is or what it has moved: that is `payments`.

NEST's references belong to no agent, ours belong to their payer: NEST is told both in one.
"""

import inspect
from typing import Any, Protocol

from attrs import define

from crosslayer.harness.kernel.guard import expect
from crosslayer.harness.systems.commerce.nest_plugins.driving import drive

PART = "payments"


@define(eq=False)
class Metered:
    """A stream under way: its terms, the credits that it has moved, and whether it is open."""

    payer: str
    payee: str
    ref: str
    rate: int
    cap: int
    moved: int = 0
    open: bool = True
    total: int = 0

    @property
    def key(self) -> str:
        """The reference that NEST is told, for a stream or its first payment."""
        return f"{self.payer}/{self.ref}"


class Way(Protocol):
    """How one agent's plugin moves a stream's money. The plugin's `ValueError`, its documented no, passes through."""

    def begin(self, stream: Metered, tick: int) -> None:
        """Open it, and pay the first tick."""
        ...

    def go_on(self, stream: Metered, tick: int) -> bool:
        """Pay one more tick; False when no other can follow."""
        ...

    def end(self, stream: Metered, tick: int) -> int | None:
        """Close it; the total that the plugin says it has moved, if it says any."""
        ...


class Streams:
    """By NEST's own streams."""

    def __init__(self, name: str, plugin: Any, types: Any) -> None:
        self._name = name
        self._plugin = plugin
        self._types = types

    def begin(self, stream: Metered, tick: int) -> None:
        """`open_stream`."""
        terms = {"to": stream.payee, "rate_per_tick": stream.rate, "max_total": stream.cap, "ref": stream.key}
        self._call("open_stream", tick, **terms)

    def go_on(self, stream: Metered, tick: int) -> bool:
        """`tick_stream`; a plugin that has none is not asked again."""
        if not hasattr(self._plugin, "tick_stream"):
            return False
        return drive(PART, self._name, "tick_stream", self._plugin.tick_stream(stream.key, tick)) is not False

    def end(self, stream: Metered, tick: int) -> int | None:
        """`close_stream`, and what its receipt says."""
        receipt = self._call("close_stream", tick, ref=stream.key)
        expect(PART, self._name, "close_stream", receipt, self._types.Receipt)
        return receipt.amount.amount  # type: ignore[no-any-return]

    def _call(self, operation: str, tick: int, **given: Any) -> Any:
        function = getattr(self._plugin, operation)
        if "tick" in inspect.signature(function).parameters:
            given["tick"] = tick
        return drive(PART, self._name, operation, function(**given))


class SinglePayments:
    """By one payment for each tick."""

    def __init__(self, name: str, plugin: Any, types: Any) -> None:
        self._name = name
        self._plugin = plugin
        self._types = types

    def begin(self, stream: Metered, tick: int) -> None:  # noqa: ARG002 - see the protocol
        """The first payment."""
        self._pay(stream, stream.key)

    def go_on(self, stream: Metered, tick: int) -> bool:
        """One more payment, under a reference of its own."""
        self._pay(stream, f"{stream.key}@{tick}")
        return True

    def end(self, stream: Metered, tick: int) -> int | None:  # noqa: ARG002 - see the protocol
        """Nothing is left to do."""
        return None

    def _pay(self, stream: Metered, ref: str) -> None:
        amount = self._types.Money(amount=min(stream.rate, stream.cap - stream.moved))
        receipt = drive(PART, self._name, "pay", self._plugin.pay(stream.payee, amount, ref))
        expect(PART, self._name, "pay", receipt, self._types.Receipt)


def way_of(name: str, plugin: Any, types: Any) -> Way:
    """How this plugin moves a stream's money."""
    has_streams = hasattr(plugin, "open_stream") and hasattr(plugin, "close_stream")
    return Streams(name, plugin, types) if has_streams else SinglePayments(name, plugin, types)
