"""Who may open which envelope, and how often."""

from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.contracts.privacy import PROPERTY
from tests.properties.story import HAPPY, NOTHING, PLAINTEXT, Story, fact

AGAIN = fact(1002, "opened", "seller-0", plaintext=PLAINTEXT, envelope="e1")


def test_the_audience_reads_what_was_sealed() -> None:
    """The happy path keeps the contract."""
    assert HAPPY.judged(PROPERTY).outcome is Outcome.HOLDS


def test_another_plaintext_violates() -> None:
    """What is opened is exactly what was sealed."""
    story = HAPPY.changed("opened", to={"plaintext": PLAINTEXT + " "})

    verdict = story.judged(PROPERTY)

    assert verdict.detail == "seller-0 opened at tick 1001 something else than buyer-0 sealed"
    assert verdict.evidence == (story.seq("sealed"), story.seq("opened"))


def test_a_reader_outside_the_audience_violates() -> None:
    """Nobody else opens an envelope, not even one who gets the right text."""
    story = HAPPY.changed("opened", to={"agent": "shill-0"})

    assert story.judged(PROPERTY).detail == "shill-0 opened at tick 1001 an envelope that buyer-0 sealed for others"


def test_a_replay_is_opened_once_only() -> None:
    """The same reader never opens the same envelope twice; another member of the audience may open it."""
    story = HAPPY.before("goods_sent", AGAIN)
    shared = HAPPY.changed("sealed", to={"audience": ["seller-0", "shill-0"]})
    shared = shared.before("goods_sent", AGAIN._replace(agent="shill-0"))

    assert story.judged(PROPERTY).detail == "seller-0 opened at tick 1002 an envelope that it had opened before"
    assert shared.judged(PROPERTY).outcome is Outcome.HOLDS


def test_an_envelope_that_nobody_sealed_violates() -> None:
    """A changed or invented envelope opens to nobody, be it before or after the first seal."""
    invented = AGAIN._replace(data={**AGAIN.data, "envelope": "e2"})

    assert HAPPY.before("goods_sent", invented).judged(PROPERTY).detail.endswith("an envelope that nobody sealed")
    assert HAPPY.before("registered", invented).judged(PROPERTY).outcome is Outcome.VIOLATED


def test_without_any_seal_openings_cannot_be_judged() -> None:
    """A trace that records no sealing says nothing about what was opened."""
    assert HAPPY.without("sealed").judged(PROPERTY).outcome is Outcome.HOLDS


def test_two_seals_never_give_the_same_envelope() -> None:
    """The same plaintext sealed twice must differ."""
    sealed = HAPPY.events[HAPPY.seq("sealed")]
    same = HAPPY.before("bid_placed", sealed)
    fresh = HAPPY.before("bid_placed", sealed._replace(data={**sealed.data, "envelope": "e2"}))

    assert same.judged(PROPERTY).outcome is Outcome.VIOLATED
    assert same.judged(PROPERTY).detail.endswith("the very envelope that buyer-0 had sealed")
    assert fresh.judged(PROPERTY).outcome is Outcome.HOLDS


def test_without_envelopes_it_is_vacuous() -> None:
    """Nothing sealed, nothing opened, no audit: nothing to judge."""
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
    assert Story((fact(0, "audit", layer="trust", check="x", ok=False),)).judged(PROPERTY).outcome is Outcome.VACUOUS
