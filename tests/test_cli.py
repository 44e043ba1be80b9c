import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crosslayer.cli import COMMANDS, main
from crosslayer.harness.systems.commerce.nouns import LAYERS, PARTS
from crosslayer.harness.systems.commerce.plugins import trust_agent_receipts
from crosslayer.properties.commerce import ALL, JOINT
from tests.commerce import CATALOGUE
from tests.play import StandIn

HONEST = """
name: honest
population: {buyer: 1, seller: 1}
timing: {gossip_interval: 8, discovery_start: 20, discovery_interval: 10, bid_deadline: 120, check_delay: 20,
         resend_interval: 8, finalise_at: 160, settlement: 160}
"""
ROBBED = HONEST.replace("seller: 1}", "seller: 1, shill_seller: 1, auditor: 1}").replace("buyer: 1", "buyer: 2") + (
    "adversary: [{step: Withhold, seller: 0, buyer: 0}, {step: Withhold, seller: 0, buyer: 1}, {step: WashTrade}]\n"
)
VERDICT_KEYS = {"outcome", "detail", "evidence"}


def crosslayer(*arguments: str | Path) -> Result:
    """What a command answers."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file into a fresh folder."""

    def writer(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return writer


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A stored trace."""
    path = tmp_path / "stored.jsonl"
    (tmp_path / "robbed.yaml").write_text(ROBBED)
    assert crosslayer("run", tmp_path / "robbed.yaml", "--trace", path).exit_code == 0
    return path


def complaint(result: Result) -> str:
    """The one line in which bad input is told, after checking that it is one line, on standard error, and status 2."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("crosslayer: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def broken(_roster: Any) -> Any:
    """A factory that makes nothing."""
    raise OSError("no disk")


def everybody_is_doubtful(roster: Any) -> dict[str, Any]:
    """Trust plugins whose scores lie outside of [0, 1]: a broken contract, whatever the promises."""

    def score(real: Any, agent: str) -> Any:
        found = real.score(agent)
        return type(found)(found.value, 7.0)

    return {name: StandIn(real, {"score": score}) for name, real in trust_agent_receipts.make(roster).items()}


# Exit statuses


def test_status_0_means_that_all_hold() -> None:
    """The original scenario holds on the reference stack."""
    result = crosslayer("run")

    assert 0 == result.exit_code
    assert 6 == result.stdout.count("commerce_")


@pytest.mark.parametrize("swap", ["registry=in_memory", "privacy=noop", "trust=score_average", "payments=pay_on_close"])
def test_status_1_means_that_a_promise_broke(swap: str) -> None:
    """Each swapped stack ends with 1."""
    assert 1 == crosslayer("run", "--stack", swap).exit_code


def test_status_1_means_that_a_contract_broke() -> None:
    """A broken layer contract alone ends with 1, too."""
    result = crosslayer("run", "--stack", "trust=tests.test_cli:everybody_is_doubtful", "--json")
    told = json.loads(result.stdout)

    assert 1 == result.exit_code
    assert "violated" == told["contracts"]["trust"]["outcome"]


def test_status_2_means_bad_input() -> None:
    """A plugin that does not exist ends with 2 and one line."""
    assert "there is no trust plugin 'nobody'" in complaint(crosslayer("run", "--stack", "trust=nobody"))


def test_status_3_means_that_something_was_vacuous(write: Callable[[str, str], Path]) -> None:
    """Where nobody withholds, nothing is violated, but not everything was exercised."""
    result = crosslayer("run", write("honest.yaml", HONEST))

    assert 3 == result.exit_code
    assert "vacuous" in result.stdout


def test_status_4_means_a_plugin_fault() -> None:
    """A plugin that cannot be made is a fault, told at the end."""
    result = crosslayer("run", "--stack", "trust=tests.test_cli:broken")

    assert 4 == result.exit_code
    assert "plugin fault: trust plugin: make: raised OSError: no disk (raised at tests/test_cli.py:" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """Each command has a help page."""
    result = crosslayer(command, "--help")

    assert 0 == result.exit_code
    assert "Usage:" in result.stdout


def test_exit_statuses_are_documented() -> None:
    """The help page tells what the exit statuses mean."""
    assert (
        "0 all hold, 1 something violated, 2 bad input, 3 nothing violated but something vacuous, 4 plugin fault"
        in (" ".join(crosslayer("--help").stdout.split()))
    )


# JSON


def test_run_answers_as_json() -> None:
    """One object: scenario, stack, seed, digest, counts, all verdicts and the fault."""
    told = json.loads(crosslayer("run", "--seed", "7", "--json").stdout)

    shown = {"scenario", "stack", "seed", "digest", "events", "seconds", "verdicts", "contracts", "fault"}
    assert {"version", *shown} == set(told)
    assert (7, None, "private_commerce") == (told["seed"], told["fault"], told["scenario"])
    assert [one.name for one in JOINT] == list(told["verdicts"])
    assert [one.name for one in ALL if not one.joint] == list(told["contracts"])
    assert all(set(verdict) == VERDICT_KEYS for verdict in told["verdicts"].values())
    assert set(LAYERS) == set(told["stack"])


def test_a_fault_answers_as_json() -> None:
    """A fault is an object with part, agent, operation and reason."""
    told = json.loads(crosslayer("run", "--stack", "privacy=tests.test_cli:broken", "--json").stdout)

    assert {"part": "privacy", "agent": "", "operation": "make", "reason": "raised OSError: no disk"} == told["fault"]


def test_plugins_are_listed(write: object) -> None:
    """Every part and every plugin is listed, as text and as JSON, the reference first."""
    text = crosslayer("plugins").stdout
    told = json.loads(crosslayer("plugins", "--json").stdout)["plugins"]

    assert list(PARTS) == list(told)
    assert all(choice.name in text for part in PARTS for choice in CATALOGUE[part])
    assert ["gossip", "in_memory"] == [one["name"] for one in told["registry"]]


def test_text_has_no_control_characters() -> None:
    """In a pipe the answer is plain text."""
    assert "\x1b" not in crosslayer("run").stdout


# Runs and traces


def test_a_trace_is_judged_like_its_run(stored: Path) -> None:
    """Checking a stored trace answers like the run that wrote it, digest and exit status included."""
    ran = json.loads(crosslayer("run", stored.with_name("robbed.yaml"), "--json").stdout)
    checked = json.loads(crosslayer("check", stored, "--json").stdout)

    for key in ("digest", "events", "verdicts", "contracts", "stack", "seed", "fault"):
        assert ran[key] == checked[key]
    assert 0 == crosslayer("check", stored).exit_code


def test_a_packed_trace_is_judged_like_an_unpacked_one(stored: Path) -> None:
    """A trace that ends in .gz is unpacked while it is read."""
    packed = stored.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(stored.read_bytes()))

    assert (
        json.loads(crosslayer("check", packed, "--json").stdout)["digest"]
        == (json.loads(crosslayer("check", stored, "--json").stdout)["digest"])
    )


