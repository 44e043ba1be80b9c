"""One host's network: its addresses, its ports, its connections, and what they send and hear as messages of the kernel.

Owns which segment belongs to which connection, and what is answered to one that belongs to none. Knows nothing of what
a program is, nor of the bytes in a segment.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import frozen

from crosslayer.harness.model.effects import Send
from crosslayer.harness.model.events import Message
from crosslayer.harness.programs import datagrams
from crosslayer.harness.programs.datagrams import DatagramTransport
from crosslayer.harness.programs.decoders import DATAGRAM, Decoder
from crosslayer.harness.programs.disk import Disk
from crosslayer.harness.programs.tcp import (
    ACCEPT,
    ACK,
    CONNECT,
    MIDDLE_PORTS,
    NO_NUMBER,
    OPEN,
    RESET,
    Endpoint,
    Patience,
    Segment,
)
from crosslayer.harness.programs.transports import Server, StreamTransport

EPHEMERAL, PER_LIFE, PORTS = 49_152, 1_024, 65_536
"""The first port of a program's own choice; how many each of its lives has; how many there are."""

HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "")  # noqa: S104 - no interface is a real one
"""Names under which a host means itself."""

Key = tuple[str, int, int]
"""The peer, its port and our port: what tells connections apart."""


@frozen(eq=False)
class Place:
    """Where a host stands: its name and those of all, names for others, its disk, and the present tick.

    `life` counts the lives of its program from 0, so that no two of them use the same ports. It may send datagrams if
    the system declares them.
    """

    name: str
    names: tuple[str, ...]
    hosts: Mapping[str, str]
    disk: Disk
    now: Callable[[], int]
    life: int
    has_datagrams: bool = False


