"""What each promise means on a NEST trace, on both bases."""

import pytest

from crosslayer.harness.systems.commerce.nest.verdicts import DELIVERIES, MARKERS
from tests.systems.commerce.nest.telling import (
    DISCOVERY,
    HOLDS,
    OPACITY,
    REWARDED,
    STARTS,
    UNDELIVERED,
    VACUOUS,
    VIOLATED,
    Value,
    broadcast,
    card,
    dropped,
    judged,
    outcomes,
    purchase,
    receive,
    scores,
    send,
    whole,
)

ROBBERY = purchase("buyer-1", "shill_seller-0", delivers=False)
FAIR = scores(seller_0=0.63, shill_seller_0=0.0)
GOOD = whole(purchase(), ROBBERY, FAIR)


def told(values: list[Value], name: str) -> tuple[str, str]:
    """Outcome and detail on the best basis."""
    verdict = judged(values)[name]
    return str(verdict.outcome), verdict.detail


def without(values: list[Value], text: str, kind: str = "") -> list[Value]:
    """The lines but those whose message begins so."""
    return [one for one in values if not (one.get("msg", "").startswith(text) and one["kind"].startswith(kind))]


def test_a_good_trace_holds() -> None:
    """A purchase and a punished robbery exercise all four promises, and all hold, on both bases."""
    assert ({HOLDS}, {HOLDS}) == tuple(set(one.values()) for one in outcomes(GOOD))


def test_the_basis_is_deliveries_wherever_something_was_received() -> None:
    """Without any `receive`, markers alone are gone by."""
    silent = [one for one in GOOD if one["kind"] != "receive"]

    assert judged(GOOD) == judged(GOOD, DELIVERIES)
    assert judged(silent) == judged(silent, MARKERS)
    assert {HOLDS} == {one.outcome for one in judged(silent).values()}


def test_a_bid_without_discovery() -> None:
    """A bid that no discovery of that seller by that buyer precedes violates, on both bases."""
    none = without(GOOD, "discovered:buyer-0")
    late = [*none[:-7], broadcast("buyer-0", "discovered:buyer-0:seller-0"), *none[-7:]]
    other = [*none[:7], broadcast("buyer-0", "discovered:buyer-0:seller-1"), *none[7:]]

    for values in (none, late, other):
        assert (VIOLATED, VIOLATED) == tuple(one[DISCOVERY] for one in outcomes(values))
        assert "buyer-0 bid to seller-0 at tick 1 without having discovered it" == judged(values)[DISCOVERY].detail


def test_a_discovery_that_nobody_told() -> None:
    """A discovery for which no push was received violates on deliveries; the published rule sees nothing."""
    deaf = without(GOOD, card("seller-0"))
    lost = [dropped("buyer-0", "seller-0", card("seller-0")), *deaf[7:]]

    for values in (deaf, [*deaf[:7], *lost]):
        assert (VIOLATED, HOLDS) == tuple(one[DISCOVERY] for one in outcomes(values))


def test_news_travels_from_hand_to_hand() -> None:
    """A card may come from somebody else who had it from its publisher."""
    deaf = without(GOOD, card("seller-0"))
    heard = [receive("seller-1", "seller-0", card("seller-0")), receive("buyer-0", "seller-1", card("seller-0"))]

    assert HOLDS == judged([*deaf[:7], *heard, *deaf[7:]])[DISCOVERY].outcome
    assert VIOLATED == judged([*deaf[:7], *heard[::-1], *deaf[7:]])[DISCOVERY].outcome


def test_a_robber_that_is_not_penalised() -> None:
    """Drained, not delivered, and not below 0.3: violated, with what the score was."""
    lenient = whole(purchase(), ROBBERY, scores(seller_0=0.63, shill_seller_0=0.3))
    detail = (
        "shill_seller-0 took 10 credits from buyer-1 under bid-buyer-1 and never delivered, but ended with score 0.3"
    )

    assert (VIOLATED, VIOLATED) == tuple(one[UNDELIVERED] for one in outcomes(lenient))
    assert f"{detail}, not below 0.3" == judged(lenient)[UNDELIVERED].detail


def test_a_robber_that_was_never_scored() -> None:
    """It is told, loudly: the auditor scored others."""
    values = whole(purchase(), ROBBERY, scores(seller_0=0.63))

    assert (VIOLATED, VIOLATED) == tuple(one[UNDELIVERED] for one in outcomes(values))
    assert judged(values)[UNDELIVERED].detail.endswith("never delivered, and was never scored")


