"""Which kinds of moves a run is made of: its profile, and how often each kind comes.

Owns the weights, the themes and the draw of a profile. Knows moves by name only (`moves`).

A run draws one profile: all kinds on (half of the runs); a random subset; or one theme at the cost of others. The
profile shrinks towards "all on". No pick is ever rejected: the draw wraps around the kinds that are on.
"""

from collections.abc import Iterable, Sequence

from crosslayer.harness.search.generation.drawing import Draw

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


def drawn_slots(draw: Draw, names: Iterable[str]) -> Sequence[str]:
    """The slots of one run that could be made of these moves, under a profile that is drawn here."""
    order = _order(names)
    on = _profile(draw, order)
    return _slots([name for name in order if name in on]) or _slots(order)


def drawn_move(draw: Draw, slots: Sequence[str]) -> str:
    """The next move of a run with these slots."""
    return slots[draw(0, SLOTS - 1) % len(slots)]


def _order(names: Iterable[str]) -> list[str]:
    deviations = sorted({*names} - {*RUNNING_ON})
    return [*(name for name in RUNNING_ON if name in names), *deviations]


def _profile(draw: Draw, names: Sequence[str]) -> frozenset[str]:
    kind = (_ALL, _ALL, _SUBSET, _THEME)[draw(0, 3)]
    if kind == _THEME:
        return frozenset((*RUNNING_ON, *THEMES[draw(0, len(THEMES) - 1)]))
    if kind == _SUBSET:
        off = draw(0, 2 ** len(names) - 1)
        return frozenset((*RUNNING_ON, *(name for bit, name in enumerate(names) if not off >> bit & 1)))
    return frozenset(names)


def _slots(names: Sequence[str]) -> list[str]:
    """The slots of these rules: deviations by their weights, running on by its shares of all."""
    deviations = [name for name in names if name not in RUNNING_ON for _ in range(WEIGHTS.get(name, 1))]
    until, some = (1 + len(deviations) // share for share in (RUN_UNTIL_SHARE, RUN_SHARE))
    running_on = [*["run"] * some, *["run_until"] * until]
    return [*(name for name in running_on if name in names), *deviations]
