"""The reference registry: a view per agent, spread by push-pull gossip until all views agree.

Owns the merging of cards, the wire form of gossip and the choice of whom to ask. Knows no clock, no network
and no other layer.

Theory of operation. A view holds one card per publisher: the greatest it has seen, in a total order that
begins with the version, so merging is commutative, associative and idempotent, and a view only ever grows.
A tombstone is a card like any other and stays permanently. An exchange has two messages, at most three:

1. the asker sends a *digest* of its view, and with it the cards that the other has never shown to have;
2. the other takes these in and answers *same* if the views are equal now, or else *pushes* the cards that the asker
   lacks, with a digest of its own if it lacks something all the same;
3. the asker answers that digest with what the other lacks, and nobody asks any further.

Each side remembers what the other has shown to hold. When an agent has news, it asks those 2, 4, 8, ... places ahead
in the ring of all members, the farthest first, and at last its successor, one a round: so each agent's news has
reached everybody when the successor is asked. From then on it asks its successor and, with it, one of the others
who are not known to be in step, until the successor is in step. So gossip falls silent, and it is then over: views
only grow, so once each agent has been in step with its successor since its own last change, every view is contained
in the next one around the ring, and all are equal. A lost message means no more than asking again. An answer that was
changed on its way cannot silence anybody wrongly: it names the view that it speaks of, and views only grow, so a
peer that once had this view needs nothing from it; if it has more, it will ask.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import islice

import attrs
from attrs import frozen

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nouns import Card
from crosslayer.harness.systems.commerce.ports import Member, Outgoing, Roster

FAN_OUT = 2
"""How many peers are asked in one round, the successor among them, if asking each in turn did not do."""

VERSION_MAX = 2**63 - 1
"""The greatest version of a card: far beyond any run, and small enough to be written down."""

_CARD_FIELDS = tuple(field.name for field in attrs.fields(Card))
_MEMO_CARDS = 1 << 13
_MEMO_ROSTERS = 1 << 9
_MEMO_PAYLOADS = 1 << 13
_MEMO_VIEWS = 1 << 13
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def _encode(content: object) -> str:
    """Canonical JSON: equal contents have equal texts."""
    return _ENCODER.encode(content)


@frozen(eq=False)
class Entry:
    """A well-formed, truly signed card, as JSON, its `rank` in merging and its `mark` in a digest."""

    card: Card
    json: str
    rank: tuple[int, bool, bytes, str]
    mark: tuple[int, str]


@frozen(eq=False)
class Digest:
    """What somebody's view holds: each publisher's version and card hash. The fingerprint stands for all."""

    marks: Mapping[str, tuple[int, str]]

    def says_as(self, other: "Digest") -> bool:
        """Whether two views with these digests are equal. Equal ones are mostly one object, see `digest_of`."""
        return self is other or self.marks == other.marks

    @cached_property
    def json(self) -> str:
        """The marks as JSON."""
        return _encode(self.marks)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the marks, in hex."""
        return hashlib.sha256(self.json.encode()).hexdigest()


@lru_cache(_MEMO_VIEWS)
def digest_of(marks: tuple[tuple[str, tuple[int, str]], ...]) -> Digest:
    """The digest of these marks, which are sorted by publisher if they are ever to meet equal ones."""
    return Digest(dict(marks))


NOTHING = digest_of(())
"""The digest of an empty view."""


@frozen(eq=False)
class Ask:
    """The sender's digest, and cards that the receiver may lack."""

    entries: tuple[Entry, ...]
    digest: Digest


@frozen(eq=False)
class Push:
    """Cards for the receiver; with a digest if the sender lacks something itself.

    The sender's view is, or was, the one with this fingerprint, if it says so. No cards and only that: *same*.
    """

    entries: tuple[Entry, ...]
    digest: Digest | None = None
    fingerprint: str | None = None


Gossip = Ask | Push
"""Everything that one agent says to another."""


