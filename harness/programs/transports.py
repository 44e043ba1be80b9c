"""Connections as asyncio shows them: transports over endpoints, sockets that say their addresses, servers.

Owns what a protocol hears of its connection, when, and in which order. Knows nothing of segments, ticks or steps.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import Context
from typing import Any, Protocol

from crosslayer.harness.programs.decoders import Conversation
from crosslayer.harness.programs.tcp import DATA, END, OPEN, RESET, WINDOW, Endpoint

LOW, HIGH = 16_384, 65_536
"""Bytes: a protocol that wrote more than the second is told to pause until less than the first are left."""

ROOM = 65_536
"""Bytes that an operating system takes off a program's hands before the peer has acknowledged them."""


class Ground(Protocol):
    """What a transport stands on: its loop, which is also the host's network."""

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> Any:
        """Call back in this turn."""
        ...

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Something went wrong that nobody handles."""
        ...

    @property
    def tick(self) -> int:
        """The present tick."""
        ...

    def heard(self, peer: str, kind: str, content: Any) -> None:
        """A message of the application's has arrived wholly."""
        ...

    def wrote(self, transport: "StreamTransport") -> None:
        """This transport has something to send when the turn is over."""
        ...


class Socket:
    """What `get_extra_info("socket")` gives: addresses, and options that change nothing."""

    family, type, proto = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP

    def __init__(
        self,
        own: tuple[str, int],
        peer: tuple[str, int] | None = None,
        is_readable: Callable[[], bool] = lambda: False,
    ) -> None:
        self._own, self._peer = own, peer
        self.is_readable = is_readable

    def getsockname(self) -> tuple[str, int]:
        """Our address."""
        return self._own

    def getpeername(self) -> tuple[str, int]:
        """The peer's address."""
        if self._peer is None:
            raise OSError("this socket is not connected")
        return self._peer

    def setsockopt(self, *_option: Any) -> None:
        """Options change nothing."""

    def getsockopt(self, *_option: Any) -> int:
        """Every option is off."""
        return 0

    def fileno(self) -> int:
        """There is no file behind it."""
        return -1


