"""In a project that has folders of the same names as ours: theirs are theirs, ours are ours."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.installed.building import Environment

NAMES = ("harness", "properties", "strategies", "scenarios", "tests")
OPTIONS = ("--crosslayer-stack", "trust=mine:make", "--crosslayer-examples", "200", "--crosslayer-save", "found")

PLUGIN = """
import harness, properties, scenarios, strategies, tests
from crosslayer.harness.systems.commerce.plugins.trust_score_average import make

for one in (harness, properties, scenarios, strategies, tests):
    assert one.WHOSE == "theirs", one
"""

TESTS = """
import sys
from pathlib import Path

import harness, properties, scenarios, strategies, tests

PROJECT = Path(__file__).parent.parent


def test_theirs():
    for one in (harness, properties, scenarios, strategies, tests):
        assert one.WHOSE == "theirs"
        assert Path(one.__file__).parent.parent == PROJECT


def test_ours():
    ours = [name for name in sys.modules if name.startswith("crosslayer.")]
    assert "crosslayer.pytest_plugin" in ours
    assert not [name for name in ours if str(PROJECT) in str(sys.modules[name].__file__)]
"""

WAYS: Sequence[tuple[str, ...]] = (
    ("pytest",),
    ("python", "-m", "pytest"),
    ("pytest", "-o", "pythonpath=."),
    ("pytest", "-n", "2"),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of somebody else's, whose packages have the names of our folders."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('WHOSE = "theirs"\n')
    (tmp_path / "mine.py").write_text(PLUGIN)
    (tmp_path / "tests" / "test_own.py").write_text(TESTS)
    return tmp_path


@pytest.mark.parametrize("words", [*WAYS, ("pytest", "--lf")], ids=" ".join)
def test_their_tests_run_as_if_we_were_not_there(installed: Environment, project: Path, words: Sequence[str]) -> None:
    """Without an option of ours, pytest starts and passes, however it is called, and nothing is added."""
    done = installed.run(project, *words, "-q")

    assert (0, "") == (done.returncode, done.stderr)
    assert "2 passed in" in done.stdout


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
def test_their_plugin_is_hunted_in(installed: Environment, project: Path, words: Sequence[str]) -> None:
    """With our options their plugin is loaded, finds their packages, and is convicted; their tests pass as before."""
    chosen = ("-q", "-k", "own or undelivered", *OPTIONS)

    done = installed.run(project, *words, *chosen)

    assert (1, "") == (done.returncode, done.stderr)
    assert "1 failed, 2 passed" in done.stdout, done.stdout
    assert "Traceback" not in done.stdout
    assert "[commerce_undelivered_penalized]" in done.stdout


def test_what_failed_last_runs_first(installed: Environment, project: Path) -> None:
    """`--lf` repeats a hunt that failed, and an entry that failed, and leaves out what passed."""
    chosen = ("pytest", "-q", "-k", "own or undelivered or opacity", *OPTIONS)
    first = installed.run(project, *chosen)

    again = installed.run(project, *chosen, "--lf")

    assert "1 failed, 3 passed" in first.stdout, first.stdout
    assert "1 failed" in again.stdout, again.stdout
    assert "passed" not in again.stdout, again.stdout


@pytest.mark.parametrize(
    "engine", [(), ("--engine", "volume", "--jobs", "1"), ("--engine", "volume", "--jobs", "2")], ids=" ".join
)
@pytest.mark.parametrize("words", [("crosslayer",), ("python", "-m", "crosslayer")], ids=" ".join)
def test_command_hunts_in_their_plugin(
    installed: Environment, project: Path, words: Sequence[str], engine: Sequence[str]
) -> None:
    """Either engine, in one process or in two, loads their plugin from the working folder, and convicts it."""
    chosen = ("hunt", "--stack", "trust=mine:make", "--invariant", "undelivered_penalized", "--examples", "40")

    done = installed.run(project, *words, *chosen, *engine, "--json")

    assert 1 == done.returncode
    assert all("is broken; kept as" in line for line in done.stderr.splitlines()), done.stderr
    (found,) = json.loads(done.stdout)["counterexamples"]
    assert ["trust"] == found["blame"]


def test_working_folder_comes_last(installed: Environment, project: Path) -> None:
    """A module of theirs that has the name of one that we need stands in for it in no command, however it is called."""
    for name in ("attrs", "networkx", "click", "yaml", "cryptography", "rich"):
        (project / f"{name}.py").write_text("raise SystemExit('theirs')\n")

    for words in (("crosslayer",), ("python", "-m", "crosslayer")):
        done = installed.run(project, *words, "run", "--stack", "trust=mine:make", "--json")

        assert ("", 1) == (done.stderr, done.returncode)
        assert "violated" == json.loads(done.stdout)["verdicts"]["commerce_undelivered_penalized"]["outcome"]
