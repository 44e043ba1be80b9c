"""Plain English: what pages, docstrings, comments and messages do not say, and what they say instead."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.reading import ROOT

EVERYWHERE = {
    r"\bwhoever\b": "anyone who; the caller; a plugin that",
    r"\bfor ever\b": "always; without end; deterministically",
    r"\bmend(s|ed|ing)?\b": "repair; restore",
    r"\b(is|was|were|puts?) (\w+ ){0,3}(put )?to the test\b": "exercise",
    r"\bso many (runs|seeds|steps|deviations|seconds|ticks|of)\b": "N; this number of",
    r"\b(of|in) the house\b|\bhouse rules\b": "conventions",
    r"\bmay as well be\b": "can also be",
    r"\bwound up\b": "armed",
    r"\bbelieve nobody\b": "treat all input as untrusted",
    r"\bloud absence\b": "missing evidence is vacuous",
    r"\bthe wall between\b": "isolation boundary",
    r"\bnobody wants to hear\b": "that must be known before",
}
"""Patterns of what is quaint, and plain words for it."""

IN_WHAT_SHIPS = {
    r"\beverybody's\b|\bnobody's\b": "each agent's; of no agent",
    r"\bWhims?\b": "misbehaviour",
}

IN_PAGES = {r"\brobber(y|ies|s)?\b|\brob(s|bed|bing)\b": "a seller that withholds, or does not deliver"}

TOP = ("README.md", "CONTRIBUTING.md", "Makefile", ".ci/run")
PAGES = [ROOT / name for name in TOP] + sorted(ROOT.glob("docs/**/*.md"))
CODE = [
    path
    for folder in ("crosslayer", "harness", "properties", "strategies", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".json", ".yaml", ".html", ".jinja")
]
TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__)]


def quaint(text: str, *tables: dict[str, str]) -> Iterator[str]:
    """What a text says that it should not, each with a plain word for it."""
    text = re.sub(r"\s*\n\s*#?\s*", " ", text)  # a line may end between two words
    for table in tables:
        for pattern, plain in table.items():
            for found in re.finditer(pattern, text, re.IGNORECASE):
                yield f"…{text[max(0, found.start() - 30) : found.end() + 10]}…: say {plain}"


@pytest.mark.parametrize(
    ("paths", "tables"),
    [
        (PAGES, (EVERYWHERE, IN_WHAT_SHIPS, IN_PAGES)),
        (CODE, (EVERYWHERE, IN_WHAT_SHIPS)),
        (TESTS, (EVERYWHERE,)),
    ],
    ids=["pages", "code", "tests"],
)
def test_what_people_read_is_plain(paths: list[Path], tables: tuple[dict[str, str], ...]) -> None:
    """No page, docstring, comment or message says what has a plain word."""
    assert [] == [f"{path.relative_to(ROOT)}: {told}" for path in paths for told in quaint(path.read_text(), *tables)]


def test_quaint_words_are_noticed() -> None:
    """Also at the end of a line, and in a comment; and nothing else is."""
    yes = (
        "whoever asks",
        "it replays for\n    ever",
        "it was never put\n# to the test",
        "in so many runs",
    )
    no = ("for every run", "amend, mention", "a test of so much", "tested for everyone")

    assert [1] * len(yes) == [len(list(quaint(text, EVERYWHERE))) for text in yes]
    assert [0] * len(no) == [len(list(quaint(text, EVERYWHERE))) for text in no]
