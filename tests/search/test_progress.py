import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from crosslayer.harness.process.output import tell
from crosslayer.harness.search import progress
from crosslayer.harness.search.progress import EVERY_SECONDS, showing, told
from crosslayer.strategies.hunt import Hunted

ROOT = Path(__file__).parents[2]


def _state(examples: int, seconds: float) -> Hunted:
    state = Hunted(examples=examples, seconds=seconds)
    state.reached = {"a": 3, "b": 0}
    return state


def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe, a plain line comes every few seconds, on standard error, and none in between."""
    with showing(400) as show:
        for examples in range(1, 201):
            show(_state(examples, examples / 10))

    out, err = capsys.readouterr()
    assert "" == out
    assert int(200 / 10 / EVERY_SECONDS) == len(err.splitlines())
    assert "hunting: 50 of 400 runs, 10/s, 1 of 2 situations reached, 0 broken, about 35 s left" == err.splitlines()[0]


def test_a_log_of_a_long_hunt_gets_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    """Every five seconds in the first minute; then once a minute, for as long as it takes."""
    with showing(10_000) as show:
        for seconds in range(1, 601):
            show(_state(seconds, float(seconds)))

    said = [int(text) for text in re.findall(r"(\d+) of 10000 runs", capsys.readouterr().err)]
    assert [*range(5, 61, 5), *range(120, 601, 60)] == said


def test_short_hunt_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A hunt that is over at once has no progress to show."""
    with showing(3) as show:
        show(_state(3, 0.1))

    assert ("", "") == capsys.readouterr()


def test_live_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal there is a live line, on standard error, that goes away at the end."""
    monkeypatch.setattr(
        progress, "Console", lambda **options: Console(**{**options, "force_terminal": True, "width": 120})
    )

    with showing(400) as show:
        show(_state(50, 5.0))

    out, err = capsys.readouterr()
    assert "" == out
    assert "50/400 runs 10/s, 1 of 2 situations reached, 0 broken" in err
    assert "about 35 s left" in err


def test_messages_stand_above_the_live_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is told while a live line is drawn has a line of its own."""
    monkeypatch.setattr(
        progress, "Console", lambda **options: Console(**{**options, "force_terminal": True, "width": 120})
    )

    with showing(400) as show:
        show(_state(50, 5.0))
        tell("found [bold]one[/bold]")

    assert re.search(r"(^|[\r\n]|\x1b\[2K)found \[bold\]one\[/bold\]\n", capsys.readouterr().err)


def test_hunt_on_a_real_terminal_comes_to_an_end() -> None:
    """Where standard error is a terminal, a hunt draws its line there and ends."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "crosslayer", "hunt", "--examples", "30", "--seed", "1"]
    known = os.environ | {"TERM": "xterm"}
    streams: dict[str, Any] = {"stdin": theirs, "stdout": subprocess.DEVNULL, "stderr": theirs}
    with subprocess.Popen(command, **streams, cwd=ROOT, env=known) as process:  # noqa: S603 - our own program
        os.close(theirs)
        drawn = _all_of(ours)

    assert 0 == process.returncode
    assert b"/30 runs" in drawn


def _all_of(terminal: int) -> bytes:
    """What is written to a terminal until nobody has it any more."""
    read = bytearray()
    with suppress(OSError):  # Linux says so when the other end is closed
        while piece := os.read(terminal, 65536):
            read += piece
    os.close(terminal)
    return bytes(read)


def test_time_left_knows_the_bound_of_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """A hunt that may take twenty seconds has fifteen left after five, however many runs it was given."""
    for seconds in (None, 20.0, 4.0):
        with showing(1000, seconds=seconds) as show:
            show(_state(50, 5.0))

    assert ["50 of 1000", "50 of 200", "50 of 50"] == re.findall(r"\d+ of \d+(?= runs)", err := capsys.readouterr().err)
    assert ["95", "15", "0"] == re.findall(r"about (\d+) s left", err)


def test_nothing_is_divided_by_no_time() -> None:
    """Before the clock has moved, the rate is told as nought."""
    assert "0/s, 1 of 2 situations reached, 0 broken" == told(_state(1, 0.0))
