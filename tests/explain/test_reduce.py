from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.explain import reduce as reducing
from crosslayer.harness.explain.reduce import is_one_minimal, without
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.steps import Crash, Cut, Delay, Drop, Heal, Partition, Run, RunUntil, Schedule, Step
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Buy, WashTrade, Withhold
from tests.commerce import populations, reduce, schedules
from tests.values import STEPS

CROWD = Population(5, 4, 2, 6)
NOISE: Schedule = (Drop("ack", 3), Run(17), Heal(), Partition((1, 0, 2)), Delay("goods", 2, 16), Crash(9))


def _contains(*required: Step) -> Callable[[Case], bool]:
    """Whether these steps come in this order, with or without others between them."""

    def fails(case: Case) -> bool:
        rest = iter(case.schedule)
        return all(step in rest for step in required)

    return fails


def _among(noise: Schedule, *required: Step) -> Schedule:
    """The required steps, with noise around each of them."""
    mixed = [step for one in required for step in (*noise, one)]
    return (*mixed, *noise)


@pytest.mark.parametrize("size", range(5))
def test_minimum_is_the_planted_subset(size: int) -> None:
    """Of a schedule that fails because of some of its steps, exactly these are left, among the fewest agents."""
    planted = (Withhold(0, 1), WashTrade(2, 3), RunUntil("goods sent"), Buy(1, 2))[:size]

    reduced = reduce(Case(CROWD, _among(NOISE, *planted)), _contains(*planted))

    assert Case(Population(1, 0, 1, 0), planted) == reduced


def test_numbers_are_lowered() -> None:
    """A number ends at the least value with which the case still fails."""
    case = Case(CROWD, (Delay("bid", 7, 64),))

    reduced = reduce(case, lambda one: any(isinstance(step, Delay) and step.ticks >= 5 for step in one.schedule))

    assert (Delay("bid", 0, 5),) == reduced.schedule


def test_kinds_move_to_the_front() -> None:
    """Where the kind of a message and a moment do not matter, they are the first of the vocabulary."""
    case = Case(CROWD, (Drop("ack", 3), RunUntil("gossip delivered")))

    reduced = reduce(case, lambda one: [Drop, RunUntil] == [type(step) for step in one.schedule])

    assert (Drop("bid", 0), RunUntil("bid sent")) == reduced.schedule


def test_moments_become_few_events() -> None:
    """Running on for one event is simpler than waiting for a moment, and a moment simpler than many events."""
    few = reduce(Case(CROWD, (RunUntil("goods sent"),)), lambda one: len(one.schedule) == 1)
    many = reduce(Case(CROWD, (Run(13),)), lambda one: one.schedule in ((Run(13),), (RunUntil("goods sent"),)))

    assert ((Run(0),), (RunUntil("goods sent"),)) == (few.schedule, many.schedule)


def test_populations_are_lowered() -> None:
    """Of every role there are as few agents as the failure needs."""
    reduced = reduce(Case(CROWD, ()), lambda one: one.population.buyer >= 2 and one.population.shill >= 3)

    assert Population(2, 0, 1, 3) == reduced.population


def test_fewer_steps_are_worth_an_agent() -> None:
    """The shortest list of deviations wins, even if it needs another population."""

    def fails(case: Case) -> bool:
        robbed = Withhold() in case.schedule
        return robbed and (case.population.buyer > 1 or (case.population.shill > 0 and Buy(1, 0) in case.schedule))

    reduced = reduce(Case(Population(1, 0, 1, 1), (Buy(1, 0), Withhold())), fails)

    assert Case(Population(2, 0, 1, 0), (Withhold(),)) == reduced


@pytest.mark.parametrize(
    ("step", "simplest"),
    [
        (Crash(17), Crash(2)),
        (Cut(17, 5), Cut(2, 1)),
        (Partition((*[0] * 17, 1)), Partition((0, 0, 1))),
    ],
    ids=["crash", "cut", "partition"],
)
def test_indices_follow_their_agents(step: Step, simplest: Step) -> None:
    """A step that needs a certain agent still means that agent when there are fewer."""

    def means_the_auditor(case: Case) -> bool:
        names = case.population.names()
        match case.schedule:
            case (Crash(agent=agent),) | (Cut(source=agent, to=_),):
                return bool(names[agent % len(names)] == "auditor-0")
            case (Partition(groups=groups),):
                alone = [name for index, name in enumerate(names) if groups[index % len(groups)]]
                return alone == ["auditor-0"]
        return False

    def fails(case: Case) -> bool:
        names = case.population.names()
        targets = [names[step.to % len(names)] for step in case.schedule if isinstance(step, Cut)]
        return means_the_auditor(case) and all(name.startswith(("shill", "seller")) for name in targets)

    reduced = reduce(Case(CROWD, (step,)), fails)

    assert Case(Population(1, 0, 1, 0), (simplest,)) == reduced


