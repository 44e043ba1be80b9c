import gc
from typing import Any

import pytest

from crosslayer.harness.kernel.environment import handlers
from crosslayer.harness.kernel.simulation import Simulation, run
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.steps import Crash, Cut, Delay, Drop, Partition, Run, RunUntil, Step
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.nouns import LAYERS, Timing
from crosslayer.harness.systems.commerce.steps import STEPS, Withhold
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, REFERENCE
from crosslayer.properties.commerce import ALL, JOINT
from tests.play import EVERYBODY, HONEST, TERMS, begun, facts, played, scenario, with_operations

BUSY: tuple[Step, ...] = (Withhold(0, 0), RunUntil("bid sent"), Drop("bid"), Crash(1), Partition((0, 1)), Run(50))


def test_every_step_has_one_handler() -> None:
    """What can be in a schedule and what can be performed are the same."""
    assert set(STEPS) <= set(handlers(PRIVATE_COMMERCE))


def test_a_run_is_a_function_of_its_input() -> None:
    """The same scenario, stack and schedule give the same events and digest; another seed gives others."""
    one, again = played(*BUSY), played(*BUSY)
    other = run(scenario(seed=43), REFERENCE, BUSY, ALL)

    assert one.events == again.events
    assert one.digest == again.digest
    assert one.digest != other.digest


def test_watching_changes_nothing() -> None:
    """A run without any property to watch leaves the same trace."""
    assert played(*BUSY).digest == run(scenario(), REFERENCE, BUSY).digest


def test_a_closed_run_leaves_no_garbage() -> None:
    """Once a run is over, nothing of it waits for the garbage collector; its result is as before."""
    kept = run(scenario(), REFERENCE, BUSY, ALL)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        digest = run(scenario(), REFERENCE, BUSY, ALL).digest
        after = len(gc.get_objects())
    finally:
        gc.enable()

    assert kept.digest == digest
    assert after - before < len(kept.events) / 4


def test_phases_come_in_order() -> None:
    """Steps come before settlement, then scores, then the audit, then the end, each once in order."""
    marks = ("step", "settlement", "scored", "audit", "end")
    told = [event.kind for event in played(*BUSY).events if event.kind in marks]

    assert sorted(told, key=marks.index) == told
    assert set(marks) == set(told)
    assert 1 == told.count("settlement") == told.count("end")


def test_settlement_ends_every_fault() -> None:
    """At settlement links heal, crashed agents restart, delayed messages hurry: everything arrives after all."""
    steps = (RunUntil("bid sent"), Crash(0), Cut(2, 0), Partition((0, 1, 2)), Delay("bid", 0, 10_000))
    result = played(*steps)
    after = [event.kind for event in result.events if event.kind in ("settlement", "link", "node")][-3:]

    assert ["settlement", "link", "node"] == after
    assert () == result.broken
    assert 2 == len(facts(result.events, "goods_accepted"))


def test_settlement_ends_every_delay() -> None:
    """A message that was held back without end arrives within the network's latency of settlement."""
    result = played(RunUntil("bid sent"), Delay("bid", 0, 10_000))
    held = next(event.message for event in result.events if event.message and event.message.kind == "bid")
    settled = next(event.tick for event in result.events if event.kind == "settlement")
    arrived = [event.tick for event in result.events if event.kind == "deliver" and event.message == held]

    assert [settled + 1] == arrived


def test_settlement_counts_from_the_finalising_tick() -> None:
    """However early a schedule ends, the world runs on until settlement has passed after the finalising tick."""
    assert 320 == played().events[-1].tick
    assert 320 == played(Run(100_000)).events[-1].tick


def test_a_result_says_what_became_of_each_step() -> None:
    """Steps and outcomes are kept in order, applied or not."""
    result = played(Crash(0), Crash(0), Run(0))

    assert (Crash(0), Crash(0), Run(0)) == result.schedule
    assert [True, False, False] == [done.applied for done in result.done]


def test_joint_and_single_verdicts_are_apart() -> None:
    """The four joint invariants and the contracts of parts are reported apart, each under its name."""
    result = played()

    assert [one.name for one in JOINT] == list(result.verdicts)
    assert [*LAYERS, "agents", "kernel"] == sorted(result.contracts, key=[*LAYERS, "agents", "kernel"].index)


def test_the_money_is_on_record_from_start_to_end() -> None:
    """The first ledger shows the opening balances, the last one is taken at the end, and no credit is lost."""
    ledgers = facts(played(*BUSY).events, "ledger")

    assert ("start", "end") == (ledgers[0]["cause"], ledgers[-1]["cause"])
    assert {5000 * len(EVERYBODY.names())} == {sum(one["balances"].values()) for one in ledgers}


def test_nothing_happens_after_a_fault() -> None:
    """After a fault steps do nothing, nothing is recorded, and what speaks of the end is vacuous."""

    def fail(_real: Any, *_args: Any) -> None:
        raise ValueError("broken")

    simulation = begun(RunUntil("bid sent"), population=HONEST, stack=with_operations("payments", open_stream=fail))
    length = len(simulation.journal.events)
    done = simulation.perform(Crash(0))
    result = simulation.settle()

    assert (False, "a plugin fault ended the run") == done
    assert length == len(result.events)
    assert "fault" == result.events[-1].kind
    assert Outcome.VACUOUS is result.verdicts["commerce_undelivered_penalized"].outcome


@pytest.mark.parametrize("layer", LAYERS)
def test_a_factory_that_raises_is_a_fault(layer: str) -> None:
    """A plugin that cannot even be made ends the run before it begins, and any step after it does nothing."""

    def make(_roster: Any) -> Any:
        raise OSError("no disk")

    result = played(*BUSY, stack=REFERENCE.replace(layer, Choice("broken", make)))

    assert result.fault is not None
    assert (layer, "make", "raised OSError: no disk") == (
        result.fault.part,
        result.fault.operation,
        result.fault.reason,
    )
    assert ["fault"] == [event.kind for event in result.events]


def test_agents_without_a_role_are_a_fault() -> None:
    """A protocol that knows no auditor is a fault of the agents."""

    def make() -> Any:
        return {role: made for role, made in REFERENCE.factory("agents")().items() if role != "auditor"}

    result = played(stack=REFERENCE.replace("agents", Choice("headless", make)))

    assert result.fault is not None
    assert ("agents", "auditor-0") == (result.fault.part, result.fault.agent)


def test_advancing_event_by_event_is_running_on() -> None:
    """Events that are handled one by one and noted afterwards leave the trace of a Run of that number."""
    simulation = Simulation(scenario(), REFERENCE, ALL)
    moved = [simulation.advance() for _ in range(7)]
    simulation.note_run(7)

    assert [True] * 7 == moved
    assert played(Run(7)).digest == simulation.settle().digest


def test_the_shortest_settlement_is_long_enough() -> None:
    """With the least settlement that a timeline allows, a purchase at the last moment still ends well."""
    timing = Timing(
        discovery_start=40, bid_deadline=40, finalise_at=40, check_delay=5, resend_interval=2, settlement=50
    )
    steps = (RunUntil("gossip delivered"), Run(30), Crash(0), Crash(1))
    result = run(scenario(timing=timing, terms=TERMS), REFERENCE, steps, ALL)

    assert () == result.broken
    assert result.fault is None


def test_a_buyer_never_looks_after_the_deadline_only() -> None:
    """A timeline whose first look comes after the deadline would have purchases that nothing can settle."""
    with pytest.raises(ValueError, match="discovery_start"):
        Timing(discovery_start=50, bid_deadline=40)
