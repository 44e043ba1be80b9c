import sys

import pytest

from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import code_of
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import ALL, PUBLISHED
from tests.commerce import RUN_FILE
from tests.commerce import load_scenario as load
from tests.play import played

DISCOVERY, OPACITY, PENALISED, REWARDED = (one.name for one in PUBLISHED)
CLASSES = "nest:tests.systems.commerce.nest_plugins.classes"


def commerce(*assignments: str) -> Result:
    """The original scenario on these plugins."""
    return run_seeded(load(RUN_FILE), build(assignments), ALL)


def refused(assignment: str) -> str:
    """Why no stack can be built of this."""
    with pytest.raises(BadInput) as caught:
        build([assignment])
    return str(caught.value)


@pytest.mark.parametrize(
    ("assignment", "violated"),
    [
        (f"registry={CLASSES}:Board", DISCOVERY),
        (f"privacy={CLASSES}:Clear", OPACITY),
        (f"trust={CLASSES}:Average", PENALISED),
        (f"payments={CLASSES}:Unmetered", REWARDED),
    ],
)
def test_a_bad_class_breaks_its_own_promise_alone(assignment: str, violated: str) -> None:
    """A NEST class with the flaw of one of our swaps breaks what that swap breaks, and no other promise."""
    result = commerce(assignment)
    published = tuple(name for name in result.violated if name in (DISCOVERY, OPACITY, PENALISED, REWARDED))

    assert ((violated,), None) == (published, result.fault)


@pytest.mark.parametrize(
    "assignments",
    [
        (f"registry={CLASSES}:Gossip",),
        (f"payments={CLASSES}:Prepaid",),
        (f"payments={CLASSES}:Metered",),
        (f"privacy={CLASSES}:Sealed",),
        (f"registry={CLASSES}:Gossip", f"payments={CLASSES}:Metered", f"privacy={CLASSES}:Sealed"),
    ],
)
def test_good_classes_break_nothing(assignments: tuple[str, ...]) -> None:
    """NEST classes that do their work keep every promise and every contract, alone and together."""
    result = commerce(*assignments)

    assert {Outcome.HOLDS} == {one.outcome for one in (*result.verdicts.values(), *result.contracts.values())}
    assert result.fault is None


def test_the_same_run_leaves_the_same_trace() -> None:
    """A run on NEST classes is a function of its input, like any other."""
    stack = [f"registry={CLASSES}:Gossip", f"payments={CLASSES}:Metered", f"trust={CLASSES}:Average"]

    assert commerce(*stack).digest == commerce(*stack).digest


@pytest.mark.parametrize(
    ("name", "operation", "reason"),
    [
        ("Sleeps", "score", "waits for something outside of the call"),
        ("Looks", "score", "raised RuntimeError: no running event loop"),
        ("Prompt", "score", "answered ReputationScore at once, but NEST awaits it"),
        ("Nonsense", "score", "answered float where ReputationScore is due"),
        ("made_wrong", "make", "made no NEST trust plugin: it has no score"),
    ],
)
def test_a_class_that_cannot_be_called_is_at_fault(name: str, operation: str, reason: str) -> None:
    """What NEST would not bear, or what would need an event loop, is a fault of the plugin and ends the run."""
    fault = played(stack=build([f"trust={CLASSES}:{name}"])).fault

    assert fault is not None
    assert ("trust", operation) == (fault.part, fault.operation)
    assert reason in fault.reason


def test_a_function_may_make_the_objects() -> None:
    """A class that is made in a way of its own can be named by a function that makes it."""
    assert PENALISED in commerce(f"trust={CLASSES}:made_by_a_function").violated


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        (
            f"trust={CLASSES}:Half",
            "tests.systems.commerce.nest_plugins.classes:Half is no NEST trust plugin: it has no score",
        ),
        (f"payments={CLASSES}:Average", "is no NEST payments plugin: it has no pay, verify_payment, balance"),
        (f"trust={CLASSES}:Demanding", "is made from oracle, which cannot be had here; name a function that"),
        (f"trust={CLASSES}:Nobody", "tests.systems.commerce.nest_plugins.classes has no Nobody"),
        ("trust=nest:no_such_module:Class", "no_such_module cannot be imported: raised ModuleNotFoundError"),
        (f"agents={CLASSES}:Average", "NEST has plugins for registry, payments, privacy, trust, but none for agents"),
    ],
)
def test_what_cannot_be_had_is_bad_input(assignment: str, reason: str) -> None:
    """A class that cannot be had is one line that says why; nothing is put in its place."""
    told = refused(assignment)

    assert told.startswith(f"--stack {assignment}: ")
    assert reason in told
    assert "\n" not in told


def test_without_nest_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where NEST is not installed, the class is not even looked for."""
    for module in ("nest_core", "nest_core.types"):
        monkeypatch.setitem(sys.modules, module, None)

    assert "--stack trust=nest:anything:Class: this plugin was written for NEST, which is not installed: " in refused(
        "trust=nest:anything:Class"
    )
    assert "pip install crosslayer[nest], with Python 3.12 or later" in refused("trust=nest:anything:Class")


@pytest.mark.parametrize(
    ("name", "path"),
    [("nest:pkg.trust:Mine", "pkg.trust:Mine"), ("pkg.trust:make", "pkg.trust:make"), ("nest:make", "nest:make")],
)
def test_the_code_in_a_name(name: str, path: str) -> None:
    """`nest:` before a dotted path is a mark; a module that is called nest is a module."""
    assert path == code_of(name)
    assert "pkg.trust:Mine" == code_of("nest:pkg.trust:Mine")
