"""What is printed: the one way to standard output and standard error, and what is noted if it does not get there.

Owns the present output of this process. Knows nothing of what is said.

Nothing else in the code base prints. So no plugin can put a word into an answer, a lost answer is never taken for a
given one, and what a stranger's file or plugin has us say can neither move a cursor nor fill a screen.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple, Protocol, TextIO

from attrs import define

from crosslayer.harness.model.errors import plain, shortened

LINE_BOUND = 1_000
"""Characters of one line of text."""

UNKNOWN_WIDTH = 80
"""Columns of a terminal that does not say how wide it is."""


class Page(NamedTuple):
    """The columns of standard output (None where there is no terminal), and whether it is to be coloured."""

    columns: int | None = None
    coloured: bool = False


class Output(Protocol):
    """Where text goes."""

    @property
    def lost(self) -> str:
        """Why what was written to standard output did not get there; empty as long as it did."""
        ...

    def out(self, text: str) -> None:
        """Write to standard output; never raises. If it cannot be written, `lost` says why."""
        ...

    def err(self, text: str) -> None:
        """Write to standard error; never raises."""
        ...

    def width(self) -> int | None:
        """The columns of the terminal at standard error; None if there is none."""
        ...

    def page(self) -> Page:
        """What standard output looks like to who reads it."""
        ...


@define
class Streams:
    """The streams of this process. A pipe that nobody reads any more (`| head -1`) is no loss: it was read."""

    lost: str = ""
    _closed: bool = False

    def out(self, text: str) -> None:
        """See the protocol."""
        if self.lost or self._closed:
            return
        if sys.stdout is None or sys.stdout.closed:
            self.lost = "it is closed"
            return
        try:
            _write(sys.stdout, text)
        except BrokenPipeError:
            self._closed = True
            silence(sys.stdout)
        except (OSError, ValueError) as error:
            self.lost = (error.strerror if isinstance(error, OSError) else None) or str(error)
            silence(sys.stdout)

    def err(self, text: str) -> None:
        """See the protocol."""
        if sys.stderr is None or sys.stderr.closed:
            return
        try:
            _write(sys.stderr, text)
        except (OSError, ValueError):
            silence(sys.stderr)

    def width(self) -> int | None:
        """See the protocol."""
        return _columns(sys.stderr)

    def page(self) -> Page:
        """See the protocol."""
        columns = _columns(sys.stdout)
        return Page(columns, _coloured(terminal=columns is not None))


def _columns(stream: TextIO | None) -> int | None:
    """The columns of a terminal; None if the stream is none."""
    try:
        if stream is None or not stream.isatty():
            return None
        return os.get_terminal_size(stream.fileno()).columns or UNKNOWN_WIDTH
    except (OSError, ValueError, AttributeError):
        return None


def _coloured(*, terminal: bool) -> bool:
    """Whether to use colour: `NO_COLOR` and `FORCE_COLOR` say so if they are set, else whether there is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def silence(stream: TextIO) -> None:
    """Let what is left in the stream go nowhere: Python would write it once more when it ends, and fail again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


_present: list[Output] = [Streams()]


def present() -> Output:
    """The output of this process."""
    return _present[0]


@contextmanager
def printing(output: Output) -> Iterator[Output]:
    """Print there for as long as this context is open."""
    before = _present[0]
    _present[0] = output
    try:
        yield output
    finally:
        _present[0] = before


def readable(text: str) -> str:
    """The text as it may be shown: what a terminal would act upon is escaped, and no line is endless."""
    if text.isascii() and text.isprintable() and len(text) <= LINE_BOUND:
        return text
    return "\n".join(shortened(plain(line), LINE_BOUND) for line in text.split("\n"))


def say(text: str = "") -> None:
    """Lines of an answer, on standard output."""
    present().out(f"{readable(text)}\n")


def say_whole(text: str) -> None:
    """One line for a program, on standard output, however long; it must be printable by itself, as JSON is."""
    present().out(f"{text}\n")


def tell(text: str) -> None:
    """A message to the person at the terminal, on standard error."""
    present().err(f"{readable(text)}\n")


class Screen:
    """The standard error of an output as a file, for what draws on a terminal by itself."""

    encoding = "utf-8"

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, text: str) -> int:
        """Write it as it is."""
        self._output.err(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """Whether there is a terminal."""
        return self._output.width() is not None


def reserve_streams() -> None:
    """Open what is closed of the three standard handles on nothing, so that no file of ours gets one of them."""
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free
