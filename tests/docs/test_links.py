"""Links between pages lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.reading import ROOT

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(ROOT.glob("docs/**/*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")


def targets(page: Path) -> list[str]:
    """The links of a page that stay in the project."""
    return [link for link in LINK.findall(page.read_text()) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def is_found(page: Path, link: str) -> bool:
    """Whether a link of a page leads to a file, and to a heading in it if it names one."""
    name, _, anchor = link.partition("#")
    file = page.parent / name if name else page
    return file.exists() and (not anchor or anchor in anchors(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link names a file that is there, and a heading that is in it."""
    assert [] == [link for link in targets(page) if not is_found(page, link)]


def test_every_page_can_be_reached() -> None:
    """From the README, link by link, a reader comes to every page."""
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in targets(page)]

    assert [] == [str(page.relative_to(ROOT)) for page in PAGES if "docs" in page.parts and page not in seen]


def test_dead_links_are_noticed() -> None:
    """A file or a heading that is not there is noticed."""
    page = ROOT / "docs" / "trace.md"

    assert [True, True, False, False] == [
        is_found(page, link) for link in ("nest.md", "#events", "nowhere.md", "#nowhere")
    ]
