"""Claims about `crosslayer.harness.formats.codec`."""

from typing import Any

import pytest
from hypothesis import given

from crosslayer.harness.formats.codec import DEPTH_BOUND, dumps, loads, schedule_json, structure, unstructure
from crosslayer.harness.model.brief import INTEGER_BOUND
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.scenario import Faults, Names
from crosslayer.harness.model.steps import Drop, Heal, Partition, RunUntil, Schedule, Step
from crosslayer.harness.systems.commerce.nouns import Population, Scenario, Terms, Timing
from crosslayer.harness.systems.commerce.steps import STEPS, Withhold
from tests.commerce import SYSTEM, schedule_from
from tests.values import JSON, SCENARIOS, SCHEDULES

DEEP = 100_000
HUGE = "9" * 5_000


def reason(value: Any, kind: type[Any]) -> str:
    """Why a value is refused as one of this type."""
    with pytest.raises(BadInput) as caught:
        structure(value, kind, "here", SYSTEM)
    assert caught.value.place == "here"
    return caught.value.reason


@given(SCHEDULES)
def test_a_schedule_survives_its_json(schedule: Schedule) -> None:
    """Any schedule, written as JSON bytes and read again, is the same schedule."""
    text = dumps(schedule_json(schedule))

    assert schedule == schedule_from(loads(text, "here"), "here")


@given(SCENARIOS)
def test_a_scenario_survives_its_json(scenario: Scenario) -> None:
    """Any scenario, written as JSON bytes and read again, is the same scenario."""
    text = dumps(unstructure(scenario))

    assert scenario == structure(loads(text, "here"), Scenario, "here", SYSTEM)


@given(JSON)
def test_json_survives_its_bytes(value: Any) -> None:
    """Any JSON value, written and read again, is the same value, and is written the same again."""
    again = loads(dumps(value), "here")

    assert value == again
    assert dumps(value) == dumps(again)


def test_a_step_is_an_object_with_its_name() -> None:
    """A step's JSON form is flat, with the step's name beside its fields."""
    assert [{"step": "Drop", "kind": "goods", "nth": 2}, {"step": "Heal"}] == schedule_json((Drop("goods", 2), Heal()))


@pytest.mark.parametrize("kind", STEPS)
def test_a_step_needs_no_field(kind: type[Step]) -> None:
    """Fields that a step's JSON leaves out have their defaults."""
    assert (SYSTEM.simplest(kind),) == schedule_from([{"step": kind.__name__}], "here")


def test_steps_within_other_values_carry_their_names() -> None:
    """A scenario's adversary is written like any schedule."""
    scenario = Scenario(name="x", adversary=(Withhold(0, 3), Partition((0, 1))))

    assert schedule_json(scenario.adversary) == unstructure(scenario)["adversary"]


def test_names_by_name_are_an_object() -> None:
    """A stack is written as an object, and read from one."""
    stack: Names = (("trust", "score_average"),)

    assert {"trust": "score_average"} == unstructure(Scenario(name="x", stack=stack))["stack"]
    assert stack == structure({"name": "x", "stack": {"trust": "score_average"}}, Scenario, "here").stack


def test_canonical_json_has_one_form() -> None:
    """Keys are sorted, nothing is blank, and all bytes are ASCII."""
    assert b'{"a":["\\u00e9",1.5],"b":null}' == dumps({"b": None, "a": ("é", 1.5)})


def test_half_a_surrogate_pair_survives() -> None:
    """A text that cannot be UTF-8 is written and read like any other."""
    assert "\ud800" == loads(dumps("\ud800"), "here")


