"""Declarations that cannot be right are refused at once, with the place and the reason."""

import pickle
from typing import Any, cast

import attrs
import pytest

from crosslayer import (
    Act,
    Agent,
    BadSystem,
    Choice,
    Event,
    Fact,
    KnownBad,
    Layer,
    MessageKind,
    Moment,
    Plan,
    Population,
    Probe,
    Property,
    Rules,
    Scenario,
    Step,
    StepResult,
    System,
    agent,
    frozen,
    number,
    on,
    role,
)
from crosslayer.harness.model.system import imported, with_properties
from crosslayer.harness.search.generation.profiles import themes
from crosslayer.harness.systems.finding import find_system
from crosslayer.harness.systems.lock import SYSTEM as LOCK
from crosslayer.harness.systems.lock import LockScenario, Stall, stall


class Nothing(Rules):
    """Holds as soon as anything is sent."""

    @on("send")
    def sent(self, seq: int, _event: Event) -> None:
        """It was exercised."""
        self.exercised(seq)


class Deaf(Rules):
    """Waits for what nothing records."""

    @on("sendd")
    def sent(self, seq: int, _event: Event) -> None:
        """Never."""
        self.exercised(seq)


PROPERTY = Property("nothing", "Nothing is claimed.", ("agents",), Nothing)
SMALLEST: dict[str, Any] = {
    "name": "smallest",
    "agents": {"peer": Agent},
    "messages": (MessageKind("hello"),),
    "properties": (PROPERTY,),
}


def made(_roster: object) -> dict[str, object]:
    """A factory."""
    return {}


LAYER = Layer("store", ("write",), Choice("mine", made))
BOTH = attrs.evolve(LAYER, others=(Choice("other", made),))


@frozen
class Bare(Step):
    """Its field says nothing."""

    who: int = 0


@frozen
class Idle(Step):
    """Nothing can be wrong with it."""


@frozen
class Wrong(Step):
    """Its field names a role that is not there."""

    who: int = agent("nobody")


@frozen
class Corrupt(Step):
    """Its field means a corrupt agent."""

    who: int = agent(corrupt=True)


@frozen
class Drop(Step):
    """Its name is taken."""

    times: int = number(1, 1, 2)


@frozen
class Await(Step):
    """A rule of this name could not be written."""


@frozen
class Peers(Population):
    """One role too many."""

    peer: int = role(1)
    other: int = role(1)


@frozen(kw_only=True)
class PeersScenario(Scenario):
    """Of that population."""

    population: Peers = Peers()


def idle(_stage: Any, _step: Any) -> StepResult:
    """A handler."""
    return StepResult(applied=False, note="nothing")


