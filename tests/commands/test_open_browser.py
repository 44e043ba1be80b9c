"""The what-if table in a real browser: the system's Chromium. Without one these tests are skipped aloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.commands.serving import STALE_WRITE, serving
from tests.picture.test_browser import CHROMIUM, FLAGS, MORE_FLAGS

pytestmark = [
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no browser at {CHROMIUM} (CONTRIBUTING says how)"),
    pytest.mark.xdist_group("browser"),
]

BROKEN, KEPT = "a write under token 1 was taken after one under 2", "No promise is broken."


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    """The table, and all that the browser complained of, or asked of anybody else."""
    with serving("open", str(STALE_WRITE), folder=tmp_path) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MORE_FLAGS])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(10_000)
        seen: list[str] = []
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on(
            "request",
            lambda request: None if request.url.startswith((server.address, "data:")) else seen.append(request.url),
        )
        page.goto(server.address)
        yield page, seen
        browser.close()


def shows(page: Page, *names: str) -> None:
    """Wait until these are the steps on the page."""
    expect(page.locator("ol.steps strong")).to_have_text(list(names))


def said(page: Page) -> str:
    """The verdict."""
    return " ".join(str(page.locator("#verdict bdi").text_content()).split())


def test_a_person_changes_a_run_goes_back_and_saves_it(opened: tuple[Page, list[str]], tmp_path: Path) -> None:
    """By select, button, mouse and key; the verdict and the diagram follow, and the browser has nothing to complain."""
    page, seen = opened
    shows(page, "Run", "Delay", "RunUntil")
    before = page.locator("svg [data-message]").count()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert BROKEN == said(page)
    assert wide <= 0

    page.get_by_label("store", exact=True).select_option("fenced")
    expect(page.locator("#verdict bdi")).to_have_text(KEPT)
    page.go_back()
    expect(page.locator("#verdict bdi")).to_have_text(BROKEN)
    expect(page.get_by_label("store", exact=True)).to_have_value("unfenced")
    page.go_forward()
    expect(page.locator("#verdict bdi")).to_have_text(KEPT)
    page.go_back()

    page.get_by_label("Remove step 2").click()
    shows(page, "Run", "RunUntil")
    assert KEPT == said(page)
    assert before != page.locator("svg [data-message]").count()
    page.go_back()
    shows(page, "Run", "Delay", "RunUntil")

    page.locator("[data-step='3'] .grip").drag_to(page.locator("[data-step='1']"))
    shows(page, "RunUntil", "Run", "Delay")
    page.locator("[data-step='1']").focus()
    page.keyboard.press("Alt+ArrowDown")
    shows(page, "Run", "RunUntil", "Delay")
    expect(page.locator("[data-step='2']")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    shows(page, "Run", "Delay", "RunUntil")
    assert BROKEN == said(page)

    page.get_by_label("Step to add", exact=True).select_option("Drop")
    page.get_by_role("button", name="Add", exact=True).click()
    shows(page, "Run", "Delay", "RunUntil", "Drop")
    page.get_by_label("nth of step 4").fill("2")
    page.get_by_label("nth of step 4").press("Enter")
    expect(page.get_by_label("nth of step 4")).to_have_attribute("value", "2")
    page.locator("[data-step='4']").focus()
    page.keyboard.press("Delete")
    shows(page, "Run", "Delay", "RunUntil")

    page.get_by_label("Save as a counterexample of no_stale_write").click()
    expect(page.locator(".done")).to_contain_text("counterexamples/no_stale_write-")
    (file,) = (tmp_path / "counterexamples").iterdir()
    assert file.name in str(page.locator(".done").text_content())
    assert [] == seen
