"""What shows from outside of a process that it is getting on, and where it is: a few bytes of shared memory.

Owns these bytes: who writes them, how they are read. Knows nothing of who watches.

A process that is killed, or that waits endlessly, tells nobody where. So where plugins of strangers run, each call into
one leaves a crumb: one number in memory that is shared with the process that watches. It stands for part, agent and
operation, which are written there once. Elsewhere (the default) there are no crumbs, and nothing is written.
"""

import mmap
import os
from typing import Protocol

from attrs import frozen

SIZE = 1 << 16
_CALL, _STEP, _BEAT, _TABLE = 0, 1, 2, 64
"""Where the numbers stand (in words of 4 bytes), and where the names begin (in bytes)."""

NO_STEP, SETTLEMENT = 0, 0xFFFF_FFFF

Call = tuple[str, str, str]
"""Part, agent and operation."""


class Beating(Protocol):
    """What counts as it gets on."""

    beat: int


@frozen
class Place:
    """Where a process is: inside of which call (None if of none), at which step."""

    call: Call | None
    step: int

    def __str__(self) -> str:
        if self.call is None:
            return ""
        part, agent, operation = self.call
        whose = f"{part} plugin of {agent}: {operation}" if agent else f"{part} plugin: {operation}"
        told = operation if part == IMPORT else whose
        if self.step == NO_STEP:
            return told
        return f"{told}, in settlement" if self.step == SETTLEMENT else f"{told}, at step {self.step}"


IMPORT = "import"
"""The part of a call that is the import of a module."""


class Crumb:
    """The shared bytes, for one process that writes and any that read."""

    def __init__(self, handle: int) -> None:
        """Of an open file of `SIZE` bytes; the file may be closed afterwards."""
        self._memory = mmap.mmap(handle, SIZE)
        self._words = memoryview(self._memory).cast("I")
        self._codes: dict[Call, int] = {}
        self._free = _TABLE

    def enter(self, call: Call) -> int:
        """A call begins; what to hand to `back` when it is over."""
        words = self._words
        before: int = words[_CALL]
        words[_CALL] = self._codes.get(call) or self._code(call)
        return before

    def back(self, before: int) -> None:
        """The call is over."""
        self._words[_CALL] = before

    def step(self, number: int) -> None:
        """A step begins: its number from 1 on, or `SETTLEMENT`, or `NO_STEP`."""
        self._words[_STEP] = number

    def beat(self) -> None:
        """The process is getting on."""
        self._words[_BEAT] = (self._words[_BEAT] + 1) & 0xFFFF_FFFF

    def beats(self) -> int:
        """A number that is another one whenever the process has got on."""
        return self._words[_BEAT]

    def place(self) -> Place:
        """Where the process is."""
        at, step = self._words[_CALL], self._words[_STEP]
        if not at or at + 2 > SIZE:
            return Place(None, step)
        size = int.from_bytes(self._memory[at : at + 2], "little")
        names = self._memory[at + 2 : at + 2 + size].decode(errors="replace").split("\0")
        return Place((names[0], names[1], names[2]), step) if len(names) == 3 else Place(None, step)  # noqa: PLR2004

    def _code(self, call: Call) -> int:
        """Where the names of a call stand; written there if they are new and there is room."""
        names = "\0".join(name.replace("\0", " ")[:200] for name in call).encode(errors="replace")
        if self._free + 2 + len(names) > SIZE:
            return 0
        at, self._free = self._free, self._free + 2 + len(names)
        self._memory[at : at + 2] = len(names).to_bytes(2, "little")
        self._memory[at + 2 : self._free] = names
        self._codes[call] = at
        return at


class _Pulse:
    """The one pulse of this process."""

    def __init__(self) -> None:
        self.crumb: Crumb | None = None
        self.guard: Beating | None = None
        self.ticks = 0

    def state(self) -> tuple[int, int]:
        guard = self.guard
        return self.ticks, guard.beat if guard is not None else 0


_PULSE = _Pulse()


def crumb() -> Crumb | None:
    """Where calls are noted, if anywhere."""
    return _PULSE.crumb


def leave_crumbs(where: Crumb | None) -> None:
    """From now on, note calls here."""
    _PULSE.crumb = where


def follow(guard: Beating) -> None:
    """The run of this guard begins: its beats are this process's."""
    _PULSE.guard = guard
    _PULSE.ticks += 1


def tick() -> None:
    """Something was done that is no event of a run."""
    _PULSE.ticks += 1


def state() -> tuple[int, int]:
    """What is equal to what it was before only if nothing has been done since."""
    return _PULSE.state()


def new_file(path: str) -> int:
    """A file for a `Crumb`, open; all its bytes are there, so that a full disk is noticed now and not in a write."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.write(handle, bytes(SIZE))
    return handle
