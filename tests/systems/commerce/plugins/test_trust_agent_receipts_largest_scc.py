"""The published rule of the largest circle: what it gets right, and its flaws, pinned."""

from crosslayer.harness.systems.commerce.nouns import TRUST_THRESHOLD
from crosslayer.harness.systems.commerce.plugins.trust_agent_receipts_largest_scc import make
from tests.systems.commerce.plugins.trust_world import (
    AUDITOR,
    SELLERS,
    SHILLS,
    complaint,
    did,
    judge,
    receipt,
    ring,
    stream,
    values,
)

THEFT = complaint("buyer-1", "seller-0", "r0")
TAKEN = stream("buyer-1", "seller-0", "r0")


def test_a_smaller_ring_is_severed() -> None:
    """Two shills lose their receipts beside an honest circle of three, which keeps its own."""
    scores = judge(make, ring(SELLERS) + ring(SHILLS[:2]))

    assert values(scores, *SHILLS[:2]) == [0.0, 0.0]
    assert values(scores, *SELLERS) == [0.393, 0.393, 0.393]


def test_an_outcast_is_severed_altogether() -> None:
    """A member of a smaller circle gets nothing for its one-way receipts, either."""
    scores = judge(make, [*ring(SELLERS), *ring(SHILLS[:2]), receipt("shill-0", "buyer-0", "message")])

    assert values(scores, "shill-0") == [0.0]


def test_known_bug_a_larger_ring_severs_the_honest() -> None:
    """Five shills outnumber three honest sellers: the ring keeps its score, and the sellers lose even their sales."""
    sales = [receipt(seller, "buyer-0", ref=seller) for seller in SELLERS]
    paid = [stream("buyer-0", seller, seller) for seller in SELLERS]
    scores = judge(make, ring(SELLERS) + ring(SHILLS) + sales, paid)

    assert values(scores, *SELLERS) == [0.0, 0.0, 0.0]
    assert all(value > TRUST_THRESHOLD for value in values(scores, *SHILLS))


def test_of_equal_circles_the_smallest_did_is_the_anchor() -> None:
    """Among three pairs, the one that holds the smallest DID of all keeps its score."""
    names = sorted((*SELLERS, *SHILLS[:2], AUDITOR), key=did)
    pairs = [(names[1], names[2]), (names[5], names[0]), (names[3], names[4])]
    scores = judge(make, [each for pair in pairs for each in ring(pair)])

    assert values(scores, *names) == [0.393, 0.0, 0.0, 0.0, 0.0, 0.393]


def test_a_complaint_counts_without_receipts() -> None:
    """Of a seller that has issued nothing, a backed complaint is believed."""
    assert values(judge(make, [THEFT], [TAKEN]), "seller-0") == [0.0]


def test_known_bug_a_receipt_silences_complaints() -> None:
    """One receipt from anybody at all, and a robbery costs nothing."""
    scores = judge(make, [THEFT, receipt("seller-0", "buyer-0")], [TAKEN])

    assert values(scores, "seller-0") == [0.393]
