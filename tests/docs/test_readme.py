"""The README does what it says."""

from pathlib import Path

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment


def test_the_readme_does_what_it_says(tmp_path: Path, installed: Environment) -> None:
    """Its commands print what it shows, the first counterexample included."""
    assert 2 == follow(ROOT / "README.md", tmp_path, installed)
