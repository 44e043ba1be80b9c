"""Registries with one thing wrong each: small subclasses of the reference, and a factory for every defect."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from attrs import evolve

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.model.population import role_of
from crosslayer.harness.systems.commerce.nouns import SELLER_ROLES, Card
from crosslayer.harness.systems.commerce.plugins.registry_gossip import (
    Entry,
    GossipRegistry,
    _reader,
    _ring,
    entry_of,
    view_of,
)
from crosslayer.harness.systems.commerce.ports import Outgoing, Roster

Kind = TypeVar("Kind", bound=GossipRegistry)


def _made(roster: Roster, kind: type[Kind]) -> dict[str, Kind]:
    """As the reference's factory, but of this class."""
    names, read = roster.names(), _reader(roster.members)
    return {member.name: kind(member, _ring(names, place), read) for place, member in enumerate(roster.members)}


class _LooksAtAll(GossipRegistry):
    everybody: Iterable[GossipRegistry] = ()

    def lookup(self, capability: str) -> tuple[Card, ...]:
        for one in self.everybody:
            self._learn(one._view.entries.values())  # noqa: SLF001 - the flaw itself
        return super().lookup(capability)


def shares_one_map(roster: Roster) -> dict[str, _LooksAtAll]:
    """Every look-up merges all views of the process, so partitions do not matter.

    Caught by discovery_precedes_bid: no message brought the news.
    """
    made = _made(roster, _LooksAtAll)
    for one in made.values():
        one.everybody = made.values()
    return made


class _HearsOfAll(_LooksAtAll):
    def lookup(self, capability: str) -> tuple[Card, ...]:
        return GossipRegistry.lookup(self, capability)

    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        answer = super().handle_gossip(sender, payload)
        for one in self.everybody:
            self._learn(one._view.entries.values())  # noqa: SLF001 - the flaw itself
        return answer


def shares_on_gossip(roster: Roster) -> dict[str, _HearsOfAll]:
    """Any gossip at all brings the cards of everybody, so each change of a view seems explained.

    Caught by discovery_precedes_bid, and only because it follows causes: no view changes out of the blue.
    """
    made = _made(roster, _HearsOfAll)
    for one in made.values():
        one.everybody = made.values()
    return made


def knows_beforehand(roster: Roster) -> dict[str, GossipRegistry]:
    """Every view is born with the sellers' cards in it.

    Caught by discovery_precedes_bid: a seller is discovered across a partition.
    """
    made = _made(roster, GossipRegistry)
    for member in roster.members:
        if role_of(member.name) in SELLER_ROLES:
            card = Card(member.name, 1, ("sell",))
            entry = entry_of(card.signed(roster.signer(member.name).sign(card.body())), member.did)
            for name, one in made.items():
                if name != member.name:
                    one._learn((entry,))  # noqa: SLF001 - the flaw itself
    return made


class _BelievesForgeries(GossipRegistry):
    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        try:
            return super().handle_gossip(sender, payload)
        except Refused:
            forged = _unverified(payload)
            if not forged:
                raise
            self._learn(forged)
            return ()


def _unverified(payload: bytes) -> list[Entry]:
    try:
        return [_entry(card) for card in json.loads(payload)["cards"]]
    except (KeyError, TypeError, ValueError):
        return []


def _entry(wire: dict[str, Any]) -> Entry:
    card = Card(**{**wire, "capabilities": tuple(wire["capabilities"])})
    body = card.body()
    text = json.dumps(wire, sort_keys=True, separators=(",", ":"))
    return Entry(card, text, (card.version, card.tombstone, body, card.signature), (card.version, body.hex()))


def believes_forged_cards(roster: Roster) -> dict[str, _BelievesForgeries]:
    """A card need not be signed by its publisher.

    Caught by discovery_precedes_bid: a buyer discovers, by a forger's word, a seller that never reached it.
    """
    return _made(roster, _BelievesForgeries)


class _ForgetsTombstones(GossipRegistry):
    def _learn(self, entries: Iterable[Entry]) -> None:
        super()._learn(entries)
        self._view = view_of(tuple(entry for entry in self._view.entries.values() if not entry.card.tombstone))


def resurrects_tombstone(roster: Roster) -> dict[str, _ForgetsTombstones]:
    """A tombstone removes the card and is itself forgotten, so the old card may come back.

    Caught by the registry's contract alone: an agent that is discovered did register once.
    """
    return _made(roster, _ForgetsTombstones)


class _LastArrivalWins(GossipRegistry):
    def _learn(self, entries: Iterable[Entry]) -> None:
        merged = {**self._view.entries, **{entry.card.publisher: entry for entry in entries}}
        self._view = view_of(tuple(entry for _, entry in sorted(merged.items())))


def merges_by_arrival(roster: Roster) -> dict[str, _LastArrivalWins]:
    """Of two cards the one that came last wins, however old it is. Caught by the registry's contract."""
    return _made(roster, _LastArrivalWins)


class _SharesVersions(GossipRegistry):
    versions: dict[str, int]

    def register(self, card: Card) -> None:
        super().register(card)
        self.versions[card.publisher] = card.version

    def lookup(self, capability: str) -> tuple[Card, ...]:
        found = super().lookup(capability)
        if all(card.version == self.versions.get(card.publisher) for card in found):
            return found
        return tuple(evolve(card, version=self.versions.get(card.publisher, card.version)) for card in found)


def shares_version_counter(roster: Roster) -> dict[str, _SharesVersions]:
    """Views are separate, but versions are counted in one place, so a change shows before any message tells of it.

    Caught by the registry's contract: who is there was learnt honestly, only how new a card is was not.
    """
    made, versions = _made(roster, _SharesVersions), dict[str, int]()
    for one in made.values():
        one.versions = versions
    return made


