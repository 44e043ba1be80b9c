"""A program as an agent: a coroutine function, and the host on which it runs.

Owns a program's life: its beginning, its turns, its end, and what is said of it when it does what it must not. Knows
nothing of any protocol.
"""

import asyncio
import contextvars
import inspect
import random
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import field, frozen, validators

from crosslayer.harness.kernel import interrupts
from crosslayer.harness.kernel.agents import Hosted, Kit, Layers
from crosslayer.harness.kernel.crypto import secret
from crosslayer.harness.kernel.guard import Hang, describe
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.effects import Effect, Wake
from crosslayer.harness.model.errors import PluginFault
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.notes import noted
from crosslayer.harness.model.scenario import Timing
from crosslayer.harness.model.system import BadSystem
from crosslayer.harness.programs import escapes, libraries
from crosslayer.harness.programs.decoders import DATAGRAM, Decoder, Plain
from crosslayer.harness.programs.disk import Disk
from crosslayer.harness.programs.loop import AgentLoop
from crosslayer.harness.programs.network import Network, Place
from crosslayer.harness.programs.probing import ProbeOf, Span, Watching
from crosslayer.harness.programs.sources import place_of
from crosslayer.harness.programs.tcp import Patience

MILLISECONDS = 100
"""The length of a tick, where a system's timing has no `milliseconds`."""


@frozen(kw_only=True)
class ProgramTiming(Timing):
    """The timeline of a run of programs: also how long a tick is."""

    milliseconds: int = field(
        default=MILLISECONDS,
        validator=[validators.instance_of(int), validators.ge(1)],
        metadata=noted("How long a tick is.", "milliseconds"),
    )


PATIENCE = 1_000
"""Milliseconds until what nobody has acknowledged is sent again for the first time."""

PROGRAM = "program"
"""What a program is doing when it is at fault."""


@frozen(eq=False)
class Host:
    """What a program is handed of the world: everything else it finds where it always does.

    `name` is the agent's, and what other programs connect to. `folder` is its disk: what it has synced there survives
    a crash. `record(kind, **data)` writes a fact that the system declares. `layers.NAME` is its part of a layer that
    can be swapped, if the system has any.
    """

    name: str
    scenario: Any
    layers: Layers
    record: Callable[..., None]
    _disk: Disk

    @property
    def folder(self) -> Path:
        """A folder for its files."""
        return self._disk.folder

    @property
    def number(self) -> int:
        """Which of its role it is, from 0 on."""
        return int(self.name.rpartition("-")[2])

    def hosts(self, role: str) -> tuple[str, ...]:
        """The names of all agents of a role."""
        names: tuple[str, ...] = self.scenario.population.of(role)
        return names


Main = Callable[[Host], Awaitable[Any]]


def _is_coroutine_function(_instance: object, _attribute: object, main: Any) -> None:
    called = vars(type(main)).get("__call__")
    if not inspect.iscoroutinefunction(main) and not inspect.iscoroutinefunction(called):
        raise BadSystem(f"AsyncioAgent({brief(main)})", "is no coroutine function: write `async def main(host): …`")


@frozen(eq=False)
class AsyncioAgent:
    """Makes an agent of a program: of a coroutine function that is handed its `Host`, as `asyncio.run` would run it.

    `decoder` says what the bytes on its connections mean, `hosts` are names of hosts beside those of the agents.
    `probes` are facts about it that the program does not know of: calls, messages, spans, states. A program that
    `ends` must have come to its end when the run is over. One that is not `strict` may leave exceptions to its loop, as
    a program in production does whose log nobody reads; else they are faults.
    """

    main: Main = field(validator=_is_coroutine_function)
    decoder: Decoder = field(factory=Plain, kw_only=True)
    hosts: Mapping[str, str] = field(factory=dict, kw_only=True)
    probes: Sequence[ProbeOf] = field(default=(), kw_only=True)
    ends: bool = field(default=False, kw_only=True)
    strict: bool = field(default=True, kw_only=True)

    def __call__(self, kit: Kit) -> "Program":
        """The agent of this kit."""
        return Program(self, kit)


