"""The reference stack holds under every schedule: no joint invariant, no contract and no plugin is ever accused.

A false alarm is as bad as a missed bug. Beside the random schedules here stand crafted ones, each of which is the
shortest that a protocol with one step less of care would not survive.
"""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.nouns import Population, Terms, Timing
from harness.simulation import run
from harness.stack import REFERENCE
from harness.steps import (
    BidUnpaid,
    Buy,
    Complain,
    Crash,
    Cut,
    Delay,
    Deliver,
    DeliverLate,
    Drop,
    Duplicate,
    ForgeCard,
    FulfilUnpaid,
    Heal,
    Inject,
    Partition,
    Redirect,
    ReplayCard,
    Restart,
    Run,
    RunUntil,
    Schedule,
    SquatReceipt,
    SquatReference,
    Tamper,
    WashTrade,
    Withhold,
)
from properties import ALL
from tests.play import EVERYBODY, TERMS, TIMING, played, scenario
from tests.schedules import schedules

EXAMPLES = int(os.environ.get("CROSSLAYER_EXAMPLES", "150"))
"""Random schedules of each test; CONTRIBUTING.md says when to ask for more."""

populations = st.builds(
    lambda buyer, seller, shill_seller, shill: Population(buyer, seller, shill_seller or (seller == 0), shill),
    st.integers(1, 5),
    st.integers(0, 4),
    st.integers(0, 2),
    st.integers(0, 6),
)


