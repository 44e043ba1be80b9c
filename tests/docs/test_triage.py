"""docs/triage.md and docs/reference/properties.md do what they say."""

from pathlib import Path

import pytest

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment


@pytest.mark.parametrize("name", ["triage.md", "reference/properties.md"])
def test_the_page_does_what_it_says(name: str, tmp_path: Path, installed: Environment) -> None:
    """Every file, change and command on the page, in this order, prints what the page says."""
    assert follow(ROOT / "docs" / name, tmp_path, installed) > 1
