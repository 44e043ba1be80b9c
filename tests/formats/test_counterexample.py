import json
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.formats import counterexample as module
from crosslayer.harness.formats.codec import unstructure
from crosslayer.harness.formats.counterexample import Counterexample, save, to_json, write_to
from crosslayer.harness.formats.naming import Stale
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import Heal
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Withhold
from tests.commerce import SYSTEM, load
from tests.play import scenario
from tests.values import JSON, SCENARIOS, SCHEDULES, TEXTS

STACK = {"registry": "gossip", "payments": "streaming", "privacy": "hybrid_x25519", "trust": "score_average"}

ONE = Counterexample(
    invariant="commerce_undelivered_penalized",
    scenario=scenario(Population(2, 0, 1)),
    stack=STACK,
    schedule=(Withhold(),),
    digest="ab" * 32,
    trail=("12345678",),
    story="it was robbed",
    blame=("trust",),
    minimal=True,
    why=({"step": "a robbery", "needed": True},),
    passing={"change": "step 1: left out", "schedule": []},
    found={"how": "test", "seed": 3},
    system=SYSTEM,
)

COUNTEREXAMPLES = st.builds(
    Counterexample,
    system=st.just(SYSTEM),
    invariant=TEXTS,
    scenario=SCENARIOS,
    stack=st.dictionaries(TEXTS, TEXTS, max_size=3),
    schedule=SCHEDULES,
    digest=TEXTS,
    trail=st.lists(TEXTS, max_size=2).map(tuple),
    story=TEXTS,
    blame=st.lists(TEXTS, max_size=2).map(tuple),
    expect=st.sampled_from(["violated", "holds"]),
    minimal=st.booleans(),
    why=st.lists(st.dictionaries(TEXTS, JSON, max_size=2), max_size=2).map(tuple),
    passing=st.none() | st.dictionaries(TEXTS, JSON, max_size=2),
    found=st.dictionaries(TEXTS, JSON, max_size=2),
)


def _written(folder: Path, value: Any) -> Path:
    path = folder / "one.json"
    path.write_text(json.dumps(value))
    return path


@settings(max_examples=40)
@given(COUNTEREXAMPLES)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, one: Counterexample) -> None:
    """Whatever is written is read back as it was, under the same name."""
    path = tmp_path_factory.getbasetemp() / "round-trip.json"
    write_to(path, one)

    assert (one, one.name) == (load(path), load(path).name)


def test_file_is_named_by_its_content(tmp_path: Path) -> None:
    """The name of a file is the invariant and sixteen hex digits."""
    path = save(ONE, tmp_path / "new" / "folder")

    assert f"{ONE.name}.json" == path.name
    assert 16 == len(bytes.fromhex(ONE.name.removeprefix(f"{ONE.invariant}-")) * 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"invariant": "another"},
        {"expect": "holds"},
        {"stack": {**STACK, "trust": "agent_receipts"}},
        {"schedule": (Withhold(), Heal())},
        {"scenario": scenario(Population(2, 1, 1))},
        {"scenario": scenario(Population(2, 0, 1), seed=7)},
    ],
    ids=["invariant", "expect", "stack", "schedule", "population", "seed"],
)
def test_what_decides_the_run_decides_the_name(changes: dict[str, Any]) -> None:
    """Two counterexamples that differ in anything that decides the run have two names."""
    assert ONE.name != attrs.evolve(ONE, **changes).name


def test_what_is_said_of_the_run_does_not_decide_the_name() -> None:
    """How it was found, told and explained, and even its digest, leave the name as it is."""
    said = attrs.evolve(
        ONE, digest="", trail=(), story="", blame=(), minimal=False, why=(), passing=None, found={"how": "luck"}
    )

    assert ONE.name == said.name


def test_order_of_the_stack_does_not_decide_the_name() -> None:
    """Equal stacks have equal names, in whatever order they were written."""
    assert ONE.name == attrs.evolve(ONE, stack=dict(reversed(STACK.items()))).name


def test_saving_twice_leaves_one_file(tmp_path: Path) -> None:
    """The first file of a name stays, even if it is found again in another way."""
    first = save(ONE, tmp_path)
    again = save(attrs.evolve(ONE, found={"how": "luck"}), tmp_path)

    assert ([first], first) == (list(tmp_path.iterdir()), again)
    assert ONE == load(first)


def _save_often(folder: str) -> list[str]:
    return [str(save(ONE, Path(folder))) for _ in range(20)]


def test_saving_from_several_processes_leaves_one_file(tmp_path: Path) -> None:
    """Workers that find the same at the same time write one whole file, and nothing else is left."""
    with get_context("spawn").Pool(2) as pool:
        saved = pool.map(_save_often, [str(tmp_path)] * 2)

    assert [str(path) for path in tmp_path.iterdir()] == sorted({path for paths in saved for path in paths})
    assert ONE == load(Path(saved[0][0]))


def test_folder_that_cannot_be_made_is_bad_input(tmp_path: Path) -> None:
    """A folder in the place of which there is a file is the caller's mistake, in one line."""
    (tmp_path / "file").write_text("")

    with pytest.raises(BadInput, match=r"file: cannot be made: "):
        save(ONE, tmp_path / "file")


def _with(**changes: Any) -> Callable[[], Any]:
    return lambda: {**to_json(ONE), **changes}


def _scenario_with(**changes: Any) -> Callable[[], Any]:
    return lambda: {**to_json(ONE), "scenario": {**unstructure(ONE.scenario), **changes}}


