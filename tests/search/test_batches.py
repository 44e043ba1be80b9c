"""How items are put into batches: never a part of what is answered."""

import random
from collections.abc import Callable
from concurrent.futures import Executor, Future
from time import sleep
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.search.workers import LARGEST, WINDOW, Done, in_order, worked


class Crew:
    """Batches that are done at once; each is cut short, and said to have taken as long, as the generator has it."""

    executor: Executor = Executor()

    def __init__(self, chance: random.Random, do: Callable[[int], int], number: int = 2) -> None:
        self.sizes: list[int] = []
        self.under_way = self.most = 0
        self._chance = chance
        self._do = do
        self._number = number

    def processes(self) -> int:
        return self._chance.randint(1, self._number)

    def seconds(self) -> float:
        return 1.0

    def submit(self, items: list[Any], seconds: float) -> "Future[Any]":
        self.sizes.append(len(items))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        future: Future[Any] = Future()
        answers = worked(self._do, items[: self._chance.randint(1, len(items))], seconds).answers
        future.set_result(Done(answers, len(answers) * self._chance.choice((0.0, 0.001, 0.3, 5.0))))
        return future

    def done(self, future: "Future[Any]") -> Done[Any]:
        self.under_way -= 1
        done: Done[Any] = future.result()
        return done


def square(item: int) -> int:
    """Something to do."""
    return item * item


@given(st.integers(0, 300), st.integers(1, 5), st.randoms(use_true_random=False))
def test_batches_do_not_matter(items: int, processes: int, chance: random.Random) -> None:
    """However large they are, however often one is cut short, each item is answered once, in its order."""
    crew = Crew(chance, square, processes)

    assert [(item, item * item) for item in range(items)] == list(in_order(crew, range(items)))
    assert crew.most <= WINDOW * processes + 1


def test_a_batch_grows_until_it_takes_as_long_as_it_should() -> None:
    """Items of a hundredth of a second each come to be some hundred in a batch of one second."""

    class Steady(Crew):
        def submit(self, items: list[Any], seconds: float) -> "Future[Any]":
            self.sizes.append(len(items))
            future: Future[Any] = Future()
            future.set_result(Done(tuple(items), 0.01 * len(items)))
            return future

    crew = Steady(random.Random(0), square)
    list(in_order(crew, range(5000)))

    assert 1 == crew.sizes[0]
    assert {100} == set(crew.sizes[-10:-1])
    assert max(crew.sizes) <= LARGEST


def test_what_takes_too_long_is_left_for_another_batch() -> None:
    """A worker answers at least one item, and does not keep the others from anyone for long."""
    done = worked(lambda item: sleep(0.02 * item), range(1, 30), 0.02)

    assert 1 <= len(done.answers) < 5
    assert done.seconds >= 0.04


@pytest.mark.parametrize("stop", [0, 1, 7])
def test_nothing_is_asked_for_that_is_not_needed(stop: int) -> None:
    """A search that stops has not gone through an endless row of items."""
    asked: list[int] = []

    def endless() -> Any:
        while True:
            asked.append(len(asked))
            yield asked[-1]

    answers = in_order(Crew(random.Random(stop), square), endless())
    for _ in range(stop):
        next(answers)

    assert len(asked) <= stop * 2 * WINDOW * 2 + 1
