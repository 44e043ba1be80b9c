"""Which bids count as following an honest discovery."""

from crosslayer.harness.model.events import Message
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.commerce.discovery_precedes_bid import PROPERTY
from tests.properties.story import HAPPY, NOTHING, POPULATION, fact, wire

TOLD = Message(1, "seller-0", "buyer-0", "gossip", b"cards")
RELAYED = Message(9, "shill-0", "buyer-0", "gossip", b"cards")


def test_a_bid_after_an_honest_discovery_holds() -> None:
    """The happy path keeps the promise, and names the bid as evidence."""
    verdict = HAPPY.judged(PROPERTY)

    assert verdict.outcome is Outcome.HOLDS
    assert verdict.evidence == (HAPPY.seq("bid_placed"),)


def test_a_bid_without_a_discovery_violates() -> None:
    """A buyer that bids to somebody whom it never looked up breaks the promise, at once."""
    story = HAPPY.without("discovered")

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail == "buyer-0 bid to seller-0 at tick 1000 without having discovered it"
    assert story.broken_at(PROPERTY) == story.seq("bid_placed")


def test_a_discovery_after_the_bid_is_too_late() -> None:
    """Discovering the seller after bidding does not repair the bid."""
    late = HAPPY.without("discovered").before("end", fact(2000, "discovered", "buyer-0", seller="seller-0"))

    assert late.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_discovery_that_no_message_explains_violates() -> None:
    """Without the gossip, the seller's registration is not in the buyer's causal past: a shared map leaked it."""
    story = HAPPY.without("deliver", id=1)

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert "when it discovered seller-0 at tick 1000 no message had brought buyer-0 news" in verdict.detail
    assert verdict.evidence == (story.seq("discovered"), story.seq("bid_placed"))


def test_news_between_discovery_and_bid_does_not_make_the_discovery_honest() -> None:
    """What counts is what the buyer could know when it discovered the seller."""
    story = HAPPY.without("deliver", id=1).before("bid_placed", wire(1000, "deliver", TOLD))

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_only_the_first_discovery_counts() -> None:
    """A second, honest discovery does not excuse the first."""
    story = HAPPY.without("deliver", id=1).before(
        "bid_placed", wire(1000, "deliver", TOLD), fact(1000, "discovered", "buyer-0", seller="seller-0")
    )

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_message_sent_before_the_registration_brings_no_news() -> None:
    """A message carries what its sender knew when it was sent, not when it arrived."""
    first = wire(0, "send", TOLD)
    story = HAPPY.without("send", id=1).before("registered", first)

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_news_through_a_third_agent_counts() -> None:
    """Causal past is transitive: a relay is as good as the seller itself."""
    to_relay = TOLD._replace(to="shill-0")
    story = HAPPY.without("deliver", id=1).changed("send", id=1, to={"message": to_relay})
    story = story.before(
        "discovered", wire(201, "deliver", to_relay), wire(202, "send", RELAYED), wire(203, "deliver", RELAYED)
    )

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_copy_brings_the_news_of_its_original() -> None:
    """A redirected message tells what its sender knew when the original was sent."""
    elsewhere = TOLD._replace(to="shill-0")
    twin = TOLD._replace(id=9)
    story = HAPPY.without("deliver", id=1).changed("send", id=1, to={"message": elsewhere})
    story = story.before("discovered", wire(300, "copy", twin, of=1), wire(301, "deliver", twin))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_copy_of_an_ignorant_message_brings_nothing() -> None:
    """A copy made after the registration of a message sent before it still carries no news."""
    twin = TOLD._replace(id=9)
    story = HAPPY.without("deliver", id=1).without("send", id=1).before("registered", wire(0, "send", TOLD))
    story = story.before("discovered", wire(300, "copy", twin, of=1), wire(301, "deliver", twin))

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_dropped_message_brings_nothing() -> None:
    """Only delivery enlarges a causal past."""
    story = HAPPY.without("deliver", id=1).before("discovered", wire(201, "drop", TOLD, reason="step"))

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_another_buyers_discovery_does_not_count() -> None:
    """Each buyer must have discovered the seller itself."""
    population = Population(buyer=2, seller=1, shill=1)
    story = HAPPY.changed("discovered", to={"agent": "buyer-1"})

    assert story.judged(PROPERTY, population).outcome is Outcome.VIOLATED


def test_bids_of_shills_are_free() -> None:
    """The promise speaks of honest buyers: a shill may bid to whomever it likes."""
    story = HAPPY.before("end", fact(2000, "bid_placed", "shill-0", seller="seller-0", ref="x", amount=150))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_without_a_bid_it_is_vacuous() -> None:
    """No bid of an honest buyer, nothing to speak of."""
    only_shills = HAPPY.changed("bid_placed", to={"agent": "shill-0"})

    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert only_shills.judged(PROPERTY, POPULATION).detail == "no honest buyer placed a bid"
