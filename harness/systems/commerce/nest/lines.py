"""The lines of a NEST trace: JSON Lines, one event each, read as a stream.

Owns the schema of a line and what is wrong with a file. Knows nothing of what a message says.

A file is refused where it cannot be a NEST trace: a line that is not a JSON object, or lacks what every line of its
kind has. What agents say to each other is only text here, however odd it is. NEST writes its trace in blocks, so a
run that was killed leaves half a line at the end: that one is left out, and told.
"""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from crosslayer.harness.formats.files import open_for_reading, reading
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput

LINE_BOUND = 1 << 24
"""Bytes of one line: 16 MB, so that a file that is one endless line is refused rather than swallowed."""

LOOK_EVERY = 1 << 13
"""Lines between two looks at how far the reading has come."""

SENT, BROADCAST, RECEIVED, DROPPED = "send", "broadcast", "receive", "dropped"
START, STOP = "start", "stop"
MESSAGES = (SENT, BROADCAST, RECEIVED, DROPPED)
KINDS = frozenset((*MESSAGES, START, STOP, "partition_started", "partition_healed"))

_PEERS = {SENT: "to", BROADCAST: "", RECEIVED: "from", DROPPED: "from"}
_decode = json.JSONDecoder().decode


class Line(NamedTuple):
    """One event. `peer` is the receiver of a `send` and the sender of a `receive` or `dropped`; texts may be empty."""

    number: int
    ts: float
    agent: str
    kind: str
    peer: str = ""
    msg: str = ""
    corr: str = ""

    @property
    def sender(self) -> str:
        """Whose message it is."""
        return self.peer if self.kind in (RECEIVED, DROPPED) else self.agent


class Reading:
    """A trace as a stream of lines, in bounded memory; `BadInput` with the line's number while it is read.

    `looked` is called now and then with the bytes that were read. Afterwards `lines` says how many there were,
    `strange` how many others were of a kind unknown here and left out, `cut` whether the last was cut off.
    """

    def __init__(
        self, path: Path, looked: Callable[[int], None] = lambda _position: None, line_bound: int = LINE_BOUND
    ) -> None:
        self.lines = 0
        self.strange = 0
        self.cut = False
        self._path = path
        self._looked = looked
        self._bound = line_bound

    def __iter__(self) -> Iterator[Line]:
        with open_for_reading(self._path, pipes=True) as file:
            # Of a packed file it is the packed bytes that say how much is left.
            raw: Any = getattr(file, "fileobj", None) or file
            place = raw.tell if raw.seekable() else None
            number = 0
            while data := self._next(file, number + 1):
                number += 1
                if number % LOOK_EVERY == 0 and place is not None:
                    self._looked(place())
                line = self._line(data, number) if not data.isspace() else None
                if line is not None:
                    self.lines += 1
                    yield line
        if not number:
            raise BadInput(str(self._path), "is empty; a trace has at least one line")

    def _next(self, file: BinaryIO, number: int) -> bytes:
        with reading(self._path, f"{self._path}:{number}"):
            data = file.readline(self._bound + 1)
        if len(data) > self._bound:
            raise BadInput(f"{self._path}:{number}", f"the line is longer than {self._bound} bytes")
        return data

    def _line(self, data: bytes, number: int) -> Line | None:
        try:
            value = _decode(data.decode())
        except (ValueError, RecursionError) as error:
            if not data.endswith(b"\n"):
                self.cut = True
                return None
            raise BadInput(f"{self._path}:{number}", f"is not JSON: {_told(error)}") from None
        try:
            line = line_of(value, number)
        except ValueError as error:
            raise BadInput(f"{self._path}:{number}", str(error)) from None
        self.strange += line is None
        return line


def line_of(value: Any, number: int) -> Line | None:
    """A line from its JSON value; None if its kind is unknown here; `ValueError` if it is no line of a NEST trace."""
    if type(value) is not dict:
        raise ValueError(f"is no event of a NEST trace: expected an object, not {brief(value)}")
    kind, agent, ts = value.get("kind"), value.get("agent"), value.get("ts")
    if type(kind) is not str or type(agent) is not str:
        raise ValueError("is no event of a NEST trace: kind and agent must be texts")
    if (type(ts) is not float and type(ts) is not int) or not _is_finite(ts):
        raise ValueError(f"ts must be a number, not {brief(ts)}")
    if kind not in KINDS:
        return None
    key = _PEERS.get(kind)
    if key is None:
        return Line(number, ts, agent, kind)
    msg, peer, corr = value.get("msg"), value.get(key) if key else "", value.get("corr", "")
    if type(msg) is not str or type(peer) is not str:
        raise ValueError(f"msg{f' and {key}' if key else ''} of a {kind} must be {'texts' if key else 'a text'}")
    return Line(number, ts, agent, kind, peer, msg, corr if type(corr) is str else brief(corr))


def is_nest(path: Path) -> bool:
    """Whether a file begins like a NEST trace. Only a regular file is looked into: from a pipe one reads but once."""
    if not path.is_file():
        return False
    with open_for_reading(path) as file, reading(path):
        first = file.readline(LINE_BOUND)
        while first.isspace():
            first = file.readline(LINE_BOUND)
    try:
        value = _decode(first.decode())
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(value, dict) and {"agent", "kind", "ts"} <= value.keys() and not {"seq", "crosslayer"} & value.keys()
    )


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _told(error: BaseException) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
