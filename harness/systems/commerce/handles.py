"""An agent's handles on its four plugins: guarded calls, and the facts that they witness.

Owns the checks of every plugin's answers and the recording of facts about registry, money, secrets and
scores. Knows nothing of agents or of the network.

Because facts are written here, by the harness, no agent and no plugin can leave one out or make one up.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from attrs import define, field, frozen

from crosslayer.harness.kernel import layers
from crosslayer.harness.kernel.guard import Guard, expect
from crosslayer.harness.kernel.layers import Record, answers
from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.systems.commerce.nouns import Card, Complaint, Evidence, Receipt, Score, Stream
from crosslayer.harness.systems.commerce.ports import (
    Clock,
    Outgoing,
    Payments,
    Plugin,
    Privacy,
    Registry,
    Roster,
    Trust,
)

SELL = "sell"


def fingerprint(data: bytes) -> str:
    """How facts name an envelope or a card: SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def printable(data: bytes) -> str:
    """A plaintext as a fact's text."""
    return data.decode("utf-8", "backslashreplace")


def rounded(value: float) -> float | str:
    """A score as a fact's number: 6 digits, or a text where it is no number, so that it survives as JSON."""
    return round(value, 6) + 0.0 if math.isfinite(value) else str(value)


def as_float(number: float) -> float:
    """A number as a float; an integer beyond all floats is infinite."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


@lru_cache(1 << 12)
def card_fingerprint(card: Card) -> str:
    """How facts name a card: its content and signature."""
    return fingerprint(card.body() + card.signature.encode())[:16]


def flawed(record: Record, layer: str, check: str, detail: str) -> None:
    """Record what a handle saw that is not as it should be; where all is well, nothing is recorded."""
    record("flaw", {"layer": layer, "check": check, "detail": detail})


@define(eq=False)
class Cards:
    """What the harness itself knows of a run's cards: all that were registered, and each payload that pushes one."""

    registered: dict[Card, None] = field(factory=dict)
    pushed: dict[bytes, Card] = field(factory=dict)

    def equivocal(self) -> dict[str, list[Card]]:
        """The newest cards of each publisher that signed more than one of its newest version."""
        found: dict[str, list[Card]] = {}
        for card in self.registered:
            known = found.setdefault(card.publisher, [card])
            if card.version > known[0].version:
                found[card.publisher] = [card]
            elif card.version == known[0].version and card not in known:
                known.append(card)
        return {name: cards for name, cards in found.items() if len(cards) > 1}

    def withdrawn_since(self, card: Card) -> bool:
        """Whether its publisher ever withdrew this card."""
        return any(
            one.tombstone and one.publisher == card.publisher and one.version >= card.version for one in self.registered
        )


