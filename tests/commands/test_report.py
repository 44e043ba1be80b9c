import json
from pathlib import Path

import pytest

from crosslayer.harness.picture.shiviz import PARSER
from tests.cases import robbery, written
from tests.commands.invoking import answered, crosslayer
from tests.picture.showing import STALE_WRITE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A counterexample on disk."""
    return written(tmp_path / "one.json", robbery())


def test_a_page_is_written_and_said(file: Path, tmp_path: Path) -> None:
    """The command names the page; the exit status is that of the run, for the promise was judged again."""
    result = crosslayer("report", file, STALE_WRITE, "-o", tmp_path / "out.html")

    assert (1, f"2 counterexamples: {tmp_path / 'out.html'}\n") == (result.exit_code, result.output)
    assert "2 of 2 counterexamples break their promise" in (tmp_path / "out.html").read_text()


def test_a_repaired_one_is_shown_as_kept(file: Path, tmp_path: Path) -> None:
    """Under the reference the same file's page says that the promise is kept, with status 0."""
    result = crosslayer("report", file, "--stack", "trust=agent_receipts", "-o", tmp_path / "out.html")

    assert 0 == result.exit_code
    assert "not violated" in (tmp_path / "out.html").read_text()


@pytest.mark.parametrize("kind", ["svg", "mermaid", "text", "markdown", "junit", "sarif", "shiviz"])
def test_every_format_goes_to_standard_output(file: Path, kind: str) -> None:
    """Without a file to write, the answer is printed."""
    result = crosslayer("report", file, "--format", kind)

    assert 1 == result.exit_code
    assert result.output.strip()


def test_a_log_for_shiviz_begins_with_its_parser() -> None:
    """Parser, an empty line, then two lines an event, the second with the clock."""
    lines = crosslayer("report", STALE_WRITE, "--format", "shiviz").stdout.splitlines()
    host, _, clock = lines[3].partition(" ")

    assert (PARSER, "", {host: 1}) == (lines[0], lines[1], json.loads(clock))


def test_a_diagram_shows_one_file(file: Path) -> None:
    """Two files in one diagram are refused with one line."""
    result = crosslayer("report", file, file, "--format", "svg")

    assert (2, 1) == (result.exit_code, len(result.output.splitlines()))


def test_where_it_cannot_be_written_is_said_in_one_line(file: Path, tmp_path: Path) -> None:
    """A folder that is not there is bad input."""
    result = crosslayer("report", file, "-o", tmp_path / "none" / "out.html")

    assert (2, 1) == (result.exit_code, len(result.output.splitlines()))


def test_runs_are_compared_under_two_stacks(file: Path, tmp_path: Path) -> None:
    """Text, JSON and page say where they part; nothing is judged, so the status is 0."""
    words = ("diff", file, "--stack", "trust=agent_receipts")
    told = crosslayer(*words, "--html", tmp_path / "diff.html")
    status, value = answered(*words)

    assert (0, 0) == (told.exit_code, status)
    assert "They part at auditor-0" in told.output
    assert "auditor-0" == value["cause"]["agent"]
    assert "first difference" in (tmp_path / "diff.html").read_text()


def test_a_trace_is_compared_with_a_counterexample(file: Path, tmp_path: Path) -> None:
    """A run and its own trace are alike."""
    crosslayer("replay", file, "--trace", tmp_path / "trace.jsonl")

    assert answered("diff", file, tmp_path / "trace.jsonl")[1]["alike"]


@pytest.mark.parametrize("words", [(), ("--stack", "trust=agent_receipts", "more.json", "more.json")])
def test_a_comparison_takes_two(file: Path, words: tuple[str, ...]) -> None:
    """One file without a stack, or three, are refused with one line."""
    result = crosslayer("diff", file, *words)

    assert (2, 1) == (result.exit_code, len(result.output.splitlines()))


def test_a_hunt_shows_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page, JUnit, SARIF, job summary and annotations, in one go."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    words = ("--system", "lock", "--stack", "store=unfenced", "--examples", "300", "--seed", "3", "--html", "h.html")
    result = crosslayer("hunt", *words, "--junit", "j.xml", "--sarif", "s.json")

    assert 1 == result.exit_code
    assert "Situations reached" in Path("h.html").read_text()
    assert "<failure" in Path("j.xml").read_text()
    assert "no_stale_write" in Path("s.json").read_text()
    assert "```mermaid" in Path("summary.md").read_text()
    assert 1 == result.stderr.count("::error ")


def test_a_green_hunt_shows_what_it_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is red, and the page says how often each situation arose."""
    monkeypatch.chdir(tmp_path)
    result = crosslayer("hunt", "--system", "lock", "--examples", "60", "--html", "h.html", "--junit", "j.xml")

    assert 0 == result.exit_code
    assert "nothing broke in 60 runs" in Path("h.html").read_text()
    assert 'failures="0"' in Path("j.xml").read_text()


def test_nothing_is_hunted_if_the_page_could_not_be_written(tmp_path: Path) -> None:
    """That is said at once, in one line."""
    result = crosslayer("hunt", "--html", tmp_path / "none" / "h.html")

    assert (2, 1) == (result.exit_code, len(result.output.splitlines()))


def test_a_corpus_a_replay_and_a_matrix_have_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each says in its title what came of it."""
    monkeypatch.chdir(tmp_path)
    crosslayer("corpus", "verify", "--corpus", STALE_WRITE.parent, "--html", "c.html")
    crosslayer("replay", STALE_WRITE, "--html", "r.html")
    crosslayer("matrix", "--system", "lock", "--examples", "300", "--jobs", "1", "--html", "m.html")

    assert "2 of 2 entries are true" in Path("c.html").read_text()
    assert "a write under token 1 was taken after one under 2" in Path("r.html").read_text()
    assert "1 of 1 known-bad stacks were caught" in Path("m.html").read_text()
