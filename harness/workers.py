"""Processes that share the work of a search: each loads the plugins by name.

Owns the pool and how a judgement gets into another process. Knows nothing of which schedules are worth running.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

from attrs import frozen

from harness.collector import rare_collections
from harness.explore import Chunk, Runner, Seen, look
from harness.judgement import Judgement
from harness.scenario import Scenario
from harness.stack import build
from harness.verdicts import Property

Task = TypeVar("Task")
Answer = TypeVar("Answer")

WINDOW = 4
"""Tasks under way for each process: enough to keep it busy, few enough to hold in memory."""


@frozen
class Setup:
    """A judgement in plain values and names, so that it can be sent to another process."""

    scenario: Scenario
    stack: Mapping[str, str]
    properties: Sequence[Property]

    def judgement(self) -> Judgement:
        """The judgement, its plugins loaded by name."""
        return Judgement(self.scenario, build(f"{part}={name}" for part, name in self.stack.items()), self.properties)


def spread(
    jobs: int, do: Callable[[Task], Answer], tasks: Iterable[Task], begin: Callable[[], None] | None = None
) -> Iterator[tuple[Task, Answer]]:
    """Each task with its answer, in the order of the tasks, worked out by so many processes.

    With one job everything is done in this process. Otherwise `do`, `begin` (which every process calls first), tasks
    and answers must be such as can be sent to another process.
    """
    if jobs == 1:
        if begin is not None:
            begin()
        yield from ((task, do(task)) for task in tasks)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(begin,))
    waiting: deque[tuple[Task, Future[Answer]]] = deque()
    try:
        for task in tasks:
            waiting.append((task, pool.submit(do, task)))
            if len(waiting) >= jobs * WINDOW:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def alone(judgement: Judgement) -> Runner:
    """A runner in this process."""

    def run(chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Sequence[Seen]]]:
        with rare_collections():
            yield from spread(1, partial(look, judgement), chunks)

    return run


def together(judgement: Judgement, jobs: int) -> Runner:
    """A runner in so many processes; in this one, if that is one."""
    if jobs == 1:
        return alone(judgement)
    setup = Setup(judgement.scenario, judgement.stack.names(), tuple(judgement.properties))
    return partial(spread, jobs, _look, begin=partial(_load, setup))


_judgements: list[Judgement] = []
"""The one judgement of a worker process."""


def _begin(begin: Callable[[], None] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends its workers in good order
    if begin is not None:
        begin()


def _load(setup: Setup) -> None:
    _judgements[:] = [setup.judgement()]


def _look(chunk: Chunk) -> list[Seen]:
    with rare_collections():
        return look(_judgements[0], chunk)
