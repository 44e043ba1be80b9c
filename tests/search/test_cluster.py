"""One search on many machines: here they are processes on the loopback, and are killed like the real ones."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import gethostname
from time import monotonic, sleep

import attrs
import pytest

from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.errors import BadInput, ProcessLost
from crosslayer.harness.search.cluster import joined
from crosslayer.harness.search.explore import Explored, Scope, explore, look
from crosslayer.harness.search.hunting import Budget
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.volume import hunt
from crosslayer.harness.search.workers import LARGEST, WINDOW, Task, alone, together
from crosslayer.harness.systems.lock import SYSTEM
from tests.commands.invoking import answered
from tests.search.clusters import ROOT, Fleet, fleet

STALL = 20.0


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A scheduler and two workers that no test harms."""
    with fleet(tmp_path_factory.mktemp("pair"), 2) as one:
        yield one


def placed(item: int) -> tuple[int, int]:
    """The square of an item, and the process in which it was worked out; some take longer."""
    sleep(0.3 if item % 7 == 0 else 0.02)
    return item * item, os.getppid()


def negated(item: int) -> int:
    """Little work."""
    return -item


PLACED = Task(placed)
SQUARES = [(item, item * item) for item in range(60)]


def squares(answers: list[tuple[int, tuple[int, int]]]) -> list[tuple[int, int]]:
    """Without the processes."""
    return [(item, square) for item, (square, _) in answers]


def judgement(bad: str = "store=unfenced") -> Judgement:
    """The lock on a stack that breaks its promise."""
    return Judgement(shipped(SYSTEM, "hunt"), build(SYSTEM, [bad]), SYSTEM.properties)


# The same answers


def test_answers_come_in_the_order_of_the_items(pair: Fleet) -> None:
    """Whatever takes how long on which worker, the first answer is that of the first item, and all share the work."""
    with joined(pair.address, STALL) as cluster:
        answers = list(cluster.spread(PLACED, range(60)))

    assert SQUARES == squares(answers)
    assert 2 == len({process for _, (_, process) in answers} & {one.pid for one in pair.workers})


def test_a_hunt_is_the_same_on_a_cluster(pair: Fleet) -> None:
    """To the last count: what it found, in which run, and after how many it was over."""
    one = judgement()
    budget = Budget(300, None, 3)
    single = hunt(one.scenario, one.stack, one.properties, budget)
    with joined(pair.address, STALL) as cluster:
        double = hunt(one.scenario, one.stack, one.properties, budget, workers=cluster)

    assert single.cases
    assert attrs.evolve(single, seconds=0) == attrs.evolve(double, seconds=0)


def test_an_exploration_is_the_same_on_a_cluster(pair: Fleet) -> None:
    """Level by level."""
    one = judgement()
    scope = Scope(2, kinds=("Crash",), share=1, shares=6)
    single = explore(one, scope, alone(one, look), Explored())
    with joined(pair.address, STALL) as cluster:
        double = explore(one, scope, together(one, cluster, look), Explored())

    assert attrs.evolve(single, seconds=0) == attrs.evolve(double, seconds=0)


def test_items_are_asked_for_as_they_are_needed(pair: Fleet) -> None:
    """A search without end holds a bounded number of items, however long it goes on."""
    asked = 0

    def endless() -> Iterator[int]:
        nonlocal asked
        while True:
            asked += 1
            yield asked

    ahead = []
    with joined(pair.address, STALL) as cluster:
        for item, _ in cluster.spread(Task(negated), endless()):
            ahead.append(asked - item)
            if item == 30_000:
                break

    assert max(ahead) <= (2 * WINDOW + 1) * LARGEST


# What goes wrong


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    """What it had is done by another, and counted once."""
    with fleet(tmp_path, 2) as two, joined(two.address, STALL) as cluster:
        answers = []
        for answer in cluster.spread(PLACED, range(60)):
            answers.append(answer)
            if len(answers) == 15:
                two.workers[0].kill()

    assert SQUARES == squares(answers)


def test_a_worker_that_joins_late_takes_part_beside_a_slow_one(tmp_path: Path) -> None:
    """Work begins with the worker that is there; what it has not begun goes to the faster one that comes."""
    with fleet(tmp_path) as one, joined(one.address, STALL) as cluster:
        slow = one.worker()
        answers = []
        for answer in cluster.spread(Task(sluggish), [slow.pid] * 40):
            answers.append(answer[1])
            if len(answers) == 3:
                one.worker()

    assert 40 == len(answers)
    assert 0 < answers.count(slow.pid) < 20


def sluggish(slow: int) -> int:
    """Which worker this is; that of this number needs long."""
    sleep(1.0 if os.getppid() == slow else 0.1)
    return os.getppid()


def test_a_killed_scheduler_is_told_and_what_was_answered_counts(tmp_path: Path) -> None:
    """The search ends soon, with the address; the answers until then are the first ones, whole."""
    answers = []
    with fleet(tmp_path, 1) as one, joined(one.address, STALL) as cluster:

        def search() -> None:
            for answer in cluster.spread(PLACED, range(60)):
                answers.append(answer)
                if len(answers) == 8:
                    one.scheduler.kill()

        with pytest.raises(ProcessLost, match=r"--cluster tcp://127\.0\.0\.1:\d+: the connection"):
            search()

    assert 8 <= len(answers) < 60
    assert SQUARES[: len(answers)] == squares(answers)


