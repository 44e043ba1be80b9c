"""docs/life-of-a-bug.md does what it says."""

from pathlib import Path

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment


def test_the_page_does_what_it_says(tmp_path: Path, installed: Environment) -> None:
    """Found, kept, repaired, green, back and red: every command on the page prints what the page says."""
    assert 13 == follow(ROOT / "docs" / "life-of-a-bug.md", tmp_path, installed)
