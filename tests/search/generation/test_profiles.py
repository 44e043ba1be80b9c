from collections import Counter

from crosslayer.harness.search.generation.moves import move_name
from crosslayer.harness.search.generation.profiles import RUNNING_ON, SLOTS, WEIGHTS, drawn_move
from crosslayer.harness.systems.commerce.steps import STEPS
from tests.commerce import MOVES, PLANS, THEMES, drawn_slots


def _first(*answers: int) -> list[str]:
    """The slots of a run whose draws answer this, one after the other."""
    rest = list(answers)
    return list(drawn_slots(lambda _least, _most: rest.pop(0), MOVES))


def test_weights_and_themes_name_moves() -> None:
    """Whatever has a weight or belongs to a theme is a move: a misspelt one would never be drawn."""
    assert set() == {*WEIGHTS, *RUNNING_ON, *(name for theme in THEMES for name in theme)} - MOVES.keys()
    assert [move_name(kind) for kind in STEPS] == [name for name in MOVES if name not in PLANS]


def test_the_simplest_profile_has_everything_on() -> None:
    """The first answers turn every move on, each as often as it weighs; a fifth of the slots runs on to a moment."""
    slots = Counter(_first(0))

    assert MOVES.keys() == slots.keys()
    assert {} == {name: weight for name, weight in WEIGHTS.items() if slots[name] != weight}
    assert 0.15 < slots["run_until"] / slots.total() < 0.2
    assert slots.total() <= SLOTS


def test_a_theme_leaves_the_rest_out() -> None:
    """Under a theme, only its moves and running on are on."""
    assert {*THEMES[2], *RUNNING_ON} == {*_first(3, 2)}


def test_a_subset_leaves_out_what_its_bits_say() -> None:
    """A subset turns off one move for each bit; where all are off, only running on is left."""
    everything = 2 ** len(MOVES) - 1

    assert MOVES.keys() == {*_first(2, 0)}
    assert MOVES.keys() - {"buy"} == {*_first(2, 1 << sorted(MOVES.keys() - {*RUNNING_ON}).index("buy") + 2)}
    assert {*RUNNING_ON} == {*_first(2, everything)}


def test_no_draw_is_rejected() -> None:
    """Every number of the draw is a move, however few are on."""
    slots = _first(2, 2 ** len(MOVES) - 1)

    numbers = iter(range(SLOTS))

    assert {*RUNNING_ON} == {drawn_move(lambda _least, _most: next(numbers), slots) for _ in range(SLOTS)}