@frozen(eq=False)
class View:
    """One agent's knowledge: the greatest entry of each publisher, sorted by publisher. It never changes.

    Made by `view_of`, so agents that know the same share one object, and whatever follows from it is computed once.
    """

    entries: Mapping[str, Entry]

    def merged(self, entries: Iterable[Entry]) -> "View":
        """The least view that holds these entries, too: this very view if it does already."""
        given = tuple(entries)
        return _merged(self, given) if given else self

    def _with(self, entries: Iterable[Entry]) -> "View":
        newer: dict[str, Entry] = {}
        for entry in entries:
            publisher = entry.card.publisher
            known = newer.get(publisher) or self.entries.get(publisher)
            if known is None or known.rank < entry.rank:
                newer[publisher] = entry
        if not newer:
            return self
        return view_of(tuple(entry for _, entry in sorted({**self.entries, **newer}.items())))

    def live(self, capability: str) -> tuple[Card, ...]:
        """The cards that are not withdrawn and have this capability (any, if empty); always the same tuple."""
        return self._having.get(capability, ()) if capability else self._live

    @cached_property
    def kept(self) -> bytes:
        """All of it as one push, from which it can be read again."""
        return _push(tuple(entry.json for entry in self.entries.values()))

    @cached_property
    def _live(self) -> tuple[Card, ...]:
        return tuple(entry.card for entry in self.entries.values() if not entry.card.tombstone)

    @cached_property
    def _having(self) -> Mapping[str, tuple[Card, ...]]:
        capabilities = sorted({capability for card in self._live for capability in card.capabilities})
        return {wanted: tuple(card for card in self._live if wanted in card.capabilities) for wanted in capabilities}

    @cached_property
    def digest(self) -> Digest:
        """What this view holds."""
        return digest_of(tuple((publisher, entry.mark) for publisher, entry in self.entries.items()))

    @cached_property
    def confirmation(self) -> bytes:
        """The answer to somebody whose view is equal."""
        return _encode({"form": "same", "view": self.digest.fingerprint}).encode()

    def beyond(self, digest: Digest) -> tuple[Entry, ...]:
        """The entries that the other side lacks or, where the versions are equal but the cards differ, may lack."""
        return tuple(
            entry for publisher, entry in self.entries.items() if _may_lack(digest.marks.get(publisher), entry.mark)
        )

    def lacks(self, digest: Digest) -> bool:
        """Whether the other side has, or may have, something that this view lacks."""
        marks = self.digest.marks
        return any(_may_lack(marks.get(publisher), mark) for publisher, mark in digest.marks.items())


@lru_cache(_MEMO_PAYLOADS)
def _merged(view: View, entries: tuple[Entry, ...]) -> View:
    return view._with(entries)  # noqa: SLF001 - a method with a cache around it


@lru_cache(_MEMO_VIEWS)
def view_of(entries: tuple[Entry, ...]) -> View:
    """The view of these entries, which are sorted by publisher."""
    return View({entry.card.publisher: entry for entry in entries})


@lru_cache(_MEMO_PAYLOADS)
def _question(view: View, shown: Digest) -> bytes:
    """What opens an exchange with somebody who has shown this digest."""
    cards = ",".join(entry.json for entry in view.beyond(shown))
    return f'{{"cards":[{cards}],"digest":{view.digest.json},"form":"ask"}}'.encode()


@lru_cache(_MEMO_PAYLOADS)
def _answer(view: View, digest: Digest, may_ask: bool) -> bytes:  # noqa: FBT001 - a cache's key
    """What a view has to say to a digest that differs from its own; empty if nothing."""
    cards = tuple(entry.json for entry in view.beyond(digest))
    question = view.digest if may_ask and view.lacks(digest) else None
    return _push(cards, question, view.digest.fingerprint) if cards or question else b""


def _may_lack(mine: tuple[int, str] | None, theirs: tuple[int, str]) -> bool:
    return mine is None or (mine != theirs and mine[0] <= theirs[0])


def _card_json(card: Card) -> str:
    return _encode({name: getattr(card, name) for name in _CARD_FIELDS})


def _push(cards: Sequence[str], digest: Digest | None = None, fingerprint: str | None = None) -> bytes:
    """A push of cards that are JSON already, since each is pushed to many."""
    asked = digest.json if digest else "null"
    view = f'"{fingerprint}"' if fingerprint else "null"
    return f'{{"cards":[{",".join(cards)}],"digest":{asked},"form":"push","view":{view}}}'.encode()


