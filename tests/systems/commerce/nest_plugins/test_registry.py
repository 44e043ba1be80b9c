from typing import Any

import pytest

from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.systems.commerce.nest_plugins.driving import Context
from crosslayer.harness.systems.commerce.nest_plugins.registry import NestRegistry
from crosslayer.harness.systems.commerce.nouns import Card
from crosslayer.harness.systems.commerce.ports import Member, Roster
from tests.systems.commerce.nest_plugins.classes import Board, Gossip, Network
from tests.systems.commerce.nest_plugins.nest import types

ROSTER = Roster((Member("a", "aa"), Member("b", "bb")), seed=1)
SELLER = Card("a", 3, ("sell", "rent"), "here", signature="ab")
BUYER = Card("b", 1, ("buy",), signature="cd")


def registry(plugin: Any, name: str = "a") -> NestRegistry:
    """An agent's door to a NEST registry."""
    return NestRegistry(name, plugin, types, Context("registry", name, ROSTER))


def board(*cards: Card) -> NestRegistry:
    """A board with these cards."""
    found = registry(Board())
    for card in cards:
        found.register(card)
    return found


def test_cards_come_back_as_they_were() -> None:
    """Version, signature, endpoint and capabilities survive NEST."""
    assert (SELLER, BUYER) == board(SELLER, BUYER).lookup("")


def test_lookup_asks_for_one_capability() -> None:
    """Only cards with the capability are found; nobody's is the same as none found."""
    assert [(SELLER,), (BUYER,), ()] == [board(SELLER, BUYER).lookup(one) for one in ("rent", "buy", "fly")]


def test_a_tombstone_withdraws() -> None:
    """NEST's word for a tombstone is deregister."""
    assert (BUYER,) == board(SELLER, BUYER, Card("a", 4, (), tombstone=True)).lookup("")


def test_gossip_goes_through_the_context() -> None:
    """What one registry sends in its round, another learns from."""
    network = Network(["a", "b"])
    first, second = registry(Gossip("a", network)), registry(Gossip("b", network), "b")
    first.register(SELLER)
    ((to, payload),) = first.gossip_round()

    assert ("b", ()) == (to, second.handle_gossip("a", payload))
    assert ("a", 3, "ab") == tuple(
        getattr(second.lookup("sell")[0], name) for name in ("publisher", "version", "signature")
    )


def test_a_registry_without_gossip_is_silent() -> None:
    """It has nothing to say, and what it hears is not for it."""
    assert () == board().gossip_round()
    with pytest.raises(Refused):
        board().handle_gossip("b", b"GOSSIP|[]")


def test_what_is_no_gossip_is_refused() -> None:
    """A registry that says so has its way."""
    with pytest.raises(Refused, match="no gossip of this registry"):
        registry(Gossip("a", Network(["a"]))).handle_gossip("b", b"hello")


def test_a_malformed_message_that_it_chokes_on_is_not_refused() -> None:
    """In NEST such an exception ends the whole simulation, so it is no way of saying no."""
    with pytest.raises(ValueError, match="Expecting"):
        registry(Gossip("a", Network(["a"]))).handle_gossip("b", b"GOSSIP|{")


class Wrong(Board):
    """Finds what it was told to find."""

    def __init__(self, found: Any) -> None:
        super().__init__()
        self.found = found

    async def lookup(self, _query: Any) -> Any:
        return self.found


@pytest.mark.parametrize(
    "found",
    [
        None,
        [SELLER],
        [types.AgentCard(agent_id="a", name="a", metadata={"version": "3"})],
        [types.AgentCard(agent_id="a", name="a", metadata={"signature": 3})],
    ],
)
def test_other_answers_are_faults(found: Any) -> None:
    """A lookup answers a list of agent cards, whose metadata is what was registered."""
    with pytest.raises(PluginFault, match="registry plugin of a: lookup: answered"):
        registry(Wrong(found)).lookup("")


def test_lost_metadata_shows() -> None:
    """A card that comes back without version and signature is not the one that was registered."""
    assert (Card("a", 0, ()),) == registry(Wrong([types.AgentCard(agent_id="a", name="a")])).lookup("")