def test_goods_are_delivered_when_the_payer_received_them() -> None:
    """An acknowledgement that never arrived, or from somebody else, or to somebody else, delivers nothing."""
    lost = without(GOOD, "ack:", "receive")
    strangers = [receive("buyer-0", "seller-1", "ack:bid-buyer-0"), receive("buyer-1", "seller-0", "ack:bid-buyer-0")]

    for values in (lost, [*lost[:-8], *strangers, *lost[-8:]]):
        assert (VIOLATED, HOLDS) == tuple(one[UNDELIVERED] for one in outcomes(values))
        assert "sent goods of which no copy arrived, but ended with" in judged(values)[UNDELIVERED].detail


@pytest.mark.parametrize("seen", ["dropped", "nothing"])
def test_a_seller_whose_bid_was_lost_is_never_accused(seen: str) -> None:
    """Money moved, and no copy of the bid arrived: on both bases that is no robbery."""
    robbed = purchase("buyer-1", "seller-1", delivers=False, arrives=False)
    values = whole(purchase(), robbed, scores(seller_0=0.63, seller_1=0.5))
    expected = ("vacuous", "no stream was drained without delivery, so the adversary never fired")

    if seen == "nothing":
        assert expected == told([one for one in values if one["kind"] != "dropped"], UNDELIVERED)
    else:
        assert (VACUOUS, VACUOUS) == tuple(one[UNDELIVERED] for one in outcomes(values))
        assert HOLDS == judged(values)[REWARDED].outcome


def test_one_of_several_copies_is_enough() -> None:
    """A seller that got the second copy of a bid has no excuse, and a changed copy is no copy."""
    lost = purchase("buyer-1", "seller-1", delivers=False, arrives=False)
    again = [send("buyer-1", "seller-1", "bid:sealed-bid-buyer-1", "c2")]
    arrived = [*again, receive("seller-1", "buyer-1", "bid:sealed-bid-buyer-1", "c2")]
    changed = [*again, receive("seller-1", "buyer-1", "bid:SEALED-bid-buyer-1", "c2")]
    end = scores(seller_0=0.63, seller_1=0.5)

    assert VIOLATED == judged(whole(purchase(), lost, arrived, end))[UNDELIVERED].outcome
    assert VACUOUS == judged(whole(purchase(), lost, changed, end))[UNDELIVERED].outcome


def test_goods_before_money() -> None:
    """A delivery without an earlier stream violates, on both bases."""
    unpaid = without(GOOD, "stream:open:buyer-0")
    late = [*unpaid[:-8], broadcast("buyer-0", "stream:open:buyer-0:seller-0:bid-buyer-0:10"), *unpaid[-8:]]

    for values in (unpaid, late):
        assert (VIOLATED, VIOLATED) == tuple(one[REWARDED] for one in outcomes(values))


def test_an_honest_seller_that_is_not_rewarded() -> None:
    """A seller that delivered must reach 0.3, and be scored at all."""
    low = whole(purchase(), scores(seller_0=0.29))
    none = whole(purchase(), scores(seller_1=0.5))

    for values in (low, none):
        assert (VIOLATED, VIOLATED) == tuple(one[REWARDED] for one in outcomes(values))
    assert "seller-0 delivered to every payer, but ended with score 0.29, below 0.3" == judged(low)[REWARDED].detail


def test_a_score_without_evidence_is_no_reward() -> None:
    """Confidence 0 counts against a seller's score where the auditor states confidence of others."""
    bare = broadcast("auditor-0", "score:seller-0:0.5:0")
    values = whole(purchase(), ROBBERY, [bare], scores(shill_seller_0=0.0))

    assert (VIOLATED, HOLDS) == tuple(one[REWARDED] for one in outcomes(values))
    assert HOLDS == judged(whole(purchase(), [bare]))[REWARDED].outcome


def test_the_neutral_prior_is_no_reward() -> None:
    """The score that somebody has who filed no receipt, without any confidence, is worth nothing."""
    bare = [broadcast("auditor-0", f"score:{name}:0.5:0") for name in ("seller-0", "shill-0")]
    receipt = [send("shill-0", "auditor-0", "receipt:shill-0:{}")]
    own = [send("seller-0", "auditor-0", "receipt:seller-0:{}")]

    assert "neutral one of shill-0" in judged(whole(own, purchase(), bare))[REWARDED].detail
    assert HOLDS == judged(whole(own, receipt, purchase(), bare))[REWARDED].outcome


