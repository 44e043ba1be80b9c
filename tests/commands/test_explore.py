"""`crosslayer explore`, by its output."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crosslayer.harness.explain import report
from tests.commands.invoking import answered, crosslayer

PAIR = ("--population", "1,1,0,0", "--jobs", "1")


def test_a_clean_scope_is_proved(tmp_path: Path) -> None:
    """Without a deviation the reference stack keeps what is exercised, and that is complete."""
    _, said = answered("explore", *PAIR, "--deviations", "0", "--save", tmp_path)

    assert [True, 1, []] == [said["complete"], said["runs"], said["counterexamples"]]
    assert "holds" == said["verdicts"]["commerce_delivery_rewarded"]["outcome"]


def test_some_kinds_of_deviation_are_covered_and_said_so(tmp_path: Path) -> None:
    """Kinds are named in any case, and what was covered is said of them alone."""
    _, said = answered("explore", *PAIR, "--kind", "drop", "--kind", "Crash", "--save", tmp_path)

    assert said["covered"].endswith("at every distinguishable point, of no other kind than Crash, Drop")


def test_a_share_is_covered_and_no_proof_of_the_whole(tmp_path: Path) -> None:
    """A share that was run is done, and exits as what it found; but it is not called complete."""
    words = ("explore", *PAIR, "--invariant", "bid_opacity", "--share", "2/4", "--save", tmp_path)
    status, said = answered(*words)
    told = crosslayer(*words).stdout.splitlines()

    assert report.EXIT_HOLDS == status
    assert [False, {"number": 2, "of": 4, "complete": True}] == [said["complete"], said["share"]]
    assert f"and {said['levels'][1]['schedules']} schedules with 1 (share 2 of 4)," in said["covered"]
    assert f"share 2 of 4 complete: {said['covered']}" in told
    assert said["verdicts"]["commerce_bid_opacity"]["detail"].startswith("kept by what was run")


@pytest.mark.parametrize("share", ["0/4", "5/4", "3", "a/b", "-1/4", "1/0"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    """A bad share is one clear line."""
    answer = crosslayer("explore", "--share", share)

    assert [report.EXIT_BAD_INPUT, 1] == [answer.exit_code, len(answer.stderr.splitlines())]
    assert f"--share {share}" in answer.stderr


def test_what_was_never_put_to_the_test_is_no_proof(tmp_path: Path) -> None:
    """Where nobody can rob, the promise about sellers that withhold is vacuous, and the exit status says so."""
    answer = crosslayer("explore", *PAIR, "--deviations", "0", "--save", tmp_path)

    assert report.EXIT_VACUOUS == answer.exit_code
    assert "complete: every schedule with at most 0 deviations" in answer.stdout


def test_a_violation_is_a_counterexample_like_any_other(tmp_path: Path) -> None:
    """What is found is minimal, blamed, saved, and replays."""
    status, said = answered(
        *("explore", "--stack", "trust=score_average", "--population", "2,0,1,0", "--jobs", "1"),
        *("--invariant", "undelivered_penalized", "--save", tmp_path),
    )
    found = said["counterexamples"][0]
    replayed = crosslayer("replay", found["file"])

    assert [report.EXIT_VIOLATED, 1, ["trust"]] == [status, found["deviations"], found["blame"]]
    assert "reproduced" in replayed.stdout


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ("1,1", "write 4 numbers (buyer, seller, shill_seller, shill)"),
        ("a,b,c,d", "write 'buyer' as role=number"),
        ("0,1,0,0", "at least one buyer"),
        ("buyer=1,sheller=2", "the roles are buyer, seller, shill_seller, shill, auditor"),
        ("buyer=1,seller", "write 'seller' as role=number"),
    ],
)
def test_a_population_that_is_none_is_refused(counts: str, reason: str) -> None:
    """Bad counts are one clear line."""
    answer = crosslayer("explore", "--population", counts)

    assert report.EXIT_BAD_INPUT == answer.exit_code
    assert reason in answer.stderr
    assert 1 == len(answer.stderr.splitlines())


def test_an_interrupted_exploration_is_resumed(tmp_path: Path) -> None:
    """After Ctrl-C there is a file; going on from it ends as an exploration in one go does."""
    file, words = tmp_path / "e.json", ("explore", *PAIR, "--save", tmp_path, "--resume", tmp_path / "e.json")
    command = [sys.executable, "-c", _INTERRUPTED, *map(str, words)]
    stopped = subprocess.run(  # noqa: S603 - our own program
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    _, resumed = answered(*words)
    _, whole = answered("explore", *PAIR, "--save", tmp_path)

    assert "interrupted; go on with --resume" in stopped.stderr
    assert report.EXIT_VACUOUS == stopped.returncode
    assert file.exists()
    assert [whole["levels"], whole["runs"]] == [resumed["levels"], resumed["runs"]]


def test_what_was_explored_survives_a_lost_process(tmp_path: Path) -> None:
    """A worker that dies is one clear line, and the file is there to go on from."""
    file = tmp_path / "e.json"
    answer = crosslayer(
        *("explore", "--stack", "trust=tests.commands.deadly:make", "--population", "1,1,0,0", "--jobs", "2"),
        *("--invariant", "bid_opacity", "--deviations", "2", "--resume", file, "--save", tmp_path),
    )
    *_progress, told = answer.stderr.splitlines()

    assert report.EXIT_FAULT == answer.exit_code
    assert re.match(
        r"crosslayer: plugin fault: trust plugin: make.*: a process that shared the work was killed or ", told
    )
    assert file.exists()


_INTERRUPTED = f"""
import os
from crosslayer.harness.search import (explore)
from crosslayer.cli import (main)
note, runs = explore._note, []
def counting(*args, **kwargs):
    runs.append(1)
    if len(runs) == 300:
        os.kill(os.getpid(), {int(signal.SIGINT)})
    return note(*args, **kwargs)
explore._note = counting
main()
"""
assert os.name == "posix", "interrupting is tested where there are signals"
