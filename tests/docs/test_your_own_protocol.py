"""docs/your-own-protocol.md does what it says."""

import re
from pathlib import Path

from tests.docs.reading import ROOT, follow, pattern
from tests.installed.building import Environment


def test_the_page_does_what_it_says(tmp_path: Path, installed: Environment) -> None:
    """Every file, change and command on the page, in this order, prints what the page says."""
    assert follow(ROOT / "docs" / "your-own-protocol.md", tmp_path, installed) > 0


def test_an_output_that_differs_is_noticed() -> None:
    """An ellipsis stands for anything, and nothing else does."""
    expected = pattern("one … three\n…\nlast\n")

    assert re.fullmatch(expected, "one two three\nmore\nand more\nlast\n")
    assert not re.fullmatch(expected, "one two four\nlast\n")
    assert not re.fullmatch(expected, "one two three\nmore\nlast but one\n")
