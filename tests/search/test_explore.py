"""Exhaustive exploration on small scopes."""

from collections.abc import Iterable, Iterator, Sequence

import attrs
import pytest

from crosslayer.harness.formats import scenario
from crosslayer.harness.model.steps import RUNNING_ON, Crash, Drop, Run, Schedule, deviations
from crosslayer.harness.search.explore import Candidate, Explored, Runner, Scope, Seen, explore, look
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.workers import alone, together
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import STEPS
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, build
from crosslayer.properties.commerce import ALL, JOINT
from tests.commerce import KNOWN_BAD

PAIR = Population(buyer=1, seller=1)
LATE = "payments=tests.defects.payments:starts_one_tick_late"
ROBBED = Population(buyer=2, seller=0, shill_seller=1)


def judgement(*assignments: str, population: Population = PAIR, names: Sequence[str] = ()) -> Judgement:
    """A stack under judgement on the timeline of hunts."""
    chosen = attrs.evolve(scenario.shipped(PRIVATE_COMMERCE, "hunt"), population=population)
    return Judgement(chosen, build(assignments), tuple(one for one in ALL if not names or one.name in names))


def explored(one: Judgement, scope: Scope, *wanted: str) -> Explored:
    """The exploration, in this process."""
    return explore(one, scope, alone(one, look), Explored(), wanted=wanted)


def found(state: Explored) -> dict[str, int]:
    """The deviations of what was found, by property."""
    return {name: deviations(case.schedule) for name, case in state.cases.items()}


def test_reference_keeps_all_promises_one_step_from_the_happy_path() -> None:
    """Among one buyer and one seller no single deviation breaks anything, and that is all of them."""
    state = explored(judgement(), Scope(1))

    assert {} == state.cases
    assert state.covers(Scope(1))
    assert [1, True] == [state.levels[0].schedules, state.levels[0].complete]
    assert state.examples == state.levels[1].schedules + 1


@pytest.mark.parametrize(
    ("swap", "name", "least", "population"),
    [
        ("privacy=noop", "commerce_bid_opacity", 0, PAIR),
        ("payments=pay_on_close", "commerce_delivery_rewarded", 0, PAIR),
        ("registry=in_memory", "commerce_discovery_precedes_bid", 0, PAIR),
        ("trust=score_average", "commerce_undelivered_penalized", 1, ROBBED),
    ],
)
def test_what_is_found_has_the_fewest_deviations(swap: str, name: str, least: int, population: Population) -> None:
    """Each swap breaks its own joint promise alone, with as many deviations as it takes and no more."""
    one = judgement(swap, population=population, names=[joint.name for joint in JOINT])

    assert {name: least} == found(explored(one, Scope(1), name))


def test_every_swap_is_explored() -> None:
    """The table above leaves out none of the four swaps."""
    assert 4 == len(KNOWN_BAD)


@pytest.mark.parametrize("swap", ["trust=agent_receipts", LATE])
def test_every_point_finds_no_more_than_the_distinguishable_ones(swap: str) -> None:
    """What is broken, and with how many deviations, is the same whether points are told apart or not."""
    one = judgement(swap, names=["commerce_delivery_rewarded"])
    few, every = explored(one, Scope(1)), explored(one, Scope(1, everywhere=True))

    assert found(every) == found(few)
    assert every.examples > 2 * few.examples


def test_only_the_named_kinds_deviate() -> None:
    """A scope of some kinds is every schedule made of those, and of no others."""
    one, scope = judgement(), Scope(2, kinds=("Crash", "Drop"))
    state, ran = Explored(), list[Schedule]()
    explore(one, scope, _noting(one, ran), state)
    steps = [type(step) for schedule in ran for step in schedule]
    some = {kind: steps.count(kind) for kind in (Crash, Drop)}

    assert state.covers(scope)
    assert {Crash, Drop, Run} == set(steps)
    assert min(some.values()) > state.levels[1].schedules / 4