@pytest.mark.parametrize(
    ("values", "name", "reason"),
    [
        (whole(scores(seller_0=0.5)), DISCOVERY, "no honest buyer stated a bid"),
        (whole(scores(seller_0=0.5)), OPACITY, "no honest buyer stated a bid"),
        (whole(scores(seller_0=0.5)), UNDELIVERED, "no honest buyer stated a bid"),
        (without(GOOD, "bid:"), OPACITY, "bids were stated, but no bid went over the wire"),
        (whole(ROBBERY, FAIR), REWARDED, "nobody delivered"),
        (whole(purchase(), FAIR), UNDELIVERED, "no stream was drained without delivery, so the adversary never fired"),
    ],
)
def test_absence_is_loud(values: list[Value], name: str, reason: str) -> None:
    """What was never exercised is vacuous, with the reason, and no pass."""
    assert ("vacuous", reason) == told(values, name)
    assert VACUOUS == judged(values, MARKERS)[name].outcome


def test_a_trace_that_was_cut_accuses_nobody() -> None:
    """Without any `stop`, or without any score, the two last promises are inconclusive, on both bases."""
    lenient = whole(purchase(), ROBBERY, scores(seller_0=0.1, shill_seller_0=0.9))
    running = [one for one in lenient if one["kind"] != "stop"]
    unscored = without(lenient, "score:")

    for values, reason in ((running, "no stop events"), (unscored, "nobody was ever scored")):
        for basis in (DELIVERIES, MARKERS):
            verdicts = judged(values, basis)
            for name in (UNDELIVERED, REWARDED):
                assert VACUOUS == verdicts[name].outcome
                assert verdicts[name].detail.startswith("inconclusive: ")
                assert reason in verdicts[name].detail
    assert (VIOLATED, VIOLATED) == tuple(judged(lenient)[name].outcome for name in (UNDELIVERED, REWARDED))


def test_every_prefix_accuses_nobody() -> None:
    """However early a good trace is cut off, nothing in it is violated."""
    for length in range(1, len(GOOD)):
        for one in outcomes(GOOD[:length]):
            assert VIOLATED not in one.values()


def test_a_trace_without_its_beginning_accuses_nobody() -> None:
    """What a trace does not show because its beginning is missing is held against nobody."""
    for length in range(len(STARTS), len(GOOD)):
        for one in outcomes(GOOD[length:]):
            assert VIOLATED not in one.values()


def test_evidence_is_lines() -> None:
    """A verdict names the lines that prove it, counted from 1."""
    lenient = whole(purchase(), ROBBERY, scores(seller_0=0.63, shill_seller_0=0.9))
    lines = [lenient[number - 1]["msg"] for number in judged(lenient)[UNDELIVERED].evidence]

    assert ["stream:close:buyer-1:shill_seller-0:bid-buyer-1:10", "score:shill_seller-0:0.9:0.5"] == lines


def test_only_honest_buyers_were_promised_anything() -> None:
    """What a shill does with its own money and its own bids breaks no promise."""
    shill = [
        broadcast("shill-0", "bidmeta:shill-0:seller-1:r:150"),
        broadcast("shill-0", "bidamount:150:from:shill-0:ref:r"),
        send("shill-0", "seller-1", "bid:bidamount:150:from:shill-0:ref:r"),
        broadcast("shill-0", "stream:close:shill-0:seller-1:r:10"),
    ]

    assert outcomes(GOOD) == outcomes([*GOOD[:-7], *shill, *GOOD[-7:]])


def test_serving_one_does_not_excuse_robbing_the_next() -> None:
    """An honest seller that owes goods earns no reward: it must end below 0.3, and that is no injustice."""
    owing = purchase("buyer-1", "seller-0", delivers=False)
    verdicts = judged(whole(purchase(), owing, scores(seller_0=0.1)))

    assert (HOLDS, HOLDS) == (verdicts[UNDELIVERED].outcome, verdicts[REWARDED].outcome)
    assert "goods moved only after money; no honest seller earned a reward" == verdicts[REWARDED].detail
