"""What the three plugins that rest on co-signed receipts have in common: validity, weights and the book."""

import math

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.systems.commerce.nouns import Complaint, Evidence, Receipt, Score, Stream
from crosslayer.harness.systems.commerce.plugins import (
    trust_agent_receipts,
    trust_agent_receipts_largest_scc,
    trust_agent_receipts_shape,
)
from crosslayer.harness.systems.commerce.plugins.receipts import NEUTRAL, WEIGHTS
from tests.systems.commerce.plugins.trust_world import (
    AUDITOR,
    EVIDENCE,
    NAMES,
    STREAMS,
    Make,
    complaint,
    cosign,
    did,
    judge,
    receipt,
    roster_of,
    stream,
    values,
)

MAKES: tuple[Make, ...] = (
    trust_agent_receipts.make,
    trust_agent_receipts_largest_scc.make,
    trust_agent_receipts_shape.make,
)
GHOST = Signer.from_seed(99, "ghost")
SALE = receipt("seller-0", "buyer-0", ref="r0")
PAID = stream("buyer-0", "seller-0", "r0")
THEFT = complaint("buyer-0", "seller-0", "r0")

every_plugin = pytest.mark.parametrize("make", MAKES)
few = settings(max_examples=40, deadline=None)


def ghosted() -> Receipt:
    """A receipt that a key outside the roster has co-signed."""
    draft = Receipt("ghost", did("seller-0"), GHOST.did, "purchase")
    signer = Signer.from_seed(1, "seller-0")
    return evolve(draft, signature=signer.sign(draft.body()), cosignature=GHOST.sign(draft.cosigned_body()))


def haunted() -> Complaint:
    """A complaint that is correctly signed by a key outside the roster."""
    draft = Complaint(GHOST.did, did("seller-0"), "r0")
    return evolve(draft, signature=GHOST.sign(draft.body()))


WORTHLESS: dict[str, Evidence] = {
    "co-signed by another": cosign(Receipt("f", did("seller-0"), did("buyer-0"), "purchase"), "seller-0", "shill-0"),
    "signed by another": cosign(Receipt("f", did("seller-0"), did("buyer-0"), "purchase"), "shill-0", "buyer-0"),
    "co-signed by itself": receipt("seller-0", "seller-0"),
    "co-signed by a ghost": ghosted(),
    "category unknown": receipt("seller-0", "buyer-0", "bribe"),
    "category changed": evolve(receipt("seller-0", "buyer-0", "message"), category="purchase"),
    "signature empty": evolve(SALE, signature=""),
    "signature of the draft as co-signature": evolve(SALE, cosignature=SALE.signature),
    "co-signature not hex": evolve(SALE, cosignature="z" * 128),
    "co-signature too short": evolve(SALE, cosignature=SALE.cosignature[:-2]),
    "signature a number": evolve(SALE, signature=7),  # type: ignore[arg-type]
    "reference a list": evolve(SALE, ref=["r0"]),  # type: ignore[arg-type]
    "lone surrogates": evolve(SALE, id="\ud800", signature="\ud800"),
    "complaint signed by nobody": evolve(THEFT, signature=""),
    "complaint signed by another": evolve(THEFT, complainant=did("buyer-1")),
    "complaint of a ghost": haunted(),
    "complaint about a ghost": evolve(THEFT, subject=GHOST.did),
    "complaint without a stream": complaint("buyer-1", "seller-0", "r0"),
}


@every_plugin
@pytest.mark.parametrize("worthless", WORTHLESS.values(), ids=WORTHLESS.keys())
def test_uncorroborated_evidence_changes_nothing(make: Make, worthless: Evidence) -> None:
    """Forged, ghostly, malformed and unbacked evidence changes neither a score nor a confidence."""
    genuine = receipt("seller-0", "buyer-2", "payment")

    assert judge(make, [genuine], [PAID]) == judge(make, [worthless, genuine, worthless], [PAID])


@every_plugin
def test_nobody_is_neutral_but_the_unknown(make: Make) -> None:
    """Without evidence everybody has the neutral score with confidence 0, and so has a stranger."""
    assert dict.fromkeys(NAMES, NEUTRAL) == judge(make, [])
    assert Score(0.5, 0.0) == make(roster_of())[AUDITOR].score("nobody-0")


@every_plugin
@pytest.mark.parametrize("category", WEIGHTS)
def test_a_receipt_counts_by_its_category(make: Make, category: str) -> None:
    """One receipt gives 1 - exp(-weight / 10) and half confidence to its issuer, and nothing to its counterparty."""
    scores = judge(make, [receipt("seller-0", "buyer-0", category)])

    assert scores["seller-0"] == Score(1 - math.exp(-WEIGHTS[category] / 10), 0.5)
    assert scores["buyer-0"] == NEUTRAL


@every_plugin
def test_weights_add_up(make: Make) -> None:
    """Several receipts count together: 5 + 4 + 1 gives 1 - exp(-1)."""
    issued = [receipt("seller-0", "buyer-0", category) for category in ("purchase", "commitment", "message")]

    assert judge(make, issued)["seller-0"] == Score(1 - math.exp(-1), 1 - 0.5**3)


