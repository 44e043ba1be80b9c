"""Honest agents keep the protocol: what they send each other arrives, everybody is scored, buyers keep their word.

Owns the agents' contract. It speaks of honest agents only: what the adversary does breaks no promise. A message
that was lost is its sender's fault if it gave up; if it goes on when all faults have stopped, the network is to blame.
An order ends in goods or in a complaint, is paid no longer than that, and the auditor hears of it either way.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population, is_corrupt
from crosslayer.properties.commerce.books import Books
from crosslayer.properties.contract import Contract
from crosslayer.properties.watcher import NOT_ENDED, vacuous, violated

FUNCTIONAL = frozenset(("bid", "goods", "draft", "receipt", "complaint"))
"""The message kinds that carry the commerce, and so are sent until they arrive."""

_Content = tuple[str, str, str, bytes]

_Order = tuple[str, str, str]
"""Buyer, seller and reference."""


class _Moment(NamedTuple):
    """When something happened, and the event that says so."""

    seq: int
    tick: int


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
        self._streams: dict[_Order, _Moment] = {}
        self._closed: dict[tuple[str, str], _Moment] = {}
        self._bids: dict[_Order, _Moment] = {}
        self._books = Books()
        self._sealed: dict[str, str] = {}
        self._innocent = True
        self._goods: dict[_Order, _Moment] = {}
        self._accepted: dict[_Order, _Moment] = {}
        self._complaints: dict[_Order, _Moment] = {}
        self._reported: set[tuple[str, _Order]] = set()
        self._ignored: set[str] = set()
        self._scored: set[str] = set()
        self._end: int | None = None

    def facts(self) -> Mapping[str, Handler]:
        return {
            "send": self._send,
            "deliver": self._deliver,
            "stream_opened": self._stream_opened,
            "stream_closed": self._stream_closed,
            "bid_placed": self._bid_placed,
            "goods_sent": self._goods_sent,
            "goods_accepted": self._goods_accepted,
            "complained": self._complained,
            "reported": self._report,
            "ignored": self._ignore,
            "scored": self._score,
            "ledger": self._books.ledger,
            "sealed": self._seal,
            "opened": self._open,
            "flaw": self._flaw,
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

    def _stream_opened(self, seq: int, event: Event) -> None:
        match event.data:
            case {"payee": str() as payee, "ref": str() as ref}:
                self._streams.setdefault((event.agent, payee, ref), _Moment(seq, event.tick))

    def _stream_closed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"payer": str() as payer, "ref": str() as ref}:
                self._closed.setdefault((payer, ref), _Moment(seq, event.tick))

    def _bid_placed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref} if event.agent in self._buyers:
                self.seen += 1
                order = (event.agent, seller, ref)
                self._once(self._bids, order, seq, event, f"{event.agent} bid to {seller} under {ref}")
                if order not in self._streams:
                    what = f"{event.agent} bid to {seller} under {ref} at tick {event.tick}"
                    self.breaks(f"{what}, but had opened no such stream to it", seq)

    def _goods_sent(self, seq: int, event: Event) -> None:
        match event.data:
            case {"buyer": str() as buyer, "ref": str() as ref} if event.agent in self._honest:
                self.seen += 1
                order = (buyer, event.agent, ref)
                self._once(self._goods, order, seq, event, f"{event.agent} sent {buyer} the goods of {ref}")

    def _goods_accepted(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref} if event.agent in self._buyers:
                self.seen += 1
                order = (event.agent, seller, ref)
                self._once(
                    self._accepted, order, seq, event, f"{event.agent} accepted the goods of {ref} from {seller}"
                )
                if order not in self._streams:
                    what = f"{event.agent} accepted goods from {seller} for {ref} at tick {event.tick}"
                    self.breaks(f"{what}, but had opened no such stream to it", seq)

    def _once(self, known: dict[_Order, _Moment], order: _Order, seq: int, event: Event, what: str) -> None:
        """Remember what may happen only once."""
        first = known.setdefault(order, _Moment(seq, event.tick))
        if first.seq != seq:
            self.breaks(f"{what} a second time at tick {event.tick}", first.seq, seq)

    def _complained(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref} if event.agent in self._buyers:
                self.seen += 1
                order = (event.agent, seller, ref)
                self._complaints.setdefault(order, _Moment(seq, event.tick))
                what = f"{event.agent} complained of {seller} for {ref} at tick {event.tick}"
                accepted = self._accepted.get(order)
                if accepted is not None:
                    self.breaks(f"{what}, though it had accepted the goods", accepted.seq, seq)
                if order not in self._streams:
                    self.breaks(f"{what}, but had opened no such stream to it", seq)

    def _report(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"about": str() as about, "evidence": str() as kind, "partner": str() as partner, "ref": str() as ref}:
                self._reported.add((kind, (partner, about, ref)))

    def _ignore(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"message": str() as kind} if event.agent in self._auditors:
                self._ignored.add(kind)

    def _seal(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"plaintext": str() as plaintext, "envelope": str() as envelope}:
                self._sealed.setdefault(envelope, plaintext)

    def _open(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"plaintext": str() as plaintext, "envelope": str() as envelope}:
                self._innocent = self._innocent and self._sealed.get(envelope, plaintext) == plaintext

    def _flaw(self, seq: int, event: Event) -> None:
        """Who was told something wrong by a layer, need not do what is right."""
        super()._flaw(seq, event)
        self._innocent = False

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
        if self._arrived.issuperset(self._sent):  # else the network is to blame for what is missing
            for detail, evidence in self._unfinished():
                return violated(detail, *evidence, self._end)
        return super().verdict()

    def _unfinished(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """What an honest buyer's order still lacks when all has settled, with the events that it rests on."""
        for order, opened in self._streams.items():
            buyer, seller, ref = order
            if buyer in self._buyers:
                yield from self._order(order, opened, f"the order {ref} of {buyer} from {seller}")

    def _order(self, order: _Order, opened: _Moment, what: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        goods, accepted, complaint = (known.get(order) for known in (self._goods, self._accepted, self._complaints))
        if order not in self._bids:
            yield f"{what} was paid for, but {order[0]} never bid", (opened.seq,)
        if goods is not None and accepted is None:
            yield f"the goods of {what} were sent at tick {goods.tick} and never accepted", (opened.seq, goods.seq)
        if (
            self._innocent
            and order[1] in self._honest
            and goods is None
            and self._books.paid(order[0], order[2], order[1])
        ):
            yield f"{what} was paid, all messages arrived, and {order[1]} never delivered", (opened.seq,)
        if accepted is None and complaint is None:
            yield f"{what} ended neither in goods nor in a complaint", (opened.seq,)
        for kind, moment in (("receipt", accepted), ("complaint", complaint)):
            if moment is None:
                continue
            closed = self._closed.get((order[0], order[2]))
            if closed is None or closed.tick > moment.tick:
                yield f"{what} went on being paid after its {kind} at tick {moment.tick}", (opened.seq, moment.seq)
            if (kind, order) not in self._reported and kind not in self._ignored:
                yield f"the auditor was never told of the {kind} for {what}", (opened.seq, moment.seq)


def _content(message: Message) -> _Content:
    return message.source, message.to, message.kind, message.payload


PROPERTY = Property(
    name="agents",
    claim="What honest agents send each other arrives, everybody is scored, and buyers keep their word.",
    parts=("agents",),
    watch=_Agents,
    joint=False,
)
