"""One agent's event loop: callbacks run until nothing is ready, and everything else waits for the kernel.

Owns the order of callbacks and timers within an agent, and asyncio's doors to the network. Knows nothing of segments or
steps: its network is a host's.
"""

import asyncio
import contextvars
import heapq
import random
import socket
import sys
from asyncio import events
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

from crosslayer.harness.kernel.guard import Hang
from crosslayer.harness.programs.datagrams import DatagramTransport
from crosslayer.harness.programs.escapes import here
from crosslayer.harness.programs.inline import Job
from crosslayer.harness.programs.sources import NANO, simulated
from crosslayer.harness.programs.transports import Server, StreamTransport

CALLBACKS = 100_000
"""Callbacks of one turn; a program that has more ready without end never lets time pass."""


LAST_CALLBACKS = 1_000
"""Callbacks in which a program that is cancelled at the end of a run may come to its own."""


class Network(Protocol):
    """What a loop asks of its host."""

    name: str

    @property
    def tick(self) -> int:
        """The present tick."""
        ...

    def resolve(self, name: str) -> str:
        """The address of a host of the world; `socket.gaierror` if there is none of this name."""
        ...

    def listen(self, server: Server) -> None:
        """A server is there; `OSError` if its port is taken."""
        ...

    def not_listening(self, server: Server) -> None:
        """A server is closed."""
        ...

    def free_port(self) -> int:
        """A port that nobody on this host listens on."""
        ...

    def connect(self, address: str, port: int) -> "asyncio.Future[StreamTransport]":
        """A transport, once the connection is there."""
        ...

    has_datagrams: bool

    def open_datagrams(self, port: int, peer: tuple[str, int] | None) -> DatagramTransport:
        """A port for datagrams (any free one, if it is 0), to and from one peer if there is one; `OSError` if taken."""
        ...

    def synced(self, file: Any) -> None:
        """The program has synced a file."""
        ...

    def heard(self, peer: str, kind: str, content: Any) -> None:
        """A message of the application's has arrived wholly."""
        ...

    def span_ended(self, span: Any) -> None:
        """A span of OpenTelemetry's has ended in the program."""
        ...


