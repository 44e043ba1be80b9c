"""Progress, for a person who waits: a live line on a terminal, plain lines elsewhere.

Owns what is shown while a hunt or an exploration runs, or while a long trace is read. Writes to standard error, so that
standard output stays clean.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from crosslayer.harness.process import output
from crosslayer.harness.process.output import Output, Page, Screen, tell

EVERY_SECONDS = 5.0
"""Between two plain lines."""


@contextmanager
def showing(examples: int, doing: str = "hunting", *, seconds: float | None = None) -> Iterator[Callable[[Any], None]]:
    """A function to be shown the state of the search again and again.

    `examples` runs are expected, fewer if the seconds do not suffice for them, unless the state itself has a better
    guess (`expected`).
    """
    bounds = _Bounds(examples, seconds)
    console = _console()
    if not console.is_terminal:
        yield _Lines(bounds, doing)
        return
    columns = (
        TextColumn(doing),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} runs"),
        TextColumn("{task.fields[told]}"),
        TextColumn("{task.fields[left]}"),
    )
    with _live(columns, console) as progress:
        task = progress.add_task(doing, total=1 if seconds else examples, told="", left="")
        yield lambda state: progress.update(
            task,
            completed=state.examples,
            total=bounds.expected(state),
            told=told(state),
            left=bounds.left(state),
        )


def _console() -> Console:
    width = output.present().width()
    screen: Any = Screen(output.present())
    return Console(file=screen, force_terminal=width is not None, width=width)


@contextmanager
def _live(columns: Sequence[ProgressColumn], console: Console) -> Iterator[Progress]:
    """A line that is drawn again and again, below all that is told meanwhile.

    The standard streams are left alone: what stands in for them would write to this console, which writes to them.
    """
    shown = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    with output.printing(_Above(console, output.present())), shown as progress:
        yield progress


@frozen
class _Above:
    """An output whose messages are written above the live line, not into it."""

    _console: Console
    _output: Output

    @property
    def lost(self) -> str:
        return self._output.lost

    def out(self, text: str) -> None:
        self._output.out(text)

    def err(self, text: str) -> None:
        self._console.out(text, end="", highlight=False)

    def width(self) -> int | None:
        return self._output.width()

    def page(self) -> Page:
        return self._output.page()


@frozen
class _Bounds:
    examples: int
    seconds: float | None

    def expected(self, state: Any) -> int:
        """How many runs there will be in the end, as far as can be told by now."""
        examples: int = getattr(state, "expected", self.examples)
        if self.seconds is None or not state.seconds:
            return examples
        affordable: int = max(state.examples, int(state.examples / state.seconds * self.seconds))
        return min(examples, affordable)

    def left(self, state: Any) -> str:
        """How long it will still take at this rate."""
        each: float = state.seconds / state.examples
        return f"about {each * (self.expected(state) - state.examples):.0f} s left"


AT_FIRST_SECONDS, LATER_SECONDS = 60.0, 60.0
"""So long a search has a plain line every few seconds; and after that, so much time is between two: a log is kept."""


class _Lines:
    def __init__(self, bounds: _Bounds, doing: str) -> None:
        self._bounds = bounds
        self._doing = doing
        self._next = EVERY_SECONDS

    def __call__(self, state: Any) -> None:
        if state.seconds >= self._next:
            self._next = state.seconds + (EVERY_SECONDS if state.seconds < AT_FIRST_SECONDS else LATER_SECONDS)
            runs = f"{state.examples} of {self._bounds.expected(state)} runs"
            tell(f"{self._doing}: {runs}, {told(state)}, {self._bounds.left(state)}")


def told(state: Any) -> str:
    """Rate, reach and finds of a hunt in a few words."""
    rate = state.examples / state.seconds if state.seconds else 0.0
    reached = sum(count > 0 for count in state.reached.values())
    return f"{rate:.0f}/s, {reached} of {len(state.reached)} situations reached, {len(state.cases)} broken"


@contextmanager
def reading(path: Path) -> Iterator[Callable[[int], None]]:
    """A function to be told, now and then, how many bytes of a file have been read."""
    console = _console()
    total = path.stat().st_size if path.is_file() else 0
    if not console.is_terminal:
        yield _ReadLines(total)
        return
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with _live(columns, console) as progress:
        task = progress.add_task("reading", total=total or None)
        yield lambda position: progress.update(task, completed=position)


class _ReadLines:
    def __init__(self, total: int) -> None:
        self._total = total
        self._began = time.perf_counter()
        self._next = EVERY_SECONDS

    def __call__(self, position: int) -> None:
        seconds = time.perf_counter() - self._began
        if seconds >= self._next and self._total:
            self._next = seconds + EVERY_SECONDS
            left = seconds / position * (self._total - position)
            share = 100 * position // self._total
            tell(f"reading: {share}% of {self._total} bytes, about {left:.0f} s left")
