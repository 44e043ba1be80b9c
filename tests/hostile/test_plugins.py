"""Plugins that are as bad as can be: never a false verdict, a traceback, or a command that does not end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer.harness.explain import report
from crosslayer.harness.model.errors import PropertyFault
from crosslayer.harness.model.verdicts import Monitor, Property, Verdict
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import ALL
from tests.cases import ROBBERY, robbery, written
from tests.commands.invoking import crosslayer
from tests.hostile.evil import OPERATIONS
from tests.play import scenario

ROOT = Path(__file__).parents[2]
EVIL = "tests.hostile.evil"


def swapped(part: str, deed: str) -> str:
    """A part of the stack that does this."""
    return f"{part}={EVIL}:{part}__{deed}"


def fault_of(assignment: str) -> Any:
    """The fault in which a run on this stack ends."""
    result = Judgement(scenario(), build([assignment]), ALL).run(ROBBERY)
    assert result.fault is not None
    return result.fault


@pytest.mark.parametrize("part", OPERATIONS)
@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("own", "raised Own: \x1b[2J"),
        ("generator_exit", "raised GeneratorExit"),
        ("interrupt", "raised KeyboardInterrupt"),
        ("leaves", "raised SystemExit: 0"),
        ("unspeakable", "raised Unspeakable: (its text cannot be had)"),
    ],
)
def test_whatever_is_raised_is_a_fault(part: str, deed: str, reason: str) -> None:
    """In each layer, whatever Python can raise is the fault of that layer's plugin, in that operation."""
    found = fault_of(swapped(part, deed))

    assert (part, OPERATIONS[part], reason) == (found.part, found.operation, found.reason)


@pytest.mark.parametrize("part", OPERATIONS)
def test_answer_that_cannot_be_looked_at_is_a_fault(part: str) -> None:
    """An answer with code of its own fails when it is looked at, and that is its plugin's fault."""
    assert part == fault_of(swapped(part, "answers_what_cannot_be_looked_at")).part


@pytest.mark.parametrize(("name", "reason"), [("hides", "raised Own"), ("maps", "raised Own")])
def test_factory_is_looked_at_behind_the_wall(name: str, reason: str) -> None:
    """What a factory made may be any kind of object: one that cannot be looked at is its fault."""
    found = fault_of(f"trust={EVIL}:{name}")

    assert ("trust", "make", True) == (found.part, found.operation, found.reason.startswith(reason))


def test_agent_that_fails_in_its_making() -> None:
    """An agent is made behind the wall, too."""
    found = fault_of(swapped("agents", "own"))

    assert ("agents", "auditor-0", "make") == (found.part, found.agent, found.operation)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ["falls", "steals"])
def test_what_does_no_harm_is_no_fault(name: str) -> None:
    """What fails when it is let go of, or takes what is not needed any more, changes no verdict."""
    result = Judgement(scenario(), build([f"trust={EVIL}:{name}"]), ALL).run(ROBBERY)

    assert (None, ()) == (result.fault, result.broken)


# Properties


class Failing:
    """A monitor that fails at one of its tasks."""

    violation = None

    def __init__(self, task: str) -> None:
        self.task = task

    def handlers(self) -> Any:
        return {"deliver": self.deliver}

    def deliver(self, _seq: int, _event: Any) -> None:
        if self.task == "deliver":
            raise ZeroDivisionError

    def conclude(self) -> Verdict:
        if self.task == "conclude":
            raise SystemExit(0)
        return "holds" if self.task == "answer" else ALL[0].watch(scenario().population).conclude()  # type: ignore[return-value]


def failing(task: str) -> Property:
    """A property whose monitor fails at this."""

    def watch(_population: Any) -> Monitor:
        if task == "watch":
            raise KeyError("nobody")
        return Failing(task)

    return Property("mine", "Nothing.", ("trust",), watch)


