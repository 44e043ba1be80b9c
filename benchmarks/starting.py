"""What our pytest plugin costs those who installed it and do not use it.

A whole `pytest`, as the shell sees it, in a folder with one test: with our plugin and without; and what Python itself
says that importing the plugin takes, pytest's own modules left out.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.measuring import Table, race

ROUNDS = 15
"""Starts of each kind: the noise of starting a process is some milliseconds."""

WAYS = {"without our plugin": ("-p", "no:crosslayer"), "with our plugin, no option of ours": ()}


def measure() -> Table:
    """Each way to start pytest: its time, and what is added to the first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_own.py").write_text("def test_own():\n    pass\n")
        best = race({way: partial(_start, folder, words) for way, words in WAYS.items()}, ROUNDS)
        imported = min(_imported(folder) for _ in range(ROUNDS))
    bare = best["without our plugin"]
    rows = [(way, f"{seconds * 1e3:.0f}", f"{(seconds - bare) * 1e3:+.1f}") for way, seconds in best.items()]
    rows.append(("importing crosslayer.pytest_plugin", "", f"{imported / 1e3:+.1f}"))
    return Table("start: a foreign pytest with one test, best of its starts", ("way", "ms", "added ms"), tuple(rows))


def _start(folder: Path, words: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)  # noqa: S603 - our own words


def _imported(folder: Path) -> int:
    """Microseconds of importing the plugin and all that it brings, where pytest is there already."""
    command = [sys.executable, "-X", "importtime", "-c", "import pytest, crosslayer.pytest_plugin"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    (taken,) = re.findall(r"\| *(\d+) \| crosslayer\.pytest_plugin$", done.stderr, re.MULTILINE)
    return int(taken)
