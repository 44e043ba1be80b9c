"""The reference payments layer: money streams from payer to payee, tick by tick, up to a reserved cap.

Owns the ledger, the only thing that knows who has how much, and each agent's handle on it. Knows no message,
no goods and no other layer.

The ledger is lazy and exact: a stream is an agreement that never changes but by closing, and what it has
moved is a function of the agreement and the present tick. That function is the ledger's accrual rule, the
one thing in which another payments plugin may differ.
"""

from collections.abc import Callable

import attrs
from attrs import frozen

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nouns import Stream
from crosslayer.harness.systems.commerce.ports import Clock, Roster


@frozen
class Agreement:
    """What payer and payee agreed on, and the ticks at which it began and, if it has, ended."""

    payer: str
    payee: str
    ref: str
    rate: int
    cap: int
    opened: int
    closed: int | None = None


Accrual = Callable[[Agreement, int], int]
"""The credits that an agreement has moved at a tick: never less than before, frozen at closing, never past its cap."""


def accrued(agreement: Agreement, now: int) -> int:
    """The rate for every tick since the opening, the first one included, until the cap or the closing."""
    end = now if agreement.closed is None else agreement.closed
    return min(agreement.cap, agreement.rate * (end - agreement.opened + 1))


class Ledger:
    """Each agent's money and all streams. Credits are never made or lost, whatever the accrual rule says."""

    def __init__(self, roster: Roster, accrual: Accrual) -> None:
        self._clock: Clock = roster.clock
        self._accrual = accrual
        self._settled = dict.fromkeys(roster.names(), roster.balance)
        self._agreements: dict[tuple[str, str], Agreement] = {}
        self._open: dict[tuple[str, str], Agreement] = {}
        self._shown: dict[tuple[str, str], tuple[Agreement, Stream]] = {}

    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> None:
        """Begin a stream and reserve its cap. `Refused` if the parties, numbers, reference or means do not allow it."""
        if payee not in self._settled or payee == payer:
            raise Refused(f"{payer} cannot pay {payee}")
        if rate <= 0 or cap <= 0:
            raise Refused("a stream's rate and total must be positive")
        if (payer, ref) in self._agreements:
            raise Refused(f"{payer} has used the reference {ref} before")
        if self._available(payer) < cap:
            raise Refused(f"{payer} has only {self._available(payer)} credits available, not {cap}")
        agreement = Agreement(payer, payee, ref, rate, cap, opened=self._clock.now)
        self._agreements[payer, ref] = self._open[payer, ref] = agreement

    def close(self, closer: str, payer: str, ref: str) -> int:
        """End a stream for its payer or payee; the total that it moved. `Refused`: unknown, or for anybody else."""
        agreement = self._agreements.get((payer, ref))
        if agreement is None or closer not in (agreement.payer, agreement.payee):
            raise Refused(f"{closer} has no stream {ref} of {payer}")
        if agreement.closed is None:
            agreement = attrs.evolve(agreement, closed=self._clock.now)
            self._agreements[payer, ref] = agreement
            del self._open[payer, ref]
            self._settled[payer] -= self._moved(agreement)
            self._settled[agreement.payee] += self._moved(agreement)
        return self._moved(agreement)

    def stream(self, payer: str, ref: str) -> Stream | None:
        """A stream as it stands now."""
        agreement = self._agreements.get((payer, ref))
        if agreement is None:
            return None
        moved, shown = self._moved(agreement), self._shown.get((payer, ref))
        if shown is not None and shown[0] is agreement and shown[1].moved == moved:
            return shown[1]
        stream = Stream(
            payer=agreement.payer,
            payee=agreement.payee,
            ref=agreement.ref,
            rate=agreement.rate,
            cap=agreement.cap,
            moved=moved,
            open=agreement.closed is None,
        )
        self._shown[payer, ref] = (agreement, stream)
        return stream

    def balance(self, name: str) -> int:
        """An agent's credits now: what is reserved but has not moved yet is still its own."""
        if not self._open:
            return self._settled[name]
        paid = sum(self._moved(agreement) for agreement in self._paying(name))
        return self._settled[name] + self._received(name) - paid

    def _available(self, name: str) -> int:
        reserved = sum(agreement.cap for agreement in self._paying(name))
        return self._settled[name] + self._received(name) - reserved

    def _received(self, name: str) -> int:
        return sum(self._moved(agreement) for agreement in self._open.values() if agreement.payee == name)

    def _paying(self, name: str) -> list[Agreement]:
        return [agreement for agreement in self._open.values() if agreement.payer == name]

    def _moved(self, agreement: Agreement) -> int:
        return self._accrual(agreement, self._clock.now)


@frozen
class Account:
    """One agent's handle on the ledger."""

    owner: str
    ledger: Ledger

    def open_stream(self, to: str, rate_per_tick: int, max_total: int, ref: str) -> None:
        """Start paying `to`; `max_total` is reserved until the stream closes.

        `Refused`: a payee that is unknown or the owner, a number that is not positive, a reference that the
        owner has used before, or less than `max_total` available.
        """
        self.ledger.open(self.owner, to, rate_per_tick, max_total, ref)

    def close_stream(self, payer: str, ref: str) -> int:
        """Stop a stream of which the owner is payer or payee; its total, now and if asked again.

        `Refused`: unknown stream, or the owner is neither.
        """
        return self.ledger.close(self.owner, payer, ref)

    def verify_payment(self, payer: str, ref: str) -> Stream | None:
        """Anybody's view of a stream as it stands now, or None if there is none."""
        return self.ledger.stream(payer, ref)

    def balance(self) -> int:
        """The owner's credits now, what is reserved but not moved included."""
        return self.ledger.balance(self.owner)


def accounts(roster: Roster, accrual: Accrual) -> dict[str, Account]:
    """A handle for every member on one new ledger with this accrual rule."""
    ledger = Ledger(roster, accrual)
    return {name: Account(name, ledger) for name in roster.names()}


def make(roster: Roster) -> dict[str, Account]:
    """One ledger on which money moves with every tick."""
    return accounts(roster, accrued)
