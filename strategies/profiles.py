"""Which kinds of steps a run is made of: the picker that replaces Hypothesis's own choice among rules.

Owns the profile of a run and the draw of each rule. Knows rules by name only.

Hypothesis switches rules off at random (its "swarm"), which starves bugs that need many kinds of steps at once,
doubles the cost of a step with rejected picks, and pads what the shrinker leaves. Here a run draws one profile:
all kinds on; a random subset; or one theme at the cost of others. No pick is ever rejected: the draw wraps around
the kinds that are on, so that a step is always one choice and its arguments. The profile shrinks towards "all on".

This leans on an internal of Hypothesis (`_rules_strategy`); `install` answers False, and leaves the stock picker
in place, where that is not as it was.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.strategies import SearchStrategy

WEIGHTS = {
    "collude": 5,
    "eclipse_seller": 2,
    "intercept": 9,
    "rob": 8,
    "withhold": 6,
    "deliver_late": 2,
    "buy": 3,
    "deliver": 2,
    "forge_card": 2,
    "drop": 2,
    "partition": 3,
    "cut": 2,
    "heal": 2,
    "crash": 2,
    "restart": 2,
}
"""How many slots a deviation has in the draw; every other has one."""

RUN_UNTIL_SHARE, RUN_SHARE = 5, 16
"""One slot in so many is running on to a moment, or for some events: enough to place faults, not to run past them."""

THEMES = (
    ("rob", "withhold", "deliver_late", "collude", "buy", "complain"),
    ("collude", "wash_trade", "forge_receipt", "ghost_receipt", "replay_receipt", "buy", "withhold"),
    ("intercept", "drop", "delay", "duplicate", "deliver", "redirect", "tamper", "inject"),
    ("partition", "cut", "heal", "crash", "restart", "drop"),
    ("eclipse_seller", "forge_card", "replay_card", "partition", "heal", "redirect"),
    ("squat_reference", "squat_receipt", "bid_unpaid", "fulfil_unpaid", "buy", "complain", "inject"),
)
"""Kinds that belong together. Under a theme, only they and running on are on."""

RUNNING_ON = ("run", "run_until")

SLOTS = 120
"""The bound of the draw, the same whatever is on; small, because Hypothesis favours small numbers of a wide range."""

_ALL, _SUBSET, _THEME = range(3)


class Picker(SearchStrategy[Any]):
    """Draws (rule, arguments) for one machine; the first draw of a run draws its profile, too."""

    def __init__(self, rules: Sequence[Any]) -> None:
        super().__init__()
        self._by_name = {rule.function.__name__: rule for rule in rules}
        self._slots: list[str] = []

    def do_draw(self, data: ConjectureData) -> tuple[Any, dict[str, Any]]:
        """One rule and its arguments."""
        if not self._slots:
            on = self._profile(data)
            self._slots = _slots([name for name in self._order() if name in on]) or _slots(self._order())
        rule = self._by_name[self._slots[data.draw_integer(0, SLOTS - 1) % len(self._slots)]]
        return rule, {key: data.draw(strategy) for key, strategy in rule.arguments_strategies.items()}

    def _order(self) -> list[str]:
        deviations = sorted(self._by_name.keys() - set(RUNNING_ON))
        return [*(name for name in RUNNING_ON if name in self._by_name), *deviations]

    def _profile(self, data: ConjectureData) -> frozenset[str]:
        names = self._order()
        kind = (_ALL, _ALL, _SUBSET, _THEME)[data.draw_integer(0, 3)]
        if kind == _THEME:
            return frozenset((*RUNNING_ON, *THEMES[data.draw_integer(0, len(THEMES) - 1)]))
        if kind == _SUBSET:
            off = data.draw_integer(0, 2 ** len(names) - 1)
            return frozenset((*RUNNING_ON, *(name for bit, name in enumerate(names) if not off >> bit & 1)))
        return frozenset(names)


def _slots(names: Sequence[str]) -> list[str]:
    """The slots of these rules: deviations by their weights, running on by its shares of all."""
    deviations = [name for name in names if name not in RUNNING_ON for _ in range(WEIGHTS.get(name, 1))]
    until, some = (1 + len(deviations) // share for share in (RUN_UNTIL_SHARE, RUN_SHARE))
    running_on = [*["run"] * some, *["run_until"] * until]
    return [*(name for name in running_on if name in names), *deviations]


def install(machine: RuleBasedStateMachine) -> bool:
    """Give a machine this picker; False if this version of Hypothesis does not let us."""
    strategy = getattr(machine, "_rules_strategy", None)
    rules = getattr(strategy, "rules", None)
    if not rules or not all(hasattr(rule, "arguments_strategies") for rule in rules):
        return False
    machine._rules_strategy = Picker(rules)  # type: ignore[assignment] # noqa: SLF001 - guarded above, see the module
    return True
