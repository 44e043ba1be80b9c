"""Functions that a program hands to threads, run within its loop instead: as if a free thread were infinitely fast.

Owns that one step, and what stands in for the worker threads of anyio. Sound where such a function waits for nothing
that the loop does; one that does would never return, and the watchdog says so.
"""

from collections.abc import Callable
from typing import Any


class Job:
    """One function that was handed to a thread; a callback of the loop."""

    __slots__ = ("_args", "_function", "_future")

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], future: Any) -> None:
        self._function, self._args, self._future = function, args, future

    def __call__(self) -> None:
        """Run it, unless nobody waits for it any more."""
        if self._future.cancelled():
            return
        try:
            answer = self._function(*self._args)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the waiting task's
            self._future.set_exception(error)
        else:
            self._future.set_result(answer)


class InlineWorker:
    """What `anyio.to_thread` takes for a thread of its pool."""

    MAX_IDLE_TIME = 10

    def __init__(self, root_task: Any, workers: Any, idle_workers: Any) -> None:
        self.root_task, self.workers, self.idle_workers = root_task, workers, idle_workers
        self.idle_since = 0.0
        self.queue = self

    def start(self) -> None:
        """There is nothing to start."""

    def stop(self, _future: Any = None) -> None:
        """There is nothing to stop."""

    def put_nowait(self, item: Any) -> None:
        """Run what was handed over, in a callback of its own."""
        context, function, args, future, _ = item
        self.root_task.get_loop().call_soon(Job(context.run, (function, *args), future))
        self.idle_workers.append(self)
