"""Our events as the lines of a NEST trace, so that NEST's own tools can read a run of ours.

Owns the translation. Facts become the markers of those whose doing they state, messages keep their way from hand to
hand and say in NEST's words what they say in ours. Knows no verdict.

`stream:open` stands for money: it is told when the ledger first shows that some has moved, because NEST's words have
no ledger in which somebody could look later. What our receipts and complaints say is said in NEST's form; what nobody
could have accepted stays as its bytes are.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from crosslayer.harness.formats.trace import Header
from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.systems.commerce.agents.wire import read_bid, read_complaint, read_goods, read_receipt
from crosslayer.harness.systems.commerce.nest import gossip, markers
from crosslayer.harness.systems.commerce.nest.lines import BROADCAST, DROPPED, RECEIVED, SENT, START, STOP
from crosslayer.harness.systems.commerce.nest.markers import Deal
from crosslayer.harness.systems.commerce.nest_plugins.evidence import document, signer_of

SIMULATOR = "_simulator"
"""Who tells of partitions."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def lines(header: Header, events: Sequence[Event]) -> Iterator[bytes]:
    """The lines of the NEST trace of a run, each with its line feed."""
    export = _Export(header, events)
    for name in header.scenario.population.names():
        yield _line(0, name, START)
    for event in events:
        yield from export.told(event)


def _line(tick: int, agent: str, kind: str, **more: str | int) -> bytes:
    return _encode({"ts": float(tick), "agent": agent, "kind": kind, **more}).encode() + b"\n"


class _Export:
    """One run on its way out: what has been told of it so far."""

    def __init__(self, header: Header, events: Sequence[Event]) -> None:
        scenario: Any = header.scenario
        self._names = scenario.population.names()
        self._dids = {Signer.from_seed(scenario.seed, name).did: name for name in self._names}
        self._rate = scenario.terms.rate
        self._gained = _gained(events)
        self._accepted = {
            (event.agent, event.data["seller"], event.data["ref"]) for event in events if event.kind == "goods_accepted"
        }
        self._rates: dict[tuple[str, str], int] = {}
        self._moved: dict[Deal, int] = {}
        self._closed: dict[Deal, int] = {}
        self._plaintexts: dict[bytes, bytes] = {}
        self._corrs: dict[int, str] = {}
        self._count = 0
        self._split = False

    def told(self, event: Event) -> Iterator[bytes]:
        """The lines that tell of an event, if any do."""
        tell = _TELLERS.get(event.kind)
        if tell is not None:
            yield from tell(self, event)

    def _corr(self) -> str:
        self._count += 1
        return f"corr-{self._count}"

    def _broadcast(self, tick: int, agent: str, msg: str) -> bytes:
        return _line(tick, agent, BROADCAST, size=len(msg.encode("utf-8", "surrogatepass")), msg=msg, corr=self._corr())

    # Facts

    def discovered(self, event: Event) -> Iterator[bytes]:
        yield self._broadcast(event.tick, event.agent, markers.said_discovered(event.agent, event.data["seller"]))

    def bid_placed(self, event: Event) -> Iterator[bytes]:
        deal = Deal(event.agent, event.data["seller"], event.data["ref"])
        yield self._broadcast(event.tick, event.agent, markers.said_bid(deal, event.data["amount"]))

    def sealed(self, event: Event) -> Iterator[bytes]:
        ours = event.data["plaintext"].encode()
        try:
            bid = read_bid(ours)
        except Refused:
            return iter(())
        self._plaintexts[ours] = markers.plaintext(bid.amount, bid.buyer, bid.ref).encode()
        return iter(())

    def goods_sent(self, event: Event) -> Iterator[bytes]:
        deal = Deal(event.data["buyer"], event.agent, event.data["ref"])
        yield self._broadcast(event.tick, event.agent, markers.said_fulfilled(deal))

    def complained(self, event: Event) -> Iterator[bytes]:
        deal = Deal(event.agent, event.data["seller"], event.data["ref"])
        yield self._broadcast(event.tick, event.agent, markers.said_negative(deal))

    def scored(self, event: Event) -> Iterator[bytes]:
        data = event.data
        said = markers.said_score(data["about"], float(data["score"]), float(data["confidence"]))
        yield self._broadcast(event.tick, event.agent, said)

    def stream_opened(self, event: Event) -> Iterator[bytes]:
        self._rates[event.agent, event.data["ref"]] = event.data["rate"]
        return iter(())

    def ledger(self, event: Event) -> Iterator[bytes]:
        for payer, ref, payee, moved, is_open in event.data["streams"]:
            deal = Deal(payer, payee, ref)
            if moved > 0 and deal not in self._moved:
                rate = self._rates.get((payer, ref), self._rate)
                yield self._broadcast(event.tick, payer, markers.said_opened(deal, rate))
            if moved > 0 or deal in self._moved:
                self._moved[deal] = moved
                if not is_open and self._closed.get(deal) != moved:
                    yield self._close(event.tick, deal)

    def _close(self, tick: int, deal: Deal) -> bytes:
        self._closed[deal] = self._moved[deal]
        return self._broadcast(tick, deal.buyer, markers.said_closed(deal, self._moved[deal]))

    def end(self, event: Event) -> Iterator[bytes]:
        for deal, moved in self._moved.items():
            if self._closed.get(deal) != moved:
                yield self._close(event.tick, deal)
        for name in self._names:
            yield _line(event.tick, name, STOP)

    def link(self, event: Event) -> Iterator[bytes]:
        split = bool(event.data["cut"] or len(event.data["groups"]) > 1)
        if split != self._split:
            self._split = split
            yield _line(event.tick, SIMULATOR, "partition_started" if split else "partition_healed")

    # Messages

    def sent(self, event: Event) -> Iterator[bytes]:
        message = _message(event)
        self._corrs[message.id] = self._corr()
        yield self._passed(event, SENT, to=message.to)

    def delivered(self, event: Event) -> Iterator[bytes]:
        yield self._passed(event, RECEIVED, **{"from": _message(event).source})

    def dropped(self, event: Event) -> Iterator[bytes]:
        yield self._passed(event, DROPPED, **{"from": _message(event).source})

    def _passed(self, event: Event, kind: str, **peer: str) -> bytes:
        message = _message(event)
        msg = self._said(message)
        corr = self._corrs.get(message.id) or self._corr()
        return _line(
            event.tick, event.agent, kind, **peer, size=len(msg.encode("utf-8", "surrogatepass")), msg=msg, corr=corr
        )

    def _said(self, message: Message) -> str:
        text = message.payload.decode("utf-8", "replace")
        try:
            return _SAYERS[message.kind](self, message, text)
        except (KeyError, Refused):
            return f"{message.kind}|{text}"

    def bid(self, message: Message, _text: str) -> str:
        return markers.BID_PREFIX + _in_nest_words(message.payload, self._plaintexts).decode("utf-8", "replace")

    def goods(self, message: Message, _text: str) -> str:
        ref = read_goods(message.payload).ref
        if (message.to, message.source, ref) not in self._accepted:
            raise Refused("goods that the buyer did not accept")
        return f"{markers.ACK_PREFIX}{ref}"

    def receipt(self, message: Message, _text: str) -> str:
        receipt = read_receipt(message.payload)
        issuer, counterparty = self._dids[receipt.issuer], self._dids[receipt.counterparty]
        return f"{markers.RECEIPT_PREFIX}{issuer}:{document(receipt, signer_of(issuer), signer_of(counterparty))}"

    def complaint(self, message: Message, _text: str) -> str:
        complaint = read_complaint(message.payload)
        deal = Deal(self._dids[complaint.complainant], self._dids[complaint.subject], complaint.ref)
        return markers.said_negative(deal)

    def gossip(self, message: Message, text: str) -> str:
        if text.startswith("GOSSIP|"):
            return text
        cards, marks = _cards(message.payload)
        if cards is None:
            cards = [(publisher, 1, False, ()) for publisher in self._gained.get(message.id, ())]
        return gossip.push(cards) if cards else gossip.digest(marks)


