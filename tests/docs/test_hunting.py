"""docs/hunting.md does what it says."""

from pathlib import Path

from tests.docs.reading import ROOT, follow


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """Every command on the page, in this order, prints what the page says."""
    assert 12 == follow(ROOT / "docs" / "hunting.md", tmp_path)
