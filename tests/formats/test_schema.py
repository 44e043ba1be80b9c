import copy
import json
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from jsonschema import Draft202012Validator

from crosslayer.harness.formats import counterexample, trace
from crosslayer.harness.formats.codec import unstructure
from crosslayer.harness.formats.counterexample import EXPECTED
from crosslayer.harness.formats.naming import UNNAMED
from crosslayer.harness.formats.schema import FOLDER, NAMES, schema, titles
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.search import exploration
from crosslayer.harness.systems.finding import SHIPPED, find_system
from tests.schemas import refusals

ROOT = Path(__file__).parents[2]
ENTRIES = sorted((ROOT / "corpus").rglob("*.json"))
ENTRY = {
    "crosslayer": "counterexample",
    "version": 1,
    "invariant": "lock",
    "stack": {"store": "unfenced"},
    "scenario": {"name": "hunt"},
    "schedule": [{"step": "Drop", "kind": "write", "nth": 1}],
    "digest": "0" * 64,
}


@pytest.mark.parametrize("system", SHIPPED)
@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_schemas(name: str, system: str) -> None:
    """Each is one of draft 2020-12, is named by an identifier, and says of what it is."""
    made = schema(name, find_system(system))

    Draft202012Validator.check_schema(made)
    assert ("https://json-schema.org/draft/2020-12/schema", f"urn:crosslayer:{system}:{name}") == (
        made["$schema"],
        made["$id"],
    )
    assert made["title"] == titles()[name]


def test_every_file_of_the_folder_is_used() -> None:
    """The folder holds the schemas that are listed, and what they share."""
    assert {*NAMES, "common"} == {file.stem for file in FOLDER.iterdir()}


def test_unknown_schema_is_one_line() -> None:
    """A wrong name is refused with the right ones."""
    with pytest.raises(BadInput, match=r"there is no such schema; choose one of scenario, .* did you mean scenario"):
        schema("scenaro", find_system("lock"))


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_committed_entries_are_entries(path: Path) -> None:
    """Each counterexample in the corpus is one by its schema, and an entry of one of the kinds."""
    value = json.loads(path.read_text())

    system = value.get("system", UNNAMED)
    assert [] == refusals("counterexample", value, system)
    assert [] == refusals("corpus-entry", value, system)


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_scenarios_are_scenarios(path: Path) -> None:
    """Each scenario that ships is one by its schema."""
    assert [] == refusals("scenario", yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("system", SHIPPED)
def test_every_step_is_a_step(system: str) -> None:
    """The simplest step of each kind, as it is written, is one by the schema of its system."""
    found = find_system(system)
    steps = [found.simplest(step) for step in found.vocabulary]
    written = unstructure(attrs.evolve(found.scenario_class(name="all"), adversary=tuple(steps)))

    assert len(found.vocabulary) == len(written["adversary"])
    assert [] == refusals("scenario", written, system)


SCENARIO: dict[str, Any] = {"name": "x", "adversary": [{"step": "Drop", "kind": "write"}], "faults": {"drop": 0.5}}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("nmae", "x"),
        ("name", 1),
        ("seed", -1),
        ("seed", "1"),
        ("seed", 1 << 63),
        ("system", "private_commerce"),
        ("population", {"worker": 65}),
        ("population", {"workers": 1}),
        ("timing", {"lease": 0}),
        ("faults", {"drop": 1}),
        ("faults", {"partition": ["worker-0"]}),
        ("stack", {"trust": "x"}),
        ("adversary", [{"step": "Dorp", "kind": "write"}]),
        ("adversary", [{"step": "Drop", "kind": "bid"}]),
        ("adversary", [{"step": "Drop", "kind": "write", "nth": -1}]),
        ("adversary", [{"step": "Drop", "kind": "write", "often": 1}]),
        ("adversary", [{"kind": "write"}]),
    ],
)
def test_wrong_scenarios_are_refused(key: str, value: object) -> None:
    """A scenario with one wrong key or value is none of the lock."""
    assert [] == refusals("scenario", SCENARIO, "lock")
    assert refusals("scenario", {**SCENARIO, key: value}, "lock")


