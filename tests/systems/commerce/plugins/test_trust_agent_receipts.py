"""The reference rule: circles without money are severed, sales are not, and robbery is not forgiven."""

import pytest
from hypothesis import given, settings

from crosslayer.harness.systems.commerce.nouns import TRUST_THRESHOLD, Evidence, Receipt, Stream
from crosslayer.harness.systems.commerce.plugins.trust_agent_receipts import make
from tests.systems.commerce.plugins.trust_world import (
    EVIDENCE,
    SELLERS,
    SHILLS,
    STREAMS,
    clique,
    complaint,
    did,
    judge,
    receipt,
    ring,
    stream,
    values,
)

SALE = receipt("seller-0", "buyer-0", ref="r0")
PAID = stream("buyer-0", "seller-0", "r0")
THEFT = complaint("buyer-1", "seller-0", "r0")
TAKEN = stream("buyer-1", "seller-0", "r0")


@pytest.mark.parametrize(
    "circle",
    [ring(SHILLS[:2]), ring(SHILLS[:3]), ring(SHILLS), clique(SHILLS)],
    ids=["mutual pair", "triangle", "sparse ring", "clique"],
)
def test_a_circle_without_money_is_severed(circle: list[Receipt]) -> None:
    """Receipts that run round in a circle count nothing, whatever its size and density."""
    scores = judge(make, circle)
    members = [name for name in SHILLS if did(name) in {each.issuer for each in circle}]

    assert values(scores, *members) == [0.0] * len(members)


def test_sales_outlive_the_guild() -> None:
    """Honest sellers lose the receipts of their settling circle, and keep the sales that the ledger backs."""
    scores = judge(make, [*ring(SELLERS, "payment"), SALE], [PAID])

    assert values(scores, *SELLERS) == [0.393, 0.0, 0.0]
    assert scores["seller-0"].value > TRUST_THRESHOLD


def test_a_backed_sale_inside_a_circle_counts() -> None:
    """Two sellers who really buy from each other form no circle: both sales count."""
    sales = [receipt("seller-0", "seller-1", ref="r0"), receipt("seller-1", "seller-0", ref="r0")]
    paid = [stream("seller-1", "seller-0", "r0"), stream("seller-0", "seller-1", "r0")]

    assert values(judge(make, sales, paid), "seller-0", "seller-1") == [0.393, 0.393]


def test_one_sale_does_not_launder_a_ring() -> None:
    """A genuine sale counts for itself; the circle of its seller stays severed, friends or not."""
    sale = receipt("shill-0", "buyer-0", ref="r0")
    tail = receipt("shill-1", "seller-1")
    scores = judge(make, [*clique(SHILLS), sale, tail], [stream("buyer-0", "shill-0", "r0")])

    assert values(scores, "shill-0", "shill-1", "shill-2") == [0.393, 0.393, 0.0]


@pytest.mark.parametrize(
    "streams",
    [
        [],
        [stream("shill-1", "shill-0", "r0", moved=0)],
        [stream("shill-1", "seller-0", "r0")],
        [stream("shill-1", "shill-0", "r1")],
        [stream("shill-0", "shill-1", "r0")],
    ],
    ids=["none", "nothing moved", "another payee", "another reference", "another payer"],
)
def test_only_its_own_money_backs_a_sale(streams: list[Stream]) -> None:
    """In a circle a receipt counts only if its counterparty paid its issuer under its reference."""
    circle = [receipt("shill-0", "shill-1", ref="r0"), receipt("shill-1", "shill-0", "message")]

    assert values(judge(make, circle, streams), "shill-0") == [0.0]


def test_only_a_purchase_can_be_backed() -> None:
    """A receipt of another category under the reference of a paid sale is no sale: its circle is severed."""
    sale, payment = (receipt("shill-0", "shill-1", category, "r0") for category in ("purchase", "payment"))
    back = receipt("shill-1", "shill-0", "message")
    scores = judge(make, [sale, payment, back], [stream("shill-1", "shill-0", "r0")])

    assert values(scores, "shill-0", "shill-1") == [0.393, 0.0]


def test_an_unanswered_complaint_outweighs_all_sales() -> None:
    """A seller that served one buyer and robbed the next ends at 0; the sale and the complaint both were considered."""
    score = judge(make, [SALE, THEFT], [PAID, TAKEN])["seller-0"]

    assert (score.value, score.confidence) == (0.0, 0.75)


def test_a_co_signed_receipt_answers_a_complaint() -> None:
    """A complaint costs nothing once the complainant has co-signed a purchase under the same reference."""
    answer = receipt("seller-0", "buyer-1", ref="r0")

    assert values(judge(make, [THEFT, answer], [TAKEN]), "seller-0") == [0.393]


@pytest.mark.parametrize(
    "answer",
    [
        receipt("seller-0", "buyer-1", ref="r1"),
        receipt("seller-0", "buyer-0", ref="r0"),
        receipt("seller-0", "buyer-1", "attestation", "r0"),
        receipt("buyer-1", "seller-0", ref="r0"),
    ],
    ids=["another reference", "another buyer", "another category", "another direction"],
)
def test_another_receipt_is_no_answer(answer: Receipt) -> None:
    """Only a purchase receipt from the subject to the complainant for that reference answers a complaint."""
    assert values(judge(make, [THEFT, answer], [TAKEN]), "seller-0") == [0.0]


@pytest.mark.parametrize(
    "streams",
    [[], [stream("buyer-1", "seller-0", "r0", moved=0)], [stream("buyer-1", "seller-1", "r0")]],
    ids=["no stream", "nothing moved", "paid to another"],
)
def test_a_complaint_without_money_is_nothing(streams: list[Stream]) -> None:
    """A complaint that the ledger does not back leaves score and confidence as they were."""
    assert judge(make, [SALE, THEFT], [PAID, *streams]) == judge(make, [SALE], [PAID])


@settings(max_examples=40, deadline=None)
@given(EVIDENCE, STREAMS)
def test_a_further_sale_never_lowers_a_seller(evidence: list[Evidence], streams: list[Stream]) -> None:
    """A backed receipt lowers its issuer in no company of evidence (the neutral prior is no evidence)."""
    sale, paid = receipt("seller-0", "buyer-2", ref="new"), stream("buyer-2", "seller-0", "new")
    before = judge(make, evidence, [*streams, paid])["seller-0"]
    after = judge(make, [*evidence, sale], [*streams, paid])["seller-0"]

    assert after.confidence > before.confidence
    assert after.value >= before.value or before.confidence == 0