@pytest.mark.parametrize(
    ("task", "shown"), [("watch", "watch"), ("deliver", "(deliver at tick "), ("conclude", ""), ("answer", "")]
)
def test_fault_of_a_property_is_its_own(task: str, shown: str) -> None:
    """Whatever fails in a property is told under its name, with what it was shown, and never blamed on an agent."""
    fault = Judgement(scenario(), build([]), (failing(task), *ALL)).run(ROBBERY).fault

    assert isinstance(fault, PropertyFault)
    assert ("property", "mine") == (fault.part, fault.agent)
    assert shown in fault.operation
    assert str(fault).startswith("property mine: ")


# Processes

LOST = [
    *((part, "exits", "ended without an answer (exit status 0)") for part in (*OPERATIONS, "agents")),
    ("trust", "is_killed", "was killed by SIGKILL"),
    ("payments", "crashes", "was killed by SIGSEGV"),
    ("privacy", "sleeps", "no progress for 2 s"),
    ("registry", "spins", "no progress for 2 s"),
    ("trust", "garbles", ""),
    ("payments", "closes", ""),
]


@pytest.mark.parametrize(("part", "deed", "how"), LOST)
def test_process_that_is_lost_is_told(part: str, deed: str, how: str) -> None:
    """A plugin that ends its process, or keeps it from getting on, is one line that says where, and exit status 4."""
    result = crosslayer("run", "--stack", swapped(part, deed), "--stall-timeout", "2", "--json")
    told = [line for line in result.stderr.splitlines() if line.startswith("crosslayer: ")]

    assert report.EXIT_FAULT == result.exit_code
    if how:
        assert ("", 1) == (result.stdout, len(told))
        assert f"plugin fault: {part} plugin" in told[0]
        assert how in told[0]


def test_recursion_has_an_end() -> None:
    """A plugin that lifts the limit of recursion ends, one way or the other, before the memory is full."""
    result = crosslayer("run", "--stack", swapped("trust", "recurses"))

    assert 4 == result.exit_code
    assert "plugin fault: trust plugin of auditor-0: score" in result.output


@pytest.mark.parametrize("deed", ["patches", "patches_builtins"])
def test_process_that_is_bent_answers_nothing(deed: str) -> None:
    """A plugin that puts its own code in the place of ours, or of Python's, is told, whatever the verdict was."""
    result = crosslayer("run", "--stack", swapped("trust", deed))

    assert report.EXIT_FAULT == result.exit_code
    assert "replaced" in result.stderr


@pytest.mark.parametrize("deed", ["prints", "silences", "lingers", "forks"])
def test_bad_manners_spoil_no_answer(deed: str) -> None:
    """Whatever a plugin prints, closes or leaves running, standard output is the answer and nothing else."""
    result = crosslayer("run", "--stack", swapped("trust", deed), "--json")

    assert (0, None) == (result.exit_code, json.loads(result.stdout)["fault"])
    assert result.stderr.replace("\n", "").isprintable()
    assert 20_000 > len(result.stderr)


@pytest.mark.parametrize("text", ["raise KeyboardInterrupt", "import os; os._exit(0)", "while True: pass"])
def test_import_that_ends_badly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A module that interrupts, exits or hangs while it is imported is told as that."""
    (tmp_path / "evil_import.py").write_text(f"{text}\n")
    monkeypatch.chdir(tmp_path)

    result = crosslayer("run", "--stack", "trust=evil_import:make", "--stall-timeout", "2")

    assert (2 if "raise" in text else 4, "") == (result.exit_code, result.stdout)
    assert "evil_import" in result.stderr


@pytest.mark.parametrize("stack", ["evil_import:make", "nest:evil_import:Make", "os:_exit"])
def test_data_loads_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: str) -> None:
    """A plugin that a file names is not even imported, unless its package is allowed."""
    (tmp_path / "evil_import.py").write_text("open('imported', 'w').close()\n")
    (tmp_path / "s.yaml").write_text(f"name: x\nstack: {{trust: '{stack}'}}\n")
    monkeypatch.chdir(tmp_path)

    refused = crosslayer("run", "s.yaml")

    assert 2 == refused.exit_code
    assert "to load that code, say --stack trust=" in refused.stderr
    assert not (tmp_path / "imported").exists()


def test_allowed_code_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that a file names is loaded, in a child, if its package is allowed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(f"name: x\nstack: {{trust: '{EVIL}:trust__exits'}}\n")

    assert 4 == crosslayer("run", "s.yaml", "--allow", "tests").exit_code


# Ends that come from outside


def started(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """The command line, in a process of its own."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", "from crosslayer.cli import main; main()", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def below(process: subprocess.Popen[str]) -> list[int]:
    """The processes that this one has started, and theirs."""
    found: list[int] = []
    waiting = [process.pid]
    while waiting:
        path = Path(f"/proc/{waiting.pop()}/task")
        children = [one for task in path.glob("*/children") for one in task.read_text().split()]
        found += map(int, children)
        waiting += map(int, children)
    return found


