"""Which kinds of moves a run is made of: its profile, and how often each kind comes.

Owns the weights, the themes and the draw of a profile. Knows moves by name only (`moves`).

A run draws one profile: all kinds on (half of the runs); a random subset; or one theme at the cost of others. The
profile shrinks towards "all on". No pick is ever rejected: the draw wraps around the kinds that are on.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from crosslayer.harness.model.brief import brief, guess
from crosslayer.harness.model.system import BadSystem, System
from crosslayer.harness.search.generation.drawing import Draw
from crosslayer.harness.search.generation.moves import move_name, plans

WEIGHTS = {
    "deliver": 2,
    "drop": 2,
    "partition": 3,
    "cut": 2,
    "heal": 2,
    "crash": 2,
    "restart": 2,
}
"""How many slots a step that every system has gets in the draw; every other has one."""

RUN_UNTIL_SHARE, RUN_SHARE = 5, 16
"""One slot in this number runs on to a moment, or for some events: enough to place faults, not to run past them."""

NETWORK_THEME = (
    "intercept",
    "drop",
    "delay",
    "duplicate",
    "deliver",
    "redirect",
    "tamper",
    "alter",
    "alter_sent",
    "inject",
)
FAULTS_THEME = ("partition", "cut", "heal", "crash", "forget", "restart", "drop")
"""Kinds that belong together in every system. Under a theme, only they and running on are on."""

RUNNING_ON = ("run", "run_until")

SLOTS = 120
"""The bound of the draw, the same whatever is on; small, because Hypothesis favours small numbers of a wide range."""

_ALL, _SUBSET, _THEME = range(3)


@cache
def weights(system: System) -> Mapping[str, int]:
    """How many slots each deviation has in the draw."""
    acts = {move_name(act.step): act.weight for act in system.acts}
    return {**WEIGHTS, **acts, **{plan.name: plan.weight for plan in plans(system)}}


@cache
@cache
def themes(system: System) -> tuple[tuple[str, ...], ...]:
    """Kinds that belong together: what is shared, and the acts of each theme of the system, unless it names its own."""
    if system.themes:
        known = (*map(move_name, system.vocabulary), *(one.name for one in plans(system)))
        for name in (name for theme in system.themes for name in theme):
            if name not in known:
                raise BadSystem(
                    f"system {system.name}: themes", f"there is no move {brief(name)}{guess(str(name), known)}"
                )
        return system.themes
    named = dict.fromkeys(act.theme for act in system.acts if act.theme)
    own = (tuple(move_name(act.step) for act in system.acts if act.theme == theme) for theme in named)
    return (NETWORK_THEME, FAULTS_THEME, *own)


def drawn_slots(system: System, draw: Draw, names: Iterable[str]) -> Sequence[str]:
    """The slots of one run that could be made of these moves, under a profile that is drawn here."""
    order, weight = _order(names), weights(system)
    on = _profile(draw, order, themes(system))
    return _slots([name for name in order if name in on], weight) or _slots(order, weight)


def drawn_move(draw: Draw, slots: Sequence[str]) -> str:
    """The next move of a run with these slots."""
    return slots[draw(0, max(SLOTS, len(slots)) - 1) % len(slots)]


def _order(names: Iterable[str]) -> list[str]:
    deviations = sorted({*names} - {*RUNNING_ON})
    return [*(name for name in RUNNING_ON if name in names), *deviations]


def _profile(draw: Draw, names: Sequence[str], together: Sequence[Sequence[str]]) -> frozenset[str]:
    kind = (_ALL, _ALL, _SUBSET, _THEME)[draw(0, 3)]
    if kind == _THEME:
        return frozenset((*RUNNING_ON, *together[draw(0, len(together) - 1)]))
    if kind == _SUBSET:
        off = draw(0, 2 ** len(names) - 1)
        return frozenset((*RUNNING_ON, *(name for bit, name in enumerate(names) if not off >> bit & 1)))
    return frozenset(names)


def _slots(names: Sequence[str], weight: Mapping[str, int]) -> list[str]:
    """The slots of these rules: deviations by their weights, running on by its shares of all."""
    deviations = [name for name in names if name not in RUNNING_ON for _ in range(weight.get(name, 1))]
    until, some = (1 + len(deviations) // share for share in (RUN_UNTIL_SHARE, RUN_SHARE))
    running_on = [*["run"] * some, *["run_until"] * until]
    return [*(name for name in running_on if name in names), *deviations]
