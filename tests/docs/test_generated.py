"""The reference pages that are made of the code are those that it makes today."""

from functools import cache

import pytest

from crosslayer.harness.explain.report import STATUSES
from crosslayer.harness.formats.settings import KEYS
from tests.docs.generated import FOLDER, pages

cached = cache(pages)
SYSTEMS = ("a2a_tasks", "delegation", "escrow", "http_lock", "lock", "mcp_bank", "private_commerce")
PAGES = ("commands.md", "scenario.md", "files.md", "pytest.md", *(f"system-{name}.md" for name in SYSTEMS))
PAGES = ("commands.md", "scenario.md", "files.md", "pytest.md", *(f"system-{name}.md" for name in SYSTEMS))


@pytest.mark.parametrize("name", PAGES)
def test_page_is_current(name: str) -> None:
    """Written anew with `python -m tests.docs.generated`, each page is the same."""
    assert cached()[name] == (FOLDER / name).read_text()


def test_every_generated_page_is_judged() -> None:
    """None is made that is not compared."""
    assert {*PAGES} == cached().keys()


def test_every_setting_is_on_its_page() -> None:
    """The page of settings names each key that there is, and each exit status stands on its page."""
    settings, statuses = ((FOLDER / name).read_text() for name in ("settings.md", "exit-statuses.md"))

    assert [] == [key for key in KEYS if f"`{key}`" not in settings]
    assert [] == [one for one in STATUSES if f"| {one.number} | {one.short} | {one.meaning} |" not in statuses]
