import attrs
import pytest

from crosslayer.harness.kernel.simulation import Result, run
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.model.steps import Drop, Heal, Partition, Run
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.commerce.nouns import Population, Scenario
from crosslayer.harness.systems.commerce.steps import WashTrade
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.commerce import RUN_FILE, load_scenario
from tests.kernel.test_guard import spin
from tests.play import facts, scenario, with_operations

ORIGINAL = load_scenario(RUN_FILE)


def stormy(seed: int = 42, drop: float = 0.2) -> Scenario:
    """A short scenario under faults."""
    faults = Faults(drop=drop, partition=(("buyer-0", "seller-1"),), heals_at=30)
    return scenario(seed=seed, faults=faults, adversary=(WashTrade(0, 1),))


def replayed(result: Result) -> Result:
    """The same schedule again, as a schedule."""
    return run(result.header.scenario, REFERENCE, result.schedule, ALL)


@pytest.mark.parametrize("seed", range(8))
def test_a_seeded_run_replays_as_a_schedule(seed: int) -> None:
    """The recorded steps, performed as a schedule, give the very same trace."""
    result = run_seeded(stormy(seed), REFERENCE, ALL)

    assert result.digest == replayed(result).digest
    assert () == result.broken


def test_the_original_scenario_replays_as_a_schedule() -> None:
    """The twelve-agent run of seed 42, performed as a schedule, gives the very same trace."""
    result = run_seeded(ORIGINAL, REFERENCE, ALL)

    assert result.digest == replayed(result).digest


def test_the_partition_stands_until_its_tick() -> None:
    """The scenario's adversary acts first, then the network splits; it heals before the first event after its tick."""
    result = run_seeded(stormy(), REFERENCE, ALL)
    links = [event.tick for event in result.events if event.kind == "link"]

    assert (WashTrade(0, 1), Partition((1, 0, 0, 1, 0, 0, 0))) == result.schedule[:2]
    assert Heal() in result.schedule
    assert 0 == links[0]
    assert 30 >= links[1] > 20


def test_every_message_may_be_lost() -> None:
    """About as many messages are lost as the probability says, each by a step of its own that applies."""
    result = run_seeded(stormy(drop=0.2), REFERENCE, ALL)
    settled = next(seq for seq, event in enumerate(result.events) if event.kind == "settlement")
    sent = sum(event.kind == "send" for event in result.events[:settled])
    drops = [done for step, done in zip(result.schedule, result.done, strict=True) if isinstance(step, Drop)]

    assert 0.1 < len(drops) / sent < 0.3
    assert all(done.applied for done in drops)


def test_fair_weather_only_runs_on() -> None:
    """Without faults the whole run is one Run, and nothing is a deviation."""
    result = run_seeded(scenario(Population()), REFERENCE, ALL)

    assert [Run] == [type(step) for step in result.schedule]
    assert () == result.broken


def test_the_weather_depends_on_the_seed_only() -> None:
    """The same seed draws the same faults; another draws others."""
    one, again, other = (run_seeded(stormy(seed), REFERENCE).schedule for seed in (1, 1, 2))

    assert one == again
    assert one != other


def test_a_fault_ends_the_weather() -> None:
    """A plugin that hangs under faults ends a seeded run like any other."""
    result = run_seeded(stormy(), with_operations("registry", handle_gossip=spin), ALL, cpu_seconds=0.2)

    assert result.fault is not None
    assert ("registry", "handle_gossip") == (result.fault.part, result.fault.operation)
    assert [] == facts(result.events, "scored")


def test_a_failing_seed_fails_as_a_schedule_too() -> None:
    """What a swapped stack breaks under a seed, it breaks under the recorded schedule."""
    stack = build(["payments=pay_on_close"])
    result = run_seeded(attrs.evolve(stormy(), faults=Faults(drop=0.1)), stack, ALL)

    assert result.broken == run(result.header.scenario, stack, result.schedule, ALL).broken
    assert ("commerce_delivery_rewarded",) == result.violated
