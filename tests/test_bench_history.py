"""The history of the benchmarks: what is told, and what is not."""

import json
from pathlib import Path

import pytest

from benchmarks import history
from benchmarks.history import COMMITTED, VERSION, WORK, YARDSTICK, main, worse


def test_only_what_takes_over_15_percent_more_is_told() -> None:
    """Faster is no news, nor is noise; what was measured before and is not any more cannot be compared."""
    before = {"faster": 2.0, "as before": 2.0, "noise": 2.0, "slower": 2.0, "gone": 2.0}
    now = {"faster": 1.0, "as before": 2.0, "noise": 2.28, "slower": 2.34, "new": 1.0}

    assert [
        "gone is measured no more",
        "new is measured only now",
        "slower takes 17% more than before (2, now 2.34)",
    ] == list(worse(now, before))


def test_what_is_committed_is_what_is_measured() -> None:
    """Each piece of work has a ratio in the file that the comparison reads."""
    value = json.loads(COMMITTED.read_text())

    assert (VERSION, YARDSTICK) == (value["version"], value["yardstick"])
    assert WORK.keys() - {YARDSTICK} == value["ratios"].keys()


def test_written_ratios_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was written is read, a loss is a warning that GitHub shows, and no failure."""
    file = tmp_path / "build" / "ratios.json"
    monkeypatch.setattr(history, "ratios", lambda: {"hunt": 10.0})
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    written = main(["--write", str(file)])
    monkeypatch.setattr(history, "ratios", lambda: {"hunt": 12.0})

    assert (0, 0) == (written, main([str(file)]))
    assert "::warning::hunt takes 20% more than before (10, now 12)" in capsys.readouterr().out