def test_deviations_stand_before_running_on() -> None:
    """Where order does not matter, what is done stands in front of letting time pass."""
    case = Case(CROWD, (RunUntil("bid sent"), Withhold()))

    reduced = reduce(case, lambda one: Counter(case.schedule) == Counter(one.schedule))

    assert (Withhold(), RunUntil("bid sent")) == reduced.schedule


def test_kinds_of_steps_become_alike() -> None:
    """Different triggers of one failure end as the same step: the first of the vocabulary that does."""

    def fails(case: Case) -> bool:
        return any(isinstance(step, (WashTrade, Buy, Withhold)) for step in case.schedule)

    reduced = {reduce(Case(CROWD, (step,)), fails) for step in (WashTrade(3, 4), Buy(5, 2), Withhold(1, 4))}

    assert {Case(Population(1, 0, 1, 0), (Withhold(),))} == reduced


@settings(max_examples=40)
@given(st.lists(STEPS, min_size=1, max_size=3).map(tuple), schedules(max_size=8), populations())
def test_minimum_does_not_depend_on_the_noise(planted: Schedule, noise: Schedule, population: Population) -> None:
    """Whatever stands around the steps that matter, exactly they are left."""
    fails = _contains(*planted)

    assert planted == reduce(Case(population, _among(noise, *planted)), fails).schedule


@settings(max_examples=40)
@given(schedules(max_size=10), populations(), st.randoms(use_true_random=False))
def test_minimum_is_one_minimal(schedule: Schedule, population: Population, random: object) -> None:
    """With any steps required, in any number: without any single step that is left, the case does not fail."""
    kept = [step for step in schedule if random.random() < 0.4]  # type: ignore[attr-defined]
    required = Counter(type(step) for step in kept)

    def fails(case: Case) -> bool:
        return not required - Counter(type(step) for step in case.schedule)

    left = reduce(Case(population, schedule), fails).schedule

    assert fails(Case(population, left))
    assert [] == [index for index in range(len(left)) if fails(Case(population, left[:index] + left[index + 1 :]))]


@settings(max_examples=25)
@given(schedules(max_size=8), populations(), st.integers(0, 1000))
def test_reduction_is_deterministic(schedule: Schedule, population: Population, salt: int) -> None:
    """The same case and the same failure are reduced by the same tries to the same end, however odd the failure."""
    tried: list[list[Case]] = []

    def attempt() -> Case:
        tries: list[Case] = []
        tried.append(tries)

        def fails(case: Case) -> bool:
            tries.append(case)
            return sum(map(ord, repr(case))) % 5 != salt % 5

        return reduce(Case(population, schedule), fails)

    assert attempt() == attempt()
    assert tried[0] == tried[1]


def test_no_case_is_tried_twice() -> None:
    """What is known of a case is remembered."""
    tries: Counter[Case] = Counter()

    def fails(case: Case) -> bool:
        tries[case] += 1
        return _contains(WashTrade(1, 2))(case)

    reduce(Case(CROWD, _among(NOISE, WashTrade(1, 2))), fails)

    assert 1 == max(tries.values())


def test_tries_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the tries are spent, the best case so far is the answer, and it fails."""
    monkeypatch.setattr(reducing, "TRIES_MAX", 30)
    tries = 0
    fails = _contains(WashTrade(1, 2), Buy(3, 1))

    def counted(case: Case) -> bool:
        nonlocal tries
        tries += 1
        return fails(case)

    reduced = reduce(Case(CROWD, _among(NOISE * 4, WashTrade(1, 2), Buy(3, 1))), counted)

    assert (30, True) == (tries, fails(reduced))


def test_happy_path_is_the_end() -> None:
    """What fails whatever is done, fails without any step at all, among three agents."""
    assert Case(Population(1, 0, 1, 0), ()) == reduce(Case(CROWD, NOISE), lambda _: True)


def test_one_minimal_needs_every_step() -> None:
    """A case with a step too many is not 1-minimal, nor is one that does not fail."""
    fails = _contains(Withhold())

    assert [True, False, False] == [
        is_one_minimal(Case(CROWD, schedule), fails) for schedule in ((Withhold(),), (Withhold(), Heal()), (Heal(),))
    ]


def test_without_leaves_out_by_index() -> None:
    """`without` takes steps out by where they stand, not by what they are."""
    assert (Heal(), Run(2)) == without((Heal(), Heal(), Run(2), Run(1)), 1, 3)