def _message(event: Event) -> Message:
    if event.message is None:
        raise ValueError(f"a {event.kind} without a message")
    return event.message


def _gained(events: Iterable[Event]) -> dict[int, dict[str, None]]:
    """Of each message of gossip, by its id, whose cards its receiver's view gained by it."""
    gained: dict[int, dict[str, None]] = {}
    last: tuple[str, int] | None = None
    for event in events:
        if event.kind == "deliver" and event.message is not None:
            last = (event.agent, event.message.id)
        elif event.kind == "view" and event.data["cause"] == "gossip" and last is not None and event.agent == last[0]:
            gained.setdefault(last[1], {}).update(dict.fromkeys(event.data["changes"]))
    return gained


_Card = tuple[str, int, bool, tuple[str, ...]]


def _cards(payload: bytes) -> tuple[list[_Card] | None, Any]:
    """The cards and the digest in our registry's gossip; None for cards of another form."""
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return None, {}
    match content:
        case {"form": str(), "cards": list() as cards, "digest": marks}:
            return [card for one in cards for card in _card(one)], marks or {}
        case {"form": str()}:
            return [], {}
    return None, {}


def _card(content: Any) -> Iterator[_Card]:
    match content:
        case {
            "publisher": str() as name,
            "version": int() as version,
            "tombstone": bool() as tombstone,
            "capabilities": list() as sells,
        }:
            yield name, version, tombstone, tuple(map(str, sells))


def _in_nest_words(payload: bytes, plaintexts: Mapping[bytes, bytes]) -> bytes:
    """An envelope in which a bid that can be read is said in NEST's words, in the same encoding."""
    for ours, theirs in plaintexts.items():
        for encoding in _ENCODINGS:
            payload = payload.replace(encoding(ours), encoding(theirs))
    return payload


def _escaped(text: bytes) -> bytes:
    return json.dumps(text.decode())[1:-1].encode()


_ENCODINGS: tuple[Callable[[bytes], bytes], ...] = (
    lambda text: text,
    lambda text: text.hex().encode(),
    lambda text: text.hex().upper().encode(),
    base64.b64encode,
    base64.urlsafe_b64encode,
    _escaped,
    lambda text: text.decode().encode("utf-16-le"),
    lambda text: text.decode().encode("utf-16-be"),
)

_TELLERS: Mapping[str, Callable[[_Export, Event], Iterator[bytes]]] = {
    "discovered": _Export.discovered,
    "bid_placed": _Export.bid_placed,
    "sealed": _Export.sealed,
    "goods_sent": _Export.goods_sent,
    "complained": _Export.complained,
    "scored": _Export.scored,
    "stream_opened": _Export.stream_opened,
    "ledger": _Export.ledger,
    "end": _Export.end,
    "link": _Export.link,
    "send": _Export.sent,
    "copy": _Export.sent,
    "deliver": _Export.delivered,
    "drop": _Export.dropped,
}

_SAYERS: Mapping[str, Callable[[_Export, Message, str], str]] = {
    "bid": _Export.bid,
    "goods": _Export.goods,
    "receipt": _Export.receipt,
    "complaint": _Export.complaint,
    "gossip": _Export.gossip,
}