class Network:
    """A host's network in one life of its program. `outgoing` are the messages that the present turn has sent."""

    def __init__(self, place: Place, decoder: Decoder, patience: Patience) -> None:
        self.name = place.name
        self.outgoing: list[Send] = []
        self._names, self._hosts, self._disk, self._now = place.names, place.hosts, place.disk, place.now
        self._decoder, self._patience, names = decoder, patience, place.names
        self._addresses = {one: f"10.0.{index // 250}.{index % 250 + 1}" for index, one in enumerate(names)}
        self._agents = {address: one for one, address in self._addresses.items()}
        self._servers: dict[int, Server] = {}
        self._endpoints: dict[Key, Endpoint] = {}
        self._transports: dict[Key, StreamTransport] = {}
        self._datagrams: dict[int, DatagramTransport] = {}
        self.has_datagrams = place.has_datagrams
        self._connecting: dict[Key, asyncio.Future[StreamTransport]] = {}
        self._port = EPHEMERAL + place.life * PER_LIFE % (PORTS - EPHEMERAL)
        self.loop: Any = None
        self.heard: Callable[[str, str, Any], None] = _unheard
        self.span_ended: Callable[[Any], None] = _untold

    @property
    def tick(self) -> int:
        """The present tick."""
        return self._now()

    # What the program asks for

    def resolve(self, name: str) -> str:
        """The address of a host: an agent's name, or that of a role for its first agent; what follows a dot is free."""
        if name in HERE:
            return "127.0.0.1"
        if name in self._agents:
            return name
        known = self._hosts.get(name, name)
        for one in (known, known.partition(".")[0]):
            for agent in (one, f"{one}-0"):
                if agent in self._addresses:
                    return self._addresses[agent]
        raise socket.gaierror(socket.EAI_NONAME, f"{name}: there is no such host; known are {', '.join(self._names)}")

    def listen(self, server: Server) -> None:
        """A server is there."""
        port = server.address[1]
        if port in self._servers:
            raise OSError(errno.EADDRINUSE, f"error while attempting to bind on address {server.address}: in use")
        self._servers[port] = server

    def not_listening(self, server: Server) -> None:
        """A server is closed."""
        if self._servers.get(server.address[1]) is server:
            del self._servers[server.address[1]]

    def free_port(self) -> int:
        """A port that this host has not used in this life."""
        self._port += 1
        return self._port

    def synced(self, file: Any) -> None:
        """The program has synced a file."""
        self._disk.synced(file)

    def open_datagrams(self, port: int, peer: tuple[str, int] | None) -> DatagramTransport:
        """A port for datagrams."""
        own = port or self.free_port()
        if own in self._datagrams:
            raise OSError(errno.EADDRINUSE, f"port {own} is in use")
        send = partial(self._send_datagram, own)
        found = self._datagrams[own] = DatagramTransport(self.loop, (self._addresses[self.name], own), peer, send)
        found.on_close = partial(self._close_datagrams, own)
        return found

    def _close_datagrams(self, own: int) -> None:
        del self._datagrams[own]

    def _send_datagram(self, own: int, host: str, port: int, data: bytes) -> None:
        address = self.resolve(host)
        peer = self.name if address in HERE else self._agents[address]
        self._emit(peer, DATAGRAM, datagrams.written(own, port, data))

    def _take_datagram(self, message: Message) -> None:
        found = datagrams.read(message.payload)
        transport = None if found is None else self._datagrams.get(found[1])
        if found is not None and transport is not None:
            transport.hear(found[2], (self._addresses[message.source], found[0]))

    async def connect(self, address: str, port: int) -> StreamTransport:
        """A transport, once the peer has granted the connection."""
        peer = self.name if address in HERE else self._agents[address]
        own = self.free_port()
        key = (peer, port, own)
        endpoint = self._endpoints[key] = Endpoint(peer, own, port, self._patience, self._emit)
        future: asyncio.Future[StreamTransport] = self.loop.create_future()
        self._connecting[key] = future
        endpoint.push(CONNECT, OPEN, b"", self.tick)
        try:
            return await future
        except asyncio.CancelledError:
            endpoint.reset()
            raise
        finally:
            self._connecting.pop(key, None)

    # What the kernel brings

    def take(self, message: Message) -> None:
        """A message has arrived: a datagram, or a segment of one of our connections, or of none."""
        segment = None if message.kind == DATAGRAM else Segment.read(message.payload)
        if message.kind == DATAGRAM:
            self._take_datagram(message)
        elif segment is not None and segment.port in MIDDLE_PORTS:
            self._swallow(message.source, segment)
        elif segment is not None:
            self._take_segment(message, segment)

    def _take_segment(self, message: Message, segment: Segment) -> None:
        key = (message.source, segment.source_port, segment.port)
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            if segment.flag == OPEN and not segment.expected and self._takes(segment.port, message.source):
                self._accept(key, segment)
            elif segment.flag != RESET:
                self._emit(message.source, RESET, Segment(segment.port, segment.source_port, RESET).payload())
            return
        if endpoint.is_over:
            if segment.flag != RESET:
                self._emit(message.source, RESET, Segment(segment.port, segment.source_port, RESET).payload())
            return
        for flag, data in list(endpoint.take(segment, self.tick)):
            self._news(key, endpoint, flag, data)
        transport = self._transports.get(key)
        if transport is not None:
            transport.acknowledged()

    def _swallow(self, source: str, segment: Segment) -> None:
        """What answers an adversary that speaks in this host's name never gets here; the adversary acknowledges it."""
        if segment.number != NO_NUMBER:
            answer = Segment(segment.port, segment.source_port, ACK, expected=segment.number + 1)
            self._emit(source, ACK, answer.payload())

    def _takes(self, port: int, source: str) -> bool:
        server = self._servers.get(port)
        if server is None or not server.is_serving():
            return False
        return source == self.name or server.address[0] not in ("localhost", "127.0.0.1", "::1")

    def _accept(self, key: Key, segment: Segment) -> None:
        server = self._servers[segment.port]
        peer, port, own = key
        endpoint = self._endpoints[key] = Endpoint(peer, own, port, self._patience, self._emit)
        list(endpoint.take(segment, self.tick))
        endpoint.push(ACCEPT, OPEN, b"", self.tick)
        transport = self._transport(key, endpoint)
        server.attach(transport)
        self.loop.call_soon(self._begin, server, transport, context=server.context)

    @staticmethod
    def _begin(server: Server, transport: StreamTransport) -> None:
        transport.begin(server.factory())

    def _transport(self, key: Key, endpoint: Endpoint) -> StreamTransport:
        peer, port, own = key
        addresses = (self._addresses[self.name], own), (self._addresses[peer], port)
        found = self._transports[key] = StreamTransport(self.loop, endpoint, self._decoder.conversation(), *addresses)
        return found

    def _news(self, key: Key, endpoint: Endpoint, flag: str, data: bytes) -> None:
        future = self._connecting.get(key)
        if future is None:
            if key in self._transports:
                self._transports[key].hear(flag, data)
        elif not future.done():
            if flag == OPEN:
                future.set_result(self._transport(key, endpoint))
            else:
                told = f"Connect call failed ({key[0]}, {key[1]})"
                future.set_exception(ConnectionRefusedError(errno.ECONNREFUSED, told))

    def on_time(self) -> None:
        """Send again what it is time for; break off what was tried often enough."""
        for key, endpoint in list(self._endpoints.items()):
            if endpoint.on_time(self.tick):
                continue
            error = TimeoutError(errno.ETIMEDOUT, f"no answer from {key[0]}, port {key[1]}")
            future = self._connecting.get(key)
            if future is not None and not future.done():
                future.set_exception(error)
            elif key in self._transports:
                self._transports[key].break_off(error)

    @property
    def due(self) -> int | None:
        """The tick of the next retransmission, or None."""
        return min((one.due for one in self._endpoints.values() if one.due is not None), default=None)

    def acknowledge(self) -> None:
        """The turn is over: acknowledge what nothing that was sent has acknowledged."""
        for endpoint in self._endpoints.values():
            endpoint.acknowledge()

    def shut(self) -> None:
        """The program has ended: what it listened on and what it had open is closed, as by any operating system."""
        for server in list(self._servers.values()):
            server.close()
        for one in (*self._transports.values(), *list(self._datagrams.values())):
            one.close()

    def _emit(self, to: str, kind: str, payload: bytes) -> None:
        self.outgoing.append(Send(to, kind, payload))


def _unheard(_peer: str, _kind: str, _content: Any) -> None:
    """Nobody asks what the messages say."""


def _untold(_span: Any) -> None:
    """Nobody asks for spans."""
