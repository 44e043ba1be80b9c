"""A system that is not commerce: everything that there is for the one is there for the other."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer import Delay, Forget, KnownBad, Property, Rules, Run, RunUntil
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import build, reference
from crosslayer.harness.search.hunting import Budget
from crosslayer.harness.search.volume import hunt as volume
from crosslayer.harness.systems import lock
from crosslayer.harness.systems.lock import SYSTEM, Members
from crosslayer.testing import Vacuous, Violation, check, machine, run
from tests.commands.invoking import answered, crosslayer

LATE = [RunUntil("write sent"), Delay("write", 0, 40), Run(60)]
UNFENCED = "store=unfenced"
ROOT = Path(__file__).parents[3]


def test_it_is_short() -> None:
    """A whole protocol with its planted defect has at most 150 lines that are not blank."""
    assert len([line for line in Path(lock.__file__).read_text().splitlines() if line.strip()]) <= 150


def test_a_late_write_is_refused_by_the_fenced_store_alone() -> None:
    """One schedule tells the two stores apart; the same run has the same digest."""
    two = Members(worker=2)
    fenced, unfenced = (run(SYSTEM, LATE, stack=stack, population=two) for stack in ("store=fenced", UNFENCED))

    assert "holds" == fenced["no_stale_write"].outcome
    assert "violated" == unfenced["no_stale_write"].outcome
    assert fenced.digest == run(SYSTEM, LATE, population=two).digest != unfenced.digest


def test_tokens_survive_a_crash_that_loses_memory() -> None:
    """What the layers have synced is there again; a worker begins anew."""
    result = run(SYSTEM, [RunUntil("written"), Forget(2), Run(40)], population=Members(worker=2))

    assert "server-0 crashes and loses its memory" in result.notes
    assert "holds" == result["no_stale_write"].outcome


def test_the_defect_is_found_by_the_hypothesis_engine(tmp_path: Path) -> None:
    """In one line, with the story in the assertion, three steps, and the store to blame."""
    with pytest.raises(Violation, match=r"\[no_stale_write\]") as caught:
        check(SYSTEM, stack=UNFENCED, examples=600, save=tmp_path)
    (file,) = tmp_path.iterdir()
    value = json.loads(file.read_text())

    assert "  Culprit         the store layer: with fenced (the reference)" in str(caught.value)
    assert (["store"], "lock", True) == (value["blame"], value["system"], value["minimal"])
    assert len(value["schedule"]) <= 3
    assert "reproduced" in crosslayer("replay", file).stdout


def test_the_defect_is_found_in_volume() -> None:
    """The other engine finds it as well."""
    hunted = volume(shipped(SYSTEM, "hunt"), build(SYSTEM, [UNFENCED]), SYSTEM.properties, Budget(600))

    assert {"no_stale_write"} == hunted.cases.keys()


def test_exploring_finds_the_fewest_deviations(tmp_path: Path) -> None:
    """Of all schedules with one deviation, one breaks the unfenced store and none the fenced one."""
    words = ("explore", "--system", "lock", "--population", "worker=2", "--save", tmp_path, "--jobs", "2")
    status, bad = answered(*words, "--stack", UNFENCED)
    good_status, good = answered(*words, "--kind", "Delay", "--kind", "Stall", "--kind", "Forget")

    assert (1, ["store"]) == (status, bad["counterexamples"][0]["blame"])
    assert (0, True) == (good_status, good["complete"])


def test_the_reference_is_clean() -> None:
    """A thousand schedules in volume break nothing, and the claim is exercised in most of them."""
    hunted = volume(shipped(SYSTEM, "hunt"), reference(SYSTEM), SYSTEM.properties, Budget(1000))

    assert {} == hunted.cases
    assert hunted.exercised["no_stale_write"] > 800


def test_a_pass_that_proves_nothing_is_none() -> None:
    """A check in which a claim was never exercised is a failure, unless that is allowed."""
    blind = Property("blind", "Nobody ever sees it.", ("lock",), Blind)
    made = attrs.evolve(SYSTEM, properties=(*SYSTEM.properties, blind))

    with pytest.raises(Vacuous, match="in none of 20 runs was blind exercised"):
        check(made, examples=20)
    assert 20 == check(made, examples=20, vacuous=True).examples


def other_leases(roster: Any) -> Any:
    """What the reference makes."""
    return SYSTEM.layers[0].reference.factory(roster)


def test_a_system_that_cannot_see_is_not_believed() -> None:
    """If a known-bad plugin is not found, a pass would prove nothing."""
    known = KnownBad("lock", "tests.systems.lock.test_lock:other_leases", "no_stale_write", within=5)
    made = attrs.evolve(SYSTEM, known_bad=(known,))

    with pytest.raises(Vacuous, match=r"self-test failed: 5 runs of the hunt did not see lock=.*other_leases break"):
        check(made, examples=20)


class Blind(Rules):
    """Never exercised."""


def test_a_machine_is_a_hypothesis_test() -> None:
    """The state machine has a rule for every step and plan of the system."""
    made = machine(SYSTEM, stack=UNFENCED)

    assert {"stall", "forget", "intercept", "delay"} < set(vars(made))
    assert hasattr(made, "TestCase")


def test_its_corpus_is_true() -> None:
    """Every entry is violated on its stack, in the same run, and kept by the reference."""
    status, said = answered("corpus", "verify", "--corpus", ROOT / "corpus" / "lock")

    assert (0, {}) == (status, said["wrong"])
    assert said["entries"] >= 2


def test_another_vocabulary_is_stale(tmp_path: Path) -> None:
    """A file of a system whose vocabulary has changed since is never misread."""
    with pytest.raises(Violation):
        check(SYSTEM, stack=UNFENCED, examples=600, save=tmp_path)
    (file,) = tmp_path.iterdir()
    value = json.loads(file.read_text())
    file.write_text(json.dumps({**value, "vocabulary": "00000000"}))

    result = crosslayer("replay", file)

    assert 2 == result.exit_code
    assert "stale: was written in another vocabulary of lock ('00000000'): hunt for it again" in result.stdout
