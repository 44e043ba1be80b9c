"""What a layer is: the operations of each plugin, and what a factory is handed to make them.

Owns the layer interfaces (named as in NEST, but synchronous and sans-I/O). Knows nothing of any plugin.

A plugin is made per agent by a factory that is handed the whole roster:

    def make(roster: Roster) -> dict[str, Trust]:
        return {member.name: MyTrust(member.name, roster) for member in roster.members}

Plugins get only immutable values, and may answer `Refused` where the interface says so. Anything else that
they raise, a wrong type, a changed argument or a call that does not return is a plugin fault.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from crosslayer.harness.kernel import roster
from crosslayer.harness.kernel.roster import Clock, Member
from crosslayer.harness.systems.commerce.nouns import Card, Evidence, Score, Stream

Outgoing = tuple[str, bytes]
"""A gossip message to send: receiver and payload."""


def _no_ledger(_payer: str, _ref: str) -> Stream | None:
    return None


@frozen
class Roster(roster.Roster):
    """Everything that a factory may know of a run.

    `balance` is every agent's opening balance in credits. `ledger(payer, ref)` is the auditor's own view of
    the payments layer, there for the trust layer and empty for the others.
    """

    balance: int = 0
    ledger: Callable[[str, str], Stream | None] = _no_ledger


class Registry(Protocol):
    """Who is there: one agent's view of everyone's cards.

    Of each publisher a view shows one card at most, its newest true one: the greatest version that the publisher
    itself signed. Of two true cards with one version every view that has heard both keeps the same. A true tombstone
    counts as soon as it is heard, known or not: nothing older is shown from then on, and something newer is. A
    forgery changes nothing, and hides nothing that comes later. Where no gossip is lost, all views agree after as many
    rounds as there are agents; what happens after a loss is the plugin's choice.

    A plugin may also have `announce(card) -> bytes`, its wire form of pushing that one card, whatever the
    card says; the adversary uses it to spread forged and stale cards, and can do neither without it. An agent that is
    handed these bytes has heard the card, from whomever they come, whether it takes the message or refuses it as stale.
    """

    def register(self, card: Card) -> None:
        """Publish the owner's own signed card (a tombstone withdraws it); its own view shows it at once.

        What becomes of a card that is no newer than the last is the plugin's choice.
        """
        ...

    def lookup(self, capability: str) -> Sequence[Card]:
        """The live cards in this view with exactly this capability, in any order; all of them if it is empty."""
        ...

    def gossip_round(self) -> Sequence[Outgoing]:
        """What to send now, at a gossip interval; empty when there is nothing to say."""
        ...

    def handle_gossip(self, sender: str, payload: bytes) -> Sequence[Outgoing]:
        """Take in one gossip message; the answers to send. `Refused` if it is malformed."""
        ...


class Payments(Protocol):
    """One agent's handle on the money. References belong to their payer, and are equal or different texts.

    A stream moves its rate at the tick of its opening and at every tick after that, until its cap or its closing: no
    more and no less, for anyone who looks, whichever side closes. Its cap is reserved until then, so several streams
    cannot promise more than there is; what it did not move is free again at once. A refusal leaves no trace.
    """

    def open_stream(self, to: str, rate_per_tick: int, max_total: int, ref: str) -> None:
        """Start paying `to`, the first tick at once. `Refused`: reference used before, or too little money.

        A payee that is unknown or the owner, and a rate or a total below one, may be refused, too; or else they harm
        nobody: no money is made or lost, and none but the owner's own is spent.
        """
        ...

    def close_stream(self, payer: str, ref: str) -> int:
        """Stop a stream of which the owner is payer or payee; its settled total, now and if asked again.

        `Refused`: unknown stream, or the owner is neither.
        """
        ...

    def verify_payment(self, payer: str, ref: str) -> Stream | None:
        """A stream as it stands now, on the terms of its opening, the same for all; None if there is none."""
        ...

    def balance(self) -> int:
        """The owner's credits now, open reservations included."""
        ...


class Privacy(Protocol):
    """One agent's sealing and opening of messages.

    Every recipient reads exactly the bytes that were sealed, once, in whatever order and however late envelopes come,
    and whatever changed copies came before. A changed byte is a changed envelope. One that names its sender was made by
    the one that has that sender's secrets, or is refused. No part of an envelope, its length included, is a function of
    the plaintext alone; the length may depend on the plaintext's. Whether a sender can read what it sealed for others,
    and what `encrypt` does with an empty audience or a stranger in it, is the plugin's choice.  A plugin may also have
    `secrets() -> Sequence[bytes]`, which names what must never be on the wire.
    """

    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        """An envelope that only the audience can open."""
        ...

    def decrypt(self, data: bytes) -> bytes:
        """The plaintext of an envelope. `Refused`: not for the owner, changed, malformed, or a replay."""
        ...


class Trust(Protocol):
    """What the auditor thinks of everyone.

    Scores follow from true evidence and the ledger: not from names, from the order of evidence or from repetition, nor
    from questions that were asked before. Evidence is what its signatures prove; ids belong to their issuers. One
    payment counts once, however many receipts there are for it, and a further paid sale lowers neither score nor
    confidence. To co-sign, or to complain of what one paid for, changes no agent's own score. Complaints that the
    ledger does not back change nothing; a backed one that no sale under its own reference answers ends below the
    threshold. A paid sale counts whatever its parties sell each other besides. A plugin may read the clock when it
    hears evidence: then the order within a tick must not matter. Receipts that no payment backs lift nobody above the
    score of one of whom nothing is known; whether they count for less, or for confidence, is the plugin's choice.
    """

    def report(self, agent: str, evidence: Evidence) -> None:
        """Take in evidence about `agent` (a receipt's issuer, a complaint's subject), true or forged."""
        ...

    def score(self, agent: str) -> Score:
        """The agent's score and how much evidence it rests on."""
        ...


__all__ = ["Clock", "Factory", "Member", "Outgoing", "Payments", "Plugin", "Privacy", "Registry", "Roster", "Trust"]

Plugin = Any
"""A plugin of some layer: structural, so a plugin author need not import anything."""

Factory = Callable[[Roster], Mapping[str, Plugin]]
"""Makes one layer's plugins, one per member; they may share state, which is visible to the harness."""
