"""Pages in a real browser: the system's Chromium. Without one these tests are skipped, and `.ci/run` says so."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from crosslayer.harness.picture.chart import ROOM
from crosslayer.harness.picture.page import Report, html
from tests.picture.showing import HOSTILE, hostile, stale_write

CHROMIUM = os.environ.get("CROSSLAYER_CHROMIUM", "/usr/bin/chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
MORE_FLAGS = ("--disable-component-update", "--disable-sync")

pytestmark = [
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no browser at {CHROMIUM} (CONTRIBUTING says how)"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    """A page with two counterexamples, one of them hostile, and all that the browser complained of or asked for."""
    report = Report(kind="report", title=HOSTILE, outcome="violated", exhibits=(stale_write(), hostile()))
    (tmp_path / "page.html").write_text(html(report))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MORE_FLAGS])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        seen: list[str] = []
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda request: seen.append(request.url) if not request.url.startswith("file:") else None)
        page.goto((tmp_path / "page.html").as_uri())
        yield page, seen
        browser.close()


def test_a_page_in_a_browser(opened: tuple[Page, list[str]]) -> None:
    """No complaint, request or hostile script; all messages are drawn; keys step through and change the level."""
    page, seen = opened
    messages = page.locator("#x1 .level").first.locator("[data-message]").count()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.locator("#x1 .level").first.focus()
    page.keyboard.press("ArrowDown")
    said = page.locator("#x1-live").text_content()
    page.locator("#x1-1").focus()
    page.keyboard.press("ArrowRight")

    assert len(stale_write().chart(ROOM).arrows) == messages
    assert wide <= 0
    assert "acquire from worker-0 to server-0" in str(said)
    assert page.locator("#x1 .level").nth(1).is_visible()
    assert "owned" != page.title()
    assert [] == seen


def test_the_policy_forbids_the_network(opened: tuple[Page, list[str]]) -> None:
    """A script on the page cannot fetch anything, and no script can be added."""
    page, _ = opened
    answer = page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'fetched', () => 'refused')")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.added = 1'}))")

    assert ("refused", None) == (answer, page.evaluate("window.added ?? null"))