class _Task(asyncio.Task[Any]):
    """A task whose place in a set does not depend on its address in memory."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], *, ordinal: int, **named: Any) -> None:
        self._ordinal = ordinal  # before anybody can put it into a set
        super().__init__(coroutine, **named)

    def __hash__(self) -> int:
        return self._ordinal


class _Future(asyncio.Future[Any]):
    """A future, likewise."""

    def __init__(self, *, ordinal: int, loop: asyncio.AbstractEventLoop) -> None:
        self._ordinal = ordinal
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._ordinal


class Escaped(RuntimeError):
    """Raised in a program that tries what a run cannot have; whatever it makes of that, its run has ended."""


class AgentLoop(asyncio.BaseEventLoop):
    """An event loop that stands still until it is given a turn.

    `milliseconds` is the length of a tick. `trouble` is what made an end of the program's run: in words, the first
    thing first. `unhandled` are exceptions that nobody took.
    """

    def __init__(self, network: Any, milliseconds: int, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.trouble: list[str] = []
        self.unhandled: list[dict[str, Any]] = []
        self.tasks: list[_Task] = []
        self.is_muted = False
        self.hears_spans = False
        self._network: Network = network
        self._milliseconds = milliseconds
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = 0
        self._left = CALLBACKS
        self._hang: BaseException | None = None
        self._touched: dict[StreamTransport, None] = {}
        self.set_debug(False)
        self.set_task_factory(cast(Any, self._task))

    # Turns

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._network.name

    @property
    def tick(self) -> int:
        """The present tick."""
        return self._network.tick

    def now(self) -> int:
        """Nanoseconds since the run began."""
        return self._network.tick * self._milliseconds * 1_000_000

    def time(self) -> float:
        """Seconds since the run began."""
        return self.now() / NANO

    @contextmanager
    def turn(self) -> Iterator[None]:
        """It is this agent's turn; when it ends, callbacks run until nothing is ready, and what was written travels."""
        before, hooks = events._get_running_loop(), sys.get_asyncgen_hooks()
        with simulated(self):
            events._set_running_loop(self)
            sys.set_asyncgen_hooks(firstiter=self._asyncgen_firstiter_hook, finalizer=self._finalized)  # type: ignore[attr-defined]
            try:
                yield
                self._run()
            finally:
                sys.set_asyncgen_hooks(*hooks)
                events._set_running_loop(before)
        if self._hang is not None and not self.is_muted:
            raise self._hang

    def _run(self) -> None:
        self._left = LAST_CALLBACKS if self.is_muted else CALLBACKS
        ready: Any = self._ready  # type: ignore[attr-defined]
        while self._may_go_on():
            self._ring()
            if ready:
                self._call(ready)
            elif self._touched:
                touched, self._touched = self._touched, {}
                for transport in touched:
                    transport.flush()
            else:
                return

    def _may_go_on(self) -> bool:
        if self._left < 0 and not self.is_muted:
            self.trouble.append(f"has run {CALLBACKS} callbacks and still some are ready: it lets no time pass")
        return self._hang is None and self._left >= 0 and (self.is_muted or not self.trouble)

    def _ring(self) -> None:
        """Let the timers that are due be ready, too; once nobody hears the program any more, time is short."""
        while self._timers and (self.is_muted or self._due(self._timers[0][2]) <= self.tick):
            handle = heapq.heappop(self._timers)[2]
            if not handle.cancelled():
                self._ready.append(handle)  # type: ignore[attr-defined]

    def _call(self, ready: Any) -> None:
        """Call back all that is ready now; what becomes ready by it waits for the next round, as in any event loop."""
        for _ in range(len(ready)):
            handle = ready.popleft()
            self._left -= 1
            if not handle.cancelled():
                handle._run()
            if self._hang is not None or (self.trouble and not self.is_muted):
                return

    def _due(self, handle: asyncio.TimerHandle) -> int:
        """The tick at which a timer is due."""
        exact = round(handle.when() * 1_000 / self._milliseconds, 6)
        return int(exact) if exact == int(exact) else int(exact) + 1

    @property
    def due(self) -> int | None:
        """The tick of the next timer, or None."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return self._due(self._timers[0][2]) if self._timers else None

    # What happens to a program that does what it must not

    def escape(self, what: str) -> BaseException:
        """Note it, with the place in the program's code; what to raise there."""
        place = here()
        told = f"{what}, at {place}" if place else what
        self.trouble.append(told)
        return Escaped(told)

    def synced(self, file: Any) -> None:
        """The program has synced a file."""
        self._network.synced(file)

    def never_awaited(self, name: str) -> None:
        """A coroutine was thrown away."""
        if not self.is_muted:
            self.unhandled.append({"message": f"never awaits {name}(…), thrown away at {here()}"})

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Note what nobody handled."""
        error = context.get("exception")
        if isinstance(error, Hang):
            self._hang = error
        elif not self.is_muted:
            self.unhandled.append(context)

    def _finalized(self, generator: Any) -> None:
        """An asynchronous generator was thrown away before its end: within a turn it is closed, later nobody hears."""
        if events._get_running_loop() is self and not self.is_muted:
            self._asyncgen_finalizer_hook(generator)  # type: ignore[attr-defined]

    # Tasks and callbacks

    def _task(self, _loop: Any, coroutine: Coroutine[Any, Any, Any], **named: Any) -> _Task:
        number = self.number()
        if named.get("name") is None:
            named["name"] = f"Task-{number}"
        task = _Task(coroutine, ordinal=number, loop=self, **named)
        self.tasks.append(task)
        task.add_done_callback(self._is_done)
        return task

    def _is_done(self, task: "asyncio.Task[Any]") -> None:
        error = task._exception  # to ask for it would count as having handled it
        if isinstance(error, Hang):
            self._hang = error

    def create_future(self) -> "asyncio.Future[Any]":
        """A future of this loop's."""
        return _Future(ordinal=self.number(), loop=self)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        """Call back at a time of this loop's clock; of equal times, in the order of the calls."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, self.number(), handle))
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Any, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        """Call back after some seconds."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def number(self) -> int:
        """A number that nothing else on this loop has, the same in each run."""
        self._numbers += 1
        return self._numbers

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def _process_events(self, event_list: Any) -> None:
        pass

    def __del__(self) -> None:
        """A loop that was never closed holds nothing of the machine's."""

    def add_signal_handler(self, sig: int, callback: Any, *args: Any) -> None:  # type: ignore[override]
        """No signal ever comes."""

    def remove_signal_handler(self, sig: int) -> bool:
        """No signal ever comes."""
        return False

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Run a blocking function in a callback of its own, as an infinitely fast thread would."""
        future = self.create_future()
        self.call_soon(Job(func, args, future))
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There is none."""

    # The network

    async def getaddrinfo(
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        """The address of a host of this world."""
        address = self._network.resolve(_text(host))
        kind = socket.SOCK_DGRAM if type == socket.SOCK_DGRAM else socket.SOCK_STREAM
        number = socket.IPPROTO_UDP if kind == socket.SOCK_DGRAM else socket.IPPROTO_TCP
        return [(socket.AF_INET, kind, number, "", (address, int(port or 0)))]

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> Any:
        """An address stands for itself."""
        return sockaddr[0], str(sockaddr[1])

    async def create_connection(self, protocol_factory: Any, host: Any = None, port: Any = None, **named: Any) -> Any:
        """Connect to a host of this world."""
        self._only_plain(named)
        transport = await self._network.connect(self._network.resolve(_text(host)), int(port))
        protocol = protocol_factory()
        transport.begin(protocol)
        return transport, protocol

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **named: Any) -> Any:
        """Listen on a port of this host."""
        self._only_plain(named)
        hosts = [host] if host is None or isinstance(host, str | bytes) else list(host)
        address = _text(hosts[0]) if hosts and hosts[0] else "0.0.0.0"  # noqa: S104 - no interface is a real one
        context = contextvars.copy_context()
        server = Server(self, protocol_factory, (address, int(port) if port else self._network.free_port()), context)
        self._network.listen(server)
        if named.get("start_serving", True):
            server.listen()
        return server

    async def create_datagram_endpoint(
        self, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **named: Any
    ) -> Any:
        """Open a port for datagrams."""
        self._only_plain(named)
        if not self._network.has_datagrams:
            raise self.escape("sends datagrams; declare them: messages(decoder, datagrams=True)")
        peer = None if remote_addr is None else (self._network.resolve(_text(remote_addr[0])), int(remote_addr[1]))
        transport = self._network.open_datagrams(int(local_addr[1]) if local_addr else 0, peer)
        protocol = protocol_factory()
        transport.begin(protocol)
        return transport, protocol

    def not_listening(self, server: Server) -> None:
        """A server is closed."""
        self._network.not_listening(server)

    def wrote(self, transport: StreamTransport) -> None:
        """This transport has something to send when nothing is ready any more."""
        self._touched[transport] = None

    def heard(self, peer: str, kind: str, content: Any) -> None:
        """A message of the application's has arrived wholly."""
        if not self.is_muted:
            self._network.heard(peer, kind, content)

    def span_ended(self, span: Any) -> None:
        """A span of OpenTelemetry's has ended in the program."""
        if not self.is_muted:
            self._network.span_ended(span)

    def _only_plain(self, named: dict[str, Any]) -> None:
        if named.get("ssl"):
            raise self.escape("asks for TLS; let it speak plain TCP (http:// and not https://)")
        if named.get("sock") is not None:
            raise self.escape("hands over a socket of its own; name host and port instead")


