"""A NEST payments plugin as ours: streams are metered by calling it tick by tick, and money is seen in its balances.

Owns what NEST has no word for: whose a stream is, what it has reserved, and what it has moved so far, which is what
left the payer's balance during the calls that were made for it. The plugin alone moves money.
"""

from collections.abc import Mapping
from typing import Any

from crosslayer.harness.kernel.guard import expect
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nest_plugins.driving import drive
from crosslayer.harness.systems.commerce.nest_plugins.ways import PART, Metered, way_of
from crosslayer.harness.systems.commerce.nouns import Stream
from crosslayer.harness.systems.commerce.ports import Roster

NOT_PAID = ("FAILED", "REFUNDED")
"""Names of the NEST statuses that say: there is no such payment."""


class Ledger:
    """All streams of a run, brought up to the present tick whenever somebody looks."""

    def __init__(self, roster: Roster, plugins: Mapping[str, Any], types: Any) -> None:
        self._clock = roster.clock
        self._plugins = plugins
        self._types = types
        self._ways = {name: way_of(name, plugin, types) for name, plugin in plugins.items()}
        self._streams: dict[tuple[str, str], Metered] = {}
        self._running: list[Metered] = []
        self._until = 0

    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> None:
        """Begin a stream; `Refused` as the port says, or if the plugin says no."""
        self._catch_up()
        if payee not in self._plugins or payee == payer:
            raise Refused(f"{payer} cannot pay {payee}")
        if rate <= 0 or cap <= 0:
            raise Refused("a stream's rate and total must be positive")
        if (payer, ref) in self._streams:
            raise Refused(f"{payer} has used the reference {ref} before")
        if self._available(payer) < cap:
            raise Refused(f"{payer} has only {self._available(payer)} credits available, not {cap}")
        stream = Metered(payer, payee, ref, rate, cap)
        before = self._held(payer)
        try:
            self._ways[payer].begin(stream, self._clock.now)
        except ValueError as error:
            raise Refused(str(error)) from error
        stream.moved = before - self._held(payer)
        self._streams[payer, ref] = stream
        self._running.append(stream)

    def close(self, closer: str, payer: str, ref: str) -> int:
        """End a stream for its payer or payee, by the payer's plugin; its total, now and if asked again."""
        self._catch_up()
        stream = self._streams.get((payer, ref))
        if stream is None or closer not in (stream.payer, stream.payee):
            raise Refused(f"{closer} has no stream {ref} of {payer}")
        if stream.open:
            before = self._held(payer)
            try:
                total = self._ways[payer].end(stream, self._clock.now)
            except ValueError as error:
                raise Refused(str(error)) from error
            stream.moved += before - self._held(payer)
            stream.open = False
            stream.total = stream.moved if total is None else total
            self._running = [one for one in self._running if one.open]
        return stream.total

    def stream(self, asker: str, payer: str, ref: str) -> Stream | None:
        """A stream as it stands now, unless the asker's plugin says that there is no such payment."""
        self._catch_up()
        stream = self._streams.get((payer, ref))
        if stream is None:
            return None
        status = drive(PART, asker, "verify_payment", self._plugins[asker].verify_payment(stream.key))
        expect(PART, asker, "verify_payment", status, self._types.PaymentStatus)
        if status.name in NOT_PAID:
            return None
        return Stream(payer, stream.payee, ref, stream.rate, stream.cap, stream.moved, stream.open)

    def balance(self, name: str) -> int:
        """What an agent's plugin says that it has."""
        self._catch_up()
        return self._held(name)

    def _held(self, name: str) -> int:
        held = self._plugins[name].balance(name)
        expect(PART, name, "balance", held, int)
        return held  # type: ignore[no-any-return]

    def _available(self, payer: str) -> int:
        reserved = sum(one.cap - one.moved for one in self._streams.values() if one.open and one.payer == payer)
        return self._held(payer) - reserved

    def _catch_up(self) -> None:
        """Let every tick pass that has passed, for all streams together."""
        now = self._clock.now
        while self._running and self._until < now:
            self._until += 1
            self._running = [stream for stream in self._running if self._goes_on(stream)]
        self._until = now

    def _goes_on(self, stream: Metered) -> bool:
        if stream.moved >= stream.cap:
            return False
        before = self._held(stream.payer)
        try:
            more = self._ways[stream.payer].go_on(stream, self._until)
        except ValueError:
            more = False
        stream.moved += before - self._held(stream.payer)
        return more


class NestPayments:
    """One agent's handle on the money."""

    def __init__(self, name: str, ledger: Ledger) -> None:
        self._name = name
        self._ledger = ledger

    def open_stream(self, to: str, rate_per_tick: int, max_total: int, ref: str) -> None:
        """See the port; what is not yet moved of `max_total` is reserved."""
        self._ledger.open(self._name, to, rate_per_tick, max_total, ref)

    def close_stream(self, payer: str, ref: str) -> int:
        """See the port."""
        return self._ledger.close(self._name, payer, ref)

    def verify_payment(self, payer: str, ref: str) -> Stream | None:
        """See the port."""
        return self._ledger.stream(self._name, payer, ref)

    def balance(self) -> int:
        """See the port."""
        return self._ledger.balance(self._name)
