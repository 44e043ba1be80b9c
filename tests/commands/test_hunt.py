import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer.harness.commands import hunt as command
from crosslayer.harness.systems.commerce.probes import PROBES
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.properties.commerce import ALL
from crosslayer.strategies import machine
from tests.commands.invoking import answered, crosslayer
from tests.commerce import KNOWN_BAD, SYSTEM, load, populations, schedule_from
from tests.strategies.test_canary import blinded

UNDELIVERED = "commerce_undelivered_penalized"
SWAPPED = ("--stack", "trust=score_average", "--invariant", "undelivered_penalized", "--examples", 200)


@pytest.fixture
def save(tmp_path: Path) -> Path:
    """Where counterexamples go; it is not there yet."""
    return tmp_path / "found"


@pytest.fixture
def hunt(save: Path) -> Callable[..., Any]:
    """`crosslayer hunt` with these words, saving into a fresh folder."""
    return lambda *words: crosslayer("hunt", "--save", save, *words)


def test_what_is_found_is_told_and_saved(hunt: Callable[..., Any], save: Path) -> None:
    """The story, then one line with verdict, runs and why it stopped; the file is there, and the exit status is 1."""
    result = hunt(*SWAPPED)
    (file,) = save.iterdir()

    assert 1 == result.exit_code
    lines = result.stdout.splitlines()
    assert 1 == sum(line.startswith("FAIL  trust=score_average breaks") for line in lines)
    assert f"  Replay          crosslayer replay {file}" == lines[-3]
    assert (Withhold(),) == load(file).schedule
    assert re.fullmatch(
        r"1 of 1 joint invariant broken\. \d+ runs, \d+\.\d s, stopped \d+ runs after the last find\.", lines[-1]
    )


def test_quiet_is_short(hunt: Callable[..., Any]) -> None:
    """Quietly, a hunt says what failed, how to see it again, and the last line."""
    lines = hunt(*SWAPPED, "-q").stdout.splitlines()

    assert ("FAIL", "  Replay", "1 of 1") == (lines[0][:4], lines[-2][:8], lines[-1][:6])
    assert not any("What happened" in line for line in lines)


def test_one_find_can_be_enough(save: Path) -> None:
    """With -x, a hunt ends with the run in which something was found first."""
    words = ("--stack", "trust=score_average", "--examples", 300)
    _, value = answered("hunt", "--save", save, *words, "-x")

    assert value["examples"] == min(one["first"] for one in value["counterexamples"])


def test_quiet_and_verbose_exclude_each_other(hunt: Callable[..., Any]) -> None:
    """One cannot ask for more and for less at once."""
    assert 2 == hunt("-q", "-v").exit_code


def test_json_keys(save: Path) -> None:
    """A program finds examples, seconds, verdicts, reach and counterexamples, each with what it needs."""
    status, value = answered("hunt", "--save", save, *SWAPPED)
    (found,) = value["counterexamples"]

    assert 1 == status
    assert {"version", "examples", "seconds", "verdicts", "reached", "unreached", "counterexamples"} == value.keys()
    assert {"invariant", "population", "steps", "story", "blame", "file", "first"} == found.keys()
    assert (UNDELIVERED, ["trust"], 2) == (found["invariant"], found["blame"], found["population"]["buyer"])
    assert (Withhold(),) == schedule_from(found["steps"], "steps") == load(Path(found["file"])).schedule
    assert "violated" == value["verdicts"][UNDELIVERED]["outcome"]
    assert value["verdicts"][UNDELIVERED]["evidence"]
    assert 1 == value["version"]
    assert {one.name for one in PROBES} == value["reached"].keys()
    assert [name for name, count in value["reached"].items() if not count] == value["unreached"]
    assert 1 <= found["first"] <= value["examples"] <= 200


def test_one_counterexample_for_each_broken_promise(save: Path) -> None:
    """A hunt in which two promises break ends with a minimal counterexample of each, each with its own culprit."""
    words = ("--stack", "privacy=noop", "--stack", "payments=pay_on_close", "--examples", 30)
    names = ("bid_opacity", "delivery_rewarded")

    _, value = answered("hunt", "--save", save, *words, *(word for name in names for word in ("--invariant", name)))

    found = {one["invariant"]: (one["blame"], load(Path(one["file"])).minimal) for one in value["counterexamples"]}
    assert {
        "commerce_bid_opacity": (["privacy"], True),
        "commerce_delivery_rewarded": (["payments"], True),
    } == found


