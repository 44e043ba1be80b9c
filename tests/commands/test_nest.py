"""NEST's traces and scenarios on the command line."""

import gzip
import json
import os
import threading
from pathlib import Path

import pytest

from crosslayer.harness.search import progress
from crosslayer.harness.search.progress import EVERY_SECONDS
from crosslayer.properties.commerce import PUBLISHED
from tests.cases import robbery, written
from tests.commands.invoking import answered, crosslayer
from tests.systems.commerce.nest.telling import SWAPS, broadcast, exported, mark, on_disk
from tests.systems.commerce.nest.test_scenario import TEXT

NAMES = [one.name for one in PUBLISHED]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A NEST trace of the reference stack."""
    return on_disk(tmp_path / "good.jsonl", exported())


@pytest.mark.parametrize("swap", SWAPS)
def test_run_writes_what_check_judges(tmp_path: Path, swap: str) -> None:
    """A run's trace in NEST's format has the run's own verdicts and exit status."""
    target = tmp_path / "out.jsonl"
    stack = [word for one in SWAPS[swap] for word in ("--stack", one)]

    ran, run = answered("run", *stack, "--trace", target, "--format", "nest")
    checked, check = answered("check", target)

    assert {name: run["verdicts"][name]["outcome"] for name in NAMES} == {
        name: check["verdicts"][name]["outcome"] for name in NAMES
    }
    assert ran == checked == (0 if swap == "reference" else 1)


def test_replay_writes_it_too(tmp_path: Path) -> None:
    """The run of a counterexample breaks the same promise as a NEST trace."""
    file, target = written(tmp_path / "one.json", robbery()), tmp_path / "out.jsonl"

    crosslayer("replay", file, "--trace", target, "--format", "nest")
    status, value = answered("check", target, "--format", "nest")

    assert (1, "violated") == (status, value["verdicts"][robbery().invariant]["outcome"])


def test_both_bases_are_told(good: Path) -> None:
    """Each verdict names its basis: the best one, and the markers that the published rules go by."""
    status, value = answered("check", good)

    assert ["version", "format", "lines", "left_out", "cut", "seconds", "verdicts", "published"] == list(value)
    assert (0, "nest", len(exported()), 0, False) == (status, *(value[key] for key in list(value)[1:5]))
    for part, basis in (("verdicts", "deliveries"), ("published", "markers")):
        assert NAMES == list(value[part])
        for one in value[part].values():
            assert ["outcome", "detail", "evidence", "basis"] == list(one)
            assert ("holds", basis) == (one["outcome"], one["basis"])


def test_text_names_the_basis(good: Path) -> None:
    """The verdicts of both bases, each under its name; what was left out is told."""
    good.write_text(good.read_text() + '{"agent":"a","kind":"new","ts":1}\n{"agent"')
    lines = crosslayer("check", good).output.splitlines()

    assert [
        f"{good}: {len(exported())} lines of a NEST trace, 12 agents",
        "left out: 1 line(s) of a kind that is not known here",
        "left out: the last line, which is cut off",
        "on the basis of deliveries",
    ] == lines[:4]
    assert "by the published rules, on the basis of markers" == lines[8]
    assert [f"  {name}" for name in NAMES] == [line.rstrip().partition("  holds")[0].rstrip() for line in lines[4:8]]


def test_markers_alone(tmp_path: Path) -> None:
    """Where nothing was received, there is one basis."""
    silent = [value for value in exported() if value["kind"] not in ("receive", "dropped")]
    file = on_disk(tmp_path / "silent.jsonl", silent)
    status, value = answered("check", file)

    assert (0, {"markers"}) == (status, {one["basis"] for one in value["verdicts"].values()})
    assert value["verdicts"] == value["published"]
    assert "published" not in crosslayer("check", file).output


def test_exit_status_is_that_of_the_best_basis(tmp_path: Path) -> None:
    """A shared map breaks a promise on deliveries, and the published rule sees nothing: status 1. Nothing: status 3."""
    leaky = on_disk(tmp_path / "leaky.jsonl", exported("in_memory"))
    empty = on_disk(tmp_path / "empty.jsonl", [mark("buyer-0", "start"), mark("buyer-0", "stop")])

    assert [1, 3] == [crosslayer("check", file).exit_code for file in (leaky, empty)]


