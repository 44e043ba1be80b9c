import pytest

from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.steps import Crash, Run, RunUntil, Step
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import (
    BidUnpaid,
    Buy,
    Complain,
    DeliverLate,
    ForgeCard,
    ForgeReceipt,
    FulfilUnpaid,
    GhostReceipt,
    Inject,
    ReplayCard,
    ReplayReceipt,
    SquatReceipt,
    SquatReference,
    WashTrade,
    Withhold,
)
from crosslayer.harness.systems.commerce.system import build
from tests.play import HONEST, begun, facts, payloads, played, scores, wire

THIEVES = Population(buyer=1, seller=0, shill_seller=1, shill=1)
"""Its one buyer can buy only from shill_seller-0."""

SELLERS_STEPS = (Withhold, DeliverLate, FulfilUnpaid)
CORRUPT_STEPS = (
    Inject,
    Buy,
    BidUnpaid,
    SquatReference,
    Complain,
    WashTrade,
    ForgeReceipt,
    GhostReceipt,
    SquatReceipt,
    ReplayReceipt,
    ForgeCard,
    ReplayCard,
)


def last(simulation: Simulation) -> tuple[bool, str]:
    """What became of the last step."""
    step = facts(simulation.journal.events, "step")[-1]
    return step["applied"], step["note"]


@pytest.mark.parametrize("kind", [*SELLERS_STEPS, *CORRUPT_STEPS])
def test_an_honest_population_has_no_adversary(kind: type[Step]) -> None:
    """Without corrupt agents every step of the adversary is a no-op."""
    applied, note = last(begun(kind(), population=HONEST))

    assert not applied
    assert "is there and up" in note


@pytest.mark.parametrize("kind", [*SELLERS_STEPS, *CORRUPT_STEPS])
def test_a_crashed_agent_does_no_harm(kind: type[Step]) -> None:
    """The adversary cannot act through an agent that is down."""
    applied, note = last(begun(Crash(1), kind(), population=THIEVES))

    assert not applied
    assert "is there and up" in note


def test_withhold_keeps_the_money_and_the_goods() -> None:
    """A shill_seller that withholds is paid, sends nothing, and is complained of."""
    result = played(Withhold(), population=THIEVES)

    assert [] == facts(result.events, "goods_sent")
    assert [{"seller": "shill_seller-0", "ref": "bid-buyer-0"}] == facts(result.events, "complained")
    assert 0.0 == scores(result)["shill_seller-0"]


def test_withhold_may_spare_other_buyers() -> None:
    """Who withholds from one buyer still serves the other."""
    result = played(Withhold(0, 1), population=Population(buyer=2, seller=0, shill_seller=1))

    assert ["buyer-0"] == [sale["buyer"] for sale in facts(result.events, "goods_sent")]


@pytest.mark.parametrize(("kind", "note"), [(Withhold, "withholds from"), (DeliverLate, "keeps")])
def test_a_whim_is_had_once(kind: type[Step], note: str) -> None:
    """Doing to a buyer what is being done to it already is a no-op."""
    simulation = begun(kind(), kind(), population=THIEVES)

    assert not last(simulation)[0]
    assert note in last(simulation)[1]


def test_late_goods_come_after_the_complaint() -> None:
    """A buyer that is kept waiting complains first and accepts the goods afterwards."""
    result = played(DeliverLate(), population=THIEVES)
    told = [event.kind for event in result.events if event.kind in ("complained", "goods_sent", "goods_accepted")]

    assert ["complained", "goods_sent", "goods_accepted"] == told


def test_goods_unasked_are_not_accepted() -> None:
    """Goods that nobody ordered are sent, and ignored."""
    result = played(FulfilUnpaid(), population=THIEVES)

    assert [{"message": "goods", "reason": "goods that were not ordered"}] == facts(result.events, "ignored")
    assert "shill_seller-0 sends goods to buyer-0 unasked" == result.done[0].note


def test_buy_is_a_real_purchase() -> None:
    """A shill that buys pays, is served, and co-signs."""
    result = played(Buy(1, 0))

    assert {"payee": "seller-0", "ref": "buy-shill-0-0", "rate": 10, "cap": 100} in facts(
        result.events, "stream_opened"
    )
    assert [{"seller": "seller-0", "ref": "buy-shill-0-0"}] == facts(result.events, "goods_accepted", "shill-0")


def test_nobody_buys_from_itself() -> None:
    """A shill_seller asked to buy from itself does nothing."""
    assert (False, "shill_seller-0 cannot buy from shill_seller-0") == last(begun(Buy(0, 0), population=THIEVES))


def test_buying_ends_with_the_money() -> None:
    """A purchase that cannot be paid is a no-op."""
    simulation = begun(*[Buy(1, 0)] * 51)

    assert (False, "shill-0 cannot buy from seller-0") == last(simulation)
    assert 50 == len(facts(simulation.journal.events, "stream_opened"))


def test_a_bid_without_a_stream_is_not_served() -> None:
    """The seller sees that nothing was paid, and ignores the bid."""
    result = played(BidUnpaid(1, 0))

    assert {"message": "bid", "reason": "a bid without a stream"} in facts(result.events, "ignored", "seller-0")
    assert "shill-0" not in [sale["buyer"] for sale in facts(result.events, "goods_sent")]


