from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.steps import (
    Crash,
    Cut,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Heal,
    Partition,
    Redirect,
    Restart,
    Run,
    RunUntil,
    Step,
    Tamper,
)
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import STEPS
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE
from tests.play import EVERYBODY, HONEST, begun, facts, wire
from tests.schedules import schedules

NETWORK = (Drop, Duplicate, Delay, Deliver, Tamper, Redirect)
BID = RunUntil("bid sent")
"""Two bids are under way after it: buyer-0 to seller-0, buyer-1 to seller-1."""


def bids(simulation: Simulation) -> list[tuple[str, str]]:
    """From whom to whom bids are under way."""
    return [(message.source, message.to) for message in simulation.world.in_flight("bid")]


def last(simulation: Simulation) -> tuple[bool, str]:
    """What became of the last step."""
    step = facts(simulation.journal.events, "step")[-1]
    return step["applied"], step["note"]


def test_run_handles_so_many_events() -> None:
    """A Run handles exactly its number of deliveries and wake-ups, and says so."""
    simulation = begun(Run(3))
    handled = [event for event in simulation.journal.events if event.kind == "deliver"]

    assert (True, "3 events later") == last(simulation)
    assert 3 >= len(handled)


def test_run_stops_at_the_finalising_tick() -> None:
    """No step runs past the tick at which the scenario is finalised; later ones find nothing to do."""
    simulation = begun(Run(100_000), Run(1))

    assert 160 >= simulation.clock.now
    assert (False, "0 events later") == last(simulation)


@pytest.mark.parametrize(
    "moment", [moment for moment in tuple(PRIVATE_COMMERCE.all_moments) if moment != "complaint sent"]
)
def test_run_until_stops_at_its_moment(moment: str) -> None:
    """Running until a moment stops with the event in which it happened."""
    kind, message_kind = PRIVATE_COMMERCE.all_moments[moment].event
    simulation = begun(RunUntil(moment))
    found = [
        event.tick
        for event in simulation.journal.events
        if event.kind == kind and (event.message is None or event.message.kind == message_kind)
    ]

    assert (True, f"until the next time: {moment}") == last(simulation)
    assert [simulation.clock.now] * len(found) == found


def test_run_until_what_never_comes_runs_to_the_end() -> None:
    """A moment that never comes lets the run go on to its finalising tick."""
    simulation = begun(RunUntil("complaint sent"), Run(1))

    assert "to the end, for this never came: complaint sent" == facts(simulation.journal.events, "step")[0]["note"]
    assert (False, "0 events later") == last(simulation)


def test_an_unknown_moment_or_kind_is_refused() -> None:
    """A step that names what the system does not have is an error of the one who wrote it, not a step that is idle."""
    with pytest.raises(ValueError, match="there is no moment 'bid sendt'; choose one of bid sent, "):
        begun(RunUntil("bid sendt"))
    with pytest.raises(ValueError, match="there is no message kind 'bit'; choose one of bid, goods, "):
        begun(Drop("bit"))


@pytest.mark.parametrize("kind", NETWORK)
def test_a_step_on_no_message_changes_nothing(kind: Callable[[str], Step]) -> None:
    """A step on a message of which none is under way is a no-op, and says so."""
    simulation = begun(kind("goods"))

    assert (False, "no goods is under way") == last(simulation)
    assert "step" == simulation.journal.events[-1].kind


def test_the_nth_message_wraps_around() -> None:
    """With two bids under way, the third is the first."""
    simulation = begun(BID, RunUntil("bid sent"), Drop("bid", 2))

    assert (True, "the bid from buyer-0 to seller-0 is lost") == last(simulation)
    assert [("buyer-1", "seller-1")] == bids(simulation)


def test_duplicate_sends_a_second_copy() -> None:
    """A duplicated bid is under way twice."""
    simulation = begun(BID, Duplicate("bid"))

    assert (True, "the bid from buyer-0 to seller-0 will arrive twice") == last(simulation)
    assert [("buyer-0", "seller-0")] * 2 == bids(simulation)


def test_delay_holds_a_message_back() -> None:
    """A delayed bid arrives that number of ticks later than it would have."""
    simulation = begun(BID, Delay("bid", 0, 5), RunUntil("bid delivered"), population=HONEST)
    placed = next(event for event in simulation.journal.events if event.kind == "bid_placed")

    assert placed.tick + 1 + 5 == simulation.clock.now