@lru_cache(_MEMO_CARDS)
def entry_of(card: Card, did: str) -> Entry:
    """A card as an entry; `Refused` unless it is well-formed and this DID signed it."""
    if not 0 <= card.version <= VERSION_MAX or not _is_plain(card):
        raise Refused(f"a malformed card of {card.publisher!a}")
    body = card.body()
    if not verify(did, body, card.signature):
        raise Refused(f"a card in the name of {card.publisher}, signed by somebody else")
    text = _card_json(card)
    content = hashlib.sha256(text.encode()).hexdigest()[:32]
    return Entry(card, text, (card.version, card.tombstone, body, card.signature), (card.version, content))


def _is_plain(card: Card) -> bool:
    """Whether a card's texts can be written as UTF-8 and its signature is spelt in the only way.

    JSON can smuggle in half a character; and upper-case hex means the same signature, but another card.
    """
    try:
        "".join((card.endpoint, *card.capabilities)).encode()
    except UnicodeEncodeError:
        return False
    return re.fullmatch("[0-9a-f]{128}", card.signature) is not None


def _read(payload: bytes, dids: Mapping[str, str]) -> Gossip:
    """A payload as a message of which everything has been checked; `Refused` if anything is wrong with it."""
    try:
        content = json.loads(payload.decode())
    except (ValueError, RecursionError) as error:
        raise Refused("gossip that is not JSON") from error
    match content:
        case {"form": "ask", "cards": list() as cards, "digest": dict() as marks}:
            return Ask(_read_cards(cards, dids), _read_digest(marks, dids))
        case {"form": "push", "cards": list() as cards, "digest": None, "view": None | str() as fingerprint}:
            return Push(_read_cards(cards, dids), None, fingerprint)
        case {"form": "push", "cards": list() as cards, "digest": dict() as marks, "view": None | str() as fingerprint}:
            return Push(_read_cards(cards, dids), _read_digest(marks, dids), fingerprint)
        case {"form": "same", "view": str() as fingerprint}:
            return Push((), None, fingerprint)
    raise Refused("gossip of no known form")


def _read_digest(marks: Mapping[str, object], dids: Mapping[str, str]) -> Digest:
    checked = []
    for publisher, mark in marks.items():
        match mark:
            case [int() as version, str() as content] if publisher in dids and not isinstance(version, bool):
                checked.append((publisher, (version, content)))
            case _:
                raise Refused("a malformed digest")
    return digest_of(tuple(checked))


def _read_cards(contents: Sequence[object], dids: Mapping[str, str]) -> tuple[Entry, ...]:
    return tuple(_read_card(content, dids) for content in contents)


def _read_card(content: object, dids: Mapping[str, str]) -> Entry:
    match content:
        case {
            "publisher": str() as publisher,
            "version": int() as version,
            "capabilities": list() as capabilities,
            "endpoint": str() as endpoint,
            "tombstone": bool() as tombstone,
            "signature": str() as signature,
        } if (
            publisher in dids
            and not isinstance(version, bool)
            and all(isinstance(capability, str) for capability in capabilities)
        ):
            card = Card(publisher, version, tuple(capabilities), endpoint, tombstone, signature)
            return entry_of(card, dids[publisher])
    raise Refused("a malformed card, or one of a stranger")


@frozen(eq=False)
class _Members:
    """Each agent's DID by name."""

    dids: Mapping[str, str]


@lru_cache(_MEMO_PAYLOADS)
def _heard(members: _Members, payload: bytes) -> Gossip | str:
    """`_read`, memoised, or why it refused: the same gossip is heard again and again."""
    try:
        return _read(payload, members.dids)
    except Refused as refusal:
        return str(refusal)


def _read_among(members: _Members, payload: bytes) -> Gossip:
    heard = _heard(members, payload)
    if isinstance(heard, str):
        raise Refused(heard)
    return heard


@lru_cache(_MEMO_ROSTERS)
def _reader(members: tuple[Member, ...]) -> Callable[[bytes], Gossip]:
    """Reading among these members, as a function of bytes alone."""
    return partial(_read_among, _Members({member.name: member.did for member in members}))


_VIEW = "view"
"""Where the view stands in the store."""


