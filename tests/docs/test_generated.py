"""The reference pages that are made of the code are those that it makes today."""

from functools import cache

import pytest

from tests.docs.generated import FOLDER, pages

cached = cache(pages)
PAGES = ("commands.md", "scenario.md", "files.md", "system-lock.md", "system-private_commerce.md")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_current(name: str) -> None:
    """Written anew with `python -m tests.docs.generated`, each page is the same."""
    assert cached()[name] == (FOLDER / name).read_text()


def test_every_generated_page_is_judged() -> None:
    """None is made that is not compared."""
    assert {*PAGES} == cached().keys()
