"""The three Hypothesis profiles of this project, and which of them is loaded when."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
LOADED = "import conftest\nfrom hypothesis import settings\nprint(settings().derandomize, settings().max_examples)"


def test_ci_draws_the_same_examples_every_time() -> None:
    """Only under `ci` nothing is random, wherever that is; and a night draws many more examples than a day."""
    dev, ci, nightly = (settings.get_profile(name) for name in ("dev", "ci", "nightly"))

    assert [False, True, False] == [one.derandomize for one in (dev, ci, nightly)]
    assert (None, None) == (ci.database, nightly.database)
    assert nightly.max_examples > 10 * dev.max_examples == 10 * ci.max_examples


def test_no_profile_minds_the_clock() -> None:
    """Whether a test passes depends on the speed of the machine under no profile."""
    assert {None} == {settings.get_profile(name).deadline for name in ("dev", "ci", "nightly")}


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "dev"),
        ({"CI": "true"}, "ci"),
        ({"HYPOTHESIS_PROFILE": "nightly"}, "nightly"),
        ({"CI": "true", "HYPOTHESIS_PROFILE": "nightly"}, "nightly"),
    ],
)
def test_profile_is_chosen_by_the_environment(environment: dict[str, str], name: str) -> None:
    """HYPOTHESIS_PROFILE decides; without it CI does; without both it is `dev`."""
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "HYPOTHESIS_PROFILE")}
    profile = settings.get_profile(name)

    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"{profile.derandomize} {profile.max_examples}\n" == done.stdout