@define(eq=False)
class RegistryHandle:
    """One agent's registry. Watches the view for changes that neither its owner nor a message explains.

    And for changes that should have come: `known` holds what a pushed card says, whatever its wire form.
    """

    name: str
    plugin: Registry
    guard: Guard
    record: Record
    known: Cards = field(factory=Cards)
    own: Card | None = None
    _cards: tuple[Card, ...] = ()
    _view: dict[str, Card] = field(factory=dict)
    _discovered: set[str] = field(factory=set)
    _withdrawn: dict[str, int] = field(factory=dict)

    def register(self, card: Card) -> None:
        """See the port. Records `registered`."""
        self._look("unexplained")
        self._ask("register", card)
        self.own = card
        self.published(card)
        self._look("own")
        if self._view.get(self.name) != (None if card.tombstone else card):
            flawed(self.record, "registry", "own card", f"it does not show its own card as it registered it: {card}")

    def published(self, card: Card) -> None:
        """Its owner signed this card and gave it away, whatever its registry was told. Records `registered`."""
        self.known.registered[card] = None
        data = {"card": card_fingerprint(card), "version": card.version, "tombstone": card.tombstone}
        self.record("registered", data)

    def lookup(self, capability: str) -> tuple[Card, ...]:
        """See the port. Records `discovered` for every seller that its owner sees for the first time."""
        self._look("unexplained")
        found = answers("registry", self.name, "lookup", self._ask("lookup", capability), Card)
        for card in found:
            publisher = card.publisher
            if publisher not in self._discovered and publisher != self.name and SELL in card.capabilities:
                self._discovered.add(publisher)
                self.record("discovered", {"seller": publisher})
        self._compare(capability, found)
        return found

    def _compare(self, capability: str, found: tuple[Card, ...]) -> None:
        """A look-up answers the part of the whole view that has the capability."""
        due = tuple(card for card in self._cards if not capability or capability in card.capabilities)
        if found != due and set(found) != set(due):
            names = ", ".join(sorted({card.publisher for card in {*found} ^ {*due}}))
            told = f"the answer for {capability!r} is not that part of its view (cards of {names})"
            flawed(self.record, "registry", "look-up", told)

    def gossip_round(self) -> tuple[Outgoing, ...]:
        """See the port."""
        return self._outgoing("gossip_round", self._ask("gossip_round"))

    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        """See the port."""
        self._look("unexplained")
        try:
            answer = self._ask("handle_gossip", sender, payload)
        except Refused:
            if self.known.pushed:
                self._heard(payload)
            raise
        self._look("gossip")
        if self.known.pushed:
            self._heard(payload)
        return self._outgoing("handle_gossip", answer)

    def _heard(self, payload: bytes) -> None:
        """A true card that was pushed to it counts, taken or refused: the view shows nothing older from now on."""
        card = self.known.pushed.get(payload)
        if card is None or card not in self.known.registered or card.publisher == self.name:
            return
        if card.tombstone:
            self._withdrawn[card.publisher] = max(card.version, self._withdrawn.get(card.publisher, card.version))
        shown = self._view.get(card.publisher)
        if shown is not None and not shown.version >= card.version + card.tombstone:
            told = (
                f"it still shows version {shown.version} of {card.publisher}, though version {card.version} was heard"
            )
            flawed(self.record, "registry", "newest", told)
        elif shown is None and not card.tombstone and not self.known.withdrawn_since(card):
            flawed(self.record, "registry", "newest", f"it does not show {card.publisher}, whose true card was heard")

    def announce(self, card: Card) -> bytes:
        """See the port; empty from a plugin that pushes no cards."""
        push = self.guard.call("registry", self.name, "announce", partial(getattr, self.plugin, "announce", None))
        if push is None:
            return b""
        payload = self.guard.call("registry", self.name, "announce", push, card)
        expect("registry", self.name, "announce", payload, bytes)
        if payload:
            self.known.pushed[payload] = card
        return payload  # type: ignore[no-any-return]

    def _ask(self, operation: str, *args: Any) -> Any:
        return self.guard.ask("registry", self.name, self.plugin, operation, *args)

    def _outgoing(self, operation: str, answer: object) -> tuple[Outgoing, ...]:
        if answer == ():
            return ()
        messages = answers("registry", self.name, operation, answer, tuple)
        for message in messages:
            match message:
                case (str(), bytes()):
                    pass
                case _:
                    raise PluginFault("registry", self.name, operation, "answered no (receiver, payload) pair")
        return messages

    def _look(self, cause: str) -> None:
        cards = self._ask("lookup", "")
        if cards is self._cards:
            return
        cards = answers("registry", self.name, "lookup", cards, Card)
        if cards == self._cards:
            return
        self._cards = cards
        view = {card.publisher: card for card in cards}
        before = self._view
        self._view = view
        new = [one for one in view.items() if before.get(one[0]) is not one[1] and before.get(one[0]) != one[1]]
        changes: dict[str, list[int | str] | None] = {
            publisher: [card.version, card_fingerprint(card)] for publisher, card in sorted(new)
        }
        if len(view) - len(new) < len(before):
            changes.update((publisher, None) for publisher in sorted(before.keys() - view.keys()))
        if changes:
            self.record("view", {"cause": cause, "changes": changes})
        if len(view) < len(cards):
            flawed(self.record, "registry", "look-up", "its view has two cards of one publisher")
        if self._withdrawn:
            for publisher, _ in new:
                if view[publisher].version <= self._withdrawn.get(publisher, -1):
                    told = f"version {view[publisher].version} of {publisher} is shown, though its withdrawal was heard"
                    flawed(self.record, "registry", "withdrawal", told)


