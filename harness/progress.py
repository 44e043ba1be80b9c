"""The progress of a search, for whoever waits: a live line on a terminal, plain lines elsewhere.

Owns what is shown while a hunt or an exploration runs. Writes to standard error, so that standard output stays clean.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

EVERY_SECONDS = 5.0
"""Between two plain lines."""


@contextmanager
def showing(examples: int, doing: str = "hunting", seconds: float | None = None) -> Iterator[Callable[[Any], None]]:
    """A function to be shown the state of the search again and again.

    `examples` runs are expected, unless the state itself has a better guess (`expected`), in at most so many seconds.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(examples, doing, seconds)
        return
    columns = (
        TextColumn(doing),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} runs"),
        TextColumn("{task.fields[told]}"),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(doing, total=examples, told="", left="")
        yield lambda state: progress.update(
            task,
            completed=state.examples,
            total=_expected(state, examples),
            told=told(state),
            left=left(state, examples, seconds),
        )


def _expected(state: Any, examples: int) -> int:
    return int(getattr(state, "expected", examples))


class _Lines:
    def __init__(self, examples: int, doing: str, seconds: float | None) -> None:
        self._examples = examples
        self._doing = doing
        self._seconds = seconds
        self._next = EVERY_SECONDS

    def __call__(self, state: Any) -> None:
        if state.seconds >= self._next:
            self._next = state.seconds + EVERY_SECONDS
            runs = f"{state.examples} of {_expected(state, self._examples)} runs"
            time = left(state, self._examples, self._seconds)
            click.echo(f"{self._doing}: {runs}, {told(state)}, {time}", err=True)


def told(state: Any) -> str:
    """Rate, reach and finds of a hunt in a few words."""
    rate = state.examples / state.seconds if state.seconds else 0.0
    reached = sum(count > 0 for count in state.reached.values())
    return f"{rate:.0f}/s, {reached} of {len(state.reached)} situations reached, {len(state.cases)} broken"


def left(state: Any, examples: int, seconds: float | None) -> str:
    """How long it will still take at this rate, and never longer than the seconds that it may take."""
    by_runs: float = state.seconds / state.examples * (_expected(state, examples) - state.examples)
    return f"about {by_runs if seconds is None else max(0.0, min(by_runs, seconds - state.seconds)):.0f} s left"
