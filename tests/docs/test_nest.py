"""The second part of docs/nest.md does what it says; the first needs NEST, and is tested with it."""

from pathlib import Path

from tests.docs.reading import ROOT, follow


def test_the_second_part_does_what_it_says(tmp_path: Path) -> None:
    """Traces are checked and written, and scenarios run, where NEST is not installed."""
    assert 8 == follow(ROOT / "docs" / "nest.md", tmp_path, since="# Traces and scenarios\n")
