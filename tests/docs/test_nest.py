"""The second part of docs/nest.md does what it says; the first needs NEST, and is tested with it."""

from pathlib import Path

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment


def test_the_second_part_does_what_it_says(tmp_path: Path, installed: Environment) -> None:
    """Traces are checked and written, and scenarios run, where NEST is not installed."""
    assert 8 == follow(ROOT / "docs" / "nest.md", tmp_path, installed, since="# Traces and scenarios\n")