def test_scenario_without_a_name_is_refused() -> None:
    """The name is the one key that must be there."""
    assert refusals("scenario", {}, "lock")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("crosslayer", "trace"),
        ("version", 2),
        ("expect", "maybe"),
        ("blame", "store"),
        ("digest", "0"),
        ("schedule", {}),
        ("minimal", 1),
        ("trail", [1]),
        ("why", ["because"]),
        ("passing", []),
        ("surprise", None),
    ],
)
def test_wrong_counterexamples_are_refused(key: str, value: object) -> None:
    """A counterexample with one wrong key or value is none."""
    assert [] == refusals("counterexample", ENTRY, "lock")
    assert refusals("counterexample", {**ENTRY, key: value}, "lock")


def test_a_counterexample_without_a_needed_key_is_refused() -> None:
    """What decides the run must be there."""
    for key in ENTRY:
        assert refusals("counterexample", {name: value for name, value in ENTRY.items() if name != key}, "lock")


def test_raw_find_is_no_entry() -> None:
    """What is not shrunk yet has no digest: it is a counterexample, but not an entry, of whatever kind."""
    raw = {**ENTRY, "digest": ""}

    assert [] == refusals("counterexample", raw, "lock")
    assert refusals("corpus-entry", raw, "lock")
    for expect in EXPECTED:
        assert [] == refusals("corpus-entry", {**ENTRY, "expect": expect}, "lock")


EVENT = {"seq": 0, "tick": 1, "kind": "send", "agent": "a", "id": 1, "source": "a", "to": "b", "message": "write"}


@pytest.mark.parametrize(
    "line",
    [
        {**EVENT},
        {**EVENT, "payload": "", "payload64": ""},
        {**EVENT, "payload": "", "kind": "sendd"},
        {**EVENT, "payload": "", "seq": -1},
        {"seq": 0, "tick": 1, "kind": "end"},
        {"crosslayer": "trace", "version": 1, "stack": {}, "schedule": []},
        [],
    ],
)
def test_wrong_lines_of_a_trace_are_refused(line: Any) -> None:
    """A line that reading refuses for its shape is refused by the schema."""
    assert [] == refusals("trace", {**EVENT, "payload": "x"}, "lock")
    assert refusals("trace", line, "lock")


@pytest.mark.parametrize(
    "value", [{"exampels": 1}, {"examples": "3"}, {"stack": 1}, {"save": []}, {"allow": [1]}], ids=json.dumps
)
def test_wrong_settings_are_refused(value: object) -> None:
    """A key or a value that the file cannot have is refused."""
    assert [] == refusals("settings", {"examples": 3, "stack": ["a=b"], "allow": "x", "save": "finds"})
    assert refusals("settings", value)


def test_versions_are_those_that_are_written() -> None:
    """Each schema of a file speaks of the version that is written today."""
    common = json.loads((FOLDER / "common.json").read_text())["$defs"]
    written = {
        counterexample.VERSION: common["counterexample"]["properties"]["version"]["const"],
        trace.VERSION: json.loads((FOLDER / "trace.json").read_text())["then"]["properties"]["version"]["const"],
        exploration.VERSION: json.loads((FOLDER / "exploration.json").read_text())["properties"]["version"]["const"],
    }

    assert all(version == said for version, said in written.items())


def test_derived_parts_do_not_share_what_is_printed() -> None:
    """A caller that changes a schema changes it for nobody else."""
    first = schema("hunt", find_system("lock"))
    before = copy.deepcopy(first)
    first["properties"]["version"]["const"] = 99
    first["$defs"]["step"]["oneOf"].clear()

    assert before == schema("hunt", find_system("lock"))
