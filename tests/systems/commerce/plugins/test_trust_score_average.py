"""The naive average: what it promises, and why it is the known-bad swap."""

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.systems.commerce.nouns import TRUST_THRESHOLD, Evidence, Receipt, Score
from crosslayer.harness.systems.commerce.plugins.trust_score_average import make
from tests.systems.commerce.plugins.trust_world import (
    AUDITOR,
    EVIDENCE,
    NAMES,
    complaint,
    judge,
    receipt,
    roster_of,
    stream,
)

SALE = receipt("shill-0", "shill-1")
THEFT = complaint("buyer-1", "shill-0", "r0")
TAKEN = [stream("buyer-1", "shill-0", "r0")]


def test_without_reports_everybody_is_neutral() -> None:
    """Nothing said, nothing known."""
    assert judge(make, []) == dict.fromkeys(NAMES, Score(0.5, 0.0))


def test_the_score_is_the_share_of_receipts() -> None:
    """Two receipts and a complaint give two thirds."""
    scores = judge(make, [SALE, receipt("shill-0", "shill-2"), THEFT])

    assert scores["shill-0"] == Score(2 / 3, 1 - 0.5**3)


def test_exact_repetitions_are_dropped() -> None:
    """A receipt that is told ten times is one receipt."""
    assert judge(make, [THEFT, *[SALE] * 10])["shill-0"] == Score(0.5, 0.75)


def test_known_bad_one_wash_trade_makes_up_for_a_robbery() -> None:
    """A backed complaint brings the score to 0, and one receipt among friends back above the threshold."""
    assert judge(make, [THEFT], TAKEN)["shill-0"].value == 0.0
    assert judge(make, [THEFT, SALE], TAKEN)["shill-0"].value > TRUST_THRESHOLD


def test_known_bad_nothing_is_verified() -> None:
    """A receipt without any signature counts in full."""
    assert judge(make, [evolve(SALE, signature="", cosignature="")])["shill-0"].value == 1.0


def test_malformed_evidence_raises_nothing() -> None:
    """Evidence that cannot even be hashed is an opinion like any other."""
    trust = make(roster_of())[AUDITOR]
    odd = Receipt("odd", "", "", "purchase", ref=[])  # type: ignore[arg-type]
    trust.report("shill-0", odd)
    trust.report("shill-0", odd)

    assert trust.score("shill-0") == Score(1.0, 0.5)


def test_members_share_nothing() -> None:
    """What the auditor is told, nobody else's plugin knows."""
    handles = make(roster_of())
    handles[AUDITOR].report("shill-0", THEFT)

    assert handles["buyer-0"].score("shill-0") == Score(0.5, 0.0)


@settings(max_examples=30, deadline=None)
@given(st.data(), EVIDENCE)
def test_order_does_not_matter(data: st.DataObject, evidence: list[Evidence]) -> None:
    """The same reports in another order give the same averages."""
    assert judge(make, evidence) == judge(make, data.draw(st.permutations(evidence)))