def _noting(one: Judgement, ran: list[Schedule]) -> Runner:
    def run(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Seen]]:
        for answer in alone(one, look)(candidates):
            ran.append(answer[0].schedule)
            yield answer

    return run


def _of(level: int, ran: list[Schedule]) -> list[Schedule]:
    """Of these schedules, those with this number of deviations."""
    return [schedule for schedule in ran if deviations(schedule) == level]


def test_kinds_leave_no_schedule_out_that_is_made_of_them() -> None:
    """The first level in two halves, by kind, is the first level."""
    one = judgement()
    kinds = tuple(sorted(kind.__name__ for kind in STEPS if kind not in RUNNING_ON))
    halves = [explored(one, Scope(1, kinds=some)).levels[1].schedules for some in (kinds[::2], kinds[1::2])]

    assert explored(one, Scope(1)).levels[1].schedules == sum(halves)
    assert 0 not in halves


@pytest.mark.parametrize("last", [1, 2])
def test_shares_are_equal_and_together_the_whole(last: int) -> None:
    """What the shares of a level ran is what the level runs, each schedule once, and none ran more than its part."""
    one, kinds = judgement(), ("Crash", "Restart")
    parts = [list[Schedule]() for _ in range(3)]
    for share, ran in enumerate(parts, 1):
        scope, state = Scope(last, kinds=kinds, share=share, shares=3), Explored()
        explore(one, scope, _noting(one, ran), state)
        assert state.covers(scope)
    whole: list[Schedule] = []
    explore(one, Scope(last, kinds=kinds), _noting(one, whole), Explored())
    level, shares = _of(last, whole), [_of(last, ran) for ran in parts]

    assert sorted(map(repr, level)) == sorted(repr(schedule) for ran in shares for schedule in ran)
    assert all(abs(len(ran) / len(level) - 1 / 3) < 0.02 for ran in shares)


def test_a_share_tries_every_first_deviation() -> None:
    """However the last level is divided, every schedule of the one before is extended in each share."""
    one, ran, state = judgement(), list[Schedule](), Explored()
    scope = Scope(2, kinds=("Crash", "Restart"), share=2, shares=5)
    explore(one, scope, _noting(one, ran), state)

    assert len(state.parents) == len({_first(schedule) for schedule in _of(2, ran)}) > 1


def _first(schedule: Schedule) -> Schedule:
    (at, *_) = (index for index, step in enumerate(schedule) if not isinstance(step, RUNNING_ON))
    return schedule[: at + 1]


def test_two_processes_see_what_one_sees() -> None:
    """The result does not depend on how many processes there are."""
    one = judgement(LATE, names=["commerce_delivery_rewarded"])
    single = explored(one, Scope(1))
    double = explore(one, Scope(1), together(one, here(2), look), Explored())

    assert attrs.evolve(single, seconds=0) == attrs.evolve(double, seconds=0)


def test_an_interrupted_exploration_goes_on() -> None:
    """Anyone who stops after any schedule, the first one included, and goes on from there sees what the others see."""
    one = judgement()
    whole = explored(one, Scope(1))
    state, stops = Explored(), 0
    while not state.covers(Scope(1)):
        try:
            explore(one, Scope(1), alone(one, look), state, progress=_tiring)
        except KeyboardInterrupt:
            stops += 1

    assert stops > 2
    assert attrs.evolve(whole, seconds=0) == attrs.evolve(state, seconds=0)


def _tiring(state: Explored) -> None:
    if state.examples % 200 == 1:
        raise KeyboardInterrupt


def test_the_second_level_extends_what_the_first_left() -> None:
    """Schedules whose step did nothing, and those that did what an earlier one did, are not extended."""
    state = Explored()
    one = judgement()
    explore(one, Scope(2), _first_level(one), state)
    first = state.levels[1]

    assert first.schedules - first.idle - first.merged == len(state.parents)
    assert 0 < first.merged


def _first_level(one: Judgement) -> Runner:
    def run(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Seen]]:
        for candidate in candidates:
            if not candidate.final:
                yield from alone(one, look)([candidate])
            else:
                return

    return run
