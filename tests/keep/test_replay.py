import json
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer.harness.keep.replay import DRIFTED, FIXED, REPRODUCED, replay, stack_of
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import Heal, Restart, RunUntil
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.cases import SWAP, recorded, robbery, written
from tests.play import with_operations
from tests.processes import HASH_SEEDS, PYTHONS, WITHOUT_HYPOTHESIS, elsewhere

TWO_BUYERS = Population(2, 0, 1)


def _other_bytes(stack: Stack) -> Stack:
    """The same plugins under the same names, but the second sealing of everything is what is sent."""
    other = with_operations("privacy", stack, encrypt=lambda real, *args: (real.encrypt(*args), real.encrypt(*args))[1])
    return other.replace("privacy", Choice(stack.choices["privacy"].name, other.factory("privacy")))


def test_same_run_is_reproduced() -> None:
    """On its own stack, a counterexample breaks its promise in the very same run."""
    replayed = replay(robbery(), build([SWAP]), ALL)

    assert (REPRODUCED, True, ()) == (replayed.outcome, replayed.digest_matches, replayed.stale_steps)


def test_repaired_plugin_is_fixed() -> None:
    """Once the stack keeps the promise, the answer is fixed, with what the property says now."""
    replayed = replay(robbery(), REFERENCE, ALL)

    assert (FIXED, False) == (replayed.outcome, replayed.digest_matches)
    assert replayed.detail.startswith("holds: ")


@pytest.mark.parametrize(
    ("schedule", "place"),
    [
        ((Withhold(), RunUntil("bid sent"), Heal()), "from step 2 on"),
        ((RunUntil("bid sent"), Withhold()), "from step 1 on"),
        ((Withhold(),), "after the last step"),
    ],
)
def test_drift_is_placed(schedule: Any, place: str) -> None:
    """A run that breaks the promise in another way has drifted, from the step on in which it first differs."""
    stack = build([SWAP])
    one = recorded(stack, TWO_BUYERS, *schedule)

    replayed = replay(one, _other_bytes(stack), ALL)

    assert (DRIFTED, False) == (replayed.outcome, replayed.digest_matches)
    assert replayed.detail.startswith(f"the trace differs {place} (another version of a plugin or of Crosslayer")


def test_another_plugin_name_drifts_in_the_header() -> None:
    """A trace says which plugins made it: under other names it differs from its header on."""
    renamed = build([SWAP]).replace("privacy", Choice("other", REFERENCE.factory("privacy")))

    replayed = replay(robbery(), renamed, ALL)

    assert DRIFTED == replayed.outcome
    assert "the trace differs in its header" in replayed.detail


def test_steps_that_do_nothing_are_named() -> None:
    """In a minimal counterexample, a step that no longer finds anything to do is named as stale."""
    one = recorded(build([SWAP]), TWO_BUYERS, Withhold(), Restart(0), minimal=True)

    assert ("step 2: buyer-0 is up",) == replay(one, build([SWAP]), ALL).stale_steps


def test_false_alarm_that_holds_is_reproduced() -> None:
    """What was once a false alarm is reproduced while it holds; to be violated again is no way of being fixed."""
    one = recorded(REFERENCE, TWO_BUYERS, Withhold(), expect="holds")

    assert [REPRODUCED, DRIFTED] == [replay(one, stack, ALL).outcome for stack in (REFERENCE, build([SWAP]))]


