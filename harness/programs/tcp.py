"""One end of a connection: numbered segments, acknowledgements, retransmission, windows, end and reset.

Owns what a connection does with segments that the network loses, copies, delays, reorders or damages, so that a program
sees a stream: bytes in order, or a stall, or an error, and never a hole. Knows neither asyncio nor what the bytes mean.

A segment is one message of the kernel. What stands in for TCP's details: segments are numbered, not bytes; the time to
a retransmission is fixed and doubles, as no round trip is measured; after some tries in vain it is given up.
"""

import zlib
from collections import deque
from collections.abc import Callable, Iterator

from attrs import define, field, frozen

OPEN, DATA, END, RESET, ACK = "open", "data", "end", "reset", "ack"
"""What a segment says: it begins, bytes, no more bytes will come, it is broken off; or nothing of its own."""

CONNECT, ACCEPT = "connect", "accept"
"""The message kinds of the two segments that open a connection."""

PLAIN = "data"
"""The message kind of bytes in which no decoder sees a message."""

WINDOW = 65536
"""Bytes that one end takes in before its program reads them."""

MIDDLE_PORTS = range(20_000, 21_000)
"""Ports of no host: an adversary in the middle uses them in a host's name, and swallows what is answered there."""

NO_NUMBER = -1
"""The number of a segment that says nothing of its own, and so is not sent again."""

_FLAGS = (OPEN, DATA, END, RESET, ACK)
_FIELDS = 7


@frozen
class Segment:
    """What travels. `number` counts the segments of one direction, `expected` is the next that the sender waits for.

    `window` is how many bytes the sender can still take in.
    """

    source_port: int
    port: int
    flag: str
    number: int = NO_NUMBER
    expected: int = 0
    window: int = WINDOW
    data: bytes = b""

    def payload(self) -> bytes:
        """The bytes on the wire: a line of numbers that ends with a checksum over everything else, and the data."""
        head = f"{self.source_port}>{self.port} {self.flag} {self.number} {self.expected} {self.window}"
        return f"{head} {zlib.crc32(self.data, zlib.crc32(head.encode())):08x}\n".encode() + self.data

    @staticmethod
    def read(payload: bytes) -> "Segment | None":
        """The segment of a payload; None for one that was damaged, which a receiver throws away unseen."""
        head, newline, data = payload.partition(b"\n")
        fields = head.decode("ascii", "replace").replace(">", " ", 1).split(" ")
        if not newline or len(fields) != _FIELDS or fields[2] not in _FLAGS:
            return None
        try:
            source_port, port, number, expected, window = (int(fields[at]) for at in (0, 1, 3, 4, 5))
        except ValueError:
            return None
        found = Segment(source_port, port, fields[2], number, expected, window, data)
        return found if found.payload() == payload else None


@frozen
class Patience:
    """How long a sender waits, in ticks, before it sends again the first time, and how often it tries in vain."""

    first: int
    tries: int = 4

    def ticks(self, tries: int) -> int:
        """How long after this many tries the next one comes."""
        return int(self.first << tries)


Emit = Callable[[str, str, bytes], None]
"""Sends a message: to whom, its kind, its payload."""

News = tuple[str, bytes]
"""What has come for the program: `OPEN`, `DATA`, `END` or `RESET`, and the bytes."""


@define
class _Sent:
    """A segment that is not acknowledged yet."""

    number: int
    kind: str
    flag: str
    data: bytes


