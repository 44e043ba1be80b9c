"""What a registry view may and may not do."""

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.contracts.registry import PROPERTY
from tests.properties.story import HAPPY, NOTHING, Story, fact


def _seen(version: int, digest: str = "seller's card", cause: str = "gossip") -> Event:
    return fact(500, "view", "buyer-0", cause=cause, changes={"seller-0": [version, digest]})


def _gone() -> Event:
    return fact(500, "view", "buyer-0", cause="gossip", changes={"seller-0": None})


def _then(*events: Event) -> Story:
    """The happy path, with more changes of views before the discovery."""
    return HAPPY.before("discovered", *events)


def test_own_cards_and_gossip_hold() -> None:
    """The happy path's views change for good reasons only."""
    assert HAPPY.judged(PROPERTY).outcome is Outcome.HOLDS


def test_an_unexplained_change_violates() -> None:
    """A view that changes though nothing was registered and no gossip came in is not a view of one's own."""
    story = HAPPY.changed("view", "buyer-0", to={"cause": "unexplained"})

    verdict = story.judged(PROPERTY)

    assert verdict.detail.startswith("the view of buyer-0 changed at tick 201 (cards of seller-0), though")
    assert story.broken_at(PROPERTY) == story.seq("view", "buyer-0")


def test_a_newer_card_may_replace_an_older_one() -> None:
    """Versions may go up, and the same version may be seen again."""
    renewed = fact(450, "registered", "seller-0", card="new card", version=2, tombstone=False)

    assert _then(renewed, _seen(2, "new card"), _seen(2, "new card")).judged(PROPERTY).outcome is Outcome.HOLDS


def test_an_older_card_may_not_replace_a_newer_one() -> None:
    """A version that goes down in a view undoes a newer card."""
    renewed = fact(450, "registered", "seller-0", card="new card", version=2, tombstone=False)
    story = _then(renewed, _seen(2, "new card"), _seen(1))

    verdict = story.judged(PROPERTY)

    assert verdict.detail.endswith("replaces the newer version 2")
    assert len(verdict.evidence) == 2


def test_a_withdrawn_card_may_not_come_back() -> None:
    """A card that reappears in a view from which it was withdrawn undoes the withdrawal, however much later."""
    story = _then(_gone(), _seen(1))
    later = _then(_gone(), _gone(), _seen(0))

    assert story.judged(PROPERTY).detail.endswith("is back after it was withdrawn there")
    assert later.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_newer_card_may_come_after_a_withdrawal() -> None:
    """Who withdrew may register again under a higher version; other views are not concerned."""
    withdrawal = fact(450, "registered", "seller-0", card="tombstone", version=2, tombstone=True)
    renewed = fact(450, "registered", "seller-0", card="new card", version=3, tombstone=False)
    elsewhere = fact(500, "view", "shill-0", cause="gossip", changes={"seller-0": [1, "seller's card"]})

    story = _then(withdrawal, _gone(), renewed, _seen(3, "new card"), elsewhere)

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_card_that_its_publisher_never_registered_violates() -> None:
    """A forged card in a view, or another publisher's card under a wrong name, breaks the contract."""
    forged = _then(_seen(2, "forged card"))
    misnamed = HAPPY.changed("registered", to={"agent": "shill-0"})

    assert forged.judged(PROPERTY).detail.endswith("holds a card forged card that seller-0 never registered")
    assert misnamed.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_the_order_of_registration_and_own_view_is_moot() -> None:
    """A card counts as registered whichever of the two facts of one moment comes first."""
    registered = HAPPY.events[HAPPY.seq("registered")]
    story = HAPPY.without("registered").before("send", registered, id=1)

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_card_leaves_a_view_only_after_a_tombstone() -> None:
    """A view may lose a card that its publisher withdrew, and no other."""
    withdrawal = fact(450, "registered", "seller-0", card="tombstone", version=2, tombstone=True)

    assert _then(withdrawal, _gone()).judged(PROPERTY).outcome is Outcome.HOLDS
    assert _then(_gone()).judged(PROPERTY).detail.endswith("lost the card of seller-0, who never withdrew it")


def test_a_tombstone_is_no_live_card() -> None:
    """A view that shows a tombstone as a card violates, even though it was registered."""
    withdrawal = fact(450, "registered", "seller-0", card="tombstone", version=2, tombstone=True)

    verdict = _then(withdrawal, _seen(2, "tombstone")).judged(PROPERTY)

    assert verdict.detail.endswith("shows the tombstone of seller-0 as a live card")


def test_without_a_view_it_is_vacuous() -> None:
    """No view and no audit, nothing to judge."""
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