CREDITS_MAX = 2**63 - 1
"""More credits than this, either way, are nonsense, and no trace could say them."""


def sane_credits(agent: str, operation: str, amount: Any) -> int:
    """An amount of credits as a plugin said it; a fault if it is no integer of 64 bits."""
    if type(amount) is not int:
        expect("payments", agent, operation, amount, int)
    if abs(amount) > CREDITS_MAX:
        raise PluginFault("payments", agent, operation, "answered more credits than 64 bits can hold")
    return amount  # type: ignore[no-any-return]


def sane_stream(agent: str, stream: Any) -> Stream | None:
    """A stream as a plugin said it, or None; a fault if it or anything in it is of the wrong type."""
    if stream is None:
        return None
    if type(stream) is Stream and type(stream.open) is bool:
        texts = type(stream.payer) is type(stream.payee) is type(stream.ref) is str
        amounts = type(stream.rate) is type(stream.cap) is type(stream.moved) is int
        if texts and amounts and all(abs(one) <= CREDITS_MAX for one in (stream.rate, stream.cap, stream.moved)):
            return stream
    expect("payments", agent, "verify_payment", stream, (Stream, type(None)))
    for text in (stream.payer, stream.payee, stream.ref):
        expect("payments", agent, "verify_payment", text, str)
    for amount in (stream.rate, stream.cap, stream.moved):
        sane_credits(agent, "verify_payment", amount)
    expect("payments", agent, "verify_payment", stream.open, bool)
    return stream  # type: ignore[no-any-return]


@define(eq=False)
class Ledger:
    """The harness's own look at the money: every balance, and every stream that was ever opened.

    Balances are what each agent's own plugin says, streams what the auditor's says. `refused` are those to whom an
    opening was refused.
    """

    plugins: Mapping[str, Payments]
    auditor: str
    guard: Guard
    record: Record
    refused: set[str] = field(factory=set)
    _opened: dict[tuple[str, str], tuple[str, int, int]] = field(factory=dict)

    def opened(self, payer: str, ref: str, payee: str, rate: int, cap: int) -> None:
        """From now on, look at this stream, too; it was opened on these terms."""
        self._opened.setdefault((payer, ref), (payee, rate, cap))

    def terms_of(self, payer: str) -> tuple[tuple[str, int, int], ...]:
        """Payee, rate and cap of every stream that an agent opened."""
        return tuple(terms for (name, _), terms in self._opened.items() if name == payer)

    def known(self) -> tuple[tuple[str, str], ...]:
        """Payer and reference of every stream that was opened."""
        return tuple(self._opened)

    def has_opened(self, payer: str, ref: str) -> bool:
        """Whether this stream was ever opened."""
        return (payer, ref) in self._opened

    def is_paying(self, *payers: str) -> bool:
        """Whether a stream of any of these is still open."""
        return any(self._is_open(payer, ref) for payer, ref in self._opened if payer in payers)

    def _is_open(self, payer: str, ref: str) -> bool:
        found = self.stream(payer, ref)
        return found is not None and found.open

    def stream(self, payer: str, ref: str) -> Stream | None:
        """What the auditor's plugin says of a stream."""
        plugin = self.plugins[self.auditor]
        found = self.guard.ask("payments", self.auditor, plugin, "verify_payment", payer, ref)
        return sane_stream(self.auditor, found)

    def balance(self, name: str) -> int:
        """What an agent's plugin says it has."""
        amount = self.guard.ask("payments", name, self.plugins[name], "balance")
        return sane_credits(name, "balance", amount)

    def observe(self, cause: str) -> None:
        """Record a `ledger` fact."""
        asked = self.guard.sweep("payments", "balance", ((name, one, ()) for name, one in self.plugins.items()))
        held = zip(self.plugins, asked, strict=True)
        balances = {name: sane_credits(name, "balance", amount) for name, amount in held}
        verifier = self.plugins[self.auditor]
        asks = ((self.auditor, verifier, pair) for pair in self._opened)
        found = [sane_stream(self.auditor, one) for one in self.guard.sweep("payments", "verify_payment", asks)]
        streams = [[one.payer, one.ref, one.payee, one.moved, one.open] for one in found if one is not None]
        self.record("ledger", {"cause": cause, "balances": balances, "streams": streams})
        for ((payer, ref), terms), one in zip(self._opened.items(), found, strict=True):
            if one is None or (one.payee, one.rate, one.cap) != terms or one.payer != payer or one.ref != ref:
                self.compare(self.record, payer, ref, one)

    def compare(self, record: Record, payer: str, ref: str, seen: Stream | None) -> None:
        """A stream that was opened shows the terms of its opening; another is no stream."""
        terms = self._opened.get((payer, ref))
        if seen is None:
            wrong = "is not there" if terms else ""
        elif terms is None:
            wrong = "is there, though it was never opened"
        elif (seen.payer, seen.ref, seen.payee, seen.rate, seen.cap) != (payer, ref, *terms):
            wrong = f"does not show the terms of its opening, but {seen}"
        else:
            return
        if wrong:
            flawed(record, "payments", "terms", f"the stream {ref} of {payer} {wrong}")


