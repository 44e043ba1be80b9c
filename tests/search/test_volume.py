import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer.harness.explain import report
from crosslayer.harness.search.hunting import PATIENCE, Budget, Hunted, unreached
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.priorities import Scheduler, by_priority, in_time
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.volume import hunt
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL, JOINT
from tests.commands.invoking import answered, crosslayer
from tests.commerce import ALSO, KNOWN_BAD
from tests.play import scenario, with_operations

ROOT = Path(__file__).parent.parent
VOLUME = ("hunt", "--engine", "volume")
ROBBED = ("--stack", "trust=score_average", "--invariant", "undelivered_penalized")


def still(hunted: Hunted) -> Hunted:
    """The same hunt, had it taken no time."""
    return attrs.evolve(hunted, seconds=0.0)


@pytest.mark.parametrize(("swap", "name"), KNOWN_BAD.items())
def test_swap_breaks_its_own_promise_alone(swap: str, name: str) -> None:
    """In at most 120 runs each swap is found, in a case that breaks it, and no other joint invariant is violated."""
    hunted = hunt(scenario(), build([swap]), JOINT, Budget(120))

    assert {name} == hunted.cases.keys() - ALSO[swap]
    assert hunted.cases.keys() == hunted.first.keys()
    assert Judgement(scenario(), build([swap]), JOINT).breaks(name, hunted.cases[name])


def test_reference_survives() -> None:
    """The reference stack breaks nothing, and most of it was exercised."""
    hunted = hunt(scenario(), REFERENCE, ALL, Budget(120))

    assert (120, {}) == (hunted.examples, hunted.cases)
    assert [] == [name for name, times in hunted.exercised.items() if not times]
    assert len(unreached(hunted.reached)) < 5


@pytest.mark.parametrize(("examples", "scheduler"), [(19, in_time), (41, by_priority)])
def test_jobs_do_not_matter(examples: int, scheduler: Scheduler) -> None:
    """One and two processes answer the same, to the last count, whether or not something is found."""
    swapped = build(["trust=score_average"])
    budget = Budget(examples, None, 3)
    one, two = (hunt(scenario(), swapped, JOINT, budget, scheduler=scheduler, workers=here(jobs)) for jobs in (1, 2))

    assert examples == one.examples
    assert still(one) == still(two)


def test_a_longer_hunt_begins_like_a_shorter_one() -> None:
    """The runs of a seed are a row of which each hunt does the first ones."""
    seen: list[tuple[int, dict[str, int]]] = []
    hunt(scenario(), REFERENCE, (), Budget(30), progress=lambda now: seen.append((now.steps, dict(now.reached))))

    assert seen[10] == next((short.steps, short.reached) for short in [hunt(scenario(), REFERENCE, (), Budget(11))])
    assert 30 == len(seen)


def test_hunt_is_over_when_what_was_wanted_is_found() -> None:
    """A hunt for one promise ends with the run that breaks it; one for anything goes on for a while, to find more."""
    stack, name = build(["privacy=noop"]), "commerce_bid_opacity"
    wanted = hunt(scenario(), stack, JOINT, Budget(500), wanted=(name,))
    anything = hunt(scenario(), stack, JOINT, Budget(500))

    assert wanted.first[name] == wanted.examples == anything.first[name]
    assert 2 * anything.first[name] + PATIENCE == anything.examples


def test_fault_is_a_case_of_its_own() -> None:
    """A run that a plugin ended counts as `plugin_fault`, and against no promise."""

    def fail(*_args: object) -> None:
        raise RuntimeError("out of order")

    hunted = hunt(scenario(), with_operations("privacy", encrypt=fail), JOINT, Budget(10))

    assert {"plugin_fault"} == hunted.cases.keys()


def test_stopping_keeps_what_was_found() -> None:
    """A hunt that is told to stop answers with all runs it has done, and their finds."""
    stack, budget = build(["privacy=noop"]), Budget(100)
    alone, together = (
        hunt(scenario(), stack, JOINT, budget, workers=here(jobs), stop=iter((False, True)).__next__) for jobs in (1, 2)
    )

    assert (2, {"commerce_bid_opacity"}) == (alone.examples, {*alone.cases})
    assert (2, {"commerce_bid_opacity"}) == (together.examples, {*together.cases})


