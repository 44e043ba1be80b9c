"""Runs told event by event: the happy one, and what must be changed in it to break a promise.

A story is a list of events. `without`, `changed` and `before` make another story from it, so that each test
shows only what is different from the happy path.
"""

from collections.abc import Iterable
from typing import Any

from attrs import define, evolve, field

from crosslayer.harness.kernel.journal import handlers_by_kind
from crosslayer.harness.model.events import EVERY_KIND, Event, Message
from crosslayer.harness.model.verdicts import Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population

POPULATION = Population(buyer=1, seller=1, shill_seller=1, shill=1)
PLAINTEXT = '{"amount":150,"buyer":"buyer-0","ref":"order-1"}'
BID = Message(2, "buyer-0", "seller-0", "bid", b"\x07 some ciphertext \xff")
GOODS = Message(3, "seller-0", "buyer-0", "goods", b"the goods")


def fact(tick: int, kind: str, agent: str = "", **data: Any) -> Event:
    """A fact or a mark."""
    return Event(tick, kind, agent, data)


def wire(tick: int, kind: str, message: Message, **data: Any) -> Event:
    """Something that happens to a message."""
    return Event(tick, kind, message.to if kind in ("deliver", "drop") else message.source, data, message)


def ledger(tick: int, moved: int, *, is_open: bool = True, buyer: int = 5000, seller: int = 5000) -> Event:
    """A look at the money, after `moved` credits went from buyer-0 to seller-0 under order-1."""
    balances = {"buyer-0": buyer - moved, "seller-0": seller + moved, "shill_seller-0": 5000, "shill-0": 5000}
    streams = [["buyer-0", "order-1", "seller-0", moved, is_open]]
    return fact(tick, "ledger", cause="", balances=balances, streams=streams)


def reported(tick: int, evidence: str, ref: str = "order-1") -> Event:
    """The auditor passes on what buyer-0 signed about seller-0."""
    said = {"about": "seller-0", "evidence": evidence, "id": "", "ref": ref, "partner": "buyer-0"}
    return fact(tick, "reported", "auditor-0", **said)


def _matches(event: Event, kind: str, agent: str | None, data: dict[str, Any]) -> bool:
    known = event.data if event.message is None else {**event.data, **event.message._asdict()}
    fits = all(known.get(key) == value for key, value in data.items())
    return event.kind == kind and agent in (None, event.agent) and fits


