from types import SimpleNamespace
from typing import Any

import pytest

from harness.generation.profiles import RUNNING_ON, THEMES, WEIGHTS
from harness.stack import build
from harness.steps import STEP_CLASSES
from properties import JOINT
from strategies import machine as machines
from strategies.hunt import Budget, hunt
from strategies.profiles import install
from tests.play import scenario


@pytest.mark.parametrize(
    "machine",
    [
        SimpleNamespace(),
        SimpleNamespace(_rules_strategy=None),
        SimpleNamespace(_rules_strategy=SimpleNamespace(rules=[])),
        SimpleNamespace(_rules_strategy=SimpleNamespace(rules=[object()])),
    ],
    ids=["no strategy", "none", "no rules", "other rules"],
)
def test_unknown_internals_are_left_alone(machine: Any) -> None:
    """Where Hypothesis's internals are not as they were, nothing is replaced, and that is said."""
    before = vars(machine).copy()

    assert not install(machine)
    assert before == vars(machine)


def test_stock_picker_hunts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this picker a hunt still works, and finds what is not hard to find."""
    installed: list[object] = []
    monkeypatch.setattr(machines, "install", installed.append)

    hunted = hunt(scenario(), build(["privacy=noop"]), JOINT, Budget(20), wanted=("commerce_bid_opacity",))

    assert {"commerce_bid_opacity"} == hunted.cases.keys()
    assert len(installed) >= hunted.examples


def test_picker_is_installed() -> None:
    """In the version of Hypothesis at hand, the internals are as they were."""
    answers: list[bool] = []

    class Probe(machines.ScheduleMachine):
        scenario, stack, properties, found = scenario(), build([]), (), {}
        quick = False
        rule = machines._rule(STEP_CLASSES[0])  # noqa: SLF001 - the smallest machine there is

    answers.append(install(Probe()))

    assert [True] == answers


def test_weights_and_themes_name_rules() -> None:
    """Every rule that has a weight or belongs to a theme is there: a misspelt one would never be drawn."""
    rules = vars(machines.machine(scenario(), build([]), ())).keys()

    assert set() == {*WEIGHTS, *(name for theme in THEMES for name in theme), *RUNNING_ON} - rules
