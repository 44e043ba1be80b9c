"""What the ground truth says of money, goods and scores: the latest ledger, the goods that arrived, the scores.

Owns the reading of those facts, for the invariants that compare them. Knows no invariant. A malformed fact
counts as absent.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler


class Row(NamedTuple):
    """One stream in a `ledger` fact. (payer, ref) is its key; `moved` is in credits."""

    payer: str
    ref: str
    payee: str
    moved: int
    open: bool


_row: Callable[[tuple[Any, ...]], Row] = partial(tuple.__new__, Row)
"""A row of its fields: what `Row` does, at half the cost."""


class Opinion(NamedTuple):
    """One `scored` or `counterfactual` fact; `score` and `confidence` may be nan or infinite."""

    seq: int
    about: str
    score: float
    confidence: float


def number(value: object) -> float | None:
    """A recorded number (not finite ones are the texts nan, inf, -inf); None if it is anything else."""
    match value:
        case bool():
            return None
        case int() | float() | "nan" | "inf" | "-inf":
            try:
                return float(value)
            except OverflowError:
                return math.inf
    return None


def rows(data: Mapping[str, Any]) -> tuple[Row, ...] | None:
    """The streams of a `ledger` fact; None if any of them is malformed."""
    if _latest.data is not data:
        _latest.data, _latest.rows = data, _read(data)
    return _latest.rows


class _Latest:
    """The last fact that was read, for several monitors look at each; a fact never changes."""

    data: Mapping[str, Any] | None = None
    rows: tuple[Row, ...] | None = None


_latest = _Latest()


def _read(data: Mapping[str, Any]) -> tuple[Row, ...] | None:
    match data:
        case {"streams": [*items]}:
            found = tuple(_rows(items))
            return found if len(found) == len(items) else None
    return None


def _rows(items: list[object]) -> Iterator[Row]:
    for item in items:
        match item:
            case [str() as payer, str() as ref, str() as payee, int() as moved, bool() as is_open]:
                yield _row((payer, ref, payee, moved, is_open))


def opinion(seq: int, event: Event) -> Opinion | None:
    """The opinion in a `scored` or `counterfactual` fact; None if it is malformed."""
    match event.data:
        case {"about": str() as about, "score": raw_score, "confidence": raw_confidence}:
            score, confidence = number(raw_score), number(raw_confidence)
            if score is not None and confidence is not None:
                return Opinion(seq, about, score, confidence)
    return None


class Books:
    """The state of trade after the events so far."""

    def __init__(self) -> None:
        self.ledger_seqs: tuple[int, ...] = ()
        """The event of the latest ledger, as evidence; empty before the first."""
        self.ended = False
        self.scores: dict[str, Opinion] = {}
        """The last opinion of each agent."""
        self._rows: tuple[Row, ...] = ()
        self._accepted: dict[tuple[str, str, str], int] = {}

    def handlers(self) -> Mapping[str, Handler]:
        """The facts that are kept."""
        return {"ledger": self.ledger, "goods_accepted": self.goods_accepted, "scored": self.scored, "end": self.end}

    def ledger(self, seq: int, event: Event) -> None:
        """The present state of all streams."""
        found = rows(event.data)
        if found is not None:
            self.ledger_seqs, self._rows = (seq,), found

    def goods_accepted(self, seq: int, event: Event) -> None:
        """Goods arrived."""
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref}:
                self._accepted.setdefault((event.agent, ref, seller), seq)

    def scored(self, seq: int, event: Event) -> None:
        """The auditor's opinion; the last one counts."""
        found = opinion(seq, event)
        if found is not None:
            self.scores[found.about] = found

    def end(self, _seq: int, _event: Event) -> None:
        """The run ended in good order."""
        self.ended = True

    def paid(self, payer: str, ref: str, payee: str) -> bool:
        """Whether by now money moved from that payer to that payee under that reference."""
        return any(row[:3] == (payer, ref, payee) and row.moved > 0 for row in self._rows)

    def accepted(self) -> Iterator[tuple[str, str, int]]:
        """Buyer, seller and event of all goods that arrived, the earliest first."""
        for (buyer, _ref, seller), seq in self._accepted.items():
            yield buyer, seller, seq

    def undelivered(self) -> tuple[Row, ...]:
        """The streams that moved money, but whose payer never got goods from the payee."""
        return tuple(row for row in self._rows if row.moved > 0 and row[:3] not in self._accepted)