@st.composite
def timelines(draw: st.DrawFn) -> Timing:
    """Any timeline, with the shortest settlement that it allows."""
    latency = draw(st.sampled_from((1, 2, 5, 13)))
    check = draw(st.sampled_from((1, 3, 20, 60)))
    resend = draw(st.sampled_from((1, 3, 8, 30)))
    start = draw(st.sampled_from((1, 5, 20, 50)))
    deadline = start + draw(st.sampled_from((0, 1, 100)))
    return Timing(
        latency=latency,
        gossip_interval=draw(st.sampled_from((2, 8, 30))),
        discovery_start=start,
        discovery_interval=draw(st.sampled_from((1, 10, 50))),
        bid_deadline=deadline,
        check_delay=check,
        resend_interval=resend,
        finalise_at=deadline + draw(st.sampled_from((0, 1, 40))),
        settlement=2 * check + 10 * resend + 20 * latency,
    )


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Any money, down to a balance of one credit."""
    cap = draw(st.sampled_from((1, 2, 100, 500)))
    amount = draw(st.sampled_from((1, 99, 100, 101, 150, 1000)))
    return Terms(bid=amount, rate=draw(st.sampled_from((1, 10, 1000))), cap=cap, balance=cap * draw(st.integers(1, 50)))


def alarms(schedule: Schedule, population: Population, timing: Timing = TIMING, money: Terms = TERMS) -> list[str]:
    """What is said to be wrong with a run of the reference stack."""
    result = run(scenario(population, timing=timing, terms=money), REFERENCE, schedule, ALL)
    verdicts = {**result.verdicts, **result.contracts}
    return [f"{name}: {verdicts[name].detail}" for name in result.broken] + (
        [str(result.fault)] if result.fault else []
    )


@settings(max_examples=EXAMPLES)
@given(schedule=schedules(max_size=50), population=populations)
def test_no_schedule_breaks_the_reference_stack(schedule: Schedule, population: Population) -> None:
    """Whatever network and adversary do, every promise is kept."""
    assert [] == alarms(schedule, population)


@settings(max_examples=EXAMPLES)
@given(schedule=schedules(max_size=25), population=populations, timing=timelines(), money=terms())
def test_no_timeline_and_no_money_breaks_the_reference_stack(
    schedule: Schedule, population: Population, timing: Timing, money: Terms
) -> None:
    """Extreme timelines with the shortest settlement, and extreme terms, change nothing of that."""
    assert [] == alarms(schedule, population, timing, money)


SOLD = RunUntil("goods delivered")
PAIR = Population(buyer=1, seller=1, shill_seller=1, shill=1)
THIEVES = Population(buyer=2, seller=0, shill_seller=1, shill=1)

CRAFTED: dict[str, tuple[Population, Schedule]] = {
    "an acknowledgement of the buyer's receipt is sent on to the seller, whose own is lost": (
        Population(1, 1),
        (RunUntil("receipt delivered"), Run(1), Redirect("ack", 1, 1), Drop("receipt")),
    ),
    "goods come before they are ordered, and again afterwards": (
        THIEVES,
        (FulfilUnpaid(0, 0), Run(40), RunUntil("bid sent"), RunUntil("goods delivered"), FulfilUnpaid(0, 0)),
    ),
    "goods unasked are held back until there is an order": (
        THIEVES,
        (FulfilUnpaid(0, 0), Delay("goods", 0, 30), Withhold(0, 0), RunUntil("bid sent"), Deliver("goods")),
    ),
    "everybody is down from the first bid to the end": (EVERYBODY, (RunUntil("bid sent"), *map(Crash, range(7)))),
    "the auditor sleeps through all": (EVERYBODY, (Crash(6), Run(10_000))),
    "a seller sleeps until the complaint is in, and delivers then": (
        Population(1, 1),
        (RunUntil("bid sent"), Crash(1), RunUntil("complaint sent"), Run(3), Restart(1)),
    ),
    "a bid arrives after its stream was closed": (
        Population(1, 1),
        (RunUntil("bid sent"), Cut(0, 1), RunUntil("stream closed"), Heal()),
    ),
    "the complaint overtakes nothing and arrives last": (
        Population(1, 1),
        (RunUntil("bid sent"), Crash(1), RunUntil("complaint sent"), Delay("complaint", 0, 500), Restart(1)),
    ),
    "late goods to one buyer, none to the other, and a laundered ring": (
        THIEVES,
        (DeliverLate(0, 0), Withhold(0, 1), Buy(1, 0), WashTrade(0, 1), WashTrade(1, 0), Run(10_000)),
    ),
    "a thief buys its reputation from honest sellers": (
        EVERYBODY,
        (Withhold(0, 0), Withhold(0, 1), Buy(0, 0), Buy(0, 1), Buy(1, 2), Run(10_000)),
    ),
    "a served shill complains before its receipt is filed": (
        PAIR,
        (Buy(1, 0), SOLD, Complain(1, 0), Drop("receipt", 0), Drop("receipt", 0), Run(5)),
    ),
    "every message of a purchase is tampered with once": (
        Population(1, 1),
        tuple(
            step
            for moment, kind in (
                ("bid sent", "bid"),
                ("goods sent", "goods"),
                ("goods delivered", "receipt"),
                ("receipt delivered", "ack"),
            )
            for step in (RunUntil(moment), Tamper(kind), Tamper(kind, 1))
        ),
    ),
    "every receipt goes to everybody": (
        EVERYBODY,
        (RunUntil("receipt sent"), *(Redirect("receipt", nth, to) for nth in range(2) for to in range(7)), Run(100)),
    ),
    "every bid goes to everybody, twice": (
        EVERYBODY,
        (
            RunUntil("bid sent"),
            *(Redirect("bid", 0, to) for to in range(7)),
            Duplicate("bid"),
            Duplicate("bid"),
            Run(9),
        ),
    ),
    "a hundred unpaid bids, so that envelope numbers pass the amount": (
        PAIR,
        (*(BidUnpaid(1, 0) for _ in range(160)), SquatReference(1, 0, 0), Run(2_000)),
    ),
    "all money is spent on one seller": (PAIR, (*(Buy(1, 0) for _ in range(60)), Run(5_000))),
    "junk under every receipt id, before and after": (
        EVERYBODY,
        (SquatReceipt(0, 0), SquatReceipt(1, 1), RunUntil("goods delivered"), SquatReceipt(0, 1)),
    ),
    "a seller withdraws between discovery and bid": (
        THIEVES,
        (RunUntil("seller discovered"), ReplayCard(0), RunUntil("bid sent"), ReplayCard(0), ReplayCard(0)),
    ),
    "cards are forged for everybody across a partition": (
        EVERYBODY,
        (Partition((0, 1)), *(ForgeCard(0, victim) for victim in range(7)), RunUntil("gossip delivered"), Heal()),
    ),
    "junk of every kind from nobody knows where": (
        EVERYBODY,
        tuple(Inject(1, kind, to) for kind in ("bid", "goods", "gossip", "ack", "draft") for to in range(7)),
    ),
    "a partition that never heals by itself": (EVERYBODY, (Partition((0, 1, 2, 3, 4, 5, 6)), Run(100_000))),
    "a bid is redirected to its own sender": (Population(1, 1), (RunUntil("bid sent"), Redirect("bid", 0, 0), Run(9))),
}
"""What each schedule tries, for whom, and how."""


@pytest.mark.parametrize("name", CRAFTED)
def test_no_crafted_schedule_breaks_the_reference_stack(name: str) -> None:
    """What a clever adversary would try first does not work either."""
    population, schedule = CRAFTED[name]

    assert [] == alarms(schedule, population)


def test_crafted_schedules_do_what_they_say() -> None:
    """Each crafted schedule really does something beside running on."""
    for population, schedule in CRAFTED.values():
        done = played(*schedule, population=population).done
        deviating = [
            one.applied for step, one in zip(schedule, done, strict=True) if not isinstance(step, Run | RunUntil)
        ]

        assert any(deviating)
