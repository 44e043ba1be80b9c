"""Messages a second: our kernel against SimPy and against a bare heap loop, all playing ping-pong.

Two players answer each other, a message takes one tick, and every sending and every arrival is kept in a
trace in memory. Ours is the whole kernel with its journal and its watch over faults, and no monitors.
"""

import heapq
from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

import simpy

from benchmarks.measuring import Table, race
from crosslayer.harness.kernel.guard import Guard
from crosslayer.harness.kernel.journal import Journal
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.effects import Effect, Send
from crosslayer.harness.model.events import Message
from crosslayer.harness.systems.commerce.ports import Clock

MESSAGES = 40_000
"""How many messages one round exchanges."""

ROUNDS = 7

PLAYERS = ("ping", "pong")


class _Player:
    """Answers every message with one message; the first player serves."""

    def __init__(self, other: str, *, serves: bool) -> None:
        self._other = other
        self._serves = serves

    def start(self) -> Sequence[Effect]:
        return (Send(self._other, "ball", b"."),) if self._serves else ()

    def on_message(self, message: Message) -> Sequence[Effect]:
        return (Send(self._other, "ball", message.payload),)

    def on_wake(self, tag: str) -> Sequence[Effect]:  # noqa: ARG002 - nobody ever asks for it
        return ()


def crosslayer(messages: int = MESSAGES) -> int:
    """Our kernel; how many events its trace holds."""
    clock = Clock()
    journal = Journal(clock)
    ping, pong = PLAYERS
    world = World({ping: _Player(pong, serves=True), pong: _Player(ping, serves=False)}, clock, journal, Guard())
    world.start()
    world.run(messages, 2 * messages)
    return len(journal.events)


class _Record(NamedTuple):
    tick: float
    kind: str
    agent: str
    payload: bytes


def simpy_stores(messages: int = MESSAGES) -> int:
    """SimPy: each player waits at a store of its own, and a message spends a timeout of one tick on its way."""
    environment = simpy.Environment()
    stores = {name: simpy.Store(environment) for name in PLAYERS}
    trace: list[_Record] = []

    def send(name: str, other: str, payload: bytes) -> Generator[Any, Any, None]:
        trace.append(_Record(environment.now, "send", name, payload))
        yield environment.timeout(1)
        yield stores[other].put(payload)

    def play(name: str, other: str) -> Generator[Any, Any, None]:
        while True:
            payload = yield stores[name].get()
            trace.append(_Record(environment.now, "deliver", name, payload))
            if len(trace) >= 2 * messages:
                return
            yield from send(name, other, payload)

    ping, pong = PLAYERS
    environment.process(play(ping, pong))
    environment.process(play(pong, ping))
    environment.process(send(ping, pong, b"."))
    environment.run()
    return len(trace)


def simpy_stores_without_time(messages: int = MESSAGES) -> int:
    """SimPy at its fastest: nothing takes any time and no message is on its way; `put` then `get`, and a trace."""
    environment = simpy.Environment()
    stores = {name: simpy.Store(environment) for name in PLAYERS}
    trace: list[_Record] = []

    def play(name: str, other: str) -> Generator[Any, Any, None]:
        while len(trace) < 2 * messages:
            payload = yield stores[name].get()
            trace.append(_Record(environment.now, "deliver", name, payload))
            trace.append(_Record(environment.now, "send", name, payload))
            stores[other].put(payload)

    ping, pong = PLAYERS
    environment.process(play(ping, pong))
    environment.process(play(pong, ping))
    stores[ping].put(b".")
    environment.run()
    return len(trace)


def bare_heap(messages: int = MESSAGES) -> int:
    """The least that could do: a heap of (tick, sequence, callback, payload), and a list of tuples as the trace."""
    return _bare(messages, lambda tick, kind, agent, payload: (tick, kind, agent, payload))


def bare_heap_named(messages: int = MESSAGES) -> int:
    """The same, but the trace is made of named events, as anybody would make it who has to read it again."""
    return _bare(messages, _Record)


def _bare(messages: int, record: Callable[[int, str, str, bytes], object]) -> int:
    heap: list[tuple[int, int, Callable[[bytes], None], bytes]] = []
    trace: list[object] = []
    now = sequence = 0

    def send(name: str, to: Callable[[bytes], None], payload: bytes) -> None:
        nonlocal sequence
        trace.append(record(now, "send", name, payload))
        heapq.heappush(heap, (now + 1, sequence, to, payload))
        sequence += 1

    def ping(payload: bytes) -> None:
        send("ping", pong, payload)

    def pong(payload: bytes) -> None:
        send("pong", ping, payload)

    ping(b".")
    for _ in range(messages):
        now, _, player, payload = heapq.heappop(heap)
        trace.append(record(now, "deliver", player.__name__, payload))
        player(payload)
    return len(trace)


CONTENDERS: dict[str, Callable[[], int]] = {
    "crosslayer": crosslayer,
    "SimPy Store": simpy_stores,
    "SimPy Store, no latency": simpy_stores_without_time,
    "bare heap loop": bare_heap,
    "bare heap loop, named events": bare_heap_named,
}


def measure() -> Table:
    """The messages a second of each, and ours as a multiple of it."""
    best = race(CONTENDERS, ROUNDS)
    ours = best["crosslayer"]
    rows = tuple((name, f"{MESSAGES / taken:,.0f}", f"{taken / ours:.2f}") for name, taken in best.items())
    return Table("kernel: ping-pong, in-memory trace", ("contender", "messages/s", "crosslayer is x times"), rows)