def _ordered(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(events)


@define
class Story:
    """A run, as a list of events; an event's sequence number is its index."""

    events: tuple[Event, ...] = field(converter=_ordered)

    def without(self, kind: str, agent: str | None = None, **data: Any) -> "Story":
        """The same run, but these events never happened. There must be one."""
        self.seq(kind, agent, **data)
        return Story(event for event in self.events if not _matches(event, kind, agent, data))

    def changed(self, kind: str, agent: str | None = None, *, to: dict[str, Any], **data: Any) -> "Story":
        """The same run, but these events say something else: data, or the tick or message."""
        self.seq(kind, agent, **data)
        own = {key: value for key, value in to.items() if key in Event._fields}
        said = {key: value for key, value in to.items() if key not in Event._fields}
        return Story(
            event._replace(**own, data={**event.data, **said}) if _matches(event, kind, agent, data) else event
            for event in self.events
        )

    def before(self, kind: str, *news: Event, agent: str | None = None, **data: Any) -> "Story":
        """The same run, but these events happened just before the first one that matches."""
        place = self.seq(kind, agent, **data)
        return evolve(self, events=(*self.events[:place], *news, *self.events[place:]))

    def seq(self, kind: str, agent: str | None = None, **data: Any) -> int:
        """The sequence number of the first event that matches."""
        return next(seq for seq, event in enumerate(self.events) if _matches(event, kind, agent, data))

    def judged(self, one: Property, population: Population = POPULATION, times: int = 1) -> Verdict:
        """What a property says of this run, when every event is shown this number of times."""
        monitor = one.watch(population)
        handlers = handlers_by_kind([monitor])
        for seq, event in enumerate(self.events):
            for handle in handlers.get(event.kind, handlers[EVERY_KIND]) * times:
                handle(seq, event)
        return monitor.conclude()

    def broken_at(self, one: Property, population: Population = POPULATION) -> int | None:
        """The event at which a property was seen to break, or None if that came out at the end, or never."""
        monitor = one.watch(population)
        handlers = handlers_by_kind([monitor])
        for seq, event in enumerate(self.events):
            for handle in handlers.get(event.kind, handlers[EVERY_KIND]):
                handle(seq, event)
            if monitor.violation is not None:
                return seq
        return None


def _purchase() -> Iterable[Event]:
    """Registration, gossip, discovery, stream, bid, goods, receipt."""
    card = {"card": "seller's card", "version": 1, "tombstone": False}
    shown = {"seller-0": [1, "seller's card"]}
    gossip = Message(1, "seller-0", "buyer-0", "gossip", b"cards")
    receipt = Message(4, "buyer-0", "auditor-0", "receipt", b"co-signed")
    yield ledger(0, 0)._replace(data={**ledger(0, 0).data, "streams": []})
    yield fact(0, "registered", "seller-0", **card)
    yield fact(0, "view", "seller-0", cause="own", changes=shown)
    yield wire(200, "send", gossip)
    yield wire(201, "deliver", gossip)
    yield fact(201, "view", "buyer-0", cause="gossip", changes=shown)
    yield fact(1000, "discovered", "buyer-0", seller="seller-0")
    yield fact(1000, "stream_opened", "buyer-0", payee="seller-0", ref="order-1", rate=10, cap=500)
    yield ledger(1000, 10)
    yield fact(1000, "sealed", "buyer-0", audience=["seller-0"], plaintext=PLAINTEXT, envelope="e1")
    yield fact(1000, "bid_placed", "buyer-0", seller="seller-0", ref="order-1", amount=150)
    yield wire(1000, "send", BID)
    yield wire(1001, "deliver", BID)
    yield fact(1001, "opened", "seller-0", plaintext=PLAINTEXT, envelope="e1")
    yield ledger(1001, 20)
    yield fact(1001, "goods_sent", "seller-0", buyer="buyer-0", ref="order-1")
    yield wire(1001, "send", GOODS)
    yield wire(1002, "deliver", GOODS)
    yield ledger(1002, 30)
    yield fact(1002, "goods_accepted", "buyer-0", seller="seller-0", ref="order-1")
    yield fact(1002, "stream_closed", "buyer-0", payer="buyer-0", ref="order-1", total=30)
    yield ledger(1002, 30, is_open=False)
    yield wire(1002, "send", receipt)
    yield wire(1003, "deliver", receipt)
    yield reported(1003, "receipt")


def _ending() -> Iterable[Event]:
    """Settlement, scores, audit."""
    yield fact(1100, "settlement")
    for name, score, confidence in (("buyer-0", 0.5, 0), ("shill_seller-0", 0.5, 0), ("shill-0", 0.5, 0)):
        yield fact(16000, "scored", "auditor-0", about=name, score=score, confidence=confidence)
    yield fact(16000, "scored", "auditor-0", about="seller-0", score=0.393469, confidence=0.5)
    yield fact(16000, "counterfactual", "auditor-0", about="seller-0", score=0.5, confidence=0)
    for layer in ("registry", "payments", "privacy", "trust"):
        yield fact(16000, "audit", "auditor-0", layer=layer, check="probe", ok=True, detail="")
    yield ledger(16000, 30, is_open=False)
    yield fact(16000, "end")


HAPPY = Story((*_purchase(), *_ending()))
"""One buyer, one honest seller, one purchase, and everybody keeps all promises."""

ROBBED = HAPPY.without("goods_sent").without("goods_accepted").changed("scored", about="seller-0", to={"score": 0.0})
"""The same run, but the goods never come, and the auditor shuns the seller for it."""

NOTHING = Story(())
"""A run of no events at all."""
