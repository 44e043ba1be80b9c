import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosslayer.harness.search.hunting import begun
from crosslayer.harness.systems.commerce.probes import PROBES
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL, JOINT
from crosslayer.strategies.hunt import PATIENCE, Budget, hunt, unreached
from tests.commerce import ALSO, KNOWN_BAD, SYSTEM, populations
from tests.play import scenario, with_operations
from tests.strategies.sequences import sequence

ROOT = Path(__file__).parent.parent.parent
UNDELIVERED = "commerce_undelivered_penalized"


@pytest.mark.parametrize(("swap", "name"), KNOWN_BAD.items())
def test_swap_breaks_its_own_promise_alone(swap: str, name: str) -> None:
    """In a hunt of at most 120 runs each swap is found, and no other joint invariant is ever violated."""
    hunted = hunt(scenario(), build([swap]), JOINT, Budget(120))

    assert {name} == hunted.cases.keys() - ALSO[swap]
    assert hunted.cases.keys() == hunted.first.keys()


def test_reference_survives_a_hunt() -> None:
    """The reference stack breaks nothing, neither a joint invariant nor a contract, and most were exercised."""
    hunted = hunt(scenario(), REFERENCE, ALL, Budget(120))

    assert (120, {}) == (hunted.examples, hunted.cases)
    assert [] == [name for name, times in hunted.exercised.items() if not times]


def test_hunt_is_over_when_what_was_wanted_is_found() -> None:
    """A hunt for one promise ends with the run that breaks it."""
    hunted = hunt(scenario(), build(["privacy=noop"]), JOINT, Budget(120), wanted=("commerce_bid_opacity",))

    assert hunted.first["commerce_bid_opacity"] == hunted.examples


def test_hunt_goes_on_for_a_while_to_find_more() -> None:
    """Once something is found, a hunt for anything goes on as long again, and a hundred runs more."""
    hunted = hunt(
        scenario(),
        build(["privacy=noop"]),
        JOINT,
        Budget(1000),
        population=populations(buyer=1, seller=1, shill_seller=0, shill=0),
    )

    assert 2 * hunted.first["commerce_bid_opacity"] + PATIENCE == hunted.examples


def test_seconds_are_a_bound() -> None:
    """A hunt with a bound of seconds ends long before its runs are spent."""
    hunted = hunt(scenario(), REFERENCE, (), Budget(1_000_000, 0.2))

    assert 0.2 <= hunted.seconds < 5
    assert 1 <= hunted.examples < 1_000_000


def test_situation_that_never_arose_is_not_exercised() -> None:
    """Among honest sellers nobody withholds: the promise about sellers that withhold is never exercised."""
    hunted = hunt(scenario(), REFERENCE, JOINT, Budget(20), population=populations(shill_seller=0))

    assert 0 == hunted.exercised[UNDELIVERED] < hunted.exercised["commerce_bid_opacity"]
    assert "goods come that nobody paid for" in unreached(hunted.reached)


def test_fault_is_a_case_of_its_own() -> None:
    """A run that a plugin ended counts as `plugin_fault`, and against no promise."""

    def fail(*_args: object) -> None:
        raise RuntimeError("out of order")

    hunted = hunt(scenario(), with_operations("privacy", encrypt=fail), JOINT, Budget(5))

    assert {"plugin_fault"} == hunted.cases.keys()


def test_progress_is_shown_after_every_run() -> None:
    """Anyone who watches sees the state after every run, and every run once."""
    seen: list[int] = []

    hunt(scenario(), REFERENCE, (), Budget(9), progress=lambda state: seen.append(state.examples))

    assert [1, 2, 3, 4, 5, 6, 7, 8, 9] == seen


def test_nothing_is_reached_before_the_first_run() -> None:
    """A hunt knows of every probe from the start, so that what was never reached can be named."""
    assert tuple(one.name for one in PROBES) == unreached(begun(SYSTEM, JOINT).reached)


def test_seed_decides_the_sequence() -> None:
    """Under one seed a hunt draws the same runs again, under another one others."""
    assert sequence(3) == sequence(3) != sequence(4)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "CI": "1"},
        {"GITHUB_ACTIONS": "true", "HYPOTHESIS_EXPERIMENTAL_OBSERVABILITY": "1", "HYPOTHESIS_NO_PLUGINS": "1"},
    ],
    ids=["hashes", "ci", "hypothesis"],
)
def test_seed_decides_the_sequence_in_every_process(tmp_path: Path, environment: dict[str, str]) -> None:
    """In another process, in another folder and under another environment, the same seed gives the same runs."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.strategies.sequences", "3"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )

    assert sequence(3) == done.stdout.strip()
