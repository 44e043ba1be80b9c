import unittest
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase
from hypothesis.stateful import run_state_machine_as_test

from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.model.steps import RUNNING_ON, Run, RunUntil, Step
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import STEPS, WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL, JOINT, PUBLISHED
from crosslayer.strategies.machine import Example, ScheduleMachine, Violation, machine, rule_name, violation_of
from tests.commerce import populations
from tests.play import TIMING, scenario, with_operations
from tests.watching import never

OPACITY = "commerce_bid_opacity"
UNDELIVERED = "commerce_undelivered_penalized"
SMALL = populations(buyer=2, seller=1, shill_seller=1, shill=1)
HUNT = (Phase.generate,)
SHRINK = (Phase.generate, Phase.shrink)


def _settings(
    phases: Sequence[Phase] = HUNT, examples: int = 60, steps: int = 8, database: ExampleDatabase | None = None
) -> settings:
    return settings(max_examples=examples, stateful_step_count=steps, phases=phases, database=database, deadline=None)


def _machine(stack: Stack, properties: Sequence[Property] = JOINT, **options: Any) -> type[ScheduleMachine]:
    return seed(0)(machine(scenario(), stack, properties, population=SMALL, **options))


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("swap", "name"),
    [
        ("privacy=noop", OPACITY),
        ("payments=pay_on_close", "commerce_delivery_rewarded"),
        ("trust=score_average", UNDELIVERED),
    ],
)
def test_violation_is_raised_as_its_own_class(swap: str, name: str, quick: bool) -> None:  # noqa: FBT001
    """Under pytest's own runner, with either picker, the violated property's own exception is what is raised."""
    chosen = _machine(build([swap]), PUBLISHED, quick=quick, kinds=(*RUNNING_ON, Withhold, WashTrade))

    with pytest.raises(violation_of(name)) as caught:
        run_state_machine_as_test(chosen, settings=_settings(SHRINK))
    assert (name, True) == (caught.type.__name__, isinstance(caught.value, Violation))
    (found,) = chosen.found.items()
    assert name == found[0]
    assert Judgement(scenario(), build([swap]), JOINT).breaks(*found)


def test_reference_survives() -> None:
    """On the reference stack nothing is raised, and nothing is found."""
    chosen = _machine(REFERENCE, ALL)

    run_state_machine_as_test(chosen, settings=_settings(examples=15))

    assert {} == chosen.found


def test_fault_is_raised_like_a_violation() -> None:
    """A plugin that fails is a violation called `plugin_fault`, with the plugin's own words."""

    def fail(*_args: Any) -> Any:
        raise RuntimeError("out of order")

    chosen = _machine(with_operations("privacy", encrypt=fail))

    with pytest.raises(violation_of("plugin_fault"), match="out of order"):
        run_state_machine_as_test(chosen, settings=_settings())


def test_test_case_works_under_unittest() -> None:
    """`.TestCase` is an ordinary test case, which fails with the property's name and takes the user's settings."""
    case = _machine(build(["privacy=noop"])).TestCase
    case.settings = _settings()

    outcome = unittest.TestResult()
    case("runTest").run(outcome)

    assert (1, 1, []) == (outcome.testsRun, len(outcome.failures), outcome.errors)
    assert OPACITY in outcome.failures[0][1]


def test_violations_are_kept_apart() -> None:
    """Every property has one class of its own, so that Hypothesis never takes one failure for another."""
    names = [one.name for one in ALL]

    assert len(names) == len({violation_of(name) for name in names})
    assert violation_of(OPACITY) is violation_of(OPACITY)
    assert issubclass(violation_of(OPACITY), AssertionError)


def test_every_kind_of_step_is_a_rule() -> None:
    """There are an initialiser, an invariant, one rule per kind of step, and one for each plan."""
    chosen = machine(scenario(), REFERENCE, JOINT)
    marks = [name for name in vars(chosen) if name not in ScheduleMachine.__annotations__ and not name.startswith("_")]

    plans = ["intercept", "alter_sent", "collude", "rob", "eclipse_seller"]
    assert ["start", "holds_so_far", *map(rule_name, STEPS), *plans] == marks
    assert ["run_until", "wash_trade", "run"] == [rule_name(kind) for kind in (RunUntil, WashTrade, Run)]


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.__name__)
def test_kinds_can_be_chosen(kind: type[Step]) -> None:
    """A machine of one kind of step, whichever it is, draws that kind and no other."""
    seen: list[Example] = []
    chosen = _machine(REFERENCE, (), kinds=(kind,), sink=seen.append)

    run_state_machine_as_test(chosen, settings=_settings(examples=3, steps=3))

    assert {kind} == {type(step) for example in seen for step in example.case.schedule}


