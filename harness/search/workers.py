"""Processes that share the work of a search: each loads the plugins by name.

Owns the pool and how a judgement gets into another process. Knows nothing of which schedules are worth running, nor of
what is looked at: that is a function of a judgement and a chunk.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any, TypeVar

from attrs import frozen

from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.errors import ProcessLost
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System
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
    """A runner in so many processes; in this one, if that is one."""
    if jobs == 1:
        return alone(judgement, look)
    stack, names = judgement.stack, tuple(one.name for one in judgement.properties)
    setup = Setup(stack.system, judgement.scenario, stack.names(), names)
    return partial(spread, jobs, partial(_look, look), begin=partial(_load, setup))


def spread(
    jobs: int, do: Callable[[Chunk], Answer], chunks: Iterable[Chunk], begin: Callable[[], None] | None = None
) -> Iterator[tuple[Chunk, Answer]]:
    """Each chunk with its answer, in the order of the chunks, worked out by so many processes.

    With one job everything is done in this process. Otherwise `do`, `begin` (which every process calls first), chunks
    and answers must be such as can be sent to another process. `ProcessLost` if one of them is gone.
    """
    if jobs == 1:
        if begin is not None:
            begin()
        yield from ((chunk, do(chunk)) for chunk in chunks)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=begin)
    waiting: deque[tuple[Chunk, Future[Answer]]] = deque()
    try:
        for chunk in chunks:
            with _uninterrupted():
                waiting.append((chunk, pool.submit(do, chunk)))
            if len(waiting) >= jobs * WINDOW:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    except BrokenProcessPool:
        raise ProcessLost from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
