"""Claims about the registry that is one shared map, and about what makes it wrong."""

from crosslayer.harness.systems.commerce.nouns import Card
from crosslayer.harness.systems.commerce.plugins.registry_in_memory import make
from crosslayer.harness.systems.commerce.ports import Member, Roster

ROSTER = Roster(members=(Member("seller-0", "0" * 64), Member("seller-1", "1" * 64)), seed=0)


def test_card_is_seen_by_all_at_once() -> None:
    """A card that one agent registers is in each agent's view, though no message was ever sent."""
    here, there = make(ROSTER).values()
    here.register(Card("seller-0", 1, ("sell",)))

    assert there.lookup("sell") == there.lookup("") == (Card("seller-0", 1, ("sell",)),)
    assert there.lookup("buy") == ()


def test_two_runs_share_nothing() -> None:
    """The map belongs to one run: the next one begins empty."""
    make(ROSTER)["seller-0"].register(Card("seller-0", 1, ("sell",)))

    assert make(ROSTER)["seller-0"].lookup("") == ()


def test_newer_version_wins() -> None:
    """An older or equally new card changes nothing, a newer one replaces it."""
    registry = make(ROSTER)["seller-0"]
    registry.register(Card("seller-0", 2, ("sell",)))
    registry.register(Card("seller-0", 1, ("old",)))
    registry.register(Card("seller-0", 2, ("other",)))
    kept = registry.lookup("")
    registry.register(Card("seller-0", 3, ("new",)))

    assert kept == (Card("seller-0", 2, ("sell",)),)
    assert registry.lookup("") == (Card("seller-0", 3, ("new",)),)


def test_withdrawn_card_is_not_found() -> None:
    """A tombstone takes an agent out of every view, and an older card does not bring it back."""
    here, there = make(ROSTER).values()
    here.register(Card("seller-0", 1, ("sell",)))
    here.register(Card("seller-0", 2, ("sell",), tombstone=True))
    here.register(Card("seller-0", 1, ("sell",)))

    assert there.lookup("") == there.lookup("sell") == ()


def test_lookup_is_sorted_and_cached() -> None:
    """Cards come sorted by publisher, and as the same tuple while the map is unchanged."""
    here, there = make(ROSTER).values()
    there.register(Card("seller-1", 1, ()))
    here.register(Card("seller-0", 1, ()))

    assert [card.publisher for card in here.lookup("")] == ["seller-0", "seller-1"]
    assert here.lookup("") is there.lookup("")


def test_it_never_gossips() -> None:
    """It says nothing, answers nothing and ignores whatever it hears."""
    registry = make(ROSTER)["seller-0"]

    assert registry.announce(Card("seller-1", 1, ())) == b""
    assert registry.gossip_round() == registry.handle_gossip("seller-1", b"\xff") == ()
    assert registry.lookup("") == ()
