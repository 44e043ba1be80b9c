from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import find

from harness.stack import build
from harness.steps import STEP_CLASSES
from properties import JOINT
from strategies import machine as machines
from strategies import profiles
from strategies.hunt import Budget, hunt
from strategies.profiles import THEMES, WEIGHTS, Picker, install
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


class _Shown(Picker):
    """Draws the name of the first rule of a run, and which kinds its profile has switched on."""

    def do_draw(self, data: Any) -> Any:
        self._slots = []
        return super().do_draw(data)[0].function.__name__, frozenset(self._slots)


def test_profile_shrinks_towards_all_kinds_and_no_faults() -> None:
    """The simplest run has all kinds on and just runs on; subsets and themes are drawn as well."""
    rules = machines.machine(scenario(), build([]), ())().rules
    picker = _Shown(rules)
    everything = frozenset(one.function.__name__ for one in rules)
    theme = frozenset((*profiles.RUNNING_ON, *THEMES[3]))

    assert ("run", everything) == find(picker, lambda _: True)
    assert ("run", theme) == find(picker, lambda drawn: drawn[1] == theme)
    assert 1 == len(everything - find(picker, lambda drawn: drawn[1] not in (everything, theme))[1])


def test_weights_and_themes_name_rules() -> None:
    """Every rule that has a weight or belongs to a theme is there: a misspelt one would never be drawn."""
    rules = vars(machines.machine(scenario(), build([]), ())).keys()

    assert set() == {*WEIGHTS, *(name for theme in THEMES for name in theme), *profiles.RUNNING_ON} - rules
