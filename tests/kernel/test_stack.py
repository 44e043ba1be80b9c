from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from crosslayer.harness.kernel import stack as stack_module
from crosslayer.harness.kernel.stack import load
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.systems.commerce.nouns import LAYERS, PARTS
from crosslayer.harness.systems.commerce.plugins import trust_score_average
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from tests.commerce import CATALOGUE


def refused(*assignments: str) -> str:
    """Why no stack can be built of these."""
    with pytest.raises(BadInput) as caught:
        build(assignments)
    return str(caught.value)


def test_the_reference_stands_first() -> None:
    """The first plugin in the catalogue of every part is the reference."""
    assert {
        "registry": "gossip",
        "payments": "streaming",
        "privacy": "hybrid_x25519",
        "trust": "paid_receipts",
    } == REFERENCE.names()
    assert set(PARTS) == set(CATALOGUE)
    assert () == REFERENCE.swapped()


@pytest.mark.parametrize(("layer", "name"), [(layer, choice.name) for layer in LAYERS for choice in CATALOGUE[layer]])
def test_every_shipped_plugin_can_be_named(layer: str, name: str) -> None:
    """Each plugin of the catalogue can be put into a stack, and tells what it is in one line."""
    choice = build([f"{layer}={name}"]).choices[layer]

    assert name == choice.name
    assert choice.about
    assert "\n" not in choice.about


def test_the_last_assignment_counts() -> None:
    """Of two plugins for one layer the later one stands; the others are the reference."""
    stack = build(["trust=agent_receipts_shape", "trust=score_average"])

    assert "score_average" == stack.names()["trust"]
    assert ("trust",) == stack.swapped()


def test_a_plugin_may_be_a_dotted_path() -> None:
    """A path to a factory names a plugin of one's own, which keeps the path as its name."""
    path = "crosslayer.harness.systems.commerce.plugins.trust_score_average:make"
    stack = build([f"trust={path}"])

    assert trust_score_average.make is stack.factory("trust")
    assert path == stack.names()["trust"]


def test_a_plugin_may_come_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module beside which the command is called can be named without being installed."""
    (tmp_path / "plugin_of_mine.py").write_text("class Made:\n    make = dict\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [])

    assert dict is load("plugin_of_mine:Made.make", "--stack")


def test_the_working_folder_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two modules of one name, that of the working folder stands behind the one that is installed."""
    for folder, made in (("installed", "dict"), ("working", "list")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plugin_twice.py").write_text(f"make = {made}\n")
    monkeypatch.chdir(tmp_path / "working")
    monkeypatch.setattr("sys.path", [str(tmp_path / "installed")])

    assert dict is load("plugin_twice:make", "--stack")


def test_a_plugin_may_be_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed packages offer plugins under the group of their layer."""
    point = EntryPoint(
        "mine", "crosslayer.harness.systems.commerce.plugins.trust_score_average:make", "crosslayer.trust"
    )
    monkeypatch.setattr(stack_module, "entry_points", lambda group, name: [point] if group == point.group else [])

    assert trust_score_average.make is build(["trust=mine"]).factory("trust")


def test_a_broken_entry_point_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point that cannot be loaded is named, with the reason."""
    point = EntryPoint("mine", "no_such_module:make", "crosslayer.trust")
    monkeypatch.setattr(stack_module, "entry_points", lambda **_selection: [point])

    assert "the entry point no_such_module:make cannot be loaded" in refused("trust=mine")


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("trust", "write it as layer=plugin"),
        ("trust=", "write it as layer=plugin"),
        ("love=score_average", "there is no layer 'love'"),
        ("trust=score_avarage", "choose one of paid_receipts, score_average"),
        ("trust=no_such_module:make", "no_such_module cannot be imported: raised ModuleNotFoundError"),
        ("trust=crosslayer.harness.systems.commerce.plugins.trust_score_average:nothing", "has no nothing"),
        ("trust=crosslayer.harness.systems.commerce.nouns:TRUST_THRESHOLD", "is not a factory"),
        ("trust=:make", "write a dotted path as module:factory"),
        ("trust=crosslayer.harness.systems.commerce.nouns:", "write a dotted path as module:factory"),
    ],
)
def test_what_cannot_be_had_is_bad_input(assignment: str, reason: str) -> None:
    """A wrong assignment names the flag and says in one line what to do; nothing is put in its place."""
    told = refused(assignment)

    assert told.startswith(f"--stack {assignment}: ")
    assert reason in told
    assert "\n" not in told


@pytest.mark.parametrize("code", ["raise KeyError('x')", "import sys; sys.exit(3)", "def ("])
def test_a_module_that_fails_to_import_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Whatever a module does while it is imported, even leaving, is told in one line."""
    name = f"broken_{len(code)}"
    (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))

    assert f"{name} cannot be imported: raised" in refused(f"trust={name}:make")
