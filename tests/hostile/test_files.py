"""Files that are almost right: whatever is changed in a valid one, it is read, or refused in one line."""

import copy
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslayer.harness.explain import report
from crosslayer.harness.formats.counterexample import to_json, write_to
from crosslayer.harness.formats.trace import write
from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.model.steps import Drop
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import ALL
from tests.cases import robbery
from tests.commands.invoking import crosslayer
from tests.commerce import HUNT_FILE
from tests.play import HONEST, scenario

EXAMPLES = int(os.environ.get("CROSSLAYER_EXAMPLES", "100"))
SECONDS = 20
"""No command takes so long over one of these files; one that does, hangs."""

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 65, 10**6, 2**62, 2**63, 10**30, -(10**30), 1.5, 1e308, -0.0),
    *("", "x", "\x1b[2J\x07\u202e", "a\nb", "é" * 7_000, "trust=x", "os:_exit", "tests.hostile.evil:make"),
    *([], {}, [[]], [[[[]]]], {"a": {"b": []}}, [0] * 300, ["x"], {"step": "Drop"}, [{"step": "Drop"}] * 50),
)

NEST = """
name: private_commerce
seed: 3
agents: {roles: [{name: buyer, count: 2}, {name: seller, count: 1}, {name: shill_seller, count: 1},
  {name: shill, count: 1}, {name: auditor, count: 1}]}
layers: {registry: gossip, payments: streaming, privacy: hybrid_x25519, trust: agent_receipts}
task: {type: private_commerce, config: {gossip_interval: 200, discover_start: 1000, bid_amount: 150}}
failures: {message_drop: 0.1, network_partition: {groups: [[buyer-0], [seller-0]]}, partition_heal_at_tick: 50}
"""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def changed(value: Any, path: tuple[Any, ...], how: str, strange: Any) -> Any:
    """The value with one inner change."""
    result = copy.deepcopy(value)
    outer = result
    for key in path[:-1]:
        outer = outer[key]
    match how, outer:
        case "replace", _:
            outer[path[-1]] = strange
        case "remove", _:
            del outer[path[-1]]
        case "double", list():
            outer.insert(path[-1], copy.deepcopy(outer[path[-1]]))
        case _, list():
            outer.append(strange)
        case _:
            outer["surplus"] = strange
    return result


@st.composite
def changes(draw: st.DrawFn, value: Any) -> Any:
    """Valid files with one inner change."""
    path = draw(st.sampled_from(list(places(value))))
    return changed(value, path, draw(st.sampled_from(("replace",) * 3 + ("remove", "add", "double"))), draw(ANYTHING))


ANYTHING = st.sampled_from(STRANGE) | st.integers() | st.text(max_size=9) | st.floats(allow_nan=False)


@contextmanager
def bounded() -> Iterator[None]:
    """`TimeoutError` if it hangs."""

    def late(_number: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def answers(*words: object) -> None:
    """The command ends with a verdict, or with one clear line; what it prints can be shown, and is no flood."""
    with bounded():
        result = crosslayer(*words)

    if result.exit_code == report.EXIT_FAULT:  # a person who asks for ten million ticks is told that they are too many
        assert "events in one run" in result.output
    else:
        assert result.exit_code in {report.EXIT_HOLDS, report.EXIT_VIOLATED, report.EXIT_BAD_INPUT, report.EXIT_VACUOUS}
    assert result.output.replace("\n", "").isprintable()
    assert max(map(len, result.output.splitlines()), default=0) <= report.LINE_BOUND
    if result.exit_code == report.EXIT_BAD_INPUT and result.stdout == "":
        assert 1 == sum(not line.startswith("crosslayer: note: ") for line in result.stderr.splitlines())


fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, Any], Path]:
    """Writes a JSON value into a file, or a list of them into one line each."""

    def putting(name: str, value: Any) -> Path:
        file = tmp_path / name
        lines = value if name.endswith("l") and not name.endswith("yaml") else [value]
        file.write_text("".join(json.dumps(one) + "\n" for one in lines))
        return file

    return putting


@fuzzed
@given(st.data())
def test_scenarios(put: Callable[[str, Any], Path], data: st.DataObject) -> None:
    """A scenario of ours."""
    value = {**yaml.safe_load(HUNT_FILE.read_text()), "faults": {"drop": 0.1}, "adversary": [{"step": "Withhold"}]}
    value["stack"] = {"trust": "score_average"}
    answers("run", put("s.yaml", data.draw(changes(value))))


@fuzzed
@given(st.data())
def test_scenarios_of_nest(put: Callable[[str, Any], Path], data: st.DataObject) -> None:
    """A scenario of NEST's."""
    answers("run", put("n.yaml", data.draw(changes(yaml.safe_load(NEST)))))


@fuzzed
@given(st.data())
def test_counterexamples(put: Callable[[str, Any], Path], data: st.DataObject) -> None:
    """A counterexample, replayed."""
    answers("replay", put("c.json", data.draw(changes(to_json(robbery())))))


@fuzzed
@given(st.data())
def test_corpora(tmp_path: Path, put: Callable[[str, Any], Path], data: st.DataObject) -> None:
    """An entry of a corpus, listed, and verified beside one that is true."""
    (tmp_path / "corpus").mkdir(exist_ok=True)
    write_to(tmp_path / "corpus" / "a.json", robbery())
    put("corpus/b.json", data.draw(changes(to_json(robbery()))))
    for what in ("list", "verify"):
        answers("corpus", what, "--corpus", tmp_path / "corpus")


@fuzzed
@given(st.data())
def test_traces(tmp_path: Path, put: Callable[[str, Any], Path], data: st.DataObject) -> None:
    """A trace, judged."""
    file = tmp_path / "whole.jsonl"
    if not file.exists():
        result = run(scenario(HONEST), REFERENCE, (Drop("bid"),))
        write(file, result.header, result.events)
    value = [json.loads(line) for line in file.read_text().splitlines()]
    number = data.draw(st.integers(0, len(value) - 1))
    value[number] = data.draw(changes(value[number]))
    answers("check", put("t.jsonl", value))


@fuzzed
@given(st.data())
def test_explorations(tmp_path: Path, put: Callable[[str, Any], Path], data: st.DataObject) -> None:
    """An exploration that was left, gone on with."""
    words = ("explore", "--population", "1,1,0,0", "--jobs", "1", "--kind", "heal", "--save", tmp_path / "found")
    left = tmp_path / "whole.json"
    if not left.exists():
        crosslayer(*words, "--deviations", "2", "--resume", left)
    value = json.loads(left.read_text())
    answers(*words, "--deviations", "2", "--resume", put("e.json", data.draw(changes(value))))


def test_a_change_is_a_change() -> None:
    """The changes of these tests change something, in every part of a file."""
    value = to_json(robbery())

    assert all(changed(value, path, "replace", "surely new") != value for path in places(value))
    assert {one.name for one in ALL} >= {value["invariant"]}