def test_a_fault_is_in_its_trace(tmp_path: Path) -> None:
    """The trace of a run that ended with a fault is checked as one."""
    path = tmp_path / "fault.jsonl"
    crosslayer("run", "--stack", "trust=tests.test_cli:broken", "--trace", path)
    result = crosslayer("check", path)

    assert 4 == result.exit_code
    assert "plugin fault: trust of : raised OSError: no disk" in result.stdout


def test_a_trace_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Without its folder no trace is written, and the reason is told."""
    path = tmp_path / "nowhere" / "trace.jsonl"

    assert "cannot be written" in complaint(crosslayer("run", "--trace", path))
    assert [] == list(tmp_path.iterdir())


def test_bad_input_writes_nothing(tmp_path: Path) -> None:
    """A run that cannot begin leaves no trace file."""
    complaint(crosslayer("run", "--stack", "trust=nobody", "--trace", tmp_path / "trace.jsonl"))

    assert [] == list(tmp_path.iterdir())


def test_the_stack_of_a_scenario_can_be_overridden(write: Callable[[str, str], Path]) -> None:
    """A scenario may name plugins; the command line has the last word, layer by layer."""
    path = write("stack.yaml", HONEST + "stack: {trust: score_average, privacy: noop}\n")
    told = json.loads(crosslayer("run", path, "--stack", "trust=agent_receipts", "--json").stdout)

    assert ("agent_receipts", "noop") == (told["stack"]["trust"], told["stack"]["privacy"])


# Bad input, one clear line each

BOMB = "a: &a [x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "aliases are not allowed"),
        ("name: [", "expected"),
        ("name: x\nname: y\n", "the key 'name' comes twice"),
        ("name: x\npopulation: {buyer: many}\n", "population.buyer: expected an integer"),
        ("name: x\npopulation: {buyer: 0}\n", "a population needs at least one buyer"),
        ("name: x\ncolour: red\n", "unknown key"),
        ("name: x\nadversary: [{step: Dance}]\n", "there is no step 'Dance'"),
        ("name: x\nstack: {trust: nobody}\n", "there is no trust plugin 'nobody'"),
        ("name: x\nstack: {love: nobody}\n", "there is no layer 'love'"),
        ("name: x\ntiming: {settlement: 5}\n", "settlement must be at least"),
        ("[" * 5_000, "nested too deeply"),
        ("", "is empty"),
    ],
)
def test_a_bad_scenario_is_told_in_one_line(write: Callable[[str, str], Path], text: str, reason: str) -> None:
    """Whatever is wrong with a scenario, the answer is one line with the file and the reason."""
    path = write("bad.yaml", text)
    told = complaint(crosslayer("run", path))

    assert str(path) in told
    assert reason in told


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("trust", "write it as layer=plugin"),
        ("love=noop", "there is no layer 'love'"),
        ("trust=no_such_module:make", "no_such_module cannot be imported"),
        ("trust=crosslayer.harness.systems.commerce.nouns:nothing", "has no nothing"),
    ],
)
def test_a_bad_stack_is_told_in_one_line(assignment: str, reason: str) -> None:
    """Whatever is wrong with an assignment, the answer is one line with the flag and the reason."""
    told = complaint(crosslayer("run", "--stack", assignment))

    assert f"--stack {assignment}: " in told
    assert reason in told


def lines(path: Path) -> list[bytes]:
    """The lines of a trace."""
    return path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (lambda all_: [*all_[:4], all_[4][:20]], 5, "cut off"),
        (lambda all_: [*all_[:4], b"junk\n", *all_[4:]], 5, "is not JSON"),
        (lambda all_: [*all_[:4], *all_[5:]], 5, "event 3 is missing"),
        (lambda all_: [all_[0].replace(b'"version":1', b'"version":99'), *all_[1:]], 1, "version 99"),
        (lambda all_: all_[1:], 1, "is no Crosslayer trace"),
        (lambda all_: [*all_[:4], b'{"seq":3,"tick":0,"kind":"dance","agent":""}\n'], 5, "no event of kind 'dance'"),
        (lambda all_: [*all_[:4], b'{"seq":3,"tick":"x","kind":"end","agent":""}\n'], 5, "tick must be"),
    ],
    ids=["truncated", "junk", "gap", "version", "headless", "kind", "type"],
)
def test_a_bad_trace_is_told_with_its_line(
    stored: Path, change: Callable[[list[bytes]], list[bytes]], line: int, reason: str
) -> None:
    """Whatever is wrong with a trace, the answer is one line with file, line number and reason."""
    path = stored.with_name("bad.jsonl")
    path.write_bytes(b"".join(change(lines(stored))))
    told = complaint(crosslayer("check", path))

    assert f"{path}:{line}" in told
    assert reason in told


def test_an_empty_or_missing_trace_is_told(tmp_path: Path) -> None:
    """A file without a line, no file, and a folder are told apart."""
    (tmp_path / "empty").touch()

    assert "is empty" in complaint(crosslayer("check", tmp_path / "empty"))
    assert "there is no such file" in complaint(crosslayer("check", tmp_path / "missing"))
    assert "directory" in complaint(crosslayer("check", tmp_path))


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_damaged_packed_trace_is_told(stored: Path, keep: float) -> None:
    """A .gz that is cut off or corrupt is bad input like any other."""
    packed = stored.with_suffix(".jsonl.gz")
    data = gzip.compress(stored.read_bytes())
    packed.write_bytes(data[: int(len(data) * keep)])
    assert "cannot be read" in complaint(crosslayer("check", packed)) or "cut off" in complaint(
        crosslayer("check", packed)
    )

    packed.write_bytes(data[:200] + bytes(50) + data[250:])
    assert str(packed) in complaint(crosslayer("check", packed))


@pytest.mark.parametrize("junk", ["\\ud800", "\\u0000", "\\u001b[2J"])
@pytest.mark.parametrize("place", ['"name":"honest"', '"seller":"seller-0"', '"agent":"buyer-0"', '"kind":"view"'])
def test_strange_characters_in_a_trace_do_no_harm(stored: Path, junk: str, place: str) -> None:
    """Half characters, and what moves a cursor, are judged or told, and never reach a terminal as they are."""
    path = stored.with_name("strange.jsonl")
    key = place.partition(":")[0]
    path.write_bytes(stored.read_bytes().replace(place.encode(), f'{key}:"{junk}"'.encode()))
    for result in (crosslayer("check", path), crosslayer("check", path, "--json")):
        assert isinstance(result.exception, SystemExit | None)
        assert result.output.replace("\n", "").isprintable()


def test_huge_numbers_in_a_trace_do_no_harm(stored: Path) -> None:
    """A trace with numbers of thousands of digits ends in verdicts or in one clear line."""
    path = stored.with_name("huge.jsonl")
    huge = b"9" * 4_000
    path.write_bytes(
        stored.read_bytes().replace(b'"rate":10', b'"rate":' + huge).replace(b'"cap":500', b'"cap":' + huge)
    )
    result = crosslayer("check", path)

    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output


def test_an_unknown_command_and_a_bad_flag_are_usage_errors() -> None:
    """What the command line cannot parse ends with 2 as well."""
    assert 2 == crosslayer("dance").exit_code
    assert 2 == crosslayer("run", "--seed", "many").exit_code
    assert 2 == crosslayer("check").exit_code


def test_a_strange_file_name_is_told_in_escapes(tmp_path: Path) -> None:
    """A path that would move a terminal's cursor is told with escapes."""
    told = complaint(crosslayer("check", tmp_path / "\x1b[2J"))

    assert "\\x1b[2J: cannot be read" in told
