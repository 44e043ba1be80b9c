"""One map of cards for everyone: the registry of a single process.

Owns that map. It knows nothing of the network, and that is what is wrong with it: a card is seen at once by
agents whom no message could have reached. The harness must notice.
"""

from crosslayer.harness.systems.commerce.nouns import Card
from crosslayer.harness.systems.commerce.ports import Outgoing, Roster


class Board:
    """The newest card of each publisher, in one place."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}
        self._found: dict[str, tuple[Card, ...]] = {}

    def put(self, card: Card) -> None:
        """Keep a card if it is newer than the publisher's present one."""
        known = self._cards.get(card.publisher)
        if known is None or known.version < card.version:
            self._cards[card.publisher] = card
            self._found.clear()

    def find(self, capability: str) -> tuple[Card, ...]:
        """The live cards with a capability (all, if empty) by publisher; the same tuple while nothing changes."""
        if capability not in self._found:
            self._found[capability] = tuple(
                card
                for _, card in sorted(self._cards.items())
                if not card.tombstone and (not capability or capability in card.capabilities)
            )
        return self._found[capability]


class InMemoryRegistry:
    """One agent's door to the board that all share."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def register(self, card: Card) -> None:
        """Put a card on the board; an older one changes nothing."""
        self._board.put(card)

    def lookup(self, capability: str) -> tuple[Card, ...]:
        """The live cards with a capability (all, if empty), by whichever agent they were registered."""
        return self._board.find(capability)

    def gossip_round(self) -> tuple[Outgoing, ...]:
        """Nothing: there is no need to tell anybody."""
        return ()

    def handle_gossip(self, sender: str, payload: bytes) -> tuple[Outgoing, ...]:  # noqa: ARG002 - never listens
        """Nothing: whatever it is, it is ignored."""
        return ()

    def announce(self, card: Card) -> bytes:  # noqa: ARG002 - there is no wire form
        """An empty message, which everybody ignores."""
        return b""


def make(roster: Roster) -> dict[str, InMemoryRegistry]:
    """One registry per member, all of them the same board."""
    board = Board()
    return {name: InMemoryRegistry(board) for name in roster.names()}
