"""What stands in, during a turn, for the few pieces of libraries that look behind asyncio: threads, addresses, sockets.

Owns the list, and the reason for each. Nothing of it is needed by a program that uses asyncio alone.
"""

from functools import cache
from typing import Any

from crosslayer.harness.programs.inline import InlineWorker
from crosslayer.harness.programs.sources import NOW, PLACES
from crosslayer.harness.programs.transports import Socket


def _in_order(real: Any) -> Any:
    """A class whose values stand in sets: by a number of their own, and not by their addresses."""

    class Ordered(real):  # type: ignore[misc]
        __slots__ = ("_ordinal",)

        def __init__(self, *args: Any, **named: Any) -> None:
            self._ordinal = NOW.turn.number() if NOW.turn else 0
            super().__init__(*args, **named)

        def __hash__(self) -> int:
            return self._ordinal

        def __eq__(self, other: object) -> bool:
            return self is other

    return Ordered


def _readable(real: Any) -> Any:
    """Whether a socket has something to read, asked of the machine; ours knows by itself."""

    def is_socket_readable(sock: Any) -> bool:
        return sock.is_readable() if isinstance(sock, Socket) else bool(real(sock))

    return is_socket_readable


@cache
def stand_in() -> None:
    """From now on, in every turn."""
    threads = {"WorkerThread": lambda _real: InlineWorker, "CancelScope": _in_order}
    PLACES.when_loaded("anyio._backends._asyncio", threads)
    for client in ("httpcore", "httpcore2"):  # a connection that is kept alive is used again only if it is silent
        PLACES.when_loaded(f"{client}._backends.anyio", {"is_socket_readable": _readable})