def test_a_search_without_workers_ends(tmp_path: Path) -> None:
    """If nobody comes who could work, that is told after as long as was asked for."""
    with (
        fleet(tmp_path) as one,
        joined(one.address, 1.0) as cluster,
        pytest.raises(ProcessLost, match="there was no worker for 1 s"),
    ):
        list(cluster.spread(PLACED, range(9)))


def test_a_search_that_loses_its_last_worker_ends(tmp_path: Path) -> None:
    """What was answered until then are the first answers."""
    answers = []
    with fleet(tmp_path, 1) as one, joined(one.address, 8.0) as cluster:

        def search() -> None:
            for answer in cluster.spread(PLACED, range(60)):
                answers.append(answer)
                if len(answers) == 8:
                    one.workers[0].kill()

        with pytest.raises(ProcessLost, match="there was no worker for 8 s"):
            search()

    assert SQUARES[: len(answers)] == squares(answers)


CLIENT = """
import sys
from crosslayer.harness.commands import explore
from crosslayer.cli import main
explore.SAVE_SECONDS = 0.05
main(sys.argv[1:])
"""
EXPLORED = (
    "explore",
    "--system",
    "lock",
    "--stack",
    "store=unfenced",
    "--deviations",
    "2",
    "--kind",
    "Crash",
    "--share",
    "1/4",
)


def test_a_killed_client_goes_on_from_its_file(pair: Fleet, tmp_path: Path) -> None:
    """The workers are free again, and the file that was kept leads to the answer of an undisturbed exploration."""
    file = tmp_path / "exploration.json"
    words = [*EXPLORED, "--resume", str(file), "--save", str(tmp_path)]
    client = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", CLIENT, *words, "--cluster", pair.address], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    until = monotonic() + 60
    while not file.exists() and monotonic() < until and client.poll() is None:
        sleep(0.01)
    client.kill()
    client.wait()
    left = json.loads(file.read_text())
    _, resumed = answered(*words, "--cluster", pair.address)
    _, whole = answered(*EXPLORED, "--save", tmp_path, "--jobs", 1)

    assert -signal.SIGKILL == client.returncode
    assert 0 < left["examples"] < whole["runs"]
    assert {**whole, "seconds": 0} == {**resumed, "seconds": 0}


def test_a_plugin_that_ends_its_process_is_told(pair: Fleet) -> None:
    """It ends a child of the worker and no worker, which goes on with the next search."""
    with joined(pair.address, STALL) as cluster:
        with pytest.raises(ProcessLost, match="killed by SIGKILL"):
            list(cluster.spread(Task(deadly), range(3)))

        assert [(2, -2)] == list(cluster.spread(Task(negated), [2]))


def deadly(_item: int) -> int:
    """Ends its process."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


# Who may take part


def plugin(folder: Path, text: str) -> Path:
    """A folder with a plugin of this text in it."""
    folder.mkdir()
    (folder / "their_plugin.py").write_text(text)
    return folder


def test_another_version_of_a_plugin_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the host's name and both versions, before anything is run."""
    monkeypatch.syspath_prepend(plugin(tmp_path / "mine", "SIZE = 1\n"))
    with fleet(tmp_path) as one, joined(one.address, STALL) as cluster:
        one.worker(plugin(tmp_path / "theirs", "SIZE = 2\n"))
        with pytest.raises(BadInput) as refused:
            list(cluster.spread(Task(negated, code=("their_plugin",)), [1]))

    assert f"{gethostname()} has their_plugin sources " in str(refused.value)
    assert 2 == len(set(str(refused.value).split("sources ")[1:]))


def test_a_plugin_that_is_not_there_is_told_with_the_host(
    pair: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of many machines lacks it is what one has to know."""
    monkeypatch.syspath_prepend(plugin(tmp_path / "mine", "SIZE = 1\n"))
    with (
        joined(pair.address, STALL) as cluster,
        pytest.raises(BadInput, match=f"{gethostname()} cannot load their_plugin: .*No module named"),
    ):
        list(cluster.spread(Task(negated, code=("their_plugin",)), [1]))


def test_another_version_of_crosslayer_is_refused(tmp_path: Path) -> None:
    """Also one that joins when the work is under way: nothing of what it says is counted."""
    (tmp_path / "other").mkdir()
    shutil.copytree(ROOT / "crosslayer", tmp_path / "other" / "crosslayer")
    with (tmp_path / "other" / "crosslayer" / "testing.py").open("a") as file:
        file.write("# changed\n")
    answers = []
    with fleet(tmp_path, 1) as one, joined(one.address, STALL) as cluster:

        def search() -> None:
            for answer in cluster.spread(PLACED, range(9999)):
                answers.append(answer)
                if len(answers) == 1:
                    one.worker(tmp_path / "other", PYTHONPATH=str(tmp_path / "other"))

        with pytest.raises(ProcessLost, match=f"{gethostname()} has crosslayer .*, and the search is of crosslayer "):
            search()

    assert SQUARES[: len(answers)] == squares(answers)[: len(SQUARES)]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:1", "no scheduler answers there"),
        ("nowhere", "write tcp://HOST:PORT"),
        ("local:0", "write local:N"),
        ("local:many", "write local:N"),
    ],
)
def test_bad_addresses_are_refused(address: str, reason: str) -> None:
    """With the flag and what to write."""
    with pytest.raises(BadInput, match=f"--cluster {address}: {reason}"), joined(address, STALL):
        pass
