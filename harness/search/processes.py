"""The processes of this machine that share the work of a search.

Owns their pool: how they begin, how it is noticed that one is gone or stands still, and how they end. Knows nothing of
what they work on.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import active_children, current_process, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from crosslayer.harness.kernel import foreign, pulse
from crosslayer.harness.model.errors import ProcessLost
from crosslayer.harness.process import dying
from crosslayer.harness.search.workers import ALONE, Answer, Done, Item, Task, Workers, in_order, worked

SECONDS = 0.2
"""How long a batch takes: some hundred times what it takes to send one, and short for anyone who stops the search."""

Value = TypeVar("Value")


@frozen
class Processes:
    """This number of processes of this machine."""

    number: int

    def spread(self, task: "Task[Item, Answer]", items: Iterable[Item]) -> Iterator[tuple[Item, Answer]]:
        """See `Workers`. `ProcessLost` if one of them is gone, or if none gets on for as long as `patience` says.

        Whatever is sent, `task` included, must be such as can be sent to another process.
        """
        with _folder() as folder:
            crew = _Crew(self.number, folder, task)
            try:
                yield from in_order(crew, items)
            except BrokenProcessPool:
                raise crew.lost() from None
            finally:
                crew.end()


def here(number: int) -> Workers:
    """This number of processes of this machine; the present one, if that is one."""
    return ALONE if number == 1 else Processes(number)


class _Pool(ProcessPoolExecutor):
    """A pool that starts a process where it has too few."""

    def submit(self, fn: Callable[..., Value], /, *args: Any, **kwargs: Any) -> "Future[Value]":
        """See `Executor`; `ProcessLost` if no process can be started."""
        try:
            with uninterrupted():
                return super().submit(fn, *args, **kwargs)
        except OSError as error:
            raise ProcessLost(f"no process could be started: {error.strerror}; try fewer --jobs") from error


@contextmanager
def _folder() -> Iterator[Path | None]:
    """A folder for crumbs; None where there is no room for one."""
    try:
        made = tempfile.TemporaryDirectory(prefix="crosslayer-", ignore_cleanup_errors=True)
    except OSError:
        yield None
        return
    with made:
        yield Path(made.name)


class _Crew:
    """The processes of one pool, and the crumbs that each leaves in a file of its own in this folder."""

    def __init__(self, number: int, folder: Path | None, task: "Task[Any, Any]") -> None:
        self.executor: Executor = _Pool(
            number,
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(folder, list(sys.path), task.begin),
        )
        self._number = number
        self._task = task
        self._folder = folder
        self._others = frozenset(one.pid for one in active_children())
        self._processes: dict[int | None, BaseProcess] = {}
        self._crumbs: dict[str, pulse.Crumb] = {}

    def processes(self) -> int:
        """See `Crew`."""
        return self._number

    def seconds(self) -> float:
        """See `Crew`."""
        return SECONDS

    def submit(self, items: list[Any], seconds: float) -> "Future[Any]":
        """See `Crew`."""
        future = self.executor.submit(worked, self._task.do, items, seconds)
        self.look()
        return future

    def done(self, future: "Future[Any]") -> Done[Any]:
        """See `Crew`; `ProcessLost` if none of them gets on any more."""
        self.look()
        silent, before = 0.0, self._beats()
        while True:
            try:
                done: Done[Any] = future.result(timeout=_LOOK_SECONDS)
            except TimeoutError:
                if future.done():
                    raise  # it is the answer itself
            else:
                pulse.tick()
                return done
            self.look()
            pulse.tick()
            now = self._beats()
            silent, before = (0.0, now) if now != before else (silent + _LOOK_SECONDS, before)
            if silent >= _patience[0]:
                raise ProcessLost(f"no progress for {_patience[0]:g} s (--stall-timeout)", self._place())

    def lost(self) -> ProcessLost:
        """The end of a process that nobody ended."""
        self.look()
        for process in self._processes.values():
            process.join(_GRACE_SECONDS)
            if process.exitcode not in (None, -signal.SIGTERM):
                code = process.exitcode or 0
                crumb = self._crumb(process.pid)
                return ProcessLost("" if crumb is None else _how(code), "" if crumb is None else str(crumb.place()))
        return ProcessLost()

    def end(self) -> None:
        """End them all: whatever they still do, nobody waits for it."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.look()
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.join()

    def look(self) -> None:
        """See which processes there are by now."""
        for one in active_children():
            if one.pid not in self._others:
                self._processes[one.pid] = one

    def _crumb(self, pid: int | None) -> pulse.Crumb | None:
        name = str(pid)
        if self._folder is None:
            return None
        if name not in self._crumbs:
            try:
                handle = os.open(self._folder / name, os.O_RDWR | os.O_CLOEXEC)
            except OSError:
                return None
            self._crumbs[name] = pulse.Crumb(handle)
            os.close(handle)
        return self._crumbs[name]

    def _all_crumbs(self) -> list[pulse.Crumb]:
        return [one for pid in self._processes if (one := self._crumb(pid)) is not None]

    def _beats(self) -> tuple[int, ...]:
        return tuple(one.beats() for one in self._all_crumbs())

    def _place(self) -> str:
        """Where one of them stands still."""
        return next((place for one in self._all_crumbs() if (place := str(one.place()))), "")


def _how(code: int) -> str:
    ended = f"ended itself (exit status {code})" if code >= 0 else f"was killed (signal {-code})"
    return f"a process that shared the work was killed or ended itself: it {ended}"


def _begin(folder: Path | None, path: list[str], begin: Callable[[], None] | None) -> None:
    """What a worker does first: it belongs to its parent, dies with it, and hears no signal but its own."""
    sys.path[:] = path
    os.setpgid(0, 0)
    foreign.bound_recursion()
    dying.die_with_thread()
    parent = parent_process()
    if parent is not None:
        dying.watch(parent.sentinel, dying.kill_group)
    if folder is not None:
        with suppress(OSError):  # no room for crumbs: nobody will know where this process was
            handle = pulse.new_file(str(folder / str(current_process().pid)))
            pulse.leave_crumbs(pulse.Crumb(handle))
            os.close(handle)
    if begin is not None:
        begin()


_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 1.0

_patience = [60.0]
"""Seconds without any progress in any worker, after which they are given up."""


def patience(seconds: float) -> None:
    """From now on, wait so long for workers that do not get on."""
    _patience[0] = seconds


@contextmanager
def uninterrupted() -> Iterator[None]:
    """No Ctrl-C until this context is left, and none at all in the processes that are started in it.

    The parent is told, and ends its workers in good order; one that dies of it takes the work of all others along.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
