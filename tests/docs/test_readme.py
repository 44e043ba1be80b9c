"""The README does what it says."""

from pathlib import Path

from tests.docs.reading import ROOT, follow


def test_the_readme_does_what_it_says(tmp_path: Path) -> None:
    """Its commands print what it shows, the first counterexample included."""
    assert 2 == follow(ROOT / "README.md", tmp_path)
