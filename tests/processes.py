"""The harness in another process: on any Python at hand, under any order of hashes, without Hypothesis.

`CROSSLAYER_PYTHONS` names more interpreters than the running one: paths, separated by colons, each of which has the
dependencies installed.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = (sys.executable, *filter(None, os.environ.get("CROSSLAYER_PYTHONS", "").split(":")))
HASH_SEEDS = ("1", "4242")

WITHOUT_HYPOTHESIS = """
import sys

class NoHypothesis:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "hypothesis":
            raise ImportError("hypothesis is not to be had here")

sys.meta_path.insert(0, NoHypothesis())
from crosslayer.cli import (main)
main(sys.argv[1:])
"""
"""The command line, where Hypothesis cannot be imported."""


def elsewhere(
    program: str, *words: object, hash_seed: str, python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    """What came of this program with these words in a process of its own, in the root of the project."""
    return subprocess.run(  # noqa: S603 - our own program
        [python, "-c", program, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
