"""Claims about `crosslayer.harness.formats.scenario`."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.formats.codec import unstructure
from crosslayer.harness.formats.scenario import SIZE_BOUND
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.systems.commerce.nouns import Population, Scenario, Terms, Timing
from crosslayer.harness.systems.commerce.steps import WashTrade, Withhold
from tests.commerce import RUN_FILE
from tests.commerce import load_scenario as load
from tests.commerce import scenario_of as from_value
from tests.values import SCENARIOS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a scenario file that is not there yet."""
    return tmp_path / "scenario.yaml"


class Quoting(yaml.SafeDumper):
    """Writes every text in quotes: what is a number without them differs between versions of YAML."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def reason(file: Path, content: str | bytes) -> str:
    """Why a file of this content is refused, with whatever of the place is behind the file's name."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput) as caught:
        load(file)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(file))


def test_the_default_scenario_is_private_commerce() -> None:
    """The scenario that ships: twelve agents, one lossy network, one late partition, two corrupt agents."""
    expected = Scenario(
        name="private_commerce",
        population=Population(buyer=5, seller=4, shill_seller=1, shill=1, auditor=1),
        timing=Timing(),
        terms=Terms(),
        seed=42,
        faults=Faults(drop=0.05, partition=(("buyer-0", "buyer-1"),), heals_at=3000),
        adversary=(*(Withhold(0, buyer) for buyer in range(5)), *((WashTrade(0, 1), WashTrade(1, 0)) * 3)),
    )

    assert expected == load(RUN_FILE)


@given(SCENARIOS)
def test_a_scenario_survives_its_value(scenario: Scenario) -> None:
    """Any scenario, taken apart and put together again, is the same, and has the same hash."""
    again = from_value(unstructure(scenario), "here")

    assert scenario == again
    assert hash(scenario) == hash(again)


@given(SCENARIOS)
def test_a_scenario_survives_yaml(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario) -> None:
    """Any scenario, written as YAML by somebody else's writer that quotes texts, is read as itself."""
    file = tmp_path_factory.mktemp("yaml") / "scenario.yaml"
    file.write_text(yaml.dump(unstructure(scenario), Dumper=Quoting), encoding="utf-8")

    assert scenario == load(file)


def test_a_name_is_enough(file: Path) -> None:
    """Whatever a file leaves out has its default."""
    file.write_text("name: small")

    assert Scenario(name="small") == load(file)