def _refusing(name: str, what: str) -> Callable[..., Any]:
    def refuse(self: AgentLoop, *_args: Any, **_named: Any) -> Any:
        raise self.escape(what)

    refuse.__name__ = name
    return refuse


def _refuse_all(names: Iterable[str], what: str) -> None:
    for name in names:
        setattr(AgentLoop, name, _refusing(name, what))


_refuse_all(("subprocess_exec", "subprocess_shell"), "starts a process")
_refuse_all(
    ("create_unix_connection", "create_unix_server", "connect_read_pipe", "connect_write_pipe"),
    "talks through a pipe or a Unix socket; only TCP leads through the world",
)
_refuse_all(("start_tls",), "asks for TLS; let it speak plain TCP (http:// and not https://)")
_refuse_all(
    (
        "add_reader",
        "add_writer",
        "remove_reader",
        "remove_writer",
        "sock_recv",
        "sock_recv_into",
        "sock_recvfrom",
        "sock_recvfrom_into",
        "sock_sendall",
        "sock_sendto",
        "sock_connect",
        "sock_accept",
        "sock_sendfile",
        "connect_accepted_socket",
    ),
    "waits for a real socket or file; only asyncio's streams and transports lead through the world",
)


def _text(host: Any) -> str:
    return host.decode() if isinstance(host, bytes) else str(host or "localhost")
