"""docs/nest.md does what it says."""

from pathlib import Path

from tests.docs.reading import ROOT, follow


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """From a class of NEST's own to shrunk counterexamples in a plugin for NEST, to errors, traces and scenarios."""
    assert 22 == follow(ROOT / "docs" / "nest.md", tmp_path)
