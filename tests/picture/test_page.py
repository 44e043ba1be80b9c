import base64
import hashlib
import re
from xml.etree import ElementTree as ET

from crosslayer.harness.picture.chart import ROOM
from crosslayer.harness.picture.drawing import svg
from crosslayer.harness.picture.mermaid import mermaid
from crosslayer.harness.picture.page import Report, html
from tests.picture.showing import HOSTILE, hostile, robbed, stale_write

BOUND = 2_000_000
"""Bytes of a page: what a CI artifact and a phone can take."""


def page(*exhibits: object) -> str:
    """The page of these."""
    return html(Report(kind="report", title="t", outcome="violated", exhibits=exhibits))  # type: ignore[arg-type]


def test_a_page_is_one_file_of_a_bounded_size() -> None:
    """It names nothing to load, and is small."""
    text = page(robbed(), stale_write())

    assert len(text.encode()) < BOUND
    assert [] == re.findall(r"(?:src|href)=\"(?!#)[^\"]*\"|url\((?!#)|@import", text)


def test_the_policy_allows_what_stands_in_the_page_and_nothing_else() -> None:
    """The hashes in the policy are those of the one style and the one script; all else is forbidden."""
    text = page(stale_write())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    inner = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inner]

    assert 2 == len(inner)
    assert policy.replace("&#39;", "'").startswith("default-src 'none'; ")
    assert hashes == re.findall(r"sha256-([\w+/=]+)", policy)


def test_whatever_a_file_says_stays_text() -> None:
    """Markup is escaped, and what would move a cursor or turn the direction is spelled out."""
    text = page(hostile())

    assert 1 == text.count("<script>")
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;\\x1b[2J\\u202egnp.exe" in text
    assert not set("\x1b\u202e") & set(text)


def test_a_page_tells_everything_in_words() -> None:
    """Promise, fault, steps, the run without each, the nearest passing run and the command are there as text."""
    text = page(robbed())
    told = (
        "Whose fault",
        "Without it",
        "Nearest run that passes",
        "First difference by cause",
        "Run it again",
        "aria-live",
    )

    assert [] == [one for one in told if one not in text]


def test_a_diagram_is_well_formed_by_itself() -> None:
    """It is XML, with a title and a description, and every message of the evidence is an element with a title."""
    one = stale_write()
    root = ET.fromstring(svg(one.chart(ROOM), HOSTILE))  # noqa: S314 - our own file
    space = "{http://www.w3.org/2000/svg}"
    messages = [part for part in root.iter(f"{space}g") if part.get("data-message")]

    assert len(one.chart(ROOM).arrows) == len(messages)
    assert all(part.findtext(f"{space}title") for part in messages)
    assert root.findtext(f"{space}title")


def test_a_sequence_diagram_says_nothing_to_its_reader_but_text() -> None:
    """No text can end a statement or begin a comment of Mermaid's."""
    text = mermaid(hostile().chart(ROOM))

    assert "sequenceDiagram" == text.splitlines()[0]
    assert not set("<>\x1b\u202e%") & set(text.replace("->>", "").replace("-->>", ""))