def test_dumps_refuses_what_json_cannot_say() -> None:
    """A float that is no number is an error when it is written, not when somebody reads it."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(float("nan"))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ({"buyer": "5"}, Population, "buyer: expected an integer, not '5'"),
        ({"buyer": True}, Population, "buyer: expected an integer, not True"),
        ({"buyer": 5.0}, Population, "buyer: expected an integer, not 5.0"),
        ({"buyer": None}, Population, "buyer: expected an integer, not None"),
        ({"buyer": INTEGER_BOUND}, Population, "buyer: an integer must fit into 64 bits"),
        ({"drop": "0.5"}, Faults, "drop: expected a number, not '0.5'"),
        ({"drop": float("nan")}, Faults, "drop: expected a number, not nan"),
        ({"drop": float("inf")}, Faults, "drop: expected a number, not inf"),
        ({"drop": 10**400}, Faults, "drop: an integer must fit into 64 bits"),
        ({"partition": "ab"}, Faults, "partition: expected a list, not 'ab'"),
        ({"partition": ["ab"]}, Faults, "partition[0]: expected a list, not 'ab'"),
        ({"partition": [["a", 1]]}, Faults, "partition[0][1]: expected a text, not 1"),
        ([], Population, "expected a mapping, not []"),
        ({"buyers": 1}, Population, "unknown key 'buyers'"),
        ({}, Scenario, "name: is missing"),
        ({"name": "x", "terms": {"bids": 1}}, Scenario, "terms: unknown key 'bids'"),
        ({"name": "x", "stack": ["trust"]}, Scenario, "stack: expected a mapping, not ['trust']"),
        (
            {"name": "x", "adversary": [{"step": "Heal"}, {"step": "Fly"}]},
            Scenario,
            "adversary[1]: there is no step 'Fly'",
        ),
        ({"name": "x", "adversary": [{}]}, Scenario, "adversary[0]: step is missing"),
        ({"name": "x", "adversary": [{"step": []}]}, Scenario, "adversary[0]: there is no step []"),
        ({"name": "x", "adversary": ["Heal"]}, Scenario, "adversary[0]: expected a mapping, not 'Heal'"),
        (
            {"name": "x", "adversary": [{"step": "Crash", "agent": "0"}]},
            Scenario,
            "adversary[0].agent: expected an integer, not '0'",
        ),
        ({"name": "x", "adversary": [{"step": "Heal", "now": 1}]}, Scenario, "adversary[0]: unknown key 'now'"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(value: Any, kind: type[Any], expected: str) -> None:
    """Nothing is coerced and nothing is overlooked: one line names the place inside and the reason."""
    assert expected == reason(value, kind)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ({"buyer": 0}, Population, "a population needs at least one buyer"),
        ({"buyer": 65}, Population, "'buyer' must be <= 64: 65"),
        ({"settlement": 1}, Timing, "settlement must be at least"),
        ({"balance": 1}, Terms, "balance must cover at least one stream's cap"),
        ({"name": "x", "terms": {"balance": 1}}, Scenario, "terms: balance must cover"),
        (
            {"name": "x", "adversary": [{"step": "Drop", "kind": "x"}]},
            Scenario,
            "adversary[0]: there is no message kind",
        ),
        (
            {"name": "x", "adversary": [{"step": "Run", "events": -1}]},
            Scenario,
            "adversary[0]: 'events' must be >= 0: -1",
        ),
        (
            {"name": "x", "adversary": [{"step": "RunUntil", "moment": "x"}]},
            Scenario,
            "adversary[0]: there is no moment",
        ),
    ],
)
def test_the_nouns_own_words_are_kept(value: Any, kind: type[Any], expected: str) -> None:
    """Where a noun refuses its own value, the reason is the noun's."""
    assert reason(value, kind).startswith(expected)


def test_a_schedule_is_a_list() -> None:
    """One step alone is no schedule."""
    with pytest.raises(BadInput, match="here: expected a list, not "):
        schedule_from({"step": "Heal"}, "here")


def test_deep_values_are_bad_input() -> None:
    """A value nested deeper than Python can follow is refused, wherever it stands."""
    deep: Any = []
    for _ in range(DEEP):
        deep = [deep]

    assert "population: expected a mapping, not [[[...]]]" == reason({"name": "x", "population": deep}, Scenario)
    while deep:  # let go of it level by level: freeing it at once would be as deep
        deep = deep[0]


def test_huge_values_are_bad_input() -> None:
    """A huge integer or text is refused in a short line."""
    assert "name: expected a text, not a huge integer" == reason({"name": 10**5_000}, Scenario)
    assert "seed: an integer must fit into 64 bits" == reason({"name": "x", "seed": 10**5_000}, Scenario)
    assert len(reason({"name": "x", "adversary": [{"step": "Drop", "kind": "x" * 10**6}]}, Scenario)) < 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"{} {}", "is not JSON: Extra data"),
        (b'{"a": NaN}', "is not JSON: NaN is no JSON number"),
        (b'{"a": -Infinity}', "is not JSON: -Infinity is no JSON number"),
        (b'{"a": 1e999}', "is not JSON: '1e999' is too large"),
        (b'{"a": 1, "a": 1}', "is not JSON: a key comes twice in one object"),
        (b'"\xff"', "is not UTF-8 at byte 1"),
        ('"x"'.encode("utf-16"), "is not UTF-8 at byte 0"),
        (HUGE.encode(), "is not JSON: Exceeds the limit"),
        (b"[" * DEEP, "is nested too deeply"),
        (b'{"a":' * DEEP, "is nested too deeply"),
        (b"[" * (DEPTH_BOUND + 1) + b"]" * (DEPTH_BOUND + 1), "is nested too deeply"),
    ],
)
def test_bytes_that_are_no_json_are_bad_input(text: bytes, expected: str) -> None:
    """Whatever is wrong with the bytes, `loads` says it in one line at the place that it was given."""
    with pytest.raises(BadInput) as caught:
        loads(text, "file:3")

    assert "file:3" == caught.value.place
    assert caught.value.reason.startswith(expected)


def test_nesting_up_to_the_bound_is_read() -> None:
    """Only what is nested more deeply than the bound is too deep, however many brackets there are."""
    text = b"[" * DEPTH_BOUND + b"]" * DEPTH_BOUND

    assert text == dumps(loads(text, "here"))
    assert [[]] * 1000 == loads(dumps([[]] * 1000), "here")


def test_the_default_step_has_defaults() -> None:
    """Written steps name every field, so that a changed default changes no stored schedule."""
    assert [{"step": "RunUntil", "moment": "bid sent"}] == schedule_json((SYSTEM.simplest(RunUntil),))
