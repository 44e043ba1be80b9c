"""Time and chance in a program: the world's, in every spelling, and the process's own again after each turn."""

import asyncio
import datetime  # noqa: ICN001 - in both spellings
import datetime as dt
import os
import random
import secrets
import tempfile
import threading
import time
import uuid
from pathlib import Path
from random import choice
from time import monotonic, perf_counter_ns
from typing import Any

import anyio
import pytest

from crosslayer.programs import Host
from tests.processes import HASH_SEEDS, PYTHONS, elsewhere
from tests.programs.hosting import said


def drawn() -> list[Any]:
    """What chance gives, in many spellings."""
    return [
        random.random(),
        choice(range(1000)),
        random.Random().random(),
        random.SystemRandom().random(),
        secrets.token_hex(8),
        os.urandom(4).hex(),
        uuid.uuid4().hex,
        uuid.uuid1().hex,
        random.sample(range(100), 3),
        next(tempfile._get_candidate_names()),  # type: ignore[attr-defined]  # noqa: SLF001 - what mkstemp draws
    ]


def read() -> list[Any]:
    """What the clocks say, in many spellings."""
    return [
        time.time(),
        time.time_ns(),
        time.monotonic(),
        monotonic(),
        perf_counter_ns(),
        time.process_time(),
        time.strftime("%Y-%m-%d %H:%M:%S"),
        time.ctime(),
        time.localtime().tm_hour,
        datetime.datetime.now().isoformat(),  # noqa: DTZ005 - a program may
        dt.datetime.now(dt.UTC).isoformat(),
        datetime.datetime.utcnow().isoformat(),  # noqa: DTZ003 - a program may
        datetime.date.today().isoformat(),  # noqa: DTZ011 - a program may
        asyncio.get_running_loop().time(),
    ]


async def looking(host: Host) -> None:
    """Draw and read, twice."""
    host.record("said", what=[drawn(), read()])
    await asyncio.sleep(1.5)
    host.record("said", what=[drawn(), read()])


def test_the_clock_is_the_worlds() -> None:
    """A run begins on 1 January 2025 at midnight, and a sleep is as long as it says, on every clock."""
    first, second = (what[1] for _, _, what in said(one=looking))
    numbers = [(one, other) for one, other in zip(first, second, strict=True) if isinstance(one, float)]

    assert "2025-01-01 00:00:00" == first[6]
    assert "2025-01-01T00:00:01.500000" == second[9]
    assert "2025-01-01" == second[12]
    assert {1.5} == {other - one for one, other in numbers}


def test_chance_is_the_runs() -> None:
    """Equal in two runs, other for each agent, other from draw to draw; and the process's own is not touched."""
    random.seed(5)
    expected = random.Random(5).random()
    runs = [said(one=looking, two=looking) for _ in range(2)]
    draws = [str(what[0]) for _, _, what in runs[0]]

    assert runs[0] == runs[1]
    assert 4 == len(set(draws))
    assert expected == random.random()


def test_after_a_turn_everything_is_real() -> None:
    """Neither clocks nor chance nor classes are those of a program any more."""
    before = time.time(), datetime.datetime, random.Random, uuid.uuid4(), monotonic
    said(one=looking)

    assert before[0] <= time.time()
    assert (datetime.datetime, random.Random, monotonic) == (before[1], before[2], before[4])
    assert isinstance(datetime.datetime.now(dt.UTC), before[1])
    assert before[3] != uuid.uuid4()


def test_dates_are_dates() -> None:
    """In a turn the class of dates is still that: to ask, to make and to read one."""

    async def main(host: Host) -> None:
        now = datetime.datetime.now(dt.UTC)
        made = datetime.datetime(2020, 2, 3, tzinfo=dt.UTC)
        read = datetime.datetime.fromisoformat("2020-02-03T00:00:00+00:00")
        local = datetime.datetime.fromtimestamp(0)  # noqa: DTZ006 - a program may
        kinds = [isinstance(one, datetime.datetime | datetime.date) for one in (now, made, read, local)]
        host.record("said", what=[*kinds, made == read, str(local), issubclass(type(now), datetime.datetime)])

    assert [(0, "one-0", [True, True, True, True, True, "1970-01-01 00:00:00", True])] == said(one=main)


def test_timers_of_one_moment_keep_their_order() -> None:
    """What was asked for first happens first."""

    async def main(host: Host) -> None:
        loop, order = asyncio.get_running_loop(), list[Any]()
        for number in range(20):
            loop.call_at(0.5, order.append, number)
        loop.call_later(0.3, order.append, "sooner").cancel()
        loop.call_later(0.3, order.append, "sooner")
        await asyncio.sleep(0.6)
        host.record("said", what=order)

    assert [["sooner", *range(20)]] == [what for _, _, what in said(one=main)]


def test_asyncio_as_it_is() -> None:
    """Timeouts, task groups, queues, cancellation, asynchronous generators, functions in threads."""

    async def main(host: Host) -> None:
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        seen: list[Any] = []

        async def produce() -> None:
            for number in range(3):
                await queue.put(number)

        async def consume() -> None:
            seen.extend([await queue.get() for _ in range(3)])

        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            group.create_task(consume())
        try:
            async with asyncio.timeout(0.2):
                await asyncio.sleep(60)
        except TimeoutError:
            seen.append(asyncio.get_running_loop().time())
        task = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
        seen.append(isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError))
        seen += [
            await asyncio.to_thread(threading.get_ident) == threading.get_ident(),
            await anyio.to_thread.run_sync(len, "four"),
        ]
        host.record("said", what=seen)

    assert [(2, "one-0", [0, 1, 2, 0.2, True, True, 4])] == said(one=main)


def test_sets_of_tasks_are_in_the_order_of_their_making() -> None:
    """Where asyncio hands out a set, its order does not depend on addresses."""

    async def main(host: Host) -> None:
        tasks = [asyncio.create_task(asyncio.sleep(0.1), name=str(number)) for number in range(7)]
        done, _ = await asyncio.wait(tasks)
        host.record("said", what=[one.get_name() for one in done])
        host.record("said", what=[one.get_name() for one in asyncio.all_tasks() if one.get_name() != "main"])

    runs = [said(one=main) for _ in range(3)]

    assert [runs[0]] * 3 == runs
    assert [str(number) for number in range(7)] == sorted(runs[0][0][2])


DIGEST = """
import sys
from tests.programs.test_sources import looking
from tests.programs.hosting import ran
print(ran(one=looking, two=looking).digest)
"""


@pytest.mark.parametrize("python", PYTHONS)
def test_a_run_is_the_same_in_another_process(python: str) -> None:
    """Under another order of hashes, and on another Python."""
    found = {elsewhere(DIGEST, hash_seed=seed, python=python).stdout for seed in HASH_SEEDS}

    assert 1 == len(found)
    assert 64 == len(found.pop().strip())


LAZY = """
import sys
sys.path.insert(0, {folder!r})
from crosslayer.programs import Host
from tests.programs.hosting import ran

async def main(host: Host) -> None:
    import lazily
    import random
    host.record("said", what=[random.random(), lazily.kind(2025, 1, 1).year])

print(ran(one=main).digest, ran(one=main).digest)
"""


def test_what_is_imported_late_draws_from_no_run(tmp_path: Path) -> None:
    """A module that draws while it is loaded is loaded in the first run only, and changes nothing in it."""
    (tmp_path / "lazily.py").write_text("import random\nfrom datetime import datetime as kind\nN = random.random()\n")
    first, second = elsewhere(LAZY.format(folder=str(tmp_path)), hash_seed="1").stdout.split()

    assert first == second
