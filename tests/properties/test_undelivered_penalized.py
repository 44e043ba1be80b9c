"""Who counts as having withheld, and what counts as a penalty."""

import pytest

from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.nouns import TRUST_THRESHOLD
from crosslayer.properties.commerce.undelivered_penalized import PROPERTY
from tests.properties.story import HAPPY, NOTHING, ROBBED, Story, fact


def _paying(payer: str, payee: str) -> Story:
    """The robbery, between other agents."""
    story = ROBBED.changed("stream_opened", to={"agent": payer, "payee": payee})
    return story.changed("ledger", to={"streams": [[payer, "order-1", payee, 30, True]]})


def test_a_robber_below_the_threshold_holds() -> None:
    """A seller that took money, delivered nothing and is shunned: the promise is kept, and evidence is given."""
    verdict = ROBBED.judged(PROPERTY)

    assert verdict.outcome is Outcome.HOLDS
    assert verdict.detail == "seller-0 took money, did not deliver, and ended below 0.3"
    last_ledger = len(ROBBED.events) - 2
    scored = ROBBED.seq("scored", about="seller-0")
    assert verdict.evidence == (ROBBED.seq("stream_opened"), scored, last_ledger)


@pytest.mark.parametrize("score", [TRUST_THRESHOLD, 0.5, 1, "nan", "inf"])
def test_a_robber_that_is_not_below_the_threshold_violates(score: object) -> None:
    """The threshold itself, the neutral prior, and what is no number are no penalty."""
    story = ROBBED.changed("scored", about="seller-0", to={"score": score})

    verdict = story.judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail.startswith("seller-0 took 30 credits from buyer-0 under order-1 and never delivered, but")


def test_a_robber_that_is_never_scored_violates() -> None:
    """Silence is no penalty."""
    verdict = ROBBED.without("scored", about="seller-0").judged(PROPERTY)

    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.detail.endswith("and was never scored")


def test_the_last_score_counts() -> None:
    """An earlier score is forgotten."""
    earlier = fact(12000, "scored", "auditor-0", about="seller-0", score=0.9, confidence=1)
    later = fact(16000, "scored", "auditor-0", about="seller-0", score=0.9, confidence=1)

    assert ROBBED.before("scored", earlier).judged(PROPERTY).outcome is Outcome.HOLDS
    assert ROBBED.before("end", later).judged(PROPERTY).outcome is Outcome.VIOLATED


def test_corrupt_sellers_count_like_honest_ones() -> None:
    """A shill_seller that withholds must be shunned as well."""
    verdict = _paying("buyer-0", "shill_seller-0").judged(PROPERTY)

    assert verdict.detail.startswith("shill_seller-0 took 30 credits from buyer-0")


def test_goods_under_another_reference_deliver_nothing() -> None:
    """Each stream needs its own goods."""
    story = HAPPY.changed("goods_accepted", to={"ref": "order-2"})

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


@pytest.mark.parametrize(
    "story",
    [
        NOTHING,
        HAPPY,
        ROBBED.changed("ledger", to={"streams": [["buyer-0", "order-1", "seller-0", 0, True]]}),
        ROBBED.without("ledger"),
        ROBBED.without("stream_opened"),
        _paying("buyer-0", "shill-0"),
        _paying("shill-0", "seller-0"),
        ROBBED.changed("ledger", to={"streams": [["buyer-0", "order-1", "shill-0", 30, True]]}),
    ],
    ids=["nothing", "delivered", "no money", "no ledger", "no stream", "no seller", "no buyer", "third party"],
)
def test_without_a_robbery_it_is_vacuous(story: Story) -> None:
    """Unless an honest buyer's money reached a seller that did not deliver, there is nothing to punish."""
    assert story.judged(PROPERTY).outcome is Outcome.VACUOUS


def test_the_latest_ledger_counts() -> None:
    """What an earlier look at the money said is out of date."""
    refunded = [["buyer-0", "order-1", "seller-0", 0, False]]
    story = ROBBED.before("end", fact(16000, "ledger", balances={}, streams=refunded))

    assert story.judged(PROPERTY).detail == "nobody withheld: every honest buyer that paid got its goods"


def test_a_malformed_ledger_is_no_ledger() -> None:
    """A fact that cannot be read changes nothing."""
    story = ROBBED.before("end", fact(16000, "ledger", balances={}, streams=[["buyer-0"]]))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_run_that_did_not_end_is_vacuous() -> None:
    """Nobody can say what never happened while the run is not over."""
    story = ROBBED.changed("scored", to={"score": 1.0}).without("end")

    assert story.judged(PROPERTY).detail == "the run did not end"
    assert story.judged(PROPERTY).outcome is Outcome.VACUOUS
