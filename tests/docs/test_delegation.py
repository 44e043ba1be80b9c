"""docs/delegation.md does what it says."""

from pathlib import Path

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment


def test_the_page_does_what_it_says(tmp_path: Path, installed: Environment) -> None:
    """Its commands print what it shows, the counterexample with which it begins included."""
    assert 3 == follow(ROOT / "docs" / "delegation.md", tmp_path, installed)
