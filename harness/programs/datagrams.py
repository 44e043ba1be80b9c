"""Datagrams as asyncio shows them: each is one message of the kernel, which steps lose, copy, change and reorder.

Owns the transport and the bytes of a datagram on the wire. Knows nothing of connections.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from crosslayer.harness.programs.transports import Socket

_HEAD = re.compile(rb"(\d{1,5})>(\d{1,5})\n")

Address = tuple[str, int]


def written(source_port: int, port: int, data: bytes) -> bytes:
    """A datagram on the wire."""
    return f"{source_port}>{port}\n".encode() + data


def read(payload: bytes) -> tuple[int, int, bytes] | None:
    """Its ports and its bytes; None if its head was damaged. No checksum guards the rest."""
    found = _HEAD.match(payload)
    return (int(found[1]), int(found[2]), payload[found.end() :]) if found else None


class DatagramTransport(asyncio.DatagramTransport):
    """A port for datagrams. `send(address, port, data)` puts one on its way."""

    def __init__(self, loop: Any, own: Address, peer: Address | None, send: Callable[[str, int, bytes], None]) -> None:
        super().__init__({"sockname": own, "peername": peer, "socket": Socket(own, peer)})
        self._loop, self.own, self._peer, self._send = loop, own, peer, send
        self._protocol: Any = None
        self._closing = False
        self.on_close: Callable[[], None] = _nothing

    def begin(self, protocol: Any) -> None:
        """The port is open."""
        self._protocol = protocol
        protocol.connection_made(self)

    def sendto(self, data: Any, addr: Any = None) -> None:
        """Send one datagram; to the peer, if there is one."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data argument must be a bytes-like object, not {type(data).__name__!r}")
        to = self._peer or addr
        if to is None:
            raise ValueError("sendto() needs an address, for this transport has no peer")
        if not self._closing:
            self._send(str(to[0]), int(to[1]), bytes(data))

    def hear(self, data: bytes, address: Address) -> None:
        """One has arrived."""
        if not self._closing and self._peer in (None, address):
            self._loop.call_soon(self._protocol.datagram_received, data, address)

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self._closing

    def close(self) -> None:
        """Close the port."""
        if not self._closing:
            self._closing = True
            self.on_close()
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Close the port."""
        self.close()


def _nothing() -> None:
    pass