class _ForgetsWhoSentJunk(GossipRegistry):
    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        try:
            return super().handle_gossip(sender, payload)
        except Refused:
            self._view = view_of(tuple(entry for name, entry in self._view.entries.items() if name != sender))
            raise


def forgets_who_sent_junk(roster: Roster) -> dict[str, _ForgetsWhoSentJunk]:
    """A malformed message removes its sender's card from the view. Caught by the registry's contract."""
    return _made(roster, _ForgetsWhoSentJunk)


class _KeepsFour(GossipRegistry):
    def _learn(self, entries: Iterable[Entry]) -> None:
        super()._learn(entries)
        self._view = view_of(tuple(self._view.entries.values())[-4:])


def forgets_beyond_four(roster: Roster) -> dict[str, _KeepsFour]:
    """A view has room for four cards; the first goes, though nobody withdrew it. Caught by the registry's contract."""
    return _made(roster, _KeepsFour)


class _ShowsWithdrawn(GossipRegistry):
    def lookup(self, capability: str) -> tuple[Card, ...]:
        cards = (entry.card for entry in self._view.entries.values())
        return tuple(card for card in cards if not capability or capability in card.capabilities)


def shows_withdrawn(roster: Roster) -> dict[str, _ShowsWithdrawn]:
    """A tombstone is handed out as if it were a live card. Caught by the registry's contract."""
    return _made(roster, _ShowsWithdrawn)


class _Stamps(GossipRegistry):
    def lookup(self, capability: str) -> tuple[Card, ...]:
        return tuple(evolve(card, endpoint=f"seen by {self._owner.name}") for card in super().lookup(capability))


def stamps_cards(roster: Roster) -> dict[str, _Stamps]:
    """Cards are handed out changed, with a signature that no longer fits. Caught by the registry's contract."""
    return _made(roster, _Stamps)


class _DropsStrangeWithdrawals(GossipRegistry):
    def _learn(self, entries: Iterable[Entry]) -> None:
        known = self._view.entries
        super()._learn([one for one in entries if not one.card.tombstone or one.card.publisher in known])


def drops_strange_withdrawals(roster: Roster) -> dict[str, _DropsStrangeWithdrawals]:
    """A withdrawal of somebody who is not in the view is dropped, though the card may still be on its way.

    Caught by the registry's contract: the withdrawal was heard, and changed no view.
    """
    return _made(roster, _DropsStrangeWithdrawals)


class _FirstStays(GossipRegistry):
    def _learn(self, entries: Iterable[Entry]) -> None:
        marks = {name: entry.card.version for name, entry in self._view.entries.items()}
        super()._learn([one for one in entries if marks.get(one.card.publisher) != one.card.version])


def keeps_the_first_of_a_version(roster: Roster) -> dict[str, _FirstStays]:
    """Of two true cards of one version, whichever came first stays. Caught by the registry's contract (inquiry)."""
    return _made(roster, _FirstStays)


class _ComparesText(GossipRegistry):
    def _learn(self, entries: Iterable[Entry]) -> None:
        marks = {name: str(entry.card.version) for name, entry in self._view.entries.items()}
        super()._learn([one for one in entries if str(one.card.version) >= marks.get(one.card.publisher, "")])


def compares_versions_as_text(roster: Roster) -> dict[str, _ComparesText]:
    """Version 10 comes before version 9. Caught by the registry's contract (inquiry)."""
    return _made(roster, _ComparesText)


class _BelievesLoudest(GossipRegistry):
    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        try:
            return super().handle_gossip(sender, payload)
        except Refused:
            for entry in _unverified(payload):
                seen = self.__dict__.setdefault("_seen", {})
                seen[entry.card.publisher] = max(entry.card.version, seen.get(entry.card.publisher, 0))
            raise

    def _learn(self, entries: Iterable[Entry]) -> None:
        seen = self.__dict__.get("_seen", {})
        super()._learn([one for one in entries if one.card.version > seen.get(one.card.publisher, -1)])


def remembers_forged_versions(roster: Roster) -> dict[str, _BelievesLoudest]:
    """The version of a forged card counts as seen, so it hides the true ones. Caught by the registry's contract."""
    return _made(roster, _BelievesLoudest)


class _FindsByPrefix(GossipRegistry):
    def lookup(self, capability: str) -> tuple[Card, ...]:
        return tuple(card for card in super().lookup("") if "".join(card.capabilities).startswith(capability))


def finds_by_prefix(roster: Roster) -> dict[str, _FindsByPrefix]:
    """A look-up finds whose first capability begins so. Caught by the registry's contract (inquiry)."""
    return _made(roster, _FindsByPrefix)


class _GivesUp(GossipRegistry):
    def gossip_round(self) -> tuple[Outgoing, ...]:
        self.__dict__["_rounds"] = self.__dict__.get("_rounds", 0) + 1
        return super().gossip_round() if self.__dict__["_rounds"] <= 1 else ()

    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        super().handle_gossip(sender, payload)
        return ()


def tells_only_a_few(roster: Roster) -> dict[str, _GivesUp]:
    """Gossip ends before everybody was asked. Caught by the registry's contract: settled views do not agree."""
    return _made(roster, _GivesUp)


class _ForgetsView(GossipRegistry):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._view = view_of(())


def forgets_its_view(roster: Roster) -> dict[str, GossipRegistry]:
    """A view is kept in memory alone. Caught by the registry's contract: after a restart it is another."""
    names, read = roster.names(), _reader(roster.members)
    return {
        member.name: _ForgetsView(member, _ring(names, place), read, roster.store(member.name))
        for place, member in enumerate(roster.members)
    }
