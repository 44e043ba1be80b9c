"""The reference stack holds under every schedule: no joint invariant, no contract and no plugin is ever accused.

A false alarm is as bad as a missed bug. Beside the random schedules here stand crafted ones, each of which a protocol
with one step less of care would not survive: the entries of `corpus/` that expect their promise to hold.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.model.steps import Schedule
from crosslayer.harness.systems.commerce.nouns import Population, Terms, Timing
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import ALL
from tests.play import TERMS, TIMING, scenario
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