def test_all_kinds_are_drawn() -> None:
    """In some hundred runs every kind of step comes."""
    seen: list[Example] = []

    run_state_machine_as_test(_machine(REFERENCE, (), sink=seen.append), settings=_settings(examples=250, steps=20))

    kinds = {type(step) for example in seen for step in example.case.schedule}
    assert [] == [kind.__name__ for kind in STEPS if kind not in kinds]


@pytest.mark.parametrize("quick", [True, False])
def test_users_settings_count(quick: bool) -> None:  # noqa: FBT001
    """As many runs, of at most as many steps, as the user's own settings say."""
    seen: list[Example] = []
    chosen = _machine(REFERENCE, (), kinds=(*RUNNING_ON, Withhold), sink=seen.append, quick=quick)

    run_state_machine_as_test(chosen, settings=_settings(examples=7, steps=3))

    assert 7 == len(seen)
    assert 3 >= max(len(example.case.schedule) for example in seen)


def test_sink_sees_every_run_and_nothing_is_raised() -> None:
    """With a sink, a violating run is shown, not raised, with what it reached."""
    seen: list[Example] = []
    chosen = _machine(build(["privacy=noop"]), sink=seen.append)

    run_state_machine_as_test(chosen, settings=_settings(examples=5))

    assert {(OPACITY,)} == {example.result.violated for example in seen}
    assert all("a bid is on the wire" in example.reached for example in seen)
    assert all(example.case.population == example.result.header.scenario.population for example in seen)


def test_violation_is_raised_online() -> None:
    """What is violated for good is raised after the step that did it, not at the end of the run."""
    bid = never("bid", "bid_placed")
    chosen = _machine(REFERENCE, (bid,), kinds=(RunUntil,))

    with pytest.raises(violation_of("bid")):
        run_state_machine_as_test(chosen, settings=_settings(steps=30))

    case = chosen.found["bid"]
    assert [False, True] == [_violated(bid, case, length) for length in (len(case.schedule) - 1, len(case.schedule))]


def _violated(claim: Property, case: Case, length: int) -> bool:
    simulation = Simulation(scenario(case.population), REFERENCE, (claim,))
    simulation.perform_all(case.schedule[:length])
    return bool(simulation.violations())


def test_faults_of_the_scenario_are_the_schedules_business() -> None:
    """A scenario whose own faults name agents that are not drawn is hunted in all the same, without those faults."""
    original = scenario(
        Population(5, 2, 1), faults=Faults(drop=0.5, partition=(("buyer-4",),), heals_at=TIMING.discovery_start)
    )
    seen: list[Example] = []

    run_state_machine_as_test(
        machine(original, REFERENCE, (), population=SMALL, sink=seen.append), settings=_settings(examples=3)
    )

    assert {Faults()} == {example.result.header.scenario.faults for example in seen}


def test_failing_example_is_saved_and_used_again(tmp_path: Path) -> None:
    """Hypothesis's own database works: a failure is found again at once, from what was saved."""
    database = DirectoryBasedExampleDatabase(tmp_path)
    chosen = _machine(build(["privacy=noop"]))
    reuse = _settings((Phase.reuse,), database=database)
    with suppress(unittest.SkipTest):  # an empty database: there is nothing to run
        run_state_machine_as_test(chosen, settings=reuse)

    with pytest.raises(violation_of(OPACITY)):
        run_state_machine_as_test(chosen, settings=_settings(SHRINK, database=database))
    chosen.found.clear()
    with pytest.raises(violation_of(OPACITY)):
        run_state_machine_as_test(chosen, settings=reuse)

    assert any(tmp_path.rglob("*"))
    assert {OPACITY} == chosen.found.keys()


def test_population_is_the_users() -> None:
    """Anyone who is drawn by the strategy that was handed in takes part, and nobody else."""
    seen: list[Example] = []
    chosen = machine(scenario(), REFERENCE, (), population=st.just(Population(1, 1)), sink=seen.append)

    run_state_machine_as_test(chosen, settings=_settings(examples=2))

    assert {Population(1, 1)} == {example.case.population for example in seen}
