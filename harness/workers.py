"""Processes that run schedules: each loads the plugins by name and judges whole chunks.

Owns the pool and how a judgement gets into another process. Knows nothing of which schedules are worth running.
"""

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from attrs import frozen

from harness.collector import rare_collections
from harness.explore import Chunk, Runner, Seen, look
from harness.judgement import Judgement
from harness.scenario import Scenario
from harness.stack import build
from harness.verdicts import Property

WINDOW = 4
"""Chunks under way for each process: enough to keep it busy, few enough to hold in memory."""


@frozen
class Setup:
    """A judgement in plain values and names, so that it can be sent to another process."""

    scenario: Scenario
    stack: Mapping[str, str]
    properties: Sequence[Property]

    def judgement(self) -> Judgement:
        """The judgement, its plugins loaded by name."""
        return Judgement(self.scenario, build(f"{part}={name}" for part, name in self.stack.items()), self.properties)


def alone(judgement: Judgement) -> Runner:
    """A runner in this process."""

    def run(chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Sequence[Seen]]]:
        with rare_collections():
            for chunk in chunks:
                yield chunk, look(judgement, chunk)

    return run


def together(judgement: Judgement, jobs: int) -> Runner:
    """A runner in so many processes; in this one, if that is one."""
    if jobs == 1:
        return alone(judgement)
    setup = Setup(judgement.scenario, judgement.stack.names(), tuple(judgement.properties))

    def run(chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Sequence[Seen]]]:
        pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(setup,))
        waiting: deque[tuple[Chunk, Future[list[Seen]]]] = deque()
        try:
            for chunk in chunks:
                waiting.append((chunk, pool.submit(_look, chunk)))
                if len(waiting) >= jobs * WINDOW:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return run


_judgements: list[Judgement] = []
"""The one judgement of a worker process."""


def _begin(setup: Setup) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends its workers in good order
    _judgements[:] = [setup.judgement()]


def _look(chunk: Chunk) -> list[Seen]:
    with rare_collections():
        return look(_judgements[0], chunk)