@every_plugin
def test_a_receipt_replayed_in_other_bytes_counts_once(make: Make) -> None:
    """The same signature in capital letters is the same receipt, and the same complaint, in either order."""
    replayed = evolve(SALE, signature=SALE.signature.upper(), cosignature=SALE.cosignature.upper())
    told_again = evolve(THEFT, signature=THEFT.signature.upper())

    assert judge(make, [SALE, replayed]) == judge(make, [SALE]) == judge(make, [replayed, SALE])
    assert judge(make, [THEFT, told_again], [PAID]) == judge(make, [THEFT], [PAID])


@every_plugin
def test_the_smallest_receipt_stands_for_its_id(make: Make) -> None:
    """Of two valid receipts of one issuer under one id the smaller counts, whichever comes first."""
    drafts = [Receipt("same", did("seller-0"), did("buyer-0"), category) for category in ("attestation", "message")]
    small, large = [cosign(draft, "seller-0", "buyer-0") for draft in drafts]

    assert values(judge(make, [small, large]), "seller-0") == [0.181]
    assert judge(make, [small, large]) == judge(make, [large, small]) == judge(make, [small])


@every_plugin
def test_a_squatted_id_takes_nothing_from_its_owner(make: Make) -> None:
    """Junk, or a valid receipt of another issuer, under the id of a sale does not displace the sale."""
    squatting = cosign(Receipt(SALE.id, did("shill-0"), did("shill-1"), "message"), "shill-0", "shill-1")
    evidence = [evolve(SALE, signature="00"), squatting, SALE]

    assert judge(make, evidence)["seller-0"] == judge(make, [SALE])["seller-0"]


@every_plugin
def test_one_stream_backs_one_sale(make: Make) -> None:
    """Two receipts for one paid reference weigh as much as one; for two paid references they weigh twice as much."""
    again, other = (receipt("seller-0", "buyer-0", ref=ref, number=1) for ref in ("r0", "r1"))
    paid = [PAID, stream("buyer-0", "seller-0", "r1")]

    assert values(judge(make, [SALE, again], paid), "seller-0") == [0.393]
    assert values(judge(make, [SALE, other], paid), "seller-0") == [0.632]


@every_plugin
@pytest.mark.parametrize("about", ["", "seller-1", "nobody-0"])
def test_evidence_itself_says_whom_it_is_about(make: Make, about: str) -> None:
    """A receipt reported under a wrong name counts for its issuer all the same."""
    trust = make(roster_of())[AUDITOR]

    trust.report(about, SALE)

    assert [round(trust.score(name).value, 3) for name in ("seller-0", "seller-1")] == [0.393, 0.5]


@every_plugin
def test_the_ledger_is_read_afresh(make: Make) -> None:
    """Money that moves between two questions, with the clock standing still, changes the second answer."""
    streams: list[Stream] = []

    def ledger(payer: str, ref: str) -> Stream | None:
        return next((each for each in streams if (each.payer, each.ref) == (payer, ref)), None)

    trust = make(evolve(roster_of(), ledger=ledger))[AUDITOR]
    trust.report("seller-0", THEFT)
    before = trust.score("seller-0")
    streams.append(PAID)

    assert (before, trust.score("seller-0")) == (NEUTRAL, Score(0.0, 0.5))


@every_plugin
def test_late_evidence_counts(make: Make) -> None:
    """What is reported after a score was asked for changes the next one."""
    trust = make(roster_of())[AUDITOR]
    before = trust.score("seller-0")
    trust.report("seller-0", SALE)

    assert (before, trust.score("seller-0").confidence) == (NEUTRAL, 0.5)


@every_plugin
def test_members_share_no_book(make: Make) -> None:
    """What the auditor is told, nobody else's plugin knows."""
    handles = make(roster_of())
    handles[AUDITOR].report("seller-0", SALE)

    assert handles["buyer-0"].score("seller-0") == NEUTRAL


@every_plugin
@few
@given(st.data(), EVIDENCE, STREAMS)
def test_order_and_repetition_do_not_matter(
    make: Make, data: st.DataObject, evidence: list[Evidence], streams: list[Stream]
) -> None:
    """The same evidence in another order, with some of it told again, gives the same scores to the last bit."""
    again = data.draw(st.lists(st.sampled_from(evidence), max_size=5)) if evidence else []
    shuffled = data.draw(st.permutations(evidence + again))

    assert judge(make, evidence, streams) == judge(make, shuffled, streams)


@every_plugin
@few
@given(EVIDENCE, STREAMS, st.permutations(NAMES))
def test_renaming_renames_the_scores(
    make: Make, evidence: list[Evidence], streams: list[Stream], shuffled: list[str]
) -> None:
    """Anyone who keeps a DID keeps its score, whatever it is called."""
    names = dict(zip(NAMES, shuffled, strict=True))

    assert judge(make, evidence, streams) == judge(make, evidence, streams, names)


@every_plugin
@few
@given(EVIDENCE, STREAMS)
def test_scores_are_shares(make: Make, evidence: list[Evidence], streams: list[Stream]) -> None:
    """Scores and confidences lie in [0, 1], and confidence is 0 only where the score is neutral."""
    for score in judge(make, evidence, streams).values():
        assert 0 <= score.value <= 1
        assert 0 < score.confidence <= 1 or score == NEUTRAL
