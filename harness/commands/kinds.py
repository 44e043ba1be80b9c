"""The kinds of value that flags take, each with its bounds.

Owns these kinds. Every flag of every command is of one of them, or a choice: no number is endless, no path is empty.
"""

import math
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.model.brief import INTEGER_BOUND

SEED = click.IntRange(0, INTEGER_BOUND - 1)
"""The seed of a run or of a hunt: as in a scenario file."""

RUNS = click.IntRange(1, INTEGER_BOUND - 1)
"""How many runs there may be."""

JOBS = click.IntRange(1, 256)
"""Processes."""

SEEDS = click.IntRange(1, 1_000_000)
"""How many seeds are tried."""

DEVIATIONS = click.IntRange(0, 64)
"""Deviations at the most; nobody has the time for more than three."""

SIDES = click.IntRange(2, 64)
"""Sides of a split network."""


class Seconds(click.ParamType):  # type: ignore[type-arg]  # generic in some versions only
    """A number of seconds: more than none, fewer than a year."""

    name = "seconds"
    _MOST = 366 * 24 * 3600.0

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See click."""
        try:
            seconds = float(value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        if not math.isfinite(seconds) or not 0 < seconds <= self._MOST:
            self.fail(f"{value} is not in the range 0<x<={self._MOST:.0f}.", param, ctx)
        return seconds


SECONDS = Seconds()


class _Place(click.Path):
    """A path with something in it: the empty one would be the working folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See click."""
        if not str(value) or "\0" in str(value):
            self.fail("The path is empty." if not str(value) else "A path has no zero byte.", param, ctx)
        return super().convert(value, param, ctx)


PLACE = _Place()
"""A file or a folder."""