# By command


def test_what_is_found_is_a_counterexample_like_any_other(tmp_path: Path) -> None:
    """The find is minimal, blamed, told, saved, and replays."""
    status, value = answered(*VOLUME, *ROBBED, "--examples", 200, "--jobs", 1, "--save", tmp_path)
    (found,) = value["counterexamples"]

    assert (report.EXIT_VIOLATED, ["trust"], 1) == (status, found["blame"], len(found["steps"]))
    assert "reproduced" in crosslayer("replay", found["file"]).stdout


def test_a_vacuous_hunt_is_no_pass(tmp_path: Path) -> None:
    """A promise that was never exercised has not survived, and the exit status says so."""
    result = crosslayer(
        *VOLUME, "--invariant", "undelivered_penalized", "--examples", 1, "--seed", 1, "--jobs", 1, "--save", tmp_path
    )

    assert report.EXIT_VACUOUS == result.exit_code
    assert "vacuous   exercised in none of 1 runs" in result.output


def test_seconds_alone_are_a_budget(tmp_path: Path) -> None:
    """With seconds and no number of runs, a hunt in volume goes on until they have passed."""
    _, value = answered(*VOLUME, "--seconds", 0.4, "--jobs", 1, "--save", tmp_path)

    assert 0.4 <= value["seconds"] < 10
    assert 1 <= value["examples"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("hunt", "--jobs", "2"), "--jobs 2: the Hypothesis engine runs in one process; add --engine volume"),
        (("hunt", "--engine", "steam"), "Invalid value for '--engine'"),
        ((*VOLUME, "--jobs", "0"), "Invalid value for '--jobs'"),
        ((*VOLUME, "--examples", "0"), "Invalid value for '--examples'"),
        ((*VOLUME, "--seconds", "0"), "Invalid value for '--seconds'"),
        ((*VOLUME, "--stack", "trust=nobody"), "--stack trust=nobody: there is no trust plugin 'nobody'"),
    ],
)
def test_bad_input_is_refused(words: tuple[str, ...], reason: str) -> None:
    """What cannot be done is said, with the flag, before anything is run."""
    result = crosslayer(*words)

    assert (report.EXIT_BAD_INPUT, True) == (result.exit_code, reason in result.stderr)


def _python(code: str, *words: object) -> Any:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # a terminal's Ctrl-C reaches all processes of its foreground group
    )


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (("--engine", "volume", "--jobs", 1), 21),
        (("--engine", "volume", "--jobs", 2), 21),
        (("--engine", "hypothesis"), 21),
    ],
)
def test_an_interrupted_hunt_loses_nothing(tmp_path: Path, words: tuple[object, ...], runs: int) -> None:
    """After Ctrl-C what was found so far is told and saved, and it is said after how many runs that was."""
    code = f"""
import os
from crosslayer.harness.search import (hunting)
from crosslayer.cli import (main)
note = hunting.Hunted.note
def counting(state, *words):
    note(state, *words)
    if state.examples == {runs}:
        os.killpg(os.getpgrp(), {int(signal.SIGINT)})
hunting.Hunted.note = counting
if __name__ == "__main__":
    main()
"""
    stack = ("--stack", "privacy=noop", "--invariant", "bid_opacity")
    done = _python(code, "hunt", *words, *stack, "--save", tmp_path)

    assert (report.EXIT_VIOLATED, 1) == (done.returncode, len(list(tmp_path.iterdir())))
    assert f"crosslayer: interrupted after {runs} runs" in done.stderr
    assert f" {runs} runs, " in done.stdout


def test_volume_needs_no_hypothesis(tmp_path: Path) -> None:
    """Where Hypothesis cannot be imported, a hunt in volume finds, reduces and tells what it would find elsewhere."""
    code = """
import sys
sys.modules["hypothesis"] = None
from crosslayer.cli import (main)
main(sys.argv[1:])
"""
    done = _python(code, *VOLUME, *ROBBED, "--examples", 60, "--jobs", 1, "--save", tmp_path)

    assert (report.EXIT_VIOLATED, 1) == (done.returncode, len(list(tmp_path.iterdir())))
