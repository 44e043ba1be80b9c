"""Nobody but the audience can learn a bid: no bid message shows it, in clear or encoded, no outsider opens it.

Joins privacy and transport. Owns what a leak looks like. Every distinct payload is searched once, with the
needles of all bids known by then: a plaintext is sealed before it is sent, so none comes too late.

Ciphertext is random, and in base64 any four characters will turn up in it sooner or later. So no needle is
shorter than eight bytes, and the bare amount counts only as a whole JSON value, and only when it is too
large (`BARE_AMOUNT_MIN`) to be some counter of the envelope's.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from harness.events import WIRE, Event
from harness.nouns import Population
from harness.verdicts import Handler, Property, Verdict
from properties.watcher import Watcher, holds, vacuous

NEEDLE_MIN = 8
"""Bytes in the shortest text that is searched for; chance finds that many in ciphertext once in 2^48 places."""

BARE_AMOUNT_MIN = 100
"""The smallest amount for which a JSON value equal to it is no coincidence."""

VERSION_KEYS = ("v", "version", "epoch")
"""JSON keys whose number says how to read an envelope, not what is in it."""

AMOUNT_FIELDS = ('"amount":{}', '"amount": {}', '"amount":"{}"', "amount:{}", "amount: {}", "amount={}")
"""How a plaintext may write its amount; `bidamount:150` contains the fourth."""


@lru_cache(1 << 10)
def _needles(text: str) -> tuple[tuple[str, bytes], ...]:
    """The encodings of a text that are long enough to be searched for, by name; the same bids are made in many runs."""
    return tuple((how, needle) for how, needle in _encodings(text) if len(needle) >= NEEDLE_MIN)


def _encodings(text: str) -> Iterator[tuple[str, bytes]]:
    """The common encodings in which a text may hide, by name. Equal ones are repeated."""
    data = text.encode("utf-8", "surrogatepass")
    yield "in clear", data
    yield "in hex", data.hex().encode()
    yield "in hex", data.hex().upper().encode()
    for shift in range(3):
        # Within a longer text the first and last characters mix with the neighbours' bits: cut them off.
        padded = bytes(shift) + data
        stable = slice(-(-shift * 8 // 6), len(padded) * 8 // 6)
        yield "in base64", b64encode(padded)[stable]
        yield "in URL-safe base64", urlsafe_b64encode(padded)[stable]
    yield "escaped in JSON", json.dumps(text)[1:-1].encode()
    yield "escaped in JSON", json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    yield "in UTF-16", text.encode("utf-16-le", "surrogatepass")
    yield "in UTF-16", text.encode("utf-16-be", "surrogatepass")


def _bare_amounts(amount: int) -> Iterator[tuple[str, int | str]]:
    """The JSON values that are exactly this amount, by name."""
    digits = str(amount)
    coded = b64encode(digits.encode()).decode()
    yield "as a number", amount
    yield "as a text", digits
    yield "in hex", digits.encode().hex()
    yield "in hex", hex(amount)
    yield "in base64", coded
    yield "in base64", coded.rstrip("=")


@lru_cache(1 << 11)
def _json_values(payload: bytes) -> tuple[object, ...]:
    """The leaves of a payload that is JSON, version numbers left out; nothing if it is not JSON."""
    return tuple(_leaves(payload))


def _leaves(payload: bytes) -> Iterator[object]:
    try:
        rest: list[Any] = [json.loads(payload)]
    except (ValueError, RecursionError):
        return
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest.extend(part for key, part in value.items() if key not in VERSION_KEYS)
        elif isinstance(value, list):
            rest.extend(value)
        else:
            yield value


@lru_cache(1 << 12)
def _shown(payload: bytes, text: str) -> str | None:
    """In which encoding a payload shows a text, if in any; memoised, like all that is said in run after run."""
    return next((how for how, needle in _needles(text) if needle in payload), None)


_Clue = tuple[int, str, str]
"""The fact that must not be seen, what it says, and in which encoding it may be found."""


class _BidOpacity(Watcher):
    def __init__(self, _population: Population) -> None:
        super().__init__()
        self._texts: dict[str, tuple[int, str]] = {}
        self._bare: dict[object, _Clue] = {}
        self._plaintexts: set[str] = set()
        self._amounts: set[int] = set()
        self._payloads: set[bytes] = set()
        self._searched = 0

    def handlers(self) -> Mapping[str, Handler]:
        return {
            **dict.fromkeys(WIRE, self._wire),
            "sealed": self._sealed,
            "bid_placed": self._bid_placed,
            "outsider_read": self._outsider_read,
        }

    def _sealed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"plaintext": str() as plaintext} if plaintext not in self._plaintexts:
                self._plaintexts.add(plaintext)
                self._look_for(plaintext, seq, f"what {event.agent} sealed at tick {event.tick}")

    def _bid_placed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"amount": int() as amount} if amount not in self._amounts:
                self._amounts.add(amount)
                what = f"the amount that {event.agent} bid at tick {event.tick}"
                for form in AMOUNT_FIELDS:
                    self._look_for(form.format(amount), seq, what)
                if amount >= BARE_AMOUNT_MIN:
                    for how, value in _bare_amounts(amount):
                        self._bare.setdefault(value, (seq, what, how))

    def _look_for(self, text: str, seq: int, what: str) -> None:
        if len(text) < NEEDLE_MIN:
            return
        self._texts.setdefault(text, (seq, what))

    def _wire(self, seq: int, event: Event) -> None:
        message = event.message
        if message is None or message.kind != "bid" or message.payload in self._payloads:
            return
        self._payloads.add(message.payload)
        if not self._texts:
            return  # junk before any bid: there is no secret yet that it could betray
        self._searched += 1
        leak = self._leak(message.payload)
        if leak is not None:
            source, what, how = leak
            told = f"a bid message from {message.source} to {message.to} at tick {event.tick}"
            self.breaks(f"{told} shows {what}, {how}", source, seq)

    def _leak(self, payload: bytes) -> _Clue | None:
        """The fact that a payload betrays, and how; None for a clean one."""
        for text, (source, what) in self._texts.items():
            how = _shown(payload, text)
            if how is not None:
                return source, what, how
        if self._bare:
            for value in _json_values(payload):
                if value in self._bare:
                    return self._bare[value]
        return None

    def _outsider_read(self, seq: int, event: Event) -> None:
        match event.data:
            case {"sender": str() as sender, "envelope": str()}:
                self.breaks(f"{event.agent}, for whom a bid of {sender} was not meant, could decrypt it", seq)

    def verdict(self) -> Verdict:
        if not self._searched:
            return vacuous("no sealed bid went over the wire")
        return holds(f"{self._searched} distinct bid message(s) show nothing of any bid")


PROPERTY = Property(
    name="commerce_bid_opacity",
    claim="No bid message shows a bid, in clear or in a common encoding, and nobody outside its audience opens it.",
    parts=("privacy", "kernel"),
    watch=_BidOpacity,
)
