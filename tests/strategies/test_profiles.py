from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import find

from crosslayer.harness.search.generation.profiles import RUNNING_ON, WEIGHTS
from crosslayer.harness.systems.commerce.steps import STEPS
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import JOINT
from crosslayer.strategies import machine as machines
from crosslayer.strategies.hunt import Budget, hunt
from crosslayer.strategies.profiles import Picker, install
from tests.commerce import SYSTEM, THEMES
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

    assert not install(SYSTEM, machine)
    assert before == vars(machine)


def test_stock_picker_hunts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this picker a hunt still works, and finds what is not hard to find."""
    installed: list[object] = []
    monkeypatch.setattr(machines, "install", lambda _system, machine: installed.append(machine))

    hunted = hunt(scenario(), build(["privacy=noop"]), JOINT, Budget(20), wanted=("commerce_bid_opacity",))

    assert {"commerce_bid_opacity"} == hunted.cases.keys()
    assert len(installed) >= hunted.examples


def test_picker_is_installed() -> None:
    """In the version of Hypothesis at hand, the internals are as they were."""
    answers: list[bool] = []

    class Probe(machines.ScheduleMachine):
        scenario, stack, properties, found = scenario(), build([]), (), {}
        quick = False
        rule = machines._rule(SYSTEM, STEPS[0])  # noqa: SLF001 - the smallest machine there is

    answers.append(install(SYSTEM, Probe()))

    assert [True] == answers


class _Shown(Picker):
    """Draws the slots of a profile, from the simplest on."""

    def do_draw(self, data: Any) -> Any:
        self._slots = []
        super().do_draw(data)
        return tuple(self._slots)


def test_profile_shrinks_towards_all_kinds_and_no_faults() -> None:
    """The simplest profile has all kinds on, running on before any fault; subsets and themes are drawn as well."""
    rules = machines.machine(scenario(), build([]), ())().rules
    picker, everything = _Shown(SYSTEM, rules), {one.function.__name__ for one in rules}
    theme = {*RUNNING_ON, *THEMES[3]}
    simplest = find(picker, lambda _: True)

    assert ("run", everything) == (simplest[0], set(simplest))
    assert theme == set(find(picker, lambda slots: set(slots) == theme))
    assert 1 == len(everything - set(find(picker, lambda slots: set(slots) not in (everything, theme))))


def test_weights_and_themes_name_rules() -> None:
    """Every rule that has a weight or belongs to a theme is there: a misspelt one would never be drawn."""
    rules = vars(machines.machine(scenario(), build([]), ())).keys()

    assert set() == {*WEIGHTS, *(name for theme in THEMES for name in theme), *RUNNING_ON} - rules
