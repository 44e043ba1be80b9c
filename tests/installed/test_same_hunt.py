"""A hunt is the same in the checkout and from the wheel, by command and by the pytest plugin."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installed.building import ROOT, Environment

PROGRAM = Path(__file__).with_name("hunting.py")
FOREIGN = f"VALUES = ({', '.join(map(str, range(300)))})\nWORDS = {['yes', 'no', 'maybe']}\n"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with a module of somebody else's, full of constants that would fit into almost any draw."""
    (tmp_path / "foreign.py").write_text(FOREIGN)
    return tmp_path


def test_hunt_is_the_same_from_the_wheel(installed: Environment, elsewhere: Path) -> None:
    """Under the same seed the same runs, by their digests: from the wheel, with a foreign module, in another folder."""
    here = subprocess.run([sys.executable, PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603

    there = installed.run(elsewhere, "python", PROGRAM, "foreign")

    assert (here.stdout, "") == (there.stdout, there.stderr)
    assert 40 == len(here.stdout.splitlines())


def test_command_and_plugin_find_the_same(installed: Environment, elsewhere: Path) -> None:
    """The README's first hunt finds the same counterexample in the same run, by command and by the pytest plugin."""
    stack, seed, examples = "trust=agent_receipts_largest_scc", 1, 200
    command = ("hunt", "--stack", stack, "--invariant", "delivery_rewarded", "--seed", seed, "--examples", examples)
    options = ("stack", stack), ("seed", seed), ("examples", examples), ("save", "found")

    by_command = installed.run(elsewhere, "crosslayer", *command, "--json")
    flags = [word for name, value in options for word in (f"--crosslayer-{name}", value)]
    by_plugin = installed.run(elsewhere, "pytest", "-q", "-k", "delivery", *flags)

    (told,) = json.loads(by_command.stdout)["counterexamples"]
    (file,) = (elsewhere / "found").iterdir()
    assert (1, 1) == (by_command.returncode, by_plugin.returncode)
    assert (Path(told["file"]).name, told["first"]) == (file.name, json.loads(file.read_text())["found"]["first"])
