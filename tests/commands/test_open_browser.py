"""The what-if table in a real browser: the system's Chromium. Without one these tests are skipped aloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

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


def steps(page: Page) -> list[str]:
    """The names of the steps on the page."""
    return page.locator("ol.steps strong").all_text_contents()


def said(page: Page) -> str:
    """The verdict."""
    return " ".join(str(page.locator("#verdict bdi").text_content()).split())


def test_a_person_changes_a_run_goes_back_and_saves_it(opened: tuple[Page, list[str]], tmp_path: Path) -> None:
    """By select, button, mouse and key; the verdict and the diagram follow, and the browser has nothing to complain."""
    page, seen = opened
    before = page.locator("svg [data-message]").count()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert (BROKEN in said(page), ["Run", "Delay", "RunUntil"]) == (True, steps(page))
    assert wide <= 0

    page.get_by_label("store", exact=True).select_option("fenced")
    page.wait_for_url("**fenced**")
    assert KEPT == said(page)

    page.go_back()
    assert BROKEN in said(page)
    assert "unfenced" == page.get_by_label("store", exact=True).input_value()
    page.go_forward()
    assert KEPT == said(page)
    page.go_back()

    page.get_by_label("Remove step 2").click()
    page.wait_for_function("document.querySelectorAll('ol.steps strong').length == 2")
    assert (KEPT, ["Run", "RunUntil"]) == (said(page), steps(page))
    assert before != page.locator("svg [data-message]").count()
    page.go_back()

    page.locator("[data-step='3'] .grip").drag_to(page.locator("[data-step='1']"))
    page.wait_for_function("document.querySelector('ol.steps strong').textContent == 'RunUntil'")
    assert ["RunUntil", "Run", "Delay"] == steps(page)
    page.locator("[data-step='1']").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_function("document.querySelector('ol.steps strong').textContent == 'Run'")
    assert ["Run", "RunUntil", "Delay"] == steps(page)
    assert "2" == page.evaluate("document.activeElement.dataset.step")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_function("document.querySelectorAll('ol.steps strong')[2].textContent == 'RunUntil'")
    assert BROKEN in said(page)

    page.get_by_label("Add").select_option("Drop")
    page.get_by_role("button", name="Add").click()
    page.wait_for_function("document.querySelectorAll('ol.steps strong').length == 4")
    page.locator("[data-step='4']").focus()
    page.keyboard.press("Delete")
    page.wait_for_function("document.querySelectorAll('ol.steps strong').length == 3")

    page.get_by_label("Save as a counterexample of no_stale_write").click()
    page.wait_for_selector(".done")
    (file,) = (tmp_path / "counterexamples").iterdir()
    assert file.name in str(page.locator(".done").text_content())
    assert [] == seen