def test_four_fields_make_a_system() -> None:
    """Name, agents, messages and properties are enough; everything else has a default."""
    system = System(**SMALLEST)

    assert ("agents", "kernel") == system.parts
    assert ("peer",) == tuple(system.population.roles())
    assert ("hello sent", "hello delivered") == tuple(system.all_moments)
    assert {"Run", "Drop", "Forget"} < {step.__name__ for step in system.vocabulary}
    assert "Inject" not in {step.__name__ for step in system.vocabulary}


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        ({"name": ""}, "name", "is no name"),
        ({"agents": {}}, "agents", "declare at least one role"),
        ({"agents": {"peer": 3}}, "agents: peer", "is no factory"),
        ({"agents": {"a peer": Agent}}, "agents: a peer", "a role must be an identifier"),
        ({"messages": ()}, "messages", "declare at least one message kind"),
        ({"messages": (MessageKind("a"), MessageKind("a"))}, "messages", "a is declared twice"),
        ({"messages": ("hello",)}, "messages", "'hello' is no MessageKind"),
        ({"messages": (MessageKind("a", part="stone"),)}, "messages: a", "there is no part stone"),
        ({"messages": (MessageKind("a", body=int),)}, "messages: a", "its body is no frozen attrs class"),
        ({"properties": ()}, "properties", "declare at least one property"),
        ({"properties": (attrs.evolve(PROPERTY, name="plugin_fault"),)}, "properties: plugin_fault", "choose another"),
        ({"properties": (attrs.evolve(PROPERTY, parts=("sky",)),)}, "properties: nothing", "there is no part sky"),
        ({"scenario": int}, "scenario", "is no frozen subclass of Scenario"),
        ({"scenario": PeersScenario}, "agents", "nothing makes a other"),
        ({"layers": (attrs.evolve(LAYER, name="agents"),)}, "layers: agents", "are parts of every stack"),
        ({"layers": (attrs.evolve(LAYER, operations=()),)}, "layers: store", "has no operations"),
        ({"layers": (attrs.evolve(LAYER, others=(Choice("mine", made),)),)}, "layers: store", "mine is declared twice"),
        ({"layers": (attrs.evolve(LAYER, witness={"reed": "told"}),)}, "layers: store", "there is no operation reed"),
        ({"layers": (attrs.evolve(LAYER, witness={"write": "told"}),)}, "layers: store", "there is no fact told"),
        ({"facts": (Fact("send"),)}, "facts: send", "the kernel records events of this kind itself"),
        ({"facts": (Fact("held", "{agent"),)}, "facts: held", "its sentence is no format string"),
        ({"moments": (Moment("x"),)}, "moments: x", "say exactly one of"),
        ({"moments": (Moment("x", sent="y"),)}, "moments: x", "there is no message kind y"),
        ({"acts": (Act(Bare, idle),)}, "acts: Bare.who", "say what it means"),
        ({"acts": (Act(Wrong, idle),)}, "acts: Wrong.who", "there is no role nobody"),
        ({"acts": (Act(Corrupt, idle),)}, "acts: Corrupt.who", "no role is corrupt"),
        ({"acts": (Act(Drop, idle),)}, "acts: Drop", "a step that every system has is called so"),
        ({"acts": (Act(cast("Any", Agent), idle),)}, "acts: ", "is no frozen subclass of Step"),
        ({"plans": (Plan("p", cast("Any", idle), {"x": ()}),)}, "plans: p: x", "there is no value to draw"),
        ({"plans": (Plan("a b", cast("Any", idle)),)}, "plans: a b", "write an identifier"),
        ({"name": "../up"}, "name", "use letters, digits"),
        ({"agents": {"class": Agent}}, "agents: class", "a role must be an identifier of its own"),
        ({"agents": {"names": Agent}}, "agents: names", "a role must be an identifier of its own"),
        ({"properties": (attrs.evolve(PROPERTY, name="../p"),)}, "properties: '../p'", "files are named by it"),
        ({"acts": (Act(Await, idle),)}, "acts: Await", "a word of Python's own"),
        ({"probes": (Probe("p", "something", "send"),)}, "probes: p", "there is no property something"),
        ({"probes": (Probe("p", "nothing", "held"),)}, "probes: p", "there is no event kind held"),
        ({"known_bad": (KnownBad("store", "bad", "nothing"),)}, "known_bad: store=bad", "there is no part store"),
        (
            {"layers": (LAYER,), "known_bad": (KnownBad("store", "b", "nothing"),)},
            "known_bad: store=b",
            "no store plugin",
        ),
        (
            {"layers": (LAYER,), "known_bad": (KnownBad("store", "mine", "nothing"),)},
            "known_bad: store=mine",
            "is the reference",
        ),
        (
            {"layers": (BOTH,), "known_bad": (KnownBad("store", "other", "nothing", within=-1),)},
            "known_bad: store=other",
            "write a number of runs",
        ),
        ({"properties": (attrs.evolve(PROPERTY, parts=()),)}, "properties: nothing", "say which parts it joins"),
        (
            {"properties": (attrs.evolve(PROPERTY, watch=Deaf),)},
            "properties: nothing",
            "watches 'sendd'",
        ),
        ({"messages": (MessageKind("a", weight=-1),)}, "messages: a", "write a number of at least 0"),
        ({"acts": (Act(Idle, idle, weight=0),)}, "acts: Idle", "or no search draws it"),
        ({"plans": (Plan("p", cast("Any", idle), {}, weight=0),)}, "plans: p", "write a number of at least 1"),
    ],
)
def test_what_cannot_be_right_is_refused(changes: dict[str, Any], place: str, reason: str) -> None:
    """One clear line names the system, the place in its declaration, and what is wrong there."""
    with pytest.raises(BadSystem) as caught:
        System(**{**SMALLEST, **changes})

    assert str(caught.value).startswith(f"system {changes.get('name', 'smallest')}: {place}")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_system_is_sent_to_another_process_by_name() -> None:
    """What is unpickled is the very system; a changed copy is refused rather than mistaken for it."""
    named = imported("crosslayer.harness.systems.lock:SYSTEM")

    assert pickle.loads(pickle.dumps(named)) is named  # noqa: S301 - our own bytes
    with pytest.raises(TypeError, match="cannot be sent to another process"):
        pickle.dumps(attrs.evolve(named, facts=(*named.facts, Fact("more"))))
    with pytest.raises(TypeError, match="name it as module:SYSTEM"):
        pickle.dumps(System(**SMALLEST))


def test_steps_of_other_systems_are_refused() -> None:
    """A schedule is checked against the vocabulary before it is run."""
    with pytest.raises(ValueError, match="smallest has no step Stall"):
        System(**SMALLEST).checked([Stall()])
    assert (Stall(),) == LOCK.checked([Stall()])


def test_one_alone_is_a_tuple_of_one() -> None:
    """What is declared once may stand without the brackets of a tuple."""
    found = System(**{**SMALLEST, "messages": MessageKind("hello"), "properties": PROPERTY})

    assert ((MessageKind("hello"),), (PROPERTY,)) == (found.messages, found.properties)
    assert ("agents",) == Property("one", "One part.", "agents", Nothing).parts
    assert ("write",) == Layer("store", "write", Choice("mine", made)).operations


def test_themes_name_moves() -> None:
    """A theme that names a move that there is not is refused when it is first asked for."""
    with pytest.raises(BadSystem, match=r"themes: there is no move 'stal'; did you mean stall\?"):
        themes(attrs.evolve(LOCK, themes=(("stal", "drop"),)))


def test_a_given_order_of_steps_names_every_act() -> None:
    """Where the vocabulary is given whole, an act that it leaves out could never be performed."""
    with pytest.raises(BadSystem, match="steps: Stall: is missing"):
        attrs.evolve(LOCK, steps=LOCK.vocabulary[:3])
    assert LockScenario is attrs.evolve(LOCK, acts=(Act(Stall, stall),)).scenario_class


def test_a_system_by_its_path_is_sent_to_other_processes() -> None:
    """What a person names on the command line shares its work among processes, also with a property of their own."""
    found = find_system("tests.model.test_system:OWN")
    more = with_properties(found, "tests.model.test_system:PROPERTY")

    assert pickle.loads(pickle.dumps(found)) is found  # noqa: S301 - our own bytes
    assert pickle.loads(pickle.dumps(more)) is more  # noqa: S301 - our own bytes
    assert ("nothing-else", "nothing") == tuple(one.name for one in more.properties)


OWN = System(**{**SMALLEST, "properties": (attrs.evolve(PROPERTY, name="nothing-else"),)})
