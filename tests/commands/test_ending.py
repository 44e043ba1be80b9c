"""How commands end: each exit status, and what is said and left with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosslayer.harness.commands.ending import Ending, concluded
from crosslayer.harness.explain import report
from crosslayer.harness.model.errors import OutputLost, Terminated
from tests.cases import robbery, written
from tests.commands.invoking import crosslayer

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "exit-statuses.md"
PROGRAM = "from crosslayer.cli import main; main()"


def shell(line: str, cwd: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    """What came of a line of shell, in which `crosslayer` is our command."""
    command = f"crosslayer() {{ '{sys.executable}' -c '{PROGRAM}' \"$@\"; }}; {line}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 - our own program
        ["/bin/bash", "-c", command], cwd=cwd, env=env, capture_output=True, text=True, check=False, **how
    )


def test_statuses_are_documented() -> None:
    """The page has one line for each exit status, as it stands in the code."""
    rows = [f"| {one.number} | {one.short} | {one.meaning} |" for one in report.STATUSES]

    assert rows == [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert len(rows) == len({one.number for one in report.STATUSES})


@pytest.mark.parametrize(
    ("line", "status", "told"),
    [
        ("crosslayer run --stack trust=score_average > /dev/full", 74, "standard output cannot be written: No space"),
        (
            "crosslayer run --stack trust=score_average --json >&-",
            74,
            "standard output cannot be written: it is closed",
        ),
        ("crosslayer run > /dev/full 2>&-", 74, ""),
        ("crosslayer --help > /dev/full", 74, "standard output cannot be written: No space"),
        ("crosslayer run --stack trust=score_average | true; exit ${PIPESTATUS[0]}", 1, ""),
        ("crosslayer run | true; exit ${PIPESTATUS[0]}", 0, ""),
        ("crosslayer hunt --help | true; exit ${PIPESTATUS[0]}", 0, ""),
    ],
)
def test_output_that_is_lost(tmp_path: Path, line: str, status: int, told: str) -> None:
    """Lost output has a status of its own; a pipe that nobody reads any more keeps that of the verdict."""
    done = shell(line, tmp_path)

    assert status == done.returncode
    assert done.stderr.startswith(f"crosslayer: {told}") if told else done.stderr == ""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("crosslayer run --stack trust=score_average --trace t.jsonl", "t.jsonl: cannot be written: "),
        ("crosslayer hunt --stack trust=score_average --examples 60", "what was found is told above, but not saved"),
        ("crosslayer hunt --stack trust=score_average --examples 60 --json", "what was found is told above"),
    ],
)
def test_full_disk_loses_no_story(tmp_path: Path, line: str, told: str) -> None:
    """Where no file can grow beyond a block, what cannot be saved is told all the same, with a status of its own."""
    done = shell(f"ulimit -f 1; {line}", tmp_path)

    assert 74 == done.returncode
    assert told in done.stderr
    assert "commerce_undelivered_penalized" in done.stdout
    assert "Traceback" not in done.stderr
    assert [] == list(tmp_path.rglob("*.json*"))


def test_full_disk_keeps_the_corpus(tmp_path: Path) -> None:
    """An entry that cannot be added is one line, and the folder is as it was."""
    written(tmp_path / "one.json", robbery())
    (tmp_path / "corpus").mkdir()
    done = shell("ulimit -f 1; crosslayer corpus add one.json", tmp_path)

    assert (74, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert [] == list((tmp_path / "corpus").iterdir())


def test_crash_of_ours_is_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in Crosslayer is one line, a file to attach, and status 70."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("crosslayer.harness.search.seeded.Simulation", broken)

    result = crosslayer("run", "--seed", "7")
    (file,) = tmp_path.glob("crosslayer-crash-*.txt")

    assert (70, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert file.name in result.stderr
    assert all(word in file.read_text() for word in ("ZeroDivisionError: ours", "['run', '--seed', '7']", "Python 3"))


@pytest.mark.parametrize(
    ("do", "status"),
    [
        (lambda: 0, 0),
        (lambda: 1, 1),
        (lambda: None, 0),
        (lambda: 99, 70),
        (lambda: True, 70),
        (lambda: (_ for _ in ()).throw(KeyboardInterrupt), 130),
        (lambda: (_ for _ in ()).throw(Terminated), 143),
        (lambda: (_ for _ in ()).throw(OutputLost("f", "full")), 74),
        (lambda: (_ for _ in ()).throw(SystemExit(0)), 70),
    ],
)
def test_every_end_has_a_status(do: Callable[[], Any], status: int) -> None:
    """Whatever a command answers or raises becomes one documented status: an exit from within is no answer."""
    assert status == concluded(do, ()).status


def test_signal_before_an_answer(tmp_path: Path) -> None:
    """A command that is ended before it has anything to say ends with 128 and the signal's number."""
    for number in (signal.SIGINT, signal.SIGTERM):
        program = f"import os; os.kill(os.getpid(), {int(number)}); import time; time.sleep(9)"
        (tmp_path / f"ending_{int(number)}.py").write_text(program)
        code = (
            "import sys; sys.path.insert(0, '.'); from crosslayer.harness.commands.ending import concluded, ended;"
            f"sys.exit(ended(concluded(lambda: __import__('ending_{int(number)}'), ())))"
        )
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
        )

        assert (128 + int(number), 1) == (done.returncode, done.stderr.count("\n"))


def test_flags_have_bounds() -> None:
    """No number is endless, and no path is empty."""
    for words in (
        ("run", "--seed", "-1"),
        ("run", "--seed", str(10**23)),
        ("run", ""),
        ("hunt", "--seed", "-1"),
        ("hunt", "--seconds", "nan"),
        ("hunt", "--seconds", "inf"),
        ("hunt", "--jobs", "100000"),
        ("hunt", "--examples", str(10**23)),
        ("hunt", "--stall-timeout", "nan"),
        ("explore", "--deviations", str(10**23)),
        ("explore", "--share", f"1/{'9' * 5_000}"),
        ("explore", "--population", f"{'9' * 5_000},1,1,1"),
        ("matrix", "--seeds", str(10**23)),
        ("run", "--stack", f"trust={'x' * 6_000}"),
        ("hunt", "--engine", "x" * 6_000),
        ("x" * 6_000,),
    ):
        result = crosslayer(*words)
        assert (2, "") == (result.exit_code, result.stdout)
        assert 1_300 > len(result.stderr)


def test_no_answer_is_no_status() -> None:
    """An ending has the status that it was given."""
    assert Ending(3) == Ending(3, "")