@define(eq=False)
class PaymentsHandle:
    """One agent's payments. Every opening and closing is followed by a look at the whole ledger."""

    name: str
    plugin: Payments
    guard: Guard
    record: Record
    ledger: Ledger

    def open_stream(self, to: str, rate_per_tick: int, max_total: int, ref: str) -> None:
        """See the port. Records `stream_opened` and `ledger`."""
        try:
            self._ask("open_stream", to, rate_per_tick, max_total, ref)
        except Refused:
            self.ledger.refused.add(self.name)
            self.ledger.compare(self.record, self.name, ref, self._verified(self.name, ref))
            raise
        self.record("stream_opened", {"payee": to, "ref": ref, "rate": rate_per_tick, "cap": max_total})
        self.ledger.opened(self.name, ref, to, rate_per_tick, max_total)
        self.ledger.observe("opened")

    def close_stream(self, payer: str, ref: str) -> int:
        """See the port. Records `stream_closed` and `ledger`."""
        try:
            total = self._ask("close_stream", payer, ref)
        except Refused as refusal:
            if payer == self.name and self.ledger.has_opened(payer, ref):
                raise PluginFault("payments", self.name, "close_stream", f"refused its own payer: {refusal}") from None
            raise
        sane_credits(self.name, "close_stream", total)
        self.record("stream_closed", {"payer": payer, "ref": ref, "total": total})
        self.ledger.observe("closed")
        return total  # type: ignore[no-any-return]

    def verify_payment(self, payer: str, ref: str) -> Stream | None:
        """See the port."""
        found = self._verified(payer, ref)
        self.ledger.compare(self.record, payer, ref, found)
        others = self.ledger.stream(payer, ref)
        if found != others:
            told = f"the stream {ref} of {payer} is {found} to it, and {others} to {self.ledger.auditor}"
            flawed(self.record, "payments", "views", told)
        return found

    def _verified(self, payer: str, ref: str) -> Stream | None:
        return sane_stream(self.name, self._ask("verify_payment", payer, ref))

    def balance(self) -> int:
        """See the port."""
        return self.ledger.balance(self.name)

    def _ask(self, operation: str, *args: Any) -> Any:
        return self.guard.ask("payments", self.name, self.plugin, operation, *args)


@frozen
class Sealed:
    """One envelope as it was made: the audit tries to open it with each agent's plugin."""

    sender: str
    audience: tuple[str, ...]
    plaintext: bytes
    envelope: bytes