class Program(Hosted):
    """One life of a program."""

    def __init__(self, made_by: AsyncioAgent, kit: Kit) -> None:
        escapes.watch()
        libraries.stand_in()
        self._by, self._kit = made_by, kit
        life = kit.store.get("life", 0)
        kit.store.put("life", life + 1)
        kit.store.sync()
        timing = kit.scenario.timing
        milliseconds = getattr(timing, "milliseconds", MILLISECONDS)
        patience = Patience(max(2 * timing.latency + 1, -(-PATIENCE // milliseconds)))
        self._disk = Disk(kit.store)
        clock = kit.clock
        place = Place(
            kit.name,
            kit.population.names(),
            made_by.hosts,
            self._disk,
            lambda: clock.now,
            life,
            DATAGRAM in kit.wire.names,
        )
        self._network = Network(place, made_by.decoder, patience)
        chance = random.Random(secret(kit.scenario.seed, kit.name, f"program {life}"))  # noqa: S311 - reproducible
        self._loop = self._network.loop = AgentLoop(self._network, milliseconds, chance)
        self._host = Host(kit.name, kit.scenario, kit.layers, self._record, self._disk)
        self._watching = Watching(made_by.probes, self._host)
        self._network.heard = self._watching.heard
        self._network.span_ended = self._watching.span_ended
        self._loop.hears_spans = any(isinstance(one, Span) for one in made_by.probes)
        self._main: Any = None
        self._has_ended = False
        self._armed: int | None = None

    # The kernel's port

    def start(self) -> Iterable[Effect]:
        """The program begins."""
        return self._turn(self._begin)

    def _begin(self) -> None:
        self._main = self._loop.create_task(self._run(), name="main", context=contextvars.Context())

    async def _run(self) -> None:
        await self._by.main(self._host)

    def on_message(self, message: Message) -> Iterable[Effect]:
        """A segment has arrived."""
        return self._turn(self._network.take, message)

    def on_wake(self, _tag: str) -> Iterable[Effect]:
        """It is time: for timers, and for what must be sent again."""
        self._armed = None
        return self._turn(self._network.on_time)

    def _turn(self, news: Callable[..., None], *args: Any) -> Sequence[Effect]:
        """One turn of the program, after these news; what it asks of the kernel."""
        try:
            with self._watching, self._loop.turn():
                news(*args)
        except Hang as hang:
            place = escapes.raised_at(hang)
            raise self._fault(f"{hang} at {place}" if place else str(hang), endless=True) from None
        except SystemExit as error:
            raise self._fault(f"ends its process by {error!r} at {escapes.raised_at(error)}") from None
        return self._effects()

    # After a turn

    def _effects(self) -> Sequence[Effect]:
        self._check()
        if self._main.done() and not self._has_ended:
            self._end()
        self._watching.look()
        self._network.acknowledge()
        effects: list[Effect] = list(self._network.outgoing)
        self._network.outgoing.clear()
        due = min((tick for tick in (self._loop.due, self._network.due) if tick is not None), default=None)
        now = self._kit.clock.now
        if due is not None and due != self._armed:
            self._armed = max(due, now + 1)
            effects.append(Wake("time", self._armed - now))
        return effects

    def _check(self) -> None:
        """A fault, if the program has done what it must not."""
        loop = self._loop
        if loop.trouble:
            raise self._fault(loop.trouble[0])
        for context in loop.unhandled:
            if self._by.strict or context.get("exception") is None:
                raise self._fault(_told(context))
        loop.unhandled.clear()
        if self._main.done() and not self._has_ended and not self._main.cancelled():
            error = self._main.exception()
            if error is not None:
                raise self._fault(_told({"exception": error}))

    def _fault(self, reason: str, *, endless: bool = False) -> PluginFault:
        return PluginFault("agents", self._kit.name, PROGRAM, reason, endless=endless)

    def _end(self) -> None:
        """The program has come to its end: as by `asyncio.run`, its tasks are cancelled and its connections closed."""
        self._has_ended = True
        rest = [task for task in self._loop.tasks if not task.done()]
        with self._watching, self._loop.turn():
            for task in rest:
                task.cancel()
        for task in rest:
            if not task.done():
                raise self._fault(f"has ended, and its {_waiting(task)} swallows its cancellation")
        with self._loop.turn():
            self._network.shut()
        self._check()

    def finish(self) -> None:
        """The run is over: a fault, if the program owes something still."""
        if self._main is None:
            return
        self._check()
        if self._by.strict:
            for task in self._loop.tasks:
                if task.done() and task._log_traceback:  # noqa: SLF001 - as asyncio's own log
                    told = {"message": f"nothing took the exception of its task {task.get_name()}"}
                    raise self._fault(_told({**told, "exception": task.exception()}))
        if self._by.ends and not self._main.done():
            raise self._fault(f"has not come to its end, and nothing moves it any more: {_waiting(self._main)}")

    def close(self) -> None:
        """Nothing more will be asked: let go of the program, unheard."""
        loop = self._loop
        if loop.is_closed():
            return
        loop.is_muted = True
        for task in loop.tasks:
            if not task.done():
                task.cancel()
        with _unheard(), loop.turn():
            pass
        with _unheard(), loop.turn():
            self._network.shut()
        for task in loop.tasks:
            if not task.done():
                coroutine: Any = task.get_coro()
                with _unheard(), loop.turn():
                    coroutine.close()
        with _unheard(), loop.turn():  # what was never awaited is thrown away here, where no warning is heard
            for task in loop.tasks:
                if task.done() and not task.cancelled():
                    traceback.clear_frames(getattr(task.exception(), "__traceback__", None))
            loop.tasks.clear()
            loop.unhandled.clear()
            self._main = None
        loop.close()
        self._disk.close()

    def _record(self, kind: str, **data: Any) -> None:
        if self._loop.is_muted:
            return
        try:
            self._kit.record(kind, **data)
        except PluginFault as fault:
            self._loop.trouble.append(f"cannot record this: {fault.reason}")
            raise


@contextmanager
def _unheard() -> Iterator[None]:
    """What a program does and says after its end is not heard; a watchdog and a person still are."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, Hang) or interrupts.is_real(error):
            raise


def _told(context: Mapping[str, Any]) -> str:
    """What nobody handled, with its place in the program's code."""
    error, message = context.get("exception"), str(context.get("message", ""))
    if error is None:
        return message
    place = escapes.raised_at(error)
    told = f"{describe(_innermost(error))} at {place}" if place else describe(error)
    return f"{message}: {told}" if message else told


def _innermost(error: BaseException) -> BaseException:
    """An exception, or the first of a group of them."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error


def _waiting(task: "asyncio.Task[Any]") -> str:
    """A task and the innermost place in the program's own code where it waits."""
    coroutine: Any = task.get_coro()
    place = ""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "ag_frame", None)
        if frame is not None and escapes.is_own(frame.f_code.co_filename):
            place = f"{frame.f_code.co_name} ({place_of(frame.f_code.co_filename, frame.f_lineno)})"
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "ag_await", None)
    return f"task {task.get_name()} waits in {place}" if place else f"task {task.get_name()} waits"
