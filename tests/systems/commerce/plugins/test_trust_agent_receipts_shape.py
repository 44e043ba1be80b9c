"""The published rule of shapes: what it gets right, and its flaws, pinned."""

import pytest

from crosslayer.harness.systems.commerce.nouns import TRUST_THRESHOLD, Evidence
from crosslayer.harness.systems.commerce.plugins.trust_agent_receipts_shape import make
from tests.systems.commerce.plugins.trust_world import (
    SELLERS,
    SHILLS,
    clique,
    complaint,
    judge,
    receipt,
    ring,
    stream,
    values,
)

FOUR = SHILLS[:4]
SIX = (*SHILLS, "buyer-0")


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_mutual_pair_and_a_clique_are_severed(size: int) -> None:
    """Everybody with a receipt from everybody is suspicious at any size."""
    assert values(judge(make, clique(SHILLS[:size])), *SHILLS[:size]) == [0.0] * size


@pytest.mark.parametrize(
    ("members", "left_out", "severed"), [(FOUR, 2, True), (FOUR, 3, False), (SIX, 6, True), (SIX, 7, False)]
)
def test_density_is_compared_with_four_fifths(members: tuple[str, ...], left_out: int, *, severed: bool) -> None:
    """Of twelve edges among four, ten are dense and nine are not; of thirty among six, 24 and 23."""
    missing = (ring(members) + ring(members[::-1]))[:left_out]
    scores = judge(make, [each for each in clique(members) if each not in missing])

    assert [value == 0.0 for value in values(scores, *members)] == [severed] * len(members)


def test_known_bug_a_sparse_ring_is_spared() -> None:
    """Five shills in a cycle have the shape of an honest guild and keep their score."""
    assert all(value > TRUST_THRESHOLD for value in values(judge(make, ring(SHILLS)), *SHILLS))


def test_known_bug_one_genuine_delivery_exonerates_the_ring() -> None:
    """A single sale to an honest buyer gives every member of a severed ring its score back."""
    delivery = receipt("shill-0", "buyer-0", ref="r0")
    paid = [stream("buyer-0", "shill-0", "r0")]
    before, after = judge(make, clique(SHILLS), paid), judge(make, [*clique(SHILLS), delivery], paid)

    assert values(before, *SHILLS) == [0.0] * 5
    assert all(value > TRUST_THRESHOLD for value in values(after, *SHILLS))


def test_known_bug_one_more_sybil_exonerates_the_ring() -> None:
    """A one-way receipt issued to the ring by one more shill does the same."""
    scores = judge(make, [*clique(FOUR), receipt("shill-4", "shill-0", "message")])

    assert all(value > TRUST_THRESHOLD for value in values(scores, *FOUR))


def test_suspicious_circles_do_not_exonerate_each_other() -> None:
    """Two cliques that are joined to nobody but each other are both severed."""
    scores = judge(make, [*clique(SELLERS), *clique(SHILLS[:2]), receipt("shill-0", "seller-0")])

    assert values(scores, *SELLERS, *SHILLS[:2]) == [0.0] * 5


def test_known_bug_two_honest_sellers_are_severed() -> None:
    """A guild of two is a mutual pair, and its members lose what it settled."""
    assert values(judge(make, ring(SELLERS[:2])), *SELLERS[:2]) == [0.0, 0.0]


def test_a_complaint_counts_without_receipts() -> None:
    """Of a seller that has issued nothing, a backed complaint is believed."""
    taken = [stream("buyer-1", "seller-0", "r0")]

    assert values(judge(make, [complaint("buyer-1", "seller-0", "r0")], taken), "seller-0") == [0.0]


def test_known_bug_a_receipt_silences_complaints() -> None:
    """A seller that serves one buyer and robs the next ends above the threshold."""
    evidence: list[Evidence] = [receipt("seller-0", "buyer-0", ref="r0"), complaint("buyer-1", "seller-0", "r0")]
    money = [stream("buyer-0", "seller-0", "r0"), stream("buyer-1", "seller-0", "r0")]

    assert values(judge(make, evidence, money), "seller-0") == [0.393]