def test_deliver_brings_a_message_at_once() -> None:
    """A bid that is delivered out of order arrives in the very tick in which it was sent."""
    simulation = begun(BID, Deliver("bid"))
    placed = next(event for event in simulation.journal.events if event.kind == "bid_placed")

    assert [("buyer-0", "seller-0")] == wire(simulation.journal.events, "deliver", "bid")
    assert placed.tick == simulation.clock.now


def test_tamper_flips_one_bit_in_the_middle() -> None:
    """A tampered message differs from the original in one bit of its middle byte."""
    simulation = begun(BID)
    before = simulation.world.in_flight("bid")[0].payload
    simulation.perform(Tamper("bid"))
    after = simulation.world.in_flight("bid")[0].payload
    differing = [index for index in range(len(before)) if before[index] != after[index]]

    assert [len(before) // 2] == differing
    assert 1 == before[differing[0]] ^ after[differing[0]]


def test_redirect_sends_a_copy_to_somebody_else() -> None:
    """A redirected bid goes to its receiver and, under its sender's name, to another agent."""
    simulation = begun(BID, Redirect("bid", 0, 3))

    assert (True, "a copy of the bid from buyer-0 to seller-0 goes to seller-1") == last(simulation)
    assert [("buyer-0", "seller-0"), ("buyer-0", "seller-1")] == bids(simulation)


def test_partition_assigns_groups_in_turn() -> None:
    """The groups of a partition are dealt out to the agents, over and over."""
    simulation = begun(Partition((0, 1)))
    world = simulation.world

    assert world.connected("buyer-0", "seller-0")
    assert not world.connected("buyer-0", "buyer-1")
    assert (
        "the network splits: buyer-0, seller-0, shill_seller-0, auditor-0 | buyer-1, seller-1, shill-0"
        == last(simulation)[1]
    )


def test_a_partition_of_one_group_is_none() -> None:
    """Where everybody is in one group, nothing is split."""
    assert (False, "the network stays whole") == last(begun(Partition((3,))))


def test_cut_takes_indices_modulo_the_agents() -> None:
    """A cut names two agents by index, wrapping around; from an agent to itself it is nothing."""
    cut = begun(Cut(7, 9))

    assert (True, "nothing from buyer-0 reaches seller-0 any more") == last(cut)
    assert not cut.world.connected("buyer-0", "seller-0")
    assert (False, "buyer-0 needs no link to itself") == last(begun(Cut(0, 7)))


def test_heal_mends_what_is_broken() -> None:
    """Healing restores a cut; with nothing broken it does nothing."""
    assert (True, "all links heal") == last(begun(Cut(0, 1), Heal()))
    assert (False, "no link is broken") == last(begun(Heal()))


def test_crash_and_restart_take_turns() -> None:
    """Only who is up can crash, and only who is down can restart."""
    simulation = begun(Restart(0), Crash(0), Crash(7), Restart(0))
    steps = [(step["applied"], step["note"]) for step in facts(simulation.journal.events, "step")]

    assert [
        (False, "buyer-0 is up"),
        (True, "buyer-0 crashes"),
        (False, "buyer-0 is down"),
        (True, "buyer-0 restarts"),
    ] == steps


@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.parametrize("population", [HONEST, EVERYBODY, Population(buyer=1, seller=0, shill_seller=1)])
def test_every_step_has_a_handler(kind: type[Step], population: Population) -> None:
    """Every step, with no arguments, can be performed on a fresh world of any population."""
    simulation = begun(PRIVATE_COMMERCE.simplest(kind), population=population)

    assert simulation.world.fault is None
    assert kind.__name__ == facts(simulation.journal.events, "step")[0]["step"]


@settings(max_examples=60)
@given(schedule=schedules(max_size=12), when=st.integers(0, 400))
def test_any_step_can_be_done_in_any_world(schedule: tuple[Step, ...], when: int) -> None:
    """Whatever came before, a step is applied or says why not; it never raises and never faults."""
    simulation = begun(Run(when))
    done = [simulation.perform(step) for step in schedule]

    assert simulation.world.fault is None
    assert all(isinstance(applied, bool) and note for applied, note in done)


def test_message_kinds_are_what_is_sent() -> None:
    """Every kind of message that steps can name is really sent in some run."""
    simulation = begun(RunUntil("complaint sent"))
    kinds = {event.message.kind for event in simulation.journal.events if event.message is not None}

    assert set(PRIVATE_COMMERCE.kinds) - {"complaint"} == kinds
