"""Messages that are sent until they arrive, and taken in once: an agent's outbox and its memory of what it has seen.

Owns resending, acknowledgement and de-duplication. Knows no protocol: an agent decides what is sent this way.

An acknowledgement names the digest of what arrived from whom, and counts only from the agent that it was sent to. So a
message that was changed on its way, or sent on to another agent, acknowledges nothing.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from crosslayer.harness.kernel.store import Store
from crosslayer.harness.model.declarations import MessageKind
from crosslayer.harness.model.effects import Send
from crosslayer.harness.model.events import Message

ACK = "ack"
"""The message kind of acknowledgements; a system that uses outboxes declares it (`ACKNOWLEDGEMENT`)."""

ACKNOWLEDGEMENT = MessageKind(ACK, about="The acknowledgement of one message.")

_MEMO = 1 << 14

_SENT, _SEEN = "sent", "seen"
"""How the keys begin in a store under which an outbox keeps what it has sent, and what it has taken in."""


@lru_cache(_MEMO)
def digest(sender: str, payload: bytes) -> str:
    """What an acknowledgement names: the first 16 hex digits of the SHA-256 of what came from whom.

    The sender counts, because two agents may send the same bytes to a third: an acknowledgement of the one must not do
    for the other.
    """
    return hashlib.sha256(sender.encode() + b"\0" + payload).hexdigest()[:16]


class Outbox:
    """What one agent has sent and nobody has acknowledged, and what it has taken in.

    With a store, both are put there, too, and begin with what is there already; to sync is the agent's business.
    """

    def __init__(self, owner: str, store: Store | None = None) -> None:
        self._owner = owner
        self._store = store
        self._waiting: dict[tuple[str, str], tuple[str, bytes]] = {}
        self._seen: set[tuple[str, str]] = set()
        if store is not None:
            self._load(store)

    def _load(self, store: Store) -> None:
        for key in store:
            what, _, rest = key.partition(" ")
            agent, _, named = rest.partition(" ")
            if what == _SENT:
                self._waiting[agent, named] = store.get(key)
            elif what == _SEEN:
                self._seen.add((agent, named))

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, to: str, kind: str, payload: bytes) -> None:
        """Keep a message until it is acknowledged; the caller sends it."""
        named = digest(self._owner, payload)
        self._waiting[to, named] = (kind, payload)
        if self._store is not None:
            self._store.put(f"{_SENT} {to} {named}", (kind, payload))

    def acknowledged(self, message: Message) -> None:
        """An acknowledgement has arrived: what it names, from the agent to whom it was sent, has."""
        named = message.payload.decode("ascii", "replace")
        if self._waiting.pop((message.source, named), None) is not None and self._store is not None:
            self._store.delete(f"{_SENT} {message.source} {named}")

    def forget(self, to: str) -> None:
        """Keep nothing any longer that was sent to this agent."""
        for agent, named in [key for key in self._waiting if key[0] == to]:
            del self._waiting[agent, named]
            if self._store is not None:
                self._store.delete(f"{_SENT} {agent} {named}")

    def again(self) -> Iterator[tuple[str, str, bytes]]:
        """Everything that must be sent again: to whom, kind and payload."""
        for (to, _), (kind, payload) in self._waiting.items():
            yield to, kind, payload

    def acknowledgement(self, message: Message) -> Send:
        """What tells a message's sender that it has arrived."""
        return Send(message.source, ACK, digest(message.source, message.payload).encode())

    def is_new(self, message: Message) -> bool:
        """Whether these bytes have not been taken in from this sender."""
        return (message.source, digest(message.source, message.payload)) not in self._seen

    def take(self, message: Message) -> None:
        """From now on, these bytes from this sender are not new."""
        named = digest(message.source, message.payload)
        self._seen.add((message.source, named))
        if self._store is not None:
            self._store.put(f"{_SEEN} {message.source} {named}", value=True)