def _without(key: str) -> Callable[[], Any]:
    return lambda: {name: value for name, value in to_json(ONE).items() if name != key}


def _deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


BAD: dict[str, tuple[type[BadInput], str, Callable[[], Any]]] = {
    "a list": (BadInput, "is no Crosslayer counterexample", lambda: [1]),
    "a trace": (BadInput, "is no Crosslayer counterexample", _with(crosslayer="trace")),
    "other version": (Stale, "is of version 2; this is version 1: hunt for it again", _with(version=2)),
    "no version": (Stale, "is of version None; this is version 1: hunt for it again", _without("version")),
    "unknown step": (Stale, "schedule: [0]: there is no step 'Fly'", _with(schedule=[{"step": "Fly"}])),
    "no list of steps": (Stale, "schedule: ", _with(schedule={"step": "Heal"})),
    "unknown argument": (Stale, "unknown key 'speed'", _with(schedule=[{"step": "Heal", "speed": 1}])),
    "negative argument": (Stale, "schedule: ", _with(schedule=[{"step": "Crash", "agent": -1}])),
    "missing digest": (BadInput, "digest is missing", _without("digest")),
    "missing invariant": (BadInput, "invariant is missing", _without("invariant")),
    "unknown key": (BadInput, "unknown key 'colour'", _with(colour="red")),
    "invariant is a number": (BadInput, "invariant: expected a text, not 1", _with(invariant=1)),
    "stack is a list": (BadInput, "stack: ", _with(stack=["gossip"])),
    "stack is empty list": (BadInput, "stack: ", _with(stack=[])),
    "plugin is a number": (BadInput, "stack: ", _with(stack={"trust": 1})),
    "digest is null": (BadInput, "digest: expected a text, not None", _with(digest=None)),
    "trail is a text": (BadInput, "trail: ", _with(trail="abc")),
    "blame has a number": (BadInput, "blame: ", _with(blame=[3])),
    "minimal is a number": (BadInput, "minimal: expected true or false, not 1", _with(minimal=1)),
    "expect is odd": (BadInput, "expect must be violated or holds or fixed, not 'rain'", _with(expect="rain")),
    "expect is a list": (
        BadInput,
        "expect must be violated or holds or fixed, not ['violated']",
        _with(expect=["violated"]),
    ),
    "why has texts": (BadInput, "why: ", _with(why=["because"])),
    "passing is a list": (BadInput, "passing: ", _with(passing=[])),
    "found is a text": (BadInput, "found: ", _with(found="yesterday")),
    "nobody buys": (
        BadInput,
        "scenario: population: a population needs at least one buyer",
        _scenario_with(population={"buyer": 0}),
    ),
    "scenario with a typo": (BadInput, "scenario: unknown key 'sead'", _scenario_with(sead=1)),
    "too deep": (BadInput, "is nested too deeply", _with(found={"a": _deep(200)})),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_file_is_one_clear_line(tmp_path: Path, what: str) -> None:
    """A file that is wrong is told with its name, the place in it and the reason, on one line."""
    kind, reason, make = BAD[what]
    path = _written(tmp_path, make())

    with pytest.raises(BadInput) as caught:
        load(path)
    assert kind is caught.type
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert 1 == len(str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"a": 1, "a": 2}', "a key comes twice"),
        (b'{"a": NaN}', "is no JSON number"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"null", "is no Crosslayer counterexample"),
    ],
    ids=["empty", "torn", "binary", "twice", "nan", "brackets", "null"],
)
def test_bad_text_is_one_clear_line(tmp_path: Path, text: bytes, reason: str) -> None:
    """What is not JSON is refused in one line, with the name of the file."""
    path = tmp_path / "one.json"
    path.write_bytes(text)

    with pytest.raises(BadInput, match=reason) as caught:
        load(path)
    assert (str(path), 1) == (caught.value.place, len(str(caught.value).splitlines()))


def test_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than the bound is not read to its end."""
    monkeypatch.setattr(module, "SIZE_BOUND", 100)

    with pytest.raises(BadInput, match="is larger than 100 bytes"):
        load(_written(tmp_path, to_json(ONE)))


def test_missing_file_is_bad_input(tmp_path: Path) -> None:
    """A file that is not there is the caller's mistake."""
    with pytest.raises(BadInput, match="there is no such file"):
        load(tmp_path / "none.json")


@settings(max_examples=150)
@given(st.data())
def test_junk_is_nothing_but_bad_input(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever stands in any place of a file, it loads or it is bad input: never another exception."""
    value: Any = json.loads(json.dumps(to_json(ONE)))
    junk = data.draw(JSON | st.sampled_from([_deep(3), {}, [], [[]], {"step": "Drop", "kind": "rain"}]))
    place = value
    key = data.draw(st.sampled_from(sorted(value)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    place[key] = junk
    path = _written(tmp_path_factory.getbasetemp(), value)

    try:
        text = repr(load(path))
    except BadInput as error:
        text = str(error)

    assert 1 == len(text.splitlines())


def test_file_is_readable(tmp_path: Path) -> None:
    """A file is indented ASCII, the keys in order of interest, and ends in a line feed."""
    text = save(attrs.evolve(ONE, story="räuberisch"), tmp_path).read_bytes().decode("ascii")

    assert ["crosslayer", "version", "invariant"] == list(json.loads(text))[:3]
    assert text.endswith("}\n")
