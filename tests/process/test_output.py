import io
import sys
from typing import Any

import pytest

from crosslayer.harness.process import output
from crosslayer.harness.process.output import LINE_BOUND, Streams, readable, say, tell


class Failing(io.StringIO):
    """A stream that cannot be written to."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def flush(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("stream", "lost"),
    [
        (None, "it is closed"),
        (Failing(OSError(28, "No space left on device")), "No space left on device"),
        (Failing(ValueError("I/O operation on closed file.")), "I/O operation on closed file."),
        (Failing(BrokenPipeError()), ""),
    ],
    ids=["closed", "full", "value", "broken pipe"],
)
def test_lost_output_is_noted(monkeypatch: pytest.MonkeyPatch, stream: Any, lost: str) -> None:
    """What cannot be written is noted, and raises nothing; that nobody reads any more is no loss."""
    monkeypatch.setattr(sys, "stdout", stream)
    with output.printing(Streams()) as printed:
        say("a")
        say("b")

    assert lost == printed.lost


def test_stranger_words_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a terminal would act upon is escaped, on both streams; lines stay lines."""
    with output.printing(Streams()):
        say("a\x1b[2J\u202e\nb")
        tell("\x07")

    assert ("a\\x1b[2J\\u202e\nb\n", "\\x07\n") == capsys.readouterr()


def test_no_line_is_endless() -> None:
    """A line that is longer than a line loses its middle; the others stay whole."""
    text = readable("x" * 7_000 + "\nshort")

    assert [LINE_BOUND, 5] == [len(line) for line in text.split("\n")]
    assert "…" in text


def test_any_encoding_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a stream has no sign for a character, its escape is written."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    with output.printing(Streams()) as printed:
        say("é…")

    assert ("", b"\\xe9\\u2026\n") == (printed.lost, raw.getvalue())
