"""Processes that share the work of a search: each loads the plugins by name.

Owns the pool and how a judgement gets into another process. Knows nothing of which schedules are worth running, nor of
what is looked at: that is a function of a judgement and a chunk.
"""

import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import active_children, current_process, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from crosslayer.harness.kernel import foreign, pulse
from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.errors import ProcessLost
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System
from crosslayer.harness.process import dying
from crosslayer.harness.search.judgement import Judgement

WINDOW = 4
"""Chunks under way for each process: enough to keep it busy, few enough to hold in memory."""


@frozen
class Setup:
    """A judgement in plain values and names, so that it can be sent to another process."""

    system: System
    scenario: Scenario
    stack: Mapping[str, str]
    properties: tuple[str, ...]

    def judgement(self) -> Judgement:
        """The judgement, its plugins loaded by name."""
        stack = build(self.system, (f"{part}={name}" for part, name in self.stack.items()))
        chosen = tuple(one for one in self.system.properties if one.name in self.properties)
        return Judgement(self.scenario, stack, chosen)


Chunk = TypeVar("Chunk")
Answer = TypeVar("Answer")

Look = Callable[[Judgement, Chunk], Answer]
"""What is done with a chunk. It must have a name in its module, to be found again in another process."""

Runner = Callable[[Iterable[Chunk]], Iterator[tuple[Chunk, Answer]]]
"""Looks at chunks, and answers each with what was seen of it, in their order."""


def alone(judgement: Judgement, look: Look[Chunk, Answer]) -> Runner[Chunk, Answer]:
    """A runner in this process."""

    def run(chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Answer]]:
        with rare_collections():
            yield from spread(1, partial(look, judgement), chunks)

    return run


def together(judgement: Judgement, jobs: int, look: Look[Chunk, Answer]) -> Runner[Chunk, Answer]:
    """A runner in this number of processes; in the present one, if that is one."""
    if jobs == 1:
        return alone(judgement, look)
    stack, names = judgement.stack, tuple(one.name for one in judgement.properties)
    setup = Setup(stack.system, judgement.scenario, stack.names(), names)
    return partial(spread, jobs, partial(_look, look), begin=partial(_load, setup))


def spread(
    jobs: int, do: Callable[[Chunk], Answer], chunks: Iterable[Chunk], begin: Callable[[], None] | None = None
) -> Iterator[tuple[Chunk, Answer]]:
    """Each chunk with its answer, in the order of the chunks, worked out by this number of processes.

    With one job everything is done in this process. Otherwise `do`, `begin` (which every process calls first), chunks
    and answers must be such as can be sent to another process. `ProcessLost` if one of them is gone, or if none of them
    gets on for as long as `patience` says.
    """
    if jobs == 1:
        if begin is not None:
            begin()
        yield from ((chunk, do(chunk)) for chunk in chunks)
        return
    with _folder() as folder:
        crew = _Crew(folder)
        pool = ProcessPoolExecutor(
            jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(folder, list(sys.path), begin)
        )
        waiting: deque[tuple[Chunk, Future[Answer]]] = deque()
        try:
            for chunk in chunks:
                with _uninterrupted():
                    waiting.append((chunk, _submitted(pool, do, chunk)))
                crew.look()
                if len(waiting) >= jobs * WINDOW:
                    first, future = waiting.popleft()
                    yield first, crew.answer(future)
            while waiting:
                first, future = waiting.popleft()
                yield first, crew.answer(future)
        except BrokenProcessPool:
            raise crew.lost() from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            crew.end()


def _submitted(pool: ProcessPoolExecutor, do: "Callable[[Chunk], Answer]", chunk: "Chunk") -> "Future[Answer]":
    """A chunk under way; the pool starts a process where it has too few."""
    try:
        return pool.submit(do, chunk)
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

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._others = frozenset(one.pid for one in active_children())
        self._processes: dict[int | None, BaseProcess] = {}
        self._crumbs: dict[str, pulse.Crumb] = {}

    def answer(self, future: "Future[Answer]") -> Answer:
        """What a process answers; `ProcessLost` if none of them gets on any more."""
        self.look()
        silent, before = 0.0, self._beats()
        while True:
            try:
                answer = future.result(timeout=_LOOK_SECONDS)
            except TimeoutError:
                if future.done():
                    raise  # it is the answer itself
            else:
                pulse.tick()
                return answer
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
def _uninterrupted() -> Iterator[None]:
    """No Ctrl-C until this context is left, and none at all in the processes that are started in it.

    The parent is told, and ends its workers in good order; one that dies of it takes the work of all others along.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_judgements: list[Judgement] = []
"""The one judgement of a worker process."""


def _load(setup: Setup) -> None:
    _judgements[:] = [setup.judgement()]


def _look(look: Look[Any, Answer], chunk: Any) -> Answer:
    with rare_collections():
        return look(_judgements[0], chunk)
