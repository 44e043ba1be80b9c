"""Money is never made nor lost: what leaves a payer reaches its payee, at the rate, up to the cap, until the close.

Owns the payments contract, judged by ground truth alone: every stream was opened, to that payee; at every look exactly
what accrued has moved; what a closing said to be settled is what was due and what moved; nothing moves afterwards, and
nothing opens again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.commerce.books import Row, rows
from crosslayer.properties.contract import Contract

_Key = tuple[str, str]


class _Opening(NamedTuple):
    seq: int
    tick: int
    payee: str
    rate: int
    cap: int


class _Closing(NamedTuple):
    seq: int
    total: int


class _Payments(Contract):
    part = "payments"

    def __init__(self, _population: Population) -> None:
        super().__init__()
        self._openings: dict[_Key, _Opening] = {}
        self._closings: dict[_Key, _Closing] = {}
        self._rows: dict[_Key, Row] = {}
        self._ledger_seqs: tuple[int, ...] = ()
        self._sum: int | None = None
        self._own: dict[str, int] = {}

    def facts(self) -> Mapping[str, Handler]:
        return {
            "stream_opened": self._stream_opened,
            "stream_closed": self._stream_closed,
            "ledger": self._ledger,
        }

    def _stream_opened(self, seq: int, event: Event) -> None:
        match event.data:
            case {"payee": str() as payee, "ref": str() as ref, "rate": int() as rate, "cap": int() as cap}:
                self.seen += 1
                opening = _Opening(seq, event.tick, payee, rate, cap)
                first = self._openings.setdefault((event.agent, ref), opening)
                if first.seq != seq:
                    self.breaks(f"{_stream(event.agent, ref)} was opened again at tick {event.tick}", first.seq, seq)

    def _stream_closed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"payer": str() as payer, "ref": str() as ref, "total": int() as total}:
                self.seen += 1
                first = self._closings.setdefault((payer, ref), _Closing(seq, total))
                opening = self._openings.get((payer, ref))
                if first.seq == seq and opening is not None:
                    self._settlement(seq, event.tick, _stream(payer, ref), opening, total)
                if first.total != total:
                    self.breaks(
                        f"{_stream(payer, ref)} was closed again at tick {event.tick} with total {total}, "
                        f"though it had settled at {first.total}",
                        first.seq,
                        seq,
                    )

    def _settlement(self, seq: int, tick: int, name: str, opening: _Opening, total: int) -> None:
        due = min(opening.cap, opening.rate * (tick - opening.tick + 1))
        if total != due:
            self.breaks(f"{name} was closed at tick {tick} with total {total}, but {due} were due", opening.seq, seq)

    def _ledger(self, seq: int, event: Event) -> None:
        streams = rows(event.data)
        balances = _balances(event)
        if streams is None or balances is None:
            return
        self.seen += 1
        self._conservation(seq, event.tick, balances, streams)
        for row in streams:
            self._origin(seq, event.tick, row)
            self._progress(seq, event.tick, row)
        present = {(row.payer, row.ref): row for row in streams}
        for payer, ref in self._rows:
            if (payer, ref) not in present:
                self.breaks(f"{_stream(payer, ref)} is gone from the ledger at tick {event.tick}", *self._ledgers(seq))
        self._rows, self._ledger_seqs = present, (seq,)

    def _conservation(self, seq: int, tick: int, balances: Mapping[str, int], streams: tuple[Row, ...]) -> None:
        total = sum(balances.values())
        if self._sum is None:
            self._sum = total
        if total != self._sum:
            self.breaks(f"all balances together are {total} at tick {tick}, but were {self._sum}", *self._ledgers(seq))
        own = dict(balances)
        for row in streams:
            own[row.payer] = own.get(row.payer, 0) + row.moved
            own[row.payee] = own.get(row.payee, 0) - row.moved
        for name, balance in balances.items():
            before = self._own.setdefault(name, own[name])
            if own[name] != before:
                expected = balance - own[name] + before
                self.breaks(
                    f"{name} has {balance} credits at tick {tick}, but its streams account for {expected}",
                    *self._ledgers(seq),
                )

    def _origin(self, seq: int, tick: int, row: Row) -> None:
        """What a stream may be by the terms on which it was opened."""
        opening = self._openings.get((row.payer, row.ref))
        if opening is None:
            self.breaks(f"{_named(row)} is in the ledger at tick {tick}, but was never opened", seq)
            return
        accrued = opening.rate * (tick - opening.tick + 1)
        if row.payee != opening.payee:
            self.breaks(
                f"{_named(row)} pays {row.payee} at tick {tick}, but was opened to {opening.payee}", opening.seq, seq
            )
        if row.moved > opening.cap:
            self.breaks(f"{_named(row)} moved {row.moved} by tick {tick}, past its cap {opening.cap}", opening.seq, seq)
        if row.moved > accrued:
            self.breaks(f"{_named(row)} moved {row.moved} by tick {tick}, but accrued only {accrued}", opening.seq, seq)

    def _progress(self, seq: int, tick: int, row: Row) -> None:
        """What a stream may do since the ledger before, and since it was closed."""
        before = self._rows.get((row.payer, row.ref))
        least = before.moved if before else 0
        if row.moved < least:
            self.breaks(f"{_named(row)} moved {row.moved} by tick {tick}, but {least} before", *self._ledgers(seq))
        if before is not None and not before.open and (row.open or row.moved != before.moved):
            change = "is open again" if row.open else f"moved from {before.moved} to {row.moved}"
            self.breaks(f"{_named(row)} {change} at tick {tick}, after it was closed", *self._ledgers(seq))
        closing = self._closings.get((row.payer, row.ref))
        if closing is not None and row.moved != closing.total:
            self.breaks(
                f"{_named(row)} was closed with total {closing.total}, but moved {row.moved} by tick {tick}",
                closing.seq,
                seq,
            )
        if closing is not None and row.open:
            self.breaks(f"{_named(row)} is still open at tick {tick}, after it was closed", closing.seq, seq)
        opening = self._openings.get((row.payer, row.ref))
        if opening is not None and row.open and closing is None:
            due = min(opening.cap, opening.rate * (tick - opening.tick + 1))
            if row.moved < due:
                self.breaks(f"{_named(row)} moved {row.moved} by tick {tick}, but {due} were due", opening.seq, seq)

    def _ledgers(self, seq: int) -> tuple[int, ...]:
        return (*self._ledger_seqs, seq)


def _stream(payer: str, ref: str) -> str:
    return f"the stream {ref} of {payer}"


def _named(row: Row) -> str:
    return _stream(row.payer, row.ref)


def _balances(event: Event) -> Mapping[str, int] | None:
    match event.data:
        case {"balances": {**found}}:
            balances = {name: held for name, held in found.items() if isinstance(name, str) and isinstance(held, int)}
            return balances if len(balances) == len(found) else None
    return None


PROPERTY = Property(
    name="payments",
    claim="What leaves a payer reaches its payee, at the rate, up to the cap, until the close; no money is made.",
    parts=("payments",),
    watch=_Payments,
    joint=False,
)
