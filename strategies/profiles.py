"""The picker that replaces Hypothesis's own choice among rules.

Owns the draw of each rule. Which kinds a run is made of is said by its profile
(`crosslayer.harness.search.generation.profiles`).

Hypothesis switches rules off at random (its "swarm"), which starves bugs that need many kinds of steps at once,
doubles the cost of a step with rejected picks, and pads what the shrinker leaves. Here a step is always one choice
and its arguments.

This leans on an internal of Hypothesis (`_rules_strategy`); `install` answers False, and leaves the stock picker
in place, where that is not as it was.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.strategies import SearchStrategy

from crosslayer.harness.model.system import System
from crosslayer.harness.search.generation.profiles import drawn_move, drawn_slots


class Picker(SearchStrategy[Any]):
    """Draws (rule, arguments) for one machine; the first draw of a run draws its profile, too."""

    def __init__(self, system: System, rules: Sequence[Any]) -> None:
        super().__init__()
        self._system = system
        self._by_name = {rule.function.__name__: rule for rule in rules}
        self._slots: Sequence[str] = ()

    def do_draw(self, data: ConjectureData) -> tuple[Any, dict[str, Any]]:
        """One rule and its arguments."""
        if not self._slots:
            self._slots = drawn_slots(self._system, data.draw_integer, self._by_name)
        rule = self._by_name[drawn_move(data.draw_integer, self._slots)]
        return rule, {key: data.draw(strategy) for key, strategy in rule.arguments_strategies.items()}


def install(system: System, machine: RuleBasedStateMachine) -> bool:
    """Give a machine this picker; False if this version of Hypothesis does not let us."""
    strategy = getattr(machine, "_rules_strategy", None)
    rules = getattr(strategy, "rules", None)
    if not rules or not all(hasattr(rule, "arguments_strategies") for rule in rules):
        return False
    machine._rules_strategy = Picker(system, rules)  # type: ignore[assignment] # noqa: SLF001 - guarded above, see the module
    return True
