"""Work that is shared: a task, its items in their order, and the port behind which it is done.

Owns the order of answers, how items are put into batches, and how a judgement gets into another process. Knows nothing
of which items are worth an answer, nor of where the processes are: those of this machine are `processes`, those of
many machines `cluster`.

The port is `concurrent.futures.Executor`. An answer depends on its item alone, and answers are given in the order of
the items; so what a search says depends neither on the number of processes nor on how items are put into batches, on
the order in which batches are done, or on how often one of them had to be begun.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from attrs import define, frozen

from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.stack import build, code_of
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System
from crosslayer.harness.search.judgement import Judgement

WINDOW = 4
"""Batches under way for each process: enough to keep it busy, few enough to hold in memory."""

LARGEST = 4096
"""Items of a batch at the most."""

PATIENT = 2.0
"""How many times as long as it should take a batch may take, before what is left of it becomes another one."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@frozen
class Task(Generic[Item, Answer]):
    """What is to be done with each item: `do`, after every process has called `begin`.

    `code` names the modules whose code decides what is answered, beyond Crosslayer's own.
    """

    do: Callable[[Item], Answer]
    begin: Callable[[], None] | None = None
    code: tuple[str, ...] = ()


class Workers(Protocol):
    """Where the work is done."""

    def spread(self, task: Task[Item, Answer], items: Iterable[Item]) -> Iterator[tuple[Item, Answer]]:
        """Each item with its answer, in the order of the items, which are asked for as they are needed."""
        ...


@frozen
class Alone:
    """The present process."""

    def spread(self, task: Task[Item, Answer], items: Iterable[Item]) -> Iterator[tuple[Item, Answer]]:
        """See `Workers`."""
        if task.begin is not None:
            task.begin()
        yield from ((item, task.do(item)) for item in items)


ALONE = Alone()


@frozen
class Done(Generic[Answer]):
    """The answers to the first items of a batch, at least one, and how many seconds they took."""

    answers: tuple[Answer, ...]
    seconds: float


def worked(do: Callable[[Item], Answer], items: Sequence[Item], seconds: float) -> Done[Answer]:
    """Work on a batch that should take this number of seconds; what takes much longer is left for another batch."""
    began = time.monotonic()
    answers: list[Answer] = []
    taken = 0.0
    with rare_collections():
        for item in items:
            answers.append(do(item))
            taken = time.monotonic() - began
            if taken >= PATIENT * seconds:
                break
    return Done(tuple(answers), taken)


class Crew(Protocol):
    """The processes that an executor stands for, and a task that they know."""

    @property
    def executor(self) -> Executor:
        """What takes batches."""
        ...

    def processes(self) -> int:
        """How many there are by now."""
        ...

    def seconds(self) -> float:
        """How long a batch should take."""
        ...

    def submit(self, items: list[Any], seconds: float) -> "Future[Any]":
        """A batch, under way."""
        ...

    def done(self, future: "Future[Any]") -> Done[Any]:
        """What came of a batch, as soon as it is there; `ProcessLost` if it will never be."""
        ...


def in_order(crew: Crew, items: Iterable[Item]) -> Iterator[tuple[Item, Any]]:
    """Each item with its answer, in the order of the items, with a bounded number of batches under way."""
    left, size = iter(items), _Size()
    waiting: deque[tuple[list[Item], Future[Any]]] = deque()
    while True:
        while len(waiting) < WINDOW * crew.processes() and (some := list(islice(left, size.items))):
            waiting.append((some, crew.submit(some, crew.seconds())))
        if not waiting:
            return
        some, future = waiting.popleft()
        done = crew.done(future)
        size.learn(done, crew.seconds())
        rest = some[len(done.answers) :]
        if rest:
            waiting.appendleft((rest, crew.submit(rest, crew.seconds())))
        yield from zip(some, done.answers, strict=False)


@define
class _Size:
    """How many items make a batch that takes as long as it should: one at first, at most twice as many each time."""

    items: int = 1
    _each: float = 0.0

    def learn(self, done: Done[Any], seconds: float) -> None:
        """Look at what a batch took."""
        each = max(done.seconds / len(done.answers), 1e-6)
        self._each = each if not self._each else (3 * self._each + each) / 4
        self.items = max(1, min(round(seconds / self._each), 2 * self.items, LARGEST))


# Judgements


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


Look = Callable[[Judgement, Item], Answer]
"""What is done with an item. It must have a name in its module, to be found again in another process."""

Runner = Callable[[Iterable[Item]], Iterator[tuple[Item, Answer]]]
"""Looks at items, and gives each with what was seen of it, in their order."""


def alone(judgement: Judgement, look: Look[Item, Answer]) -> Runner[Item, Answer]:
    """A runner in this process."""

    def run(items: Iterable[Item]) -> Iterator[tuple[Item, Answer]]:
        with rare_collections():
            yield from ALONE.spread(Task(partial(look, judgement)), items)

    return run


def together(judgement: Judgement, workers: Workers, look: Look[Item, Answer]) -> Runner[Item, Answer]:
    """A runner of these workers, each of which loads the plugins by name."""
    if isinstance(workers, Alone):
        return alone(judgement, look)
    stack, names = judgement.stack, tuple(one.name for one in judgement.properties)
    setup = Setup(stack.system, judgement.scenario, stack.names(), names)
    return partial(workers.spread, Task(partial(_look, look), partial(_load, setup), code(judgement)))


def code(judgement: Judgement) -> tuple[str, ...]:
    """The modules whose code decides what a run of a judgement does, beyond Crosslayer's own."""
    watching = (one.watch.__module__ for one in judgement.properties)
    stack = judgement.stack
    return (*system_code(stack.system), *dict.fromkeys(watching), *plugin_code(stack.names()))


def system_code(system: System) -> tuple[str, ...]:
    """The modules from which a system and the properties that were added to it are loaded; none if it has no name."""
    return tuple(path.partition(":")[0] for path in system.source.split("+") if path)


def plugin_code(stack: Mapping[str, str]) -> tuple[str, ...]:
    """The modules of the plugins that a stack names by path."""
    paths = (code_of(name).partition(":") for name in stack.values())
    return tuple(module for module, colon, _ in paths if colon)


_judgements: list[Judgement] = []
"""The one judgement of a worker process."""


def _load(setup: Setup) -> None:
    _judgements[:] = [setup.judgement()]


def _look(look: Look[Any, Answer], item: Any) -> Answer:
    return look(_judgements[0], item)