class GossipRegistry:
    """One agent's registry; its view changes by its own cards and by the gossip that it is handed.

    The view survives a loss of memory: a withdrawal that was forgotten would bring back the card that it withdrew. What
    others have shown to know does not; it is asked for again.
    """

    def __init__(
        self, member: Member, peers: Sequence[str], read: Callable[[bytes], Gossip], store: Store | None = None
    ) -> None:
        self._owner = member
        self._peers = tuple(peers)
        self._successor = self._peers[0] if self._peers else member.name
        self._read = read
        self._store = store
        kept = None if store is None else store.get(_VIEW)
        self._view = view_of(()) if kept is None else view_of(()).merged(read(kept).entries)
        self._first = self._peers[: ((len(self._peers) + 1) // 2).bit_length()][::-1]
        self._turn = 0
        self._shown: dict[str, Digest] = {}

    def register(self, card: Card) -> None:
        """Publish the owner's own card. `Refused`: another's, badly signed, or no newer than the known one."""
        if card.publisher != self._owner.name:
            raise Refused(f"{self._owner.name} cannot register a card of {card.publisher}")
        known = self._view.entries.get(card.publisher)
        if known is not None and card.version <= known.card.version:
            raise Refused(f"version {card.version} is not newer than {known.card.version}")
        self._learn((entry_of(card, self._owner.did),))

    def lookup(self, capability: str) -> tuple[Card, ...]:
        """The live cards with a capability (all, if empty) by publisher; the same tuple while nothing changes."""
        return self._view.live(capability)

    def gossip_round(self) -> tuple[Outgoing, ...]:
        """Ask whose turn it is; nobody, once the successor is in step."""
        if not self._peers or self._is_in_step(self._successor):
            self._turn = 0
            return ()
        return tuple((peer, _question(self._view, self._shown.get(peer, NOTHING))) for peer in self._whom_to_ask())

    def _whom_to_ask(self) -> tuple[str, ...]:
        for peer in self._first[self._turn :]:
            self._turn += 1
            if not self._is_in_step(peer):
                return (peer,)
        others = (peer for peer in self._peers if peer != self._successor and not self._is_in_step(peer))
        asked = (self._successor, *islice(others, FAN_OUT - 1))
        self._peers = (*(peer for peer in self._peers if peer not in asked), *asked)
        return asked

    def _is_in_step(self, peer: str) -> bool:
        shown = self._shown.get(peer)
        return shown is not None and shown.says_as(self._view.digest)

    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        """Take in one message; at most one answer, to its sender. `Refused` changes nothing."""
        if sender not in self._peers:
            raise Refused("gossip from oneself or from a stranger")
        heard = self._read(payload)
        self._learn(heard.entries)
        if isinstance(heard, Ask):
            return self._answer(sender, heard.digest, may_ask=True)
        if heard.fingerprint == self._view.digest.fingerprint:
            self._shown[sender] = self._view.digest
        return () if heard.digest is None else self._answer(sender, heard.digest, may_ask=False)

    def announce(self, card: Card) -> bytes:
        """The wire form of a push of this one card, whatever it says."""
        return _push((_card_json(card),))

    def _learn(self, entries: Iterable[Entry]) -> None:
        view = self._view.merged(entries)
        if view is not self._view:
            self._view = view
            if self._store is None:
                return
            self._store.put(_VIEW, view.kept)
            self._store.sync()

    def _answer(self, sender: str, digest: Digest, *, may_ask: bool) -> tuple[Outgoing, ...]:
        self._shown[sender] = digest
        if digest.says_as(self._view.digest):
            return ((sender, self._view.confirmation),)
        payload = _answer(self._view, digest, may_ask)
        return ((sender, payload),) if payload else ()


@lru_cache(_MEMO_VIEWS)
def _ring(names: tuple[str, ...], place: int) -> tuple[str, ...]:
    """Everybody else, as the agent at this place of the ring sees them.

    First those 1, 2, 4, 8, ... places ahead, so that news doubles its reach with each round; then the rest
    of the half ring ahead; then the other half, whom those agents should have asked themselves.
    """
    size = len(names)
    ahead = sorted(range(1, size // 2 + 1), key=lambda distance: (distance.bit_count() > 1, distance))
    behind = (size - distance for distance in ahead if size - distance not in ahead)
    return tuple(names[(place + distance) % size] for distance in (*ahead, *behind))


def make(roster: Roster) -> dict[str, GossipRegistry]:
    """One registry per member; they share nothing but what they say to each other."""
    names, read = roster.names(), _reader(roster.members)
    return {
        member.name: GossipRegistry(member, _ring(names, place), read, roster.store(member.name))
        for place, member in enumerate(roster.members)
    }