class StreamTransport(asyncio.Transport):
    """One end of a connection, for an asyncio protocol; buffered protocols and flow control included."""

    def __init__(
        self, ground: Any, endpoint: Endpoint, conversation: Conversation, own: tuple[str, int], peer: tuple[str, int]
    ) -> None:
        super().__init__({"sockname": own, "peername": peer, "socket": Socket(own, peer, self._is_readable)})
        self._ground: Ground = ground
        self.endpoint = endpoint
        self._conversation = conversation
        self._protocol: Any = None
        self._buffered = False
        self._written: list[bytes] = []
        self._size = 0
        self._inbox: deque[tuple[str, bytes]] = deque()
        self._reading = True
        self._ended = False
        self._peer_ended = False
        self._closing = False
        self._lost = False
        self._wrote_end = False
        self._low, self._high = LOW, HIGH
        self._pausing = False
        self.on_lost: Callable[[], None] = _nothing

    def begin(self, protocol: Any) -> None:
        """The connection is made."""
        self.set_protocol(protocol)
        protocol.connection_made(self)

    # What the program asks for

    def set_protocol(self, protocol: Any) -> None:
        """From now on, this protocol hears of everything."""
        self._protocol = protocol
        self._buffered = isinstance(protocol, asyncio.BufferedProtocol)

    def get_protocol(self) -> Any:
        """Who hears of everything."""
        return self._protocol

    def is_closing(self) -> bool:
        """Whether the program has closed, or the connection is lost."""
        return self._closing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes; they travel when the turn is over."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data argument must be a bytes-like object, not {type(data).__name__!r}")
        if self._wrote_end:
            raise RuntimeError("Cannot call write() after write_eof()")
        if self._lost or self._closing or not data:
            return
        self._written.append(bytes(data))
        self._size += len(data)
        self._ground.wrote(self)
        self._relieve()

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """Send several pieces as one."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """A direction can be ended alone."""
        return True

    def write_eof(self) -> None:
        """Nothing more will be written; what the peer writes is still heard."""
        if not self._wrote_end and not self._lost:
            self._wrote_end = True
            self._ground.wrote(self)

    def close(self) -> None:
        """Send what was written, end, and hear nothing more; what has come unread makes a reset of it."""
        if self._closing:
            return
        self._closing = True
        if self._inbox:
            self.endpoint.reset()
        self._ground.wrote(self)
        self._ground.call_soon(self._lose, None)

    def abort(self) -> None:
        """Close, and forget what the operating system has not taken yet. (It sends the rest, and no reset for it.)"""
        if not self._closing:
            data = b"".join(self._written)[: max(0, ROOM - self.endpoint.waiting)]
            self._written, self._size = [data] if data else [], len(data)
            self.close()

    def pause_reading(self) -> None:
        """Hear nothing until `resume_reading`."""
        self._reading = False

    def resume_reading(self) -> None:
        """Hear on."""
        if not self._reading and not self._closing:
            self._reading = True
            self._ground.call_soon(self._hear)

    def is_reading(self) -> bool:
        """Whether the protocol hears what comes."""
        return self._reading and not self._closing

    def get_write_buffer_size(self) -> int:
        """Bytes that the operating system has not taken yet."""
        return max(0, self._size + self.endpoint.waiting - ROOM)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """When a protocol that paused may go on, and when it must pause, in bytes."""
        return self._low, self._high

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Choose other limits."""
        self._high = high if high is not None else HIGH if low is None else 4 * low
        self._low = low if low is not None else self._high // 4
        if not self._high >= self._low >= 0:
            raise ValueError(f"high ({self._high!r}) must be >= low ({self._low!r}) must be >= 0")
        self._relieve()

    # What the network brings

    def hear(self, flag: str, data: bytes) -> None:
        """News from the peer, in order."""
        if flag == OPEN:
            return
        if flag == RESET:
            self.break_off(ConnectionResetError("Connection reset by peer"))
            return
        if self._closing and flag == DATA:
            self.endpoint.reset()  # nobody reads any more
            return
        if flag == DATA:
            for kind, content in self._conversation.read(data):
                self._ground.heard(self.endpoint.peer, kind, content)
        self._peer_ended = self._peer_ended or flag == END
        self._inbox.append((flag, data))
        self.endpoint.unread += len(data)
        if self._reading:
            self._hear()

    def break_off(self, error: Exception) -> None:
        """The connection is lost by no wish of the program."""
        self._closing = True
        self._inbox.clear()
        self._ground.call_soon(self._lose, error)

    def flush(self) -> None:
        """The turn is over: what was written travels."""
        tick = self._ground.tick
        if self._written:
            data, self._written, self._size = b"".join(self._written), [], 0
            for kind, piece in self._conversation.wrote(data):
                self.endpoint.push(kind, DATA, piece, tick)
        if (self._wrote_end or self._closing) and not self._ended:
            self._ended = True
            self.endpoint.push(END, END, b"", tick)

    def _is_readable(self) -> bool:
        return bool(self._inbox) or self._peer_ended

    def acknowledged(self) -> None:
        """The peer has acknowledged something: a protocol that paused may go on."""
        self._relieve()

    def _hear(self) -> None:
        before = self.endpoint.unread
        while self._inbox and self._reading and not self._closing:
            flag, data = self._inbox.popleft()
            self.endpoint.unread -= len(data)
            try:
                self._tell(flag, data)
            except Exception as error:  # noqa: BLE001 - as asyncio: the loop is told, the connection is broken off
                told = {"message": "a protocol fails at what it hears", "exception": error, "transport": self}
                self._ground.call_exception_handler(told)
                self.endpoint.reset()
                self.break_off(error)
        if before >= WINDOW > self.endpoint.unread:
            self.endpoint.has_read(self._ground.tick)

    def _tell(self, flag: str, data: bytes) -> None:
        if flag == END:
            if not self._protocol.eof_received():
                self.close()
        elif self._buffered:
            self._fill(data)
        else:
            self._protocol.data_received(data)

    def _fill(self, data: bytes) -> None:
        while data:
            buffer = self._protocol.get_buffer(len(data))
            size = min(len(buffer), len(data))
            if not size:
                raise RuntimeError("get_buffer() returned an empty buffer")
            buffer[:size] = data[:size]
            self._protocol.buffer_updated(size)
            data = data[size:]

    def _relieve(self) -> None:
        if self._protocol is None or self._lost:
            return
        size = self.get_write_buffer_size()
        if not self._pausing and size > self._high:
            self._pausing = True
            self._protocol.pause_writing()
        elif self._pausing and size <= self._low:
            self._pausing = False
            self._protocol.resume_writing()

    def _lose(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = self._closing = True
            self.on_lost()
            if self._protocol is not None:
                self._protocol.connection_lost(error)


def _nothing() -> None:
    pass


class Server(asyncio.AbstractServer):
    """A listening port of one host. It is closed when its last connection has gone, too."""

    def __init__(self, loop: Any, factory: Callable[[], Any], address: tuple[str, int], context: Context) -> None:
        self._loop = loop
        self.factory, self.address, self.context = factory, address, context
        self._connections: dict[StreamTransport, None] = {}
        self._waiters: list[asyncio.Future[None]] = []
        self._serving = False
        self._closed = False
        self._forever: asyncio.Future[None] | None = None

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """Where it listens."""
        return () if self._closed else (Socket(self.address),)

    def get_loop(self) -> Any:
        """Whose it is."""
        return self._loop

    def is_serving(self) -> bool:
        """Whether it takes connections."""
        return self._serving and not self._closed

    async def start_serving(self) -> None:
        """Take connections."""
        self.listen()

    def listen(self) -> None:
        """Take connections from now on."""
        self._serving = True

    async def serve_forever(self) -> None:
        """Take connections until this is cancelled."""
        if self._forever is not None:
            raise RuntimeError(f"server {self!r} is already being awaited on serve_forever()")
        self.listen()
        self._forever = self._loop.create_future()
        try:
            await self._forever
        finally:
            self._forever = None
            self.close()

    def close(self) -> None:
        """Take no more connections; those there are stay."""
        if not self._closed:
            self._closed = True
            self._loop.not_listening(self)
            if self._forever is not None and not self._forever.done():
                self._forever.cancel()
            self._tell()

    def close_clients(self) -> None:
        """Close every connection."""
        for one in list(self._connections):
            one.close()

    def abort_clients(self) -> None:
        """Break every connection off."""
        for one in list(self._connections):
            one.abort()

    async def wait_closed(self) -> None:
        """Wait until it is closed and its last connection has gone."""
        if not self._closed or self._connections:
            waiter = self._loop.create_future()
            self._waiters.append(waiter)
            await waiter

    def attach(self, transport: StreamTransport) -> None:
        """A connection of this server's."""
        self._connections[transport] = None
        transport.on_lost = lambda: self._detach(transport)

    def _detach(self, transport: StreamTransport) -> None:
        self._connections.pop(transport, None)
        self._tell()

    def _tell(self) -> None:
        if self._closed and not self._connections:
            for one in self._waiters:
                if not one.done():
                    one.set_result(None)
            self._waiters.clear()
