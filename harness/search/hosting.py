"""What a worker of a cluster does: check that its code is ours, and hand batches to a child process.

Owns the worker's side. The process that the cluster started loads no plugin: code of strangers runs in a child, as
everywhere. Knows nothing of the cluster, nor of what a task is.

Everything is sent as bytes that only a child reads, for reading them imports what they are made of.
"""

import base64
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from socket import gethostname
from typing import Any

from attrs import define, field, frozen

from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.model.errors import CrosslayerError
from crosslayer.harness.process.parent import Child
from crosslayer.harness.search.versions import versions
from crosslayer.harness.search.workers import Task, worked

SEARCHES = 2
"""Searches whose children are kept at the same time; those of the one that was begun first are ended for another."""


class Unfit(CrosslayerError):
    """This worker has other code than the one who asks, or lacks it. The text names the worker's host."""


@frozen
class Order:
    """Whose task it is, the pickled task, the versions of all code that decides its answers, and how long to wait."""

    search: str
    task: bytes
    versions: dict[str, str]
    stall_seconds: float


@define
class _Children:
    """The children of this process that wait for work, by search."""

    idle: dict[str, list[Child]] = field(factory=dict)
    lock: threading.Lock = field(factory=threading.Lock)

    def take(self, order: Order) -> Child:
        """A child that is free, or another one."""
        with self.lock:
            if order.search not in self.idle:
                while len(self.idle) >= SEARCHES:
                    self._end(next(iter(self.idle)))
                self.idle[order.search] = []
            free = self.idle[order.search]
            return free.pop() if free else Child(order.stall_seconds)

    def put_back(self, order: Order, child: Child) -> None:
        """It is free again; it ends if its search is over."""
        with self.lock:
            if order.search in self.idle:
                self.idle[order.search].append(child)
            else:
                child.close()

    def end(self, search: str) -> None:
        """End the children of a search, those that have something to do as soon as it is done."""
        with self.lock:
            self._end(search)

    def _end(self, search: str) -> None:
        for child in self.idle.pop(search, []):
            child.close()


_children = _Children()


def work(order: Order, items: bytes, seconds: float) -> bytes:
    """The pickled `Done` of this pickled batch; without items, nothing is done but to see that it could be."""
    child = _children.take(order)
    asked = {"order": _text(pickle.dumps(order)), "items": _text(items), "seconds": seconds}
    try:
        answer = child.ask(f"{__name__}:in_child", asked)
    finally:
        _children.put_back(order, child)
    if "error" in answer:
        raise pickle.loads(base64.b64decode(answer["error"]))  # noqa: S301 - from our own child
    return base64.b64decode(answer["done"])


def release(search: str) -> None:
    """This search is over."""
    _children.end(search)


# In the child


_tasks: list[Task[Any, Any]] = []
"""The one task of a child."""


def in_child(asked: dict[str, Any]) -> dict[str, Any]:
    """See `work`; whatever is raised is an answer, too."""
    try:
        if not _tasks:
            order: Order = pickle.loads(base64.b64decode(asked["order"]))  # noqa: S301 - from our own parent
            _tasks.append(_begun(order))
        items = base64.b64decode(asked["items"])
        done = worked(_tasks[0].do, pickle.loads(items), asked["seconds"]) if items else None  # noqa: S301 - as above
        return {"done": _text(pickle.dumps(done))}
    except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
        return {"error": _text(_pickled(error))}


def _begun(order: Order) -> Task[Any, Any]:
    """The task, after it has been seen that all code is the same here."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    _require("crosslayer", order.versions["crosslayer"])
    for package, wanted in order.versions.items():
        _require(package, wanted)
    task: Task[Any, Any] = _fit(lambda: pickle.loads(order.task), "the task")  # noqa: S301 - who may ask may run code
    if task.begin is not None:
        task.begin()
    return task


def _require(package: str, wanted: str) -> None:
    found = _fit(lambda: versions((package,)), package)[package]
    if found != wanted:
        raise Unfit(f"{gethostname()} has {package} {found}, and the search is of {package} {wanted}; install the same")


def _fit(load: Callable[[], Any], what: str) -> Any:
    try:
        return load()
    except Exception as error:  # noqa: BLE001 - whatever foreign code raises as it is imported
        raise Unfit(f"{gethostname()} cannot load {what}: {describe(error)}") from None


def _pickled(error: Exception) -> bytes:
    """An error that can be read where no plugin is: one of ours, or its text."""
    if type(error).__module__.partition(".")[0] in ("crosslayer", "builtins"):
        return pickle.dumps(error)
    return pickle.dumps(RuntimeError(f"{gethostname()}: {describe(error)}"))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
