import attrs
import pytest
from hypothesis import find, given, settings

from crosslayer.harness.formats.codec import schedule_json
from crosslayer.harness.model.steps import Drop, Heal, Run, RunUntil, Schedule, Step
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import STEPS, Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import ALL
from crosslayer.strategies.schedules import strategies_of
from tests.commerce import SYSTEM, populations, schedule_from, schedules, steps
from tests.play import played


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.__name__)
def test_every_step_has_strategies_for_its_arguments(kind: type[Step]) -> None:
    """Every step can be drawn, with all of its arguments and no others."""
    assert {field.name for field in attrs.fields(kind)} == set(strategies_of(SYSTEM)[kind])
    assert kind is type(find(steps(kind), lambda _: True))


@given(schedules(max_size=8))
def test_schedules_are_plain_data(schedule: Schedule) -> None:
    """A drawn schedule is a tuple of steps, not longer than asked for, and survives being written and read."""
    assert isinstance(schedule, tuple)
    assert len(schedule) <= 8
    assert schedule == schedule_from(schedule_json(schedule), "here")


@given(schedules(Drop, Heal))
def test_kinds_can_be_chosen(schedule: Schedule) -> None:
    """With kinds named, a schedule has no others."""
    assert {type(step) for step in schedule} <= {Drop, Heal}


def test_kind_named_first_is_the_simplest() -> None:
    """Shrinking a step ends at the kind that was named first, with its least arguments."""
    assert Withhold(0, 0) == find(steps(Withhold, Drop), lambda _: True)
    assert Run(1) == find(steps(Run, RunUntil), lambda _: True)


@settings(max_examples=15)
@given(populations(buyer=2, seller=2, shill_seller=1, shill=2), schedules(max_size=12))
def test_reference_keeps_every_promise(population: Population, schedule: Schedule) -> None:
    """With plain `@given`: under any population and schedule, the reference stack breaks nothing."""
    result = played(*schedule, population=population, stack=REFERENCE)

    assert (None, ()) == (result.fault, result.broken)
    assert len(ALL) == len(result.verdicts) + len(result.contracts)
