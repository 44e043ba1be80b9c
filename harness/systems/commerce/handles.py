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
from crosslayer.harness.systems.commerce.ports import Outgoing, Payments, Plugin, Privacy, Registry, Roster, Trust

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


@define(eq=False)
class RegistryHandle:
    """One agent's registry. Watches the view for changes that neither its owner nor a message explains."""

    name: str
    plugin: Registry
    guard: Guard
    record: Record
    _cards: Sequence[Card] = ()
    _view: dict[str, Card] = field(factory=dict)
    _discovered: set[str] = field(factory=set)

    def register(self, card: Card) -> None:
        """See the port. Records `registered`."""
        self._look("unexplained")
        self._ask("register", card)
        data = {"card": card_fingerprint(card), "version": card.version, "tombstone": card.tombstone}
        self.record("registered", data)
        self._look("own")

    def lookup(self, capability: str) -> tuple[Card, ...]:
        """See the port. Records `discovered` for every seller that its owner sees for the first time."""
        self._look("unexplained")
        found = answers("registry", self.name, "lookup", self._ask("lookup", capability), Card)
        if capability == SELL:
            for card in found:
                if card.publisher not in self._discovered and card.publisher != self.name:
                    self._discovered.add(card.publisher)
                    self.record("discovered", {"seller": card.publisher})
        return found

    def gossip_round(self) -> tuple[Outgoing, ...]:
        """See the port."""
        return self._outgoing("gossip_round", self._ask("gossip_round"))

    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        """See the port."""
        self._look("unexplained")
        answer = self._ask("handle_gossip", sender, payload)
        self._look("gossip")
        return self._outgoing("handle_gossip", answer)

    def announce(self, card: Card) -> bytes:
        """See the port; empty from a plugin that pushes no cards."""
        push = self.guard.call("registry", self.name, "announce", partial(getattr, self.plugin, "announce", None))
        if push is None:
            return b""
        payload = self.guard.call("registry", self.name, "announce", push, card)
        expect("registry", self.name, "announce", payload, bytes)
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
        if cards is self._cards or cards == self._cards:
            return
        self._cards = cards
        view = {card.publisher: card for card in answers("registry", self.name, "lookup", cards, Card)}
        known = self._view
        self._view = view
        new = [one for one in view.items() if known.get(one[0]) is not one[1] and known.get(one[0]) != one[1]]
        changes: dict[str, list[int | str] | None] = {
            publisher: [card.version, card_fingerprint(card)] for publisher, card in sorted(new)
        }
        if len(view) - len(new) < len(known):
            changes.update((publisher, None) for publisher in sorted(known.keys() - view.keys()))
        if changes:
            self.record("view", {"cause": cause, "changes": changes})


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

    Balances are what each agent's own plugin says, streams what the auditor's says.
    """

    plugins: Mapping[str, Payments]
    auditor: str
    guard: Guard
    record: Record
    _opened: list[tuple[str, str]] = field(factory=list)

    def opened(self, payer: str, ref: str) -> None:
        """From now on, look at this stream, too."""
        self._opened.append((payer, ref))

    def has_opened(self, payer: str, ref: str) -> bool:
        """Whether this stream was ever opened."""
        return (payer, ref) in self._opened

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
        found = (sane_stream(self.auditor, one) for one in self.guard.sweep("payments", "verify_payment", asks))
        streams = [[one.payer, one.ref, one.payee, one.moved, one.open] for one in found if one is not None]
        self.record("ledger", {"cause": cause, "balances": balances, "streams": streams})


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
        self._ask("open_stream", to, rate_per_tick, max_total, ref)
        self.record("stream_opened", {"payee": to, "ref": ref, "rate": rate_per_tick, "cap": max_total})
        self.ledger.opened(self.name, ref)
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
        found = self._ask("verify_payment", payer, ref)
        return sane_stream(self.name, found)

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
        plaintext = self.guard.ask("privacy", self.name, self.plugin, "decrypt", data)
        expect("privacy", self.name, "decrypt", plaintext, bytes)
        self.record("opened", {"plaintext": printable(plaintext), "envelope": fingerprint(data)})
        return plaintext  # type: ignore[no-any-return]


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
    evidence: list[tuple[str, Evidence]] = field(factory=list)
    scores: dict[str, Score] = field(factory=dict)

    def report(self, agent: str, evidence: Evidence) -> None:
        """See the port. Records `reported`."""
        self.guard.ask("trust", self.name, self.plugin, "report", agent, evidence)
        self.evidence.append((agent, evidence))
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
