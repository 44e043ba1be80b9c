import json
import sys
from pathlib import Path

import pytest

from crosslayer.harness.formats import trace
from crosslayer.harness.formats.counterexample import to_json
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import build
from tests.cases import recorded, robbery, written
from tests.commands.invoking import answered, crosslayer
from tests.commerce import read_trace

BROKEN = "from crosslayer.harness.systems.commerce.plugins.trust_score_average import make\n"
REPAIRED = "from crosslayer.harness.systems.commerce.plugins.trust_agent_receipts import make  # repaired\n"
FAILING = "def make(roster):\n    raise RuntimeError('out of order')\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A counterexample on disk."""
    return written(tmp_path / "one.json", robbery())


@pytest.fixture
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A counterexample of a plugin in the working folder, `replayed_trust.py`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _install(monkeypatch, BROKEN)
    one = recorded(build(["trust=replayed_trust:make"]), robbery().scenario.population, Withhold())
    return written(tmp_path / "own.json", one)


def _install(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    Path("replayed_trust.py").write_text(text)
    monkeypatch.delitem(sys.modules, "replayed_trust", raising=False)


def test_reproduced(file: Path) -> None:
    """The first line says what came of it, the story follows, and the exit status says that it is violated."""
    result = crosslayer("replay", file)

    assert 1 == result.exit_code
    assert f"{file}: reproduced: {robbery().story}" == result.output.splitlines()[0]
    assert "  tick   0  ADVERSARY  shill_seller-0 will withhold the goods of buyer-0" in result.output.splitlines()


def test_fixed_on_another_stack(file: Path) -> None:
    """On a stack that keeps the promise it is fixed, there is no story, and the exit status is 0."""
    result = crosslayer("replay", file, "--stack", "trust=agent_receipts")

    assert (0, 1) == (result.exit_code, len(result.output.splitlines()))
    assert result.output.startswith(f"{file}: fixed: holds: ")


def test_fixed_once_the_plugin_is_repaired(own_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that was repaired under the same dotted name: reproduced before, fixed after."""
    words = ("replay", own_file, "--allow", "replayed_trust")

    before = answered(*words)
    _install(monkeypatch, REPAIRED)
    after = answered(*words)

    assert [(1, "reproduced"), (0, "fixed")] == [(status, value["outcome"]) for status, value in (before, after)]


def test_fault_while_replaying(own_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that fails has not kept the promise: the exit status is that of a plugin fault."""
    _install(monkeypatch, FAILING)

    status, value = answered("replay", own_file, "--allow", "replayed_trust")

    assert (4, "drifted", False) == (status, value["outcome"], value["digest_matches"])
    assert value["detail"].startswith("the run ended in a plugin fault: ")


def test_stale(tmp_path: Path) -> None:
    """A file of another version is named as stale, with what to do, and exit status 2."""
    file = tmp_path / "old.json"
    file.write_text(json.dumps({**to_json(robbery()), "version": 0}))

    result = crosslayer("replay", file)

    expected = f"{file}: stale: is of version 0; this is version 1: hunt for it again\n"
    assert (2, expected) == (result.exit_code, result.output)


def test_code_must_be_named(own_file: Path) -> None:
    """A file's own dotted path is refused, in one line that says what to type."""
    result = crosslayer("replay", own_file)

    assert 2 == result.exit_code
    assert result.stderr.endswith(
        "to load that code, say --stack trust=replayed_trust:make, or --allow replayed_trust\n"
    )
    assert 1 == crosslayer("replay", own_file, "--stack", "trust=replayed_trust:make").exit_code


def test_json_of_one_file(file: Path) -> None:
    """One file gives one object, with the keys that are documented."""
    status, value = answered("replay", file)

    assert 1 == status
    assert [
        "version",
        "file",
        "outcome",
        "invariant",
        "detail",
        "digest",
        "digest_matches",
        "stale_steps",
        "verdicts",
    ] == list(value)
    assert (str(file), "reproduced", True) == (value["file"], value["outcome"], value["digest_matches"])
    assert "violated" == value["verdicts"][robbery().invariant]["outcome"]


def test_several_files(file: Path, tmp_path: Path) -> None:
    """Several files give a line each, and the worst of their exit statuses."""
    old = tmp_path / "old.json"
    old.write_text(json.dumps({**to_json(robbery()), "version": 0}))

    result = crosslayer("replay", file, old)
    status, value = answered("replay", file, old)

    assert (2, 2) == (result.exit_code, len(result.output.splitlines()))
    assert (2, ["reproduced", "stale"]) == (status, [one["outcome"] for one in value["replays"]])


def test_trace_of_a_replay(file: Path, tmp_path: Path) -> None:
    """The trace of a replay is the counterexample's own, to the byte."""
    target = tmp_path / "trace.jsonl"

    crosslayer("replay", file, "--trace", target)

    header, events = read_trace(target)
    assert robbery().digest == trace.digest(header, [event for _, event in events])


def test_trace_goes_with_one_file(file: Path, tmp_path: Path) -> None:
    """Two runs cannot be written into one trace."""
    result = crosslayer("replay", file, file, "--trace", tmp_path / "trace.jsonl")

    assert (2, True) == (result.exit_code, "--trace goes with one FILE" in result.stderr)


def test_bad_file_is_one_line(tmp_path: Path) -> None:
    """What is no counterexample is one line on standard error, and nothing on standard output."""
    (tmp_path / "x.json").write_text("{}")

    result = crosslayer("replay", tmp_path / "x.json")

    assert (2, "", 1) == (result.exit_code, result.stdout, len(result.stderr.splitlines()))
