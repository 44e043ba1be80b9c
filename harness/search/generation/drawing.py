"""How anything is drawn: one function that answers a whole number, and values that stand in a row.

Owns these two words. Anyone who has a `Draw` can draw everything in this package; a search that has another way of
choosing from a row (Hypothesis) takes the rows alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Draw = Callable[[int, int], int]
"""Answers a whole number from the first to the second, both of them included."""

Values = Sequence[object]
"""What something can be, simplest first; what stands there more often is drawn more often."""


Drawn = Values | Callable[[Draw], object]
"""A row of values, or what makes one value of several draws."""


def one_of(draw: Draw, values: Sequence[Any]) -> Any:
    """One of these values."""
    return values[draw(0, len(values) - 1)]


def each_of(draw: Draw, arguments: Mapping[str, Drawn]) -> dict[str, Any]:
    """One value for each name."""
    return {name: made(draw) if callable(made) else one_of(draw, made) for name, made in arguments.items()}
