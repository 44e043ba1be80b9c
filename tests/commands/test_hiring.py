"""Who does the work, as it is said on the command line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crosslayer.harness.commands import hiring
from crosslayer.harness.explain import report
from tests.commands.invoking import answered, crosslayer
from tests.search.clusters import ROOT, fleet

CORPUS = ROOT / "corpus"
VOLUME = ("hunt", "--engine", "volume")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("hunt", "--cluster", "local:2"), "--cluster local:2: the Hypothesis engine runs in one process"),
        ((*VOLUME, "--jobs", 2, "--cluster", "local:2"), "--jobs 2: --cluster says where the work is done"),
        (("explore", "--cluster", "here"), "--cluster here: write tcp://HOST:PORT"),
        (("matrix", "--cluster", "local:0"), "--cluster local:0: write local:N"),
        (("corpus", "verify", "--cluster", "tcp://"), "--cluster tcp://: no scheduler answers there"),
    ],
)
def test_what_cannot_be_is_refused(words: tuple[object, ...], reason: str) -> None:
    """In one line, with the flag, and what to do."""
    result = crosslayer(*words)

    assert (report.EXIT_BAD_INPUT, True) == (result.exit_code, reason in result.stderr)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Dask is not installed, it is said what brings it."""
    monkeypatch.setattr(hiring, "NEEDED", "no_such_module")
    result = crosslayer(*VOLUME, "--cluster", "tcp://127.0.0.1:1")

    assert report.EXIT_BAD_INPUT == result.exit_code
    assert "pip install 'crosslayer[cluster]'" in result.stderr


def test_every_search_is_the_same_on_a_cluster(tmp_path: Path) -> None:
    """Matrix and corpus, too, by command: all but the seconds is what one process says."""
    bad = ("matrix", "--system", "lock", "--examples", 60)
    (tmp_path / "corpus").mkdir()
    for file in sorted(CORPUS.glob("*_opacity-*.json"))[:4]:
        shutil.copy(file, tmp_path / "corpus")
    kept = ("corpus", "verify", "--corpus", tmp_path / "corpus", "--allow", "tests.defects")
    (tmp_path / "fleet").mkdir()
    with fleet(tmp_path / "fleet", 1) as one:
        there = [answered(*words, "--cluster", one.address) for words in (bad, kept)]
    here = [answered(*words, "--jobs", 1) for words in (bad, kept)]

    assert [report.EXIT_HOLDS, report.EXIT_HOLDS] == [status for status, _ in here]
    assert [(status, _still(value)) for status, value in here] == [(status, _still(value)) for status, value in there]


def test_a_hunt_whose_scheduler_is_killed_tells_what_it_has(tmp_path: Path) -> None:
    """Status 4, one line with the address, the verdicts of all runs until then, and no traceback."""
    words = [*VOLUME, "--system", "lock", "--seconds", "100", "--save", str(tmp_path / "found")]
    with fleet(tmp_path, 1) as one:
        client = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "crosslayer", *words, "--cluster", one.address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert client.stderr is not None
        assert client.stderr.readline().startswith("hunting: ")
        one.scheduler.kill()
        out, err = client.communicate(timeout=60)

    assert report.EXIT_FAULT == client.returncode
    assert f"--cluster {one.address}: the connection to the scheduler is lost; the results of " in err
    assert ("Traceback" in err, "a process was lost" in out) == (False, True)


def _still(value: object) -> object:
    """A JSON value, had it taken no time."""
    if isinstance(value, dict):
        return {name: _still(one) for name, one in value.items() if name not in ("seconds", "finishing")}
    return [_still(one) for one in value] if isinstance(value, list) else value