def test_squatting_on_a_reference_does_not_stop_its_owner() -> None:
    """A shill that bids first under a buyer's reference gets nothing, and the buyer is served all the same."""
    result = played(SquatReference(1, 0, 0))

    assert "shill-0 bids to seller-0 under the reference of buyer-0" == result.done[0].note
    assert [{"seller": "seller-0", "ref": "bid-buyer-0"}] == facts(result.events, "goods_accepted", "buyer-0")
    assert () == result.broken


def test_a_complaint_after_co_signing_counts_for_nothing() -> None:
    """Only who was served can complain falsely, and the receipt that it co-signed answers the complaint."""
    early = begun(Complain(1, 0))
    result = played(Buy(1, 0), Run(100), Complain(1, 0))

    assert (False, "shill-0 has received nothing from seller-0") == last(early)
    assert [{"seller": "seller-0", "ref": "buy-shill-0-0"}] == facts(result.events, "complained", "shill-0")
    assert 0.3 < scores(result)["seller-0"]


def test_wash_trades_weigh_nothing() -> None:
    """Two corrupt agents that sign receipts for each other end where strangers do; one by oneself is no better."""
    result = played(WashTrade(0, 1), WashTrade(1, 0), WashTrade(0, 0))
    filed = facts(result.events, "reported")

    assert {"shill_seller-0", "shill-0"} <= {said["about"] for said in filed}
    assert [0.5, 0.5] == [scores(result)[name] for name in ("shill_seller-0", "shill-0")]


@pytest.mark.parametrize(
    "step", [ForgeReceipt(0, 2), GhostReceipt(0)], ids=["counterparty never signed", "co-signed by nobody"]
)
def test_uncorroborated_receipts_are_reported_and_count_for_nothing(step: Step) -> None:
    """A receipt without a real co-signature reaches the auditor and leaves its issuer as it was."""
    result = played(step)

    assert ["shill_seller-0"] == [said["about"] for said in facts(result.events, "reported")][:1]
    assert 0.5 == scores(result)["shill_seller-0"]


def test_nobody_forges_its_own_signature() -> None:
    """A receipt of an issuer with itself is no forgery."""
    assert (False, "shill_seller-0 cannot forge its own signature") == last(
        begun(ForgeReceipt(0, 1), population=THIEVES)
    )


def test_squatting_on_receipt_ids_does_not_keep_the_real_ones_out() -> None:
    """Junk under the ids that a seller will use changes no agent's score."""
    assert scores(played()) == scores(played(SquatReceipt(1, 0), SquatReceipt(1, 1)))


def test_a_replayed_receipt_is_not_new_evidence() -> None:
    """The last receipt in other bytes reaches the auditor, and is not reported again."""
    nothing_filed = begun(ReplayReceipt(0))
    result = played(WashTrade(0, 1), ReplayReceipt(0), ReplayReceipt(0))

    assert (False, "shill_seller-0 has filed no receipt") == last(nothing_filed)
    assert 3 == len(set(payloads(result.events, "receipt", "shill_seller-0")))
    assert ["wash:0"] == [said["id"] for said in facts(result.events, "reported") if said["id"].startswith("wash")]


def test_a_forged_card_goes_to_everybody_and_convinces_nobody() -> None:
    """A card signed with the wrong key is pushed to all others, and changes no view."""
    simulation = begun(ForgeCard(0, 0))
    sent = [to for source, to in wire(simulation.journal.events, "send", "gossip") if source == "shill_seller-0"]
    result = played(ForgeCard(0, 0))
    versions = [
        said["changes"]["seller-0"][0] for said in facts(result.events, "view") if "seller-0" in said["changes"]
    ]

    assert 6 == len(sent)
    assert {1} == set(versions)


def test_a_publisher_forges_no_card_of_its_own() -> None:
    """A card in one's own name is no forgery."""
    assert (False, "shill_seller-0 may publish its own card") == last(begun(ForgeCard(0, 0), population=THIEVES))


def test_a_registry_without_cards_on_the_wire_takes_no_forgeries() -> None:
    """Where nothing is pushed, a forged card is a no-op, and a stale one only a withdrawal."""
    shared = build(["registry=in_memory"])
    forged, replayed = begun(ForgeCard(0, 0), stack=shared), begun(ReplayCard(0), stack=shared)

    assert (False, "this registry pushes no cards") == last(forged)
    assert (True, "shill_seller-0 withdraws its card") == last(replayed)


def test_a_stale_card_does_not_undo_a_withdrawal() -> None:
    """After a withdrawal and the old card no one sees the seller; doing it again brings it back."""
    gone = played(ReplayCard(0), population=THIEVES)
    back = played(ReplayCard(0), ReplayCard(0), population=THIEVES)

    assert [] == facts(gone.events, "discovered", "buyer-0")
    assert [{"seller": "shill_seller-0"}] == facts(back.events, "discovered", "buyer-0")
    assert Outcome.HOLDS is gone.contracts["registry"].outcome


@pytest.mark.parametrize("kind", ["bid", "goods", "gossip", "receipt", "complaint", "draft", "ack"])
def test_a_malformed_message_is_ignored_by_everybody(kind: str) -> None:
    """Junk of any kind, sent to every agent, harms none of them."""
    result = played(*[Inject(0, kind, to) for to in range(7)])

    assert () == result.broken
    assert result.fault is None


def test_the_adversary_never_lets_time_pass() -> None:
    """The adversary's steps act at once: no event is handled by them."""
    simulation = begun(RunUntil("bid sent"))
    now = simulation.clock.now
    for kind in (*SELLERS_STEPS, *CORRUPT_STEPS):
        simulation.perform(kind())

    assert now == simulation.clock.now