@define(eq=False)
class PrivacyHandle:
    """One agent's sealing and opening. `sealed` is shared by all handles of a run."""

    name: str
    plugin: Privacy
    guard: Guard
    record: Record
    sealed: list[Sealed]
    opened: dict[bytes, None] = field(factory=dict)

    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        """See the port. Records `sealed`."""
        receivers = tuple(audience)
        envelope = self.guard.ask("privacy", self.name, self.plugin, "encrypt", data, receivers)
        expect("privacy", self.name, "encrypt", envelope, bytes)
        self.sealed.append(Sealed(self.name, receivers, data, envelope))
        self.record(
            "sealed",
            {"audience": list(receivers), "plaintext": printable(data), "envelope": fingerprint(envelope)},
        )
        return envelope  # type: ignore[no-any-return]

    def decrypt(self, data: bytes) -> bytes:
        """See the port. Records `opened`."""
        try:
            plaintext = self.guard.ask("privacy", self.name, self.plugin, "decrypt", data)
        except Refused:
            self._refused(data)
            raise
        expect("privacy", self.name, "decrypt", plaintext, bytes)
        self.opened[data] = None
        self.record("opened", {"plaintext": printable(plaintext), "envelope": fingerprint(data)})
        return plaintext  # type: ignore[no-any-return]

    def _refused(self, data: bytes) -> None:
        """Nobody refuses, the first time, what was sealed for it."""
        sealed = next((one for one in self.sealed if one.envelope == data), None)
        if sealed is not None and self.name in sealed.audience and data not in self.opened:
            told = f"it refused, the first time, what {sealed.sender} had sealed for it"
            flawed(self.record, "privacy", "audience", told)


Report = tuple[str, Evidence, int]
"""What was reported: about whom, the evidence, and at which tick."""


@define(eq=False)
class TrustHandle:
    """One agent's trust plugin. Remembers the evidence, for the audit, and the last scores.

    `names` gives the name that belongs to a DID.
    """

    name: str
    plugin: Trust
    guard: Guard
    record: Record
    ledger: Ledger
    names: Mapping[str, str]
    clock: Clock
    evidence: list[Report] = field(factory=list)
    scores: dict[str, Score] = field(factory=dict)

    def report(self, agent: str, evidence: Evidence) -> None:
        """See the port. Records `reported`."""
        self.guard.ask("trust", self.name, self.plugin, "report", agent, evidence)
        self.evidence.append((agent, evidence, self.clock.now))
        match evidence:
            case Receipt():
                partner = self.names.get(evidence.counterparty, "")
                said = {"evidence": "receipt", "id": evidence.id, "ref": evidence.ref, "partner": partner}
            case Complaint():
                partner = self.names.get(evidence.complainant, "")
                said = {"evidence": "complaint", "id": "", "ref": evidence.ref, "partner": partner}
        self.record("reported", {"about": agent, **said})

    def score(self, agent: str) -> Score:
        """See the port. Records `scored`, and before the first score `ledger`."""
        if not self.scores:
            self.ledger.observe("scoring")
        score = ask_score(self.guard, self.name, self.plugin, agent)
        self.scores[agent] = score
        data = {"about": agent, "score": rounded(score.value), "confidence": rounded(score.confidence)}
        self.record("scored", data)
        return score


def ask_score(guard: Guard, owner: str, plugin: Trust, agent: str) -> Score:
    """What a trust plugin says of an agent; its numbers may be any numbers, nan included."""
    score = guard.ask("trust", owner, plugin, "score", agent)
    expect("trust", owner, "score", score, Score)
    expect("trust", owner, "score", score.value, (float, int))
    expect("trust", owner, "score", score.confidence, (float, int))
    return Score(as_float(score.value), as_float(score.confidence))


OPERATIONS = {
    "registry": ("register", "lookup", "gossip_round", "handle_gossip"),
    "payments": ("open_stream", "close_stream", "verify_payment", "balance"),
    "privacy": ("encrypt", "decrypt"),
    "trust": ("report", "score"),
}
"""What a plugin of each layer must be able to do."""


MUST_ANSWER = {
    "registry": ("lookup", "gossip_round", "announce"),
    "payments": ("verify_payment", "balance"),
    "privacy": ("encrypt", "secrets"),
    "trust": ("score",),
}
"""The operations whose interface leaves no room for a `Refused`."""


def make_plugins(guard: Guard, layer: str, factory: Any, roster: Roster) -> dict[str, Plugin]:
    """One plugin of a layer per agent, with all the layer's operations; a fault if the factory makes anything else."""
    return layers.make_plugins(guard, layer, OPERATIONS[layer], factory, roster)
