"""Nobody but the audience can learn a bid: no bid message shows it, in clear or encoded, no outsider opens it.

Joins privacy and the kernel, which carries the messages. Owns which messages are looked at, and for what; `leaks` knows
what a leak looks like.
Every distinct payload is searched once, with the needles of all bids known by then: a plaintext is sealed before it
is sent, so none comes too late.
"""

from collections.abc import Mapping
from functools import lru_cache

from crosslayer.harness.model.events import WIRE, Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.commerce.leaks import (
    AMOUNT_FIELDS,
    BARE_AMOUNT_MIN,
    NEEDLE_MIN,
    bare_amounts,
    json_values,
    shown,
)
from crosslayer.properties.watcher import Watcher, holds, vacuous


@lru_cache(1 << 11)
def _json_values(payload: bytes) -> tuple[object, ...]:
    return tuple(json_values(payload))


@lru_cache(1 << 12)
def _shown(payload: bytes, text: str) -> str | None:
    """In which encoding a payload shows a text, if in any; memoised, like all that is said in run after run."""
    return shown(payload, text)


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
                    for how, value in bare_amounts(amount):
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