def test_what_was_never_reached_is_said(hunt: Callable[..., Any]) -> None:
    """Below what was reached, with its count, stands what never was, by name; by default there is one line of both."""
    words = ("--examples", 1, "--invariant", "bid_opacity")
    lines = hunt(*words, "-v").stdout.splitlines()
    never = next(number for number, line in enumerate(lines) if line.startswith("never reached: "))
    reached = [
        line.split(maxsplit=1) for line in lines[lines.index("situations reached, and in how many runs") + 1 : never]
    ]

    assert {"1"} == {count for count, _ in reached}
    assert {one.name for one in PROBES} == {
        *(name for _, name in reached),
        *lines[never].removeprefix("never reached: ").split("; "),
    }
    assert f"coverage: {len(reached)} of {len(PROBES)} situations reached (-v lists them)" in hunt(*words).stdout


def test_reference_holds(hunt: Callable[..., Any], save: Path) -> None:
    """Where nothing is found, every property says how often it was exercised, and nothing is saved."""
    names = [one.name for one in ALL if one.name != UNDELIVERED]

    result = hunt("--examples", 40, *(word for name in names for word in ("--invariant", name)))

    assert 0 == result.exit_code
    survived = [
        line.split()[0] for line in result.stdout.splitlines() if " holds     survived 40 runs, exercised in " in line
    ]
    assert names == survived
    assert not save.exists()


