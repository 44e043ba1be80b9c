"""The workers of a Dask cluster, on any number of machines.

Owns the client's side: joining, what is sent, how many workers there are, and how it is noticed that nobody will
answer. Knows nothing of what is worked on. Dask gives a batch to another worker if the one that had it is gone; as
an answer depends on its item alone, and is taken once, nothing is lost by that and nothing is counted twice.
"""

import hashlib
import logging
import pickle
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from attrs import define, field
from distributed import Client, LocalCluster

from crosslayer.harness.kernel import pulse
from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.model.errors import BadInput, CrosslayerError, ProcessLost
from crosslayer.harness.search import hosting
from crosslayer.harness.search.hosting import Order, Unfit
from crosslayer.harness.search.processes import uninterrupted
from crosslayer.harness.search.versions import versions
from crosslayer.harness.search.workers import Answer, Done, Item, Task, in_order

BATCH_SECONDS = 1.0
"""How long a batch takes at least."""

BATCHES = 100
"""Batches that one client can handle in a second: with more processes than that, batches take longer."""

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 0.5
COUNT_SECONDS = 2.0
"""Between two looks at how many workers there are."""

LOCAL = "local:"
LOCAL_MOST = 256


@contextmanager
def joined(address: str, stall_seconds: float) -> Iterator["Cluster"]:
    """The workers of the scheduler at this address, or of one that is started here; `BadInput` if there is none."""
    for name in ("asyncio", *sorted(logging.root.manager.loggerDict)):
        if name.partition(".")[0] in ("asyncio", "distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what they have to say is told in our words
    place = f"--cluster {address}"
    with ExitStack() as stack:
        at = address
        if address.startswith(LOCAL):
            with uninterrupted():
                at = stack.enter_context(_local(_count(address, place)))
        elif "://" not in address:
            raise BadInput(place, "write tcp://HOST:PORT (or tls://…) of a scheduler, or local:N")
        try:
            client = Client(at, timeout=CONNECT_SECONDS, set_as_default=False)
        except Exception as error:  # noqa: BLE001 - whatever an address leads to
            raise BadInput(place, f"no scheduler answers there: {describe(error)}") from None
        cluster = Cluster(client, place, stall_seconds)
        try:
            yield cluster
        finally:
            cluster.leave()


def _count(address: str, place: str) -> int:
    number = address.removeprefix(LOCAL)
    if not number.isdecimal() or not 1 <= int(number[:9]) <= LOCAL_MOST:
        raise BadInput(place, f"write local:N, with N from 1 to {LOCAL_MOST}")
    return int(number)


@contextmanager
def _local(number: int) -> Iterator[str]:
    """The address of a scheduler of our own, with this number of workers."""
    with LocalCluster(
        n_workers=number,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        worker_dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster.scheduler_address


@define(eq=False)
class Cluster:
    """The workers of one scheduler, for one search after another."""

    client: Client
    place: str
    stall_seconds: float
    _fit: set[str] = field(factory=set)

    def spread(self, task: "Task[Item, Answer]", items: Iterable[Item]) -> Iterator[tuple[Item, Answer]]:
        """See `Workers`. `BadInput` if a worker that is there has other code.

        `ProcessLost` if that comes out later, or if nobody is left who could answer.
        """
        content = pickle.dumps(task)
        search = f"{self.client.id} {hashlib.sha256(content).hexdigest()}"
        order = Order(search, content, versions(("crosslayer", *task.code)), self.stall_seconds)
        crew = _Crew(self.client, order, self.place)
        try:
            if search not in self._fit:
                crew.require_fit()
                self._fit.add(search)
            yield from in_order(crew, items)
        finally:
            crew.end()

    def leave(self) -> None:
        """Let the workers end their children, if they can still be reached."""
        if self.client.status == "running":
            for search in sorted(self._fit):
                with suppress(Exception):
                    self.client.run(hosting.release, search, on_error="ignore")
        with suppress(Exception):
            self.client.close(timeout=CONNECT_SECONDS)


class _Crew:
    """The workers of one scheduler, and the task that they are to do."""

    def __init__(self, client: Client, order: Order, place: str) -> None:
        self.executor: Any = client.get_executor(pure=False)
        self._client = client
        self._order = order
        self._place = place
        self._processes = 1
        self._counted = -COUNT_SECONDS
        self._seen = time.monotonic()

    def processes(self) -> int:
        """See `Crew`; workers come and go."""
        now = time.monotonic()
        if now - self._counted >= COUNT_SECONDS:
            self._counted = now
            threads = self._threads()
            self._processes = max(1, sum(threads.values()))
            if threads:
                self._seen = time.monotonic()
        return self._processes

    def seconds(self) -> float:
        """See `Crew`."""
        return max(BATCH_SECONDS, self._processes / BATCHES)

    def submit(self, items: list[Any], seconds: float) -> "Future[Any]":
        """See `Crew`."""
        try:
            future: Future[Any] = self.executor.submit(hosting.work, self._order, pickle.dumps(items), seconds)
        except Exception as error:  # noqa: BLE001 - of the cluster's own
            raise self._lost(describe(error)) from None
        return future

    def done(self, future: "Future[Any]") -> Done[Any]:
        """See `Crew`; `ProcessLost` if the scheduler is gone, or there is no worker for as long as it was patient."""
        try:
            done: Done[Any] = pickle.loads(self._answer(future))  # noqa: S301 - from workers that run our code
        except Unfit as unfit:
            raise ProcessLost(f"{unfit} ({self._place})") from None
        return done

    def require_fit(self) -> None:
        """`BadInput` if one of the workers that are there has other code than this process, or cannot load it."""
        while not (threads := self._threads()):
            if time.monotonic() - self._seen >= self._order.stall_seconds:
                raise self._nobody()
            pulse.tick()
            time.sleep(LOOK_SECONDS)
        futures = [
            self.executor.submit(hosting.work, self._order, b"", 0.0, workers=[one], allow_other_workers=False)
            for one in threads
        ]
        for future in futures:
            try:
                self._answer(future)
            except Unfit as unfit:
                raise BadInput(self._place, str(unfit)) from None

    def end(self) -> None:
        """Forget what is under way."""
        with suppress(Exception):
            self.executor.shutdown(wait=False)

    def _threads(self) -> dict[str, int]:
        """The threads of every worker, by address; none if the scheduler does not say."""
        try:
            threads: dict[str, int] = self._client.nthreads()
        except Exception:  # noqa: BLE001 - it is gone, or goes; who waits for an answer will see
            return {}
        return threads

    def _answer(self, future: "Future[Any]") -> Any:
        while True:
            try:
                answer = future.result(timeout=LOOK_SECONDS)
            except CancelledError:
                raise self._lost("the connection to the scheduler is lost") from None
            except TimeoutError:
                if future.done():
                    continue
            except CrosslayerError:
                raise
            except Exception as error:  # noqa: BLE001 - of the cluster's own, such as `KilledWorker`
                raise self._lost(describe(error)) from None
            else:
                pulse.tick()
                return answer
            self._look()

    def _look(self) -> None:
        """`ProcessLost` if nobody is left who could answer."""
        pulse.tick()
        if self._client.status != "running":
            raise self._lost("the connection to the scheduler is lost")
        self.processes()
        if time.monotonic() - self._seen >= self._order.stall_seconds:
            raise self._nobody()

    def _nobody(self) -> ProcessLost:
        return self._lost(f"there was no worker for {self._order.stall_seconds:g} s (--stall-timeout)")

    def _lost(self, how: str) -> ProcessLost:
        return ProcessLost(f"{self._place}: {how}")
