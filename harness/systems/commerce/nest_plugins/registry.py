"""A NEST registry as ours: cards become `AgentCard`s and come back, gossip goes through NEST's context.

Owns both translations. Knows nothing of how a registry finds or spreads anything.

A card's version and signature travel in the `AgentCard`'s metadata, because NEST has no other place for them. A
tombstone is NEST's `deregister`. NEST has no operation that spells a push of one card, so there is no `announce`, and
the adversary spreads no forged or stale cards in such a registry.
"""

from functools import lru_cache
from typing import Any

from crosslayer.harness.kernel.guard import expect
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nest_plugins.driving import Context, drive
from crosslayer.harness.systems.commerce.nouns import Card
from crosslayer.harness.systems.commerce.ports import Outgoing

PART = "registry"


@lru_cache(1 << 12)
def _card(publisher: str, version: int, capabilities: tuple[str, ...], endpoint: str, signature: str) -> Card:
    """One object for each content, so that comparing two views is cheap."""
    return Card(publisher, version, capabilities, endpoint, tombstone=False, signature=signature)


class NestRegistry:
    """One agent's door to a NEST registry, which all may share."""

    def __init__(self, name: str, plugin: Any, types: Any, context: Context) -> None:
        self._name = name
        self._plugin = plugin
        self._types = types
        self._context = context

    def register(self, card: Card) -> None:
        """`register`, or `deregister` for a tombstone."""
        if card.tombstone:
            self._drive("deregister", self._plugin.deregister(card.publisher))
            return
        said = self._types.AgentCard(
            agent_id=card.publisher,
            name=card.publisher,
            capabilities=list(card.capabilities),
            endpoint=card.endpoint or None,
            metadata={"version": card.version, "signature": card.signature},
        )
        self._drive("register", self._plugin.register(said))

    def lookup(self, capability: str) -> tuple[Card, ...]:
        """`lookup` by this one capability, or by none."""
        query = self._types.Query(capabilities=[capability] if capability else [])
        found = self._drive("lookup", self._plugin.lookup(query))
        expect(PART, self._name, "lookup", found, (list, tuple))
        return tuple(map(self._read, found))

    def gossip_round(self) -> tuple[Outgoing, ...]:
        """What NEST's `gossip_round` sends; nothing from a registry that has none."""
        if not hasattr(self._plugin, "gossip_round"):
            return ()
        self._drive("gossip_round", self._plugin.gossip_round(self._context))
        return self._context.sent()

    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:
        """What NEST's `handle_gossip` sends. `Refused` if it says that this was no gossip."""
        if not hasattr(self._plugin, "handle_gossip"):
            raise Refused("this registry does not gossip")
        handled = self._drive("handle_gossip", self._plugin.handle_gossip(sender, payload, self._context))
        if handled is False:
            raise Refused("no gossip of this registry")
        return self._context.sent()

    def _read(self, found: Any) -> Card:
        """An `AgentCard` as a card; where its metadata was lost, as one that nobody ever signed."""
        expect(PART, self._name, "lookup", found, self._types.AgentCard)
        version, signature = found.metadata.get("version", 0), found.metadata.get("signature", "")
        expect(PART, self._name, "lookup", version, int)
        expect(PART, self._name, "lookup", signature, str)
        return _card(found.agent_id, version, tuple(found.capabilities), found.endpoint or "", signature)

    def _drive(self, operation: str, called: object) -> Any:
        return drive(PART, self._name, operation, called)
