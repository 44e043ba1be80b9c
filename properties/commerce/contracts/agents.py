"""Honest agents keep the protocol: what they send each other arrives, everybody is scored, buyers keep their word.

Owns the agents' contract. It speaks of honest agents only: what the adversary does breaks no promise. A message
that was lost is its sender's fault if it gave up; if it goes on when all faults have stopped, the network is to blame.
"""

from collections.abc import Mapping

from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population, is_corrupt
from crosslayer.properties.contract import Contract
from crosslayer.properties.watcher import NOT_ENDED, vacuous, violated

FUNCTIONAL = frozenset(("bid", "goods", "draft", "receipt", "complaint"))
"""The message kinds that carry the commerce, and so are sent until they arrive."""

_Content = tuple[str, str, str, bytes]


class _Agents(Contract):
    part = "agents"

    def __init__(self, population: Population) -> None:
        super().__init__()
        self._honest = frozenset(name for name in population.names() if not is_corrupt(name))
        self._buyers = frozenset(population.of("buyer"))
        self._auditors = frozenset(population.of("auditor"))
        self._traders = tuple(name for name in population.names() if name not in self._auditors)
        self._sent: dict[_Content, tuple[int, int]] = {}
        self._persistent: set[_Content] = set()
        self._settling = False
        self._arrived: set[_Content] = set()
        self._streams: set[tuple[str, str, str]] = set()
        self._accepted: dict[tuple[str, str, str], int] = {}
        self._scored: set[str] = set()
        self._end: int | None = None

    def facts(self) -> Mapping[str, Handler]:
        return {
            "send": self._send,
            "deliver": self._deliver,
            "stream_opened": self._stream_opened,
            "goods_accepted": self._goods_accepted,
            "complained": self._complained,
            "scored": self._score,
            "settlement": self._settlement,
            "end": self._ended,
        }

    def _send(self, seq: int, event: Event) -> None:
        message = event.message
        if message is None or message.kind not in FUNCTIONAL:
            return
        if message.source in self._honest and message.to in self._honest:
            self.seen += 1
            self._sent.setdefault(_content(message), (seq, event.tick))
            if self._settling:
                self._persistent.add(_content(message))

    def _deliver(self, _seq: int, event: Event) -> None:
        message = event.message
        if message is not None and message.kind in FUNCTIONAL:
            self._arrived.add(_content(message))

    def _stream_opened(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"payee": str() as payee, "ref": str() as ref}:
                self._streams.add((event.agent, payee, ref))

    def _goods_accepted(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref} if event.agent in self._buyers:
                self.seen += 1
                key = (event.agent, seller, ref)
                self._accepted.setdefault(key, seq)
                if key not in self._streams:
                    what = f"{event.agent} accepted goods from {seller} for {ref} at tick {event.tick}"
                    self.breaks(f"{what}, but had opened no such stream to it", seq)

    def _complained(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref} if event.agent in self._buyers:
                self.seen += 1
                accepted = self._accepted.get((event.agent, seller, ref))
                if accepted is not None:
                    what = f"{event.agent} complained of {seller} for {ref} at tick {event.tick}"
                    self.breaks(f"{what}, though it had accepted the goods", accepted, seq)

    def _score(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"about": str() as about} if event.agent in self._auditors:
                self.seen += 1
                self._scored.add(about)

    def _settlement(self, _seq: int, _event: Event) -> None:
        self._settling = True

    def _ended(self, seq: int, _event: Event) -> None:
        self._end = seq

    def verdict(self) -> Verdict:
        if self._end is None:
            return vacuous(NOT_ENDED)
        for content, (seq, tick) in self._sent.items():
            if content not in self._arrived and content not in self._persistent:
                source, to, kind, _payload = content
                detail = f"a {kind} that {source} sent to {to} at tick {tick} never arrived intact"
                return violated(detail, seq, self._end)
        for name in self._traders:
            if name not in self._scored:
                return violated(f"the auditor never scored {name}", self._end)
        return super().verdict()


def _content(message: Message) -> _Content:
    return message.source, message.to, message.kind, message.payload


PROPERTY = Property(
    name="agents",
    claim="What honest agents send each other arrives, everybody is scored, and buyers keep their word.",
    parts=("agents",),
    watch=_Agents,
    joint=False,
)