def alive(pids: list[int]) -> list[int]:
    """Those of these processes that still run."""
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.append(pid)
    return found


def gone(pids: list[int]) -> bool:
    """Whether they all end soon."""
    for _ in range(100):
        if not alive(pids):
            return True
        time.sleep(0.1)
    return False


SLOW = f"payments={EVIL}:payments__dawdles"
HUNT = ("hunt", "--engine", "volume", "--jobs", "2", "--seconds", "300", "--invariant", "bid_opacity")


def line_of(process: subprocess.Popen[str], words: str) -> str:
    """The first line on standard error that has these words."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        if words in line:
            return line
        seen.append(line)
    raise AssertionError("".join(seen))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_that_is_asked_for(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C alike: what was found is told and saved, no process is left, the status is the verdict's."""
    process = started(*HUNT, "--stack", "privacy=noop", "--stack", SLOW, cwd=tmp_path)
    line_of(process, "kept as counterexamples/raw-commerce_bid_opacity")
    pids = below(process)
    process.send_signal(number)
    out, err = process.communicate(timeout=200)

    assert 1 == process.returncode
    assert "[commerce_bid_opacity]" in out
    assert "results so far are printed and saved" in err
    assert [True] == [one.name.startswith("commerce_bid_opac") for one in (tmp_path / "counterexamples").iterdir()]
    assert gone(pids)


def test_end_of_an_exploration(tmp_path: Path) -> None:
    """An exploration that is told to end leaves a file to go on from, and says that not everything was judged."""
    process = started("explore", "--jobs", "2", "--invariant", "bid_opacity", cwd=tmp_path)
    line_of(process, "exploring: ")
    pids = below(process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=200)

    assert 3 == process.returncode
    assert "interrupted; go on with --resume exploration.json" in err
    assert (tmp_path / "exploration.json").exists()
    assert gone(pids)


@pytest.mark.parametrize("own", [(), ("--stack", SLOW)], ids=["ours", "foreign"])
def test_children_die_with_their_parent(tmp_path: Path, own: tuple[str, ...]) -> None:
    """Even a parent that is killed takes its children along; the find that it had is on disk, and can be read."""
    process = started(*HUNT, "--stack", "privacy=noop", *own, cwd=tmp_path)
    line_of(process, "kept as")
    pids = below(process)
    process.kill()
    process.communicate(timeout=200)
    (file,) = (tmp_path / "counterexamples").glob("*.json")

    assert len(pids) >= 2
    assert gone(pids)
    assert 1 == crosslayer("replay", file, *own).exit_code


def test_killed_while_writing(tmp_path: Path) -> None:
    """Whenever a process that writes a folder is killed, every file in the folder can be read."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(40):
        written(folder / f"{number}.json", attrs.evolve(robbery(), digest=f"{number:064}"))
    for seconds in (0.9, 1.1, 1.3, 1.6):
        process = started("corpus", "minimise", "--corpus", str(folder), cwd=tmp_path)
        time.sleep(seconds)
        process.kill()
        process.communicate()

    assert 0 == crosslayer("corpus", "list", "--corpus", folder).exit_code
