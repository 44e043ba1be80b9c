"""Each how-to does what it says."""

from pathlib import Path

import pytest

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment

PAGES = sorted((ROOT / "docs" / "howto").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_does_what_it_says(page: Path, tmp_path: Path, installed: Environment) -> None:
    """Every file, change and command on the page, in this order, prints what the page says."""
    assert follow(page, tmp_path, installed) > 1


def test_each_layer_has_a_page() -> None:
    """There is a how-to for a plugin of each layer."""
    assert {f"{layer}-plugin" for layer in ("registry", "payments", "privacy", "trust")} <= {
        page.stem for page in PAGES
    }