def test_vacuous_hunt_is_no_pass(hunt: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """An invariant that was never exercised has not survived: the line says so, and the exit status is 3."""
    monkeypatch.setattr(machine, "populations", lambda _system: populations(shill_seller=0))

    result = hunt("--invariant", UNDELIVERED, "--examples", 20)

    assert 3 == result.exit_code
    assert f"  {UNDELIVERED}  vacuous   exercised in none of 20 runs" in result.stdout.splitlines()


@pytest.mark.parametrize("name", KNOWN_BAD.values())
def test_failed_self_test(hunt: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """With a monitor gone blind there is no hunt, but one clear line and exit status 4."""
    blind = attrs.evolve(SYSTEM, properties=blinded(ALL, name))
    monkeypatch.setattr(command, "scenario_system", lambda *_: blind)

    result = hunt("--examples", 5)

    assert (4, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert f"must violate {name} alone, not nothing; results are not trustworthy" in result.stderr


def test_seconds_stop_a_hunt(hunt: Callable[..., Any]) -> None:
    """With a bound of seconds, the runs are not spent, and the answer is that of the runs there were."""
    result = hunt("--examples", 1_000_000, "--seconds", 0.3)

    assert result.exit_code in (0, 3)
    assert "1000000 runs" not in result.stdout


def test_seed_decides(save: Path) -> None:
    """The same seed gives the same answer, but for the seconds."""
    one, two = (answered("hunt", "--save", save, "--examples", 25, "--seed", 5)[1] for _ in range(2))

    assert {**one, "seconds": 0} == {**two, "seconds": 0}


def test_plugin_fault_has_its_own_status(
    hunt: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that fails is told as a story, with the place where it raised, and the exit status is 4."""
    (tmp_path / "failing_privacy.py").write_text(
        "def make(roster):\n    return {name: Failing() for name in roster.names()}\n\n\n"
        "class Failing:\n    def encrypt(self, data, audience):\n        raise RuntimeError('out of order')\n\n"
        "    def decrypt(self, data):\n        return data\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    result = hunt("--stack", "privacy=failing_privacy:make", "--examples", 5)

    assert 4 == result.exit_code
    assert "FAIL  privacy=failing_privacy:make raises an error" in result.stdout
    assert "out of order" in result.stdout
    assert "failing_privacy.py:7,inencrypt" in "".join(result.stdout.split())


def test_scenario_with_faults_of_its_own(hunt: Callable[..., Any]) -> None:
    """Any scenario gives timing and terms to a hunt; who takes part and what goes wrong is drawn."""
    scenario = Path(__file__).parent.parent.parent / "scenarios" / "private_commerce.yaml"

    result = hunt("--scenario", scenario, "--examples", 3, "--invariant", "bid_opacity")

    assert (0, True) == (result.exit_code, "survived 3 runs, exercised in 3 of them" in result.stdout)


def test_own_scenario_is_what_is_saved(hunt: Callable[..., Any], save: Path) -> None:
    """A counterexample found in a scenario with faults of its own replays from its file alone."""
    scenario = Path(__file__).parent.parent.parent / "scenarios" / "private_commerce.yaml"
    hunt("--scenario", scenario, "--examples", 3, "--invariant", "bid_opacity", "--stack", "privacy=noop")
    (file,) = save.iterdir()

    assert crosslayer("replay", file).stdout.startswith(f"{file}: reproduced: ")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--invariant", "happiness"), "--invariant happiness: choose one of commerce_discovery_precedes_bid, "),
        (("--stack", "trust"), "--stack trust: write it as layer=plugin"),
        (("--stack", "trust=nobody"), "--stack trust=nobody: there is no trust plugin 'nobody'"),
        (
            ("--stack", "trust=score_average", "--stack", "trust=agent_receipts"),
            "--stack trust=agent_receipts: trust is",
        ),
        (("--stack", "weather=rain"), "--stack weather=rain: there is no layer 'weather'"),
        (("--scenario", "nowhere.yaml"), "nowhere.yaml: cannot be read: there is no such file"),
    ],
)
def test_bad_input_is_one_line(hunt: Callable[..., Any], words: tuple[str, ...], reason: str) -> None:
    """What cannot be used is one line on standard error, before anything is run."""
    result = hunt(*words)

    assert (2, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert result.stderr.startswith(f"crosslayer: {reason}")


def test_what_is_found_by_priority_is_as_short(save: Path) -> None:
    """By priority a run has many steps; the counterexample keeps what is needed, and says how it was found."""
    how = ("--engine", "volume", "--jobs", 1, "--scheduler", "priority")
    status, value = answered("hunt", "--save", save, *SWAPPED, "--examples", 60, *how)
    (found,) = value["counterexamples"]

    assert (1, (Withhold(),)) == (status, schedule_from(found["steps"], "steps"))
    assert {"engine": "volume", "scheduler": "priority"}.items() <= load(Path(found["file"])).found.items()


@pytest.mark.parametrize(
    "words", [("--examples", "0"), ("--seconds", "0"), ("--seconds", "-1"), ("--seed", "x"), ("--scheduler", "luck")]
)
def test_numbers_are_checked(hunt: Callable[..., Any], words: tuple[str, ...]) -> None:
    """A budget of nothing is refused, for such a hunt could only be vacuous; so is what is no number or name."""
    result = hunt(*words)

    assert (2, True) == (result.exit_code, f"Invalid value for '{words[0]}'" in result.stderr)


def test_folder_that_cannot_be_used_is_told_at_once(hunt: Callable[..., Any], tmp_path: Path) -> None:
    """Nobody hunts for an hour to hear that the folder for the finds cannot be made."""
    (tmp_path / "found").write_text("")

    result = hunt("--examples", 1_000_000)

    assert 2 == result.exit_code
    assert f"{tmp_path / 'found'} is no folder that can be written to" in result.stderr


def test_progress_knows_the_budget(hunt: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone who waits is told the time that is left of both bounds, runs and seconds."""
    bounds: list[tuple[Any, ...]] = []

    def showing(examples: int, *, seconds: float | None) -> Any:
        bounds.append((examples, seconds))
        return nullcontext(lambda _: None)

    monkeypatch.setattr(command, "showing", showing)
    hunt("--examples", 2, "--seconds", 30)

    assert [(2, 30.0)] == bounds


def test_progress_is_not_on_standard_output(save: Path) -> None:
    """Standard output of a hunt for a program is one JSON object and nothing else."""
    result = crosslayer("hunt", "--save", save, "--examples", 5, "--json")

    assert [5] == [json.loads(line)["examples"] for line in result.stdout.splitlines()]


def test_what_was_run_survives_a_lost_process(save: Path) -> None:
    """A worker that dies in the middle of a hunt costs its own runs; the others are counted and told."""
    deadly = ("--stack", "trust=tests.commands.deadly:make", "--engine", "volume", "--jobs", "2", "--examples", 9999)

    answer = crosslayer("hunt", *deadly, "--invariant", "delivery_rewarded", "--save", save)
    told = re.search(r"killed or ended itself.*; the results of (\d+) runs are printed and saved", answer.stderr)

    assert 4 == answer.exit_code
    assert told is not None
    assert f". {told[1]} runs, " in answer.stdout.splitlines()[-1]
    assert 0 < int(told[1]) < 9999