def test_own_stack_is_the_default() -> None:
    """Without assignments, a file is replayed on the plugins that it names; an assignment wins over it."""
    names = robbery().stack

    assert names == stack_of(robbery(), (), (), "f").names()
    assert {**names, "trust": "agent_receipts"} == stack_of(robbery(), ("trust=agent_receipts",), (), "f").names()


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module in the working folder that leaves a mark when it is imported; the mark's path."""
    (tmp_path / "evil_plugin.py").write_text(
        "from pathlib import Path\nPath('mark').touch()\n"
        "from crosslayer.harness.systems.commerce.plugins.trust_score_average import make\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "evil_plugin", raising=False)
    return tmp_path / "mark"


@pytest.mark.parametrize("allowed", [(), ("evil",), ("evil_plugin.inner",), ("",)])
def test_a_file_loads_no_code(evil: Path, allowed: tuple[str, ...]) -> None:
    """A dotted path in a file is refused, in one line that says what to type, and nothing is imported."""
    one = attrs.evolve(robbery(), stack={"trust": "evil_plugin:make"})

    with pytest.raises(BadInput) as caught:
        stack_of(one, (), allowed, "f")
    told = (
        "f: uses trust=evil_plugin:make; to load that code, say --stack trust=evil_plugin:make, or --allow evil_plugin"
    )
    assert told == str(caught.value)
    assert not evil.exists()


@pytest.mark.parametrize("allowed", [(), ("nest",), ("nest:evil_plugin",)])
def test_a_file_loads_no_code_for_nest(evil: Path, allowed: tuple[str, ...]) -> None:
    """The mark of a NEST class opens no door: its module has to be allowed like any other."""
    one = attrs.evolve(robbery(), stack={"trust": "nest:evil_plugin:Class"})

    with pytest.raises(BadInput, match="to load that code, say --stack trust=nest:evil_plugin:Class"):
        stack_of(one, (), allowed, "f")
    assert not evil.exists()


def test_a_scenario_in_a_file_loads_no_code(evil: Path) -> None:
    """Nor does the scenario inside of a file."""
    scenario = attrs.evolve(robbery().scenario, stack=(("trust", "evil_plugin:make"),))
    one = attrs.evolve(robbery(), scenario=scenario)

    replay(one, stack_of(one, (), (), "f"), ALL)

    assert not evil.exists()


@pytest.mark.parametrize(
    ("assignments", "allowed"), [(("trust=evil_plugin:make",), ()), ((), ("evil_plugin",))], ids=["stack", "allow"]
)
def test_named_code_is_loaded(evil: Path, assignments: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    """Code is loaded once the person who runs it names it, or its package."""
    one = attrs.evolve(robbery(), stack={"trust": "evil_plugin:make"})

    assert "evil_plugin:make" == stack_of(one, assignments, allowed, "f").names()["trust"]
    assert evil.exists()


@pytest.mark.parametrize(
    ("stack", "assignments", "reason"),
    [
        ({"trust": "unheard_of"}, (), "f: there is no trust plugin 'unheard_of'"),
        ({"weather": "rain"}, (), "f: stack: there is no layer 'weather'"),
        ({}, ("trust",), "--stack trust: write it as layer=plugin"),
        ({}, ("weather=rain",), "--stack weather=rain: write it as layer=plugin, with a layer of registry"),
        ({}, ("trust=unheard_of",), "--stack trust=unheard_of: there is no trust plugin 'unheard_of'"),
    ],
)
def test_stack_that_cannot_be_had(stack: dict[str, str], assignments: tuple[str, ...], reason: str) -> None:
    """What cannot be had is bad input, told at the file or at the flag that asked for it."""
    with pytest.raises(BadInput) as caught:
        stack_of(attrs.evolve(robbery(), stack=stack), assignments, (), "f")
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("hash_seed", HASH_SEEDS)
def test_replay_needs_no_hypothesis(tmp_path: Path, python: str, hash_seed: str) -> None:
    """Where Hypothesis cannot be imported, under any order of hashes, on any Python, a file replays to the byte."""
    file = written(tmp_path / "one.json", robbery())

    done = elsewhere(WITHOUT_HYPOTHESIS, "replay", file, "--json", hash_seed=hash_seed, python=python)

    assert (1, "") == (done.returncode, done.stderr)
    answer = json.loads(done.stdout)
    assert (REPRODUCED, robbery().digest) == (answer["outcome"], answer["digest"])