def test_equal_stacks_are_equal_in_any_order() -> None:
    """The order in which a stack's plugins are named means nothing."""
    one = from_value({"name": "x", "stack": {"trust": "a", "registry": "b"}}, "here")
    other = from_value({"name": "x", "stack": {"registry": "b", "trust": "a"}}, "here")

    assert one == other
    assert (("registry", "b"), ("trust", "a")) == one.stack


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ": is empty; a scenario has at least a name"),
        ("# nothing", ": is empty; a scenario has at least a name"),
        ("[]", ": expected a mapping, not []"),
        ("seed: 1", ": name: is missing"),
        ("name: x\n<<: {seed: 1}", ": unknown key '<<'"),
        ("name: x\nsede: 1", ": unknown key 'sede'"),
        ("name: x\npopulation: {buyer: x}", ": population.buyer: expected an integer, not 'x'"),
        ("name: x\nadversary: [{step: Drop, nth: yes}]", ": adversary[0].nth: expected an integer, not 'yes'"),
        ("name: 5", ": name: expected a text, not 5"),
        ("name: x\nseed: 042", ": seed: expected an integer, not '042'"),
        ("name: x\nseed: 0x2a", ": seed: expected an integer, not '0x2a'"),
        ("name: x\nseed: 1:30", ": seed: expected an integer, not '1:30'"),
        ("name: x\nseed: 1_000", ": seed: expected an integer, not '1_000'"),
        ("name: x\nseed: 2026-01-01", ": seed: expected an integer, not '2026-01-01'"),
        ("name: x\nseed: true", ": seed: expected an integer, not True"),
        ("name: x\nseed: -1", ": 'seed' must be >= 0: -1"),
        ("name: x\nseed: 9223372036854775808", ": seed: an integer must fit into 64 bits"),
        ("name: x\nseed: " + "9" * 5000, ": is not YAML: Exceeds the limit (4300 digits)"),
        ("name: x\nfaults: {drop: 1}", ": faults: drop must be at least 0 and less than 1"),
        ("name: x\nfaults: {drop: -0.1}", ": faults: drop must be at least 0 and less than 1"),
        ("name: x\nfaults: {drop: 1e999}", ": faults.drop: expected a number, not inf"),
        ("name: x\nfaults: {drop: .nan}", ": faults.drop: expected a number, not '.nan'"),
        (
            "name: x\nfaults: {partition: [[]], heals_at: 1}",
            ": faults: partition: a group must name at least one agent",
        ),
        ("name: x\nfaults: {partition: [[buyer-0]]}", ": faults: heals_at must say at which tick"),
        (
            "name: x\nfaults: {partition: [[buyer-7]], heals_at: 1}",
            ": faults.partition: there is no agent 'buyer-7' in this population",
        ),
        (
            "name: x\nfaults: {partition: [[buyer-0], [buyer-0]], heals_at: 1}",
            ": faults.partition: buyer-0 is named twice",
        ),
        ("name: x\nstack: {layer: x}", ": stack: there is no layer 'layer'; choose one of registry,"),
        ("name: x\nstack: {trust: 1}", ": stack: expected a text, not 1"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(file: Path, content: str, expected: str) -> None:
    """One line says which key is wrong, and why; no plain word means anything that it does not mean in JSON."""
    assert reason(file, content).startswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name: x\nseed: 1\nseed: 1", ":3: the key 'seed' comes twice"),
        ("name: x\npopulation:\n  buyer: 1\n  buyer: 1", ":4: the key 'buyer' comes twice"),
        ("name: x\n1: 2", ":2: a key must be a text"),
        ("name: x\nnull: 2", ":2: a key must be a text"),
        ("name: x\n? [a]\n: 2", ":2: a key must be a text"),
        ("name: x\n---\nname: y", ":2: but found another document"),
        ("name: &a x\nstack: {trust: *a}", ":1: anchors and aliases are not allowed"),
        ("name: x\nstack: *a", ":2: anchors and aliases are not allowed"),
        ("name: x\nterms: &a {}", ":2: anchors and aliases are not allowed"),
        ("name: x\nseed: !!int 1", ":2: tags are not allowed"),
        ("name: x\nseed: !!timestamp x", ":2: tags are not allowed"),
        ("name: x\nstack: !!python/object/apply:os.getcwd []", ":2: tags are not allowed"),
        ("name: x\nseed: [", ":2: expected the node content"),
        ("name: x\n\tseed: 1", ":2: found character '\\t'"),
        ("name: x\nseed: 1: 2", ":2: mapping values are not allowed here"),
        ("name: 'x", ":1: found unexpected end of stream"),
    ],
)
def test_what_yaml_may_not_do_is_named_with_its_line(file: Path, content: str, expected: str) -> None:
    """What is wrong with the text itself is said with the number of the line."""
    assert reason(file, content).startswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"name: \xff", ": is not UTF-8 at byte 6"),
        (b"name: \x00", ": is not YAML: unacceptable character"),
        (b"name: x\n" + b"#" * SIZE_BOUND, ": is larger than 1048576 bytes"),
        (b"[" * 100_000, ": is nested too deeply"),
        (b"{a: " * 100_000, ": is nested too deeply"),
        (b"- " * 100_000, ": is nested too deeply"),
    ],
)
def test_hostile_bytes_are_bad_input(file: Path, content: bytes, expected: str) -> None:
    """Bytes that nobody would write by hand are refused as clearly as any typing error."""
    assert reason(file, content).startswith(expected)


@given(st.binary(max_size=60) | st.text("{}[]:,&*!|>'\"%@`-?#<= \n\tan~01.e", max_size=40).map(str.encode))
def test_junk_is_bad_input_or_a_scenario(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a file holds, it is a scenario or bad input, never another exception."""
    file = tmp_path_factory.mktemp("junk") / "scenario.yaml"
    file.write_bytes(b"name: x\nseed: " + content)
    try:
        found: Any = load(file)
    except BadInput as error:
        found = error

    assert isinstance(found, Scenario | BadInput)


def test_a_missing_file_is_bad_input(file: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(BadInput, match="there is no such file"):
        load(file)


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    """A folder is not a scenario file."""
    with pytest.raises(BadInput, match="Is a directory"):
        load(tmp_path)


def test_equal_faults_are_written_alike() -> None:
    """A probability of 0 is 0.0, so that equal scenarios have equal bytes."""
    assert unstructure(Faults(drop=0)) == unstructure(Faults(drop=0.0))
    assert "0.0" == str(unstructure(Faults(drop=0))["drop"])


def test_every_key_of_the_default_scenario_is_explained() -> None:
    """Each section of the shipped file has a comment above it, but for name and seed."""
    lines = RUN_FILE.read_text(encoding="utf-8").splitlines()
    sections = [number for number, line in enumerate(lines) if line.endswith(":") and not line.startswith(" ")]

    assert ["population:", "timing:", "terms:", "faults:", "adversary:"] == [lines[number] for number in sections]
    assert all(lines[number - 1].startswith("#") for number in sections)