@define(eq=False)
class Endpoint:
    """One end of a connection with `peer`, from port `own` to the peer's port `port`.

    `unread` is how many bytes the program has not read yet: its transport says so. `due` is the tick of the next
    retransmission, or None.
    """

    peer: str
    own: int
    port: int
    patience: Patience
    emit: Emit
    unread: int = 0
    due: int | None = None
    is_over: bool = False
    _next: int = 0
    _expected: int = 0
    _window: int = WINDOW
    _tries: int = 0
    _owes: bool = False
    _unsent: deque[tuple[str, str, bytes]] = field(factory=deque)
    _unacknowledged: deque[_Sent] = field(factory=deque)
    _early: dict[int, Segment] = field(factory=dict)

    # The program's side

    def push(self, kind: str, flag: str, data: bytes, now: int) -> None:
        """Send this after everything that was pushed before, as a message of this kind, or several of a window each."""
        if not self.is_over:
            pieces = range(0, len(data), WINDOW) or range(1)
            self._unsent.extend((kind, flag, data[at : at + WINDOW]) for at in pieces)
            self._flush(now)

    def reset(self) -> None:
        """Break the connection off: the peer is told once, and nothing is sent again."""
        if not self.is_over:
            self._over()
            self._send(RESET, Segment(self.own, self.port, RESET))

    @property
    def waiting(self) -> int:
        """Bytes that were pushed and are not acknowledged."""
        return sum(len(one.data) for one in self._unacknowledged) + sum(len(data) for _, _, data in self._unsent)

    def has_read(self, now: int) -> None:
        """The program has read on: a peer that was told of a full window hears that there is room."""
        if not self.is_over:
            self._owes = True
            self._flush(now)

    # The network's side

    def take(self, segment: Segment, now: int) -> Iterator[News]:
        """What a segment brings for the program, in order; nothing for a copy, or for one that came too early."""
        if self.is_over:
            return
        if segment.flag == RESET:
            self._over()
            yield RESET, b""
            return
        self._acknowledge(segment, now)
        if segment.flag == ACK and segment.window == NO_NUMBER:
            self._owes = True  # the peer asks whether there is room
        if segment.number != NO_NUMBER:
            self._owes = True
            if segment.number >= self._expected:
                self._early.setdefault(segment.number, segment)
        while (found := self._early.pop(self._expected, None)) is not None:
            self._expected += 1
            yield found.flag, found.data

    def acknowledge(self) -> None:
        """Tell the peer what has come, if no segment of our own has told it since: once a turn is over."""
        if self._owes and not self.is_over:
            self._send(ACK, self._segment(ACK))

    def on_time(self, now: int) -> bool:
        """Send again what nobody has acknowledged, if it is time; False if this was tried often enough."""
        if self.due is None or self.due > now or self.is_over:
            return True
        if not self._unacknowledged:  # the peer's window was full; ask whether it still is, for as long as it takes
            self._send(ACK, Segment(self.own, self.port, ACK, expected=self._expected, window=NO_NUMBER))
            self.due = now + self.patience.ticks(0)
            return True
        if self._tries >= self.patience.tries:
            self._over()
            return False
        self._tries += 1
        self.due = now + self.patience.ticks(self._tries)
        for one in self._unacknowledged:
            self._send(one.kind, self._segment(one.flag, one.number, one.data))
        return True

    def _acknowledge(self, segment: Segment, now: int) -> None:
        if segment.window != NO_NUMBER:
            self._window = segment.window
        if self._unacknowledged and self._unacknowledged[0].number < segment.expected:
            while self._unacknowledged and self._unacknowledged[0].number < segment.expected:
                self._unacknowledged.popleft()
            self._tries = 0
            self.due = now + self.patience.ticks(0) if self._unacknowledged else None
        self._flush(now)

    def _flush(self, now: int) -> None:
        """Send what the peer's window has room for; a segment begins in a window, even if it ends beyond it."""
        flying = sum(len(one.data) for one in self._unacknowledged)
        while self._unsent and (flying < self._window or not self._unsent[0][2]):
            kind, flag, data = self._unsent.popleft()
            self._unacknowledged.append(_Sent(self._next, kind, flag, data))
            self._send(kind, self._segment(flag, self._next, data))
            self._next += 1
            flying += len(data)
        if self.due is None and (self._unsent or self._unacknowledged):
            self.due = now + self.patience.ticks(0)
        elif not self._unsent and not self._unacknowledged:
            self.due = None

    def _segment(self, flag: str, number: int = NO_NUMBER, data: bytes = b"") -> Segment:
        room = max(0, WINDOW - self.unread)
        return Segment(self.own, self.port, flag, number, self._expected, room, data)

    def _send(self, kind: str, segment: Segment) -> None:
        self._owes = False
        self.emit(self.peer, kind, segment.payload())

    def _over(self) -> None:
        self.is_over, self.due = True, None
        self._unsent.clear()
        self._unacknowledged.clear()
        self._early.clear()