def test_own_traces_stay_as_they_are(tmp_path: Path, good: Path) -> None:
    """The first line tells which format it is, and `--format` insists on one."""
    own = tmp_path / "own.jsonl"
    crosslayer("run", "--trace", own)

    assert "digest" in answered("check", own)[1]
    assert crosslayer("check", own).output == crosslayer("check", own, "--format", "crosslayer").output
    for file, insisted in ((own, "nest"), (good, "crosslayer")):
        result = crosslayer("check", file, "--format", insisted)
        assert (2, 1) == (result.exit_code, len(result.stderr.splitlines()))
        assert result.stderr.startswith(f"crosslayer: {file}:1: ")


def test_packed_traces(tmp_path: Path, good: Path) -> None:
    """A `.jsonl.gz` is read like a `.jsonl`."""
    packed = tmp_path / "good.jsonl.gz"
    packed.write_bytes(gzip.compress(good.read_bytes()))

    assert answered("check", good)[1]["verdicts"] == answered("check", packed)[1]["verdicts"]


def test_a_pipe_is_read_once(tmp_path: Path, good: Path) -> None:
    """A NEST trace may come through a pipe, if its format is said."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(good.read_bytes()))
    writer.start()
    status, value = answered("check", pipe, "--format", "nest")
    writer.join()

    assert (0, len(exported())) == (status, value["lines"])


def test_bad_lines_are_one_line(tmp_path: Path) -> None:
    """With file, line and reason."""
    file = on_disk(tmp_path / "bad.jsonl", exported())
    file.write_text(file.read_text() + "junk\n")

    result = crosslayer("check", file)

    assert (2, "") == (result.exit_code, result.stdout)
    assert f"crosslayer: {file}:{len(exported()) + 1}: is not JSON: " in result.stderr


def test_nothing_said_reaches_the_terminal_raw(tmp_path: Path) -> None:
    """Names in a trace are a stranger's: what a terminal would act upon is escaped."""
    evil = [mark("a\x1b[2J", "start"), broadcast("a\x1b[2J", "bidmeta:a\x1b[2J:b\n\x1b]0;:r:1")]

    assert "\x1b" not in crosslayer("check", on_disk(tmp_path / "evil.jsonl", evil)).output


def test_nest_scenario_is_run_as_it_is(tmp_path: Path) -> None:
    """The original scenario, as NEST writes it, is the very run of ours; what is ignored is noted on standard error."""
    file = tmp_path / "private_commerce.yaml"
    file.write_text(TEXT)

    result = crosslayer("run", file, "--json")

    own = json.loads(crosslayer("run", "--json").stdout)
    assert (0, own["digest"]) == (result.exit_code, json.loads(result.stdout)["digest"])
    assert all(line.startswith(f"crosslayer: note: {file}: ") for line in result.stderr.splitlines())
    assert "layers: ignored: transport, comms, " in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "type: private_commerce",
            "type: auction",
            "task.type: 'auction' cannot be run here; only private_commerce can",
        ),
        ("registry: gossip", "registry: carrier_pigeon", "carrier_pigeon"),
    ],
)
def test_what_cannot_be_run_is_one_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    """An unknown task, or a plugin that is not there, is refused, and nothing else runs in its place."""
    file = tmp_path / "x.yaml"
    file.write_text(TEXT.replace(old, new))

    result = crosslayer("run", file)
    last = result.stderr.splitlines()[-1]

    assert (2, "") == (result.exit_code, result.stdout)
    assert last.startswith(f"crosslayer: {file}: ")
    assert told in last


def test_progress_of_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pipe, a plain line comes every few seconds."""
    now = [0.0]
    monkeypatch.setattr("crosslayer.harness.search.progress.time.perf_counter", lambda: now[0])
    file = tmp_path / "x"
    file.write_bytes(b"x" * 1000)

    with progress.reading(file) as show:
        for position in range(0, 1001, 10):
            now[0] = position / 100 * EVERY_SECONDS / 5
            show(position)

    out, err = capsys.readouterr()
    assert "" == out
    assert "reading: 50% of 1000 bytes, about 5 s left" == err.splitlines()[0]
    assert 2 == len(err.splitlines())
