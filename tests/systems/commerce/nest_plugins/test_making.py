from typing import Any

import pytest
from attrs import frozen

from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.systems.commerce.nest_plugins.making import Make, Workshop, require_makeable
from crosslayer.harness.systems.commerce.ports import Member, Roster

ROSTER = Roster((Member("a", "aa"), Member("b", "bb")), seed=1, balance=50)


class Silent:
    """Made from nothing."""


class Told:
    """Remembers what it was given."""

    def __init__(self, agent_id: str, **_others: Any) -> None:
        self.agent_id = agent_id


@frozen
class Everything:
    """Made from all that there is."""

    agent_id: str
    rng: Any
    seed: bytes
    deterministic: bool
    initial_balance: int
    agent_ids: list[str]
    balances: dict[str, int]
    payments: dict[str, Any]
    streams: dict[str, Any]
    mine: int = 5


@frozen
class Hub:
    """Made for `Spoke`, from what there is."""

    agent_ids: list[str]


@frozen
class Spoke:
    """Made from its name and a class of its own module."""

    agent_id: str
    hub: Hub


def made(make: Make, part: str = "trust") -> dict[str, Any]:
    """The objects of one run."""
    require_makeable(make, "x:Y", "--stack")
    return Workshop(part, ROSTER).make_all(make)


def test_each_agent_has_an_object_of_its_own() -> None:
    """A class that is made from nothing is made once per agent."""
    both = made(Silent)

    assert ["a", "b"] == list(both)
    assert both["a"] is not both["b"]


def test_a_registry_that_is_not_told_whose_it_is_serves_all() -> None:
    """That is how NEST has one map for everybody; one that is told its agent is made for each."""
    assert 1 == len({id(one) for one in made(Silent, "registry").values()})
    assert ["a", "b"] == [one.agent_id for one in made(Told, "registry").values()]


def test_constructors_are_given_what_they_name() -> None:
    """Own things differ between agents, shared ones are the same object, and defaults are left alone."""
    first, second = made(Everything).values()

    assert ("a", "b", 50, True, 5) == (first.agent_id, second.agent_id, first.initial_balance, first.deterministic, 5)
    assert (32, True) == (len(first.seed), first.seed != second.seed)
    assert first.rng.random() != second.rng.random()
    assert (["a", "b"], {"a": 50, "b": 50}) == (first.agent_ids, first.balances)
    assert all(getattr(first, name) is getattr(second, name) for name in ("balances", "payments", "streams"))


def test_a_class_of_the_same_module_is_made_once_for_all() -> None:
    """A shared part that the plugin's own module has is made by the same rules."""
    first, second = made(Spoke).values()

    assert first.hub is second.hub
    assert ["a", "b"] == first.hub.agent_ids


def test_two_runs_share_nothing() -> None:
    """What is shared is shared within a run."""
    assert made(Spoke)["a"].hub is not made(Spoke)["a"].hub


def foreign(_self: Any, roster: Roster) -> None:
    """A class of another module."""


def nameless(agent_id: str, /) -> None:
    """An argument that has no name for the caller."""


class Recursive:
    """Wants one of its own kind."""

    def __init__(self, other: "Recursive") -> None:
        self.other = other


@pytest.mark.parametrize(
    ("make", "missing"),
    [(foreign, "_self, roster"), (nameless, "agent_id"), (Recursive, "other"), (int.from_bytes, "")],
)
def test_what_cannot_be_made_is_bad_input(make: Make, missing: str) -> None:
    """A constructor that wants what NEST does not give is named, with what there is."""
    with pytest.raises(BadInput) as caught:
        require_makeable(make, "x:Y", "--stack")
    assert f"x:Y is made from {missing}" in str(caught.value)
