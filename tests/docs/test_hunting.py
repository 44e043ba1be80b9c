"""docs/hunting.md does what it says."""

from pathlib import Path

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment


def test_the_page_does_what_it_says(tmp_path: Path, installed: Environment) -> None:
    """Every command on the page, in this order, prints what the page says."""
    assert 12 == follow(ROOT / "docs" / "hunting.md", tmp_path, installed)
