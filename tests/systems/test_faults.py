"""What a system of one's own gets wrong while it runs is told as what it is, by every front door, at once."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer import (
    Agent,
    Choice,
    Event,
    Fact,
    KnownBad,
    Layer,
    MessageKind,
    Probe,
    Property,
    Roster,
    Rules,
    Send,
    System,
    Wake,
    on,
)
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.search.hunting import Budget
from crosslayer.harness.search.volume import hunt
from crosslayer.harness.systems.lock import SYSTEM as LOCK
from crosslayer.harness.systems.lock import FencedStore
from crosslayer.testing import Vacuous, Violation, check, run
from tests.commands.invoking import crosslayer

ROOT = Path(__file__).parents[2]


class Claim(Rules):
    """Exercised by every message."""

    @on("send")
    def sent(self, seq: int, _event: Event) -> None:
        """It is."""
        self.exercised(seq)


class Caller(Agent):
    """Says hello to itself."""

    def start(self) -> Iterator[Send | Wake]:
        """Once."""
        yield Send(self.kit.name, "hello", b"")


def of(kind: type[Agent], **changes: Any) -> System:
    """A system of agents of one class."""
    claim = Property("claim", "All is well.", ("agents",), Claim)
    declared = {"name": "odd", "agents": {"peer": kind}, "messages": MessageKind("hello"), "properties": claim}
    return System(**{**declared, "facts": Fact("noted", "{agent} notes {what}"), **changes})


class Loops(Caller):
    """Does not come back from its first message."""

    def on_hello(self, _sender: str, _body: bytes) -> Iterator[Send]:
        """Without end."""
        while True:
            pass
        yield Send("", "", b"")


class NotesAnObject(Caller):
    """Records what no trace can hold."""

    def on_hello(self, _sender: str, _body: bytes) -> None:
        """An object has no text that is the same everywhere."""
        self.kit.record("noted", what=[object()])


class Failing(Agent):
    """Fails before anything else."""

    def start(self) -> None:
        """At once."""
        raise ArithmeticError


class Fails(Caller):
    """Fails after it has asked a layer, or asks for an operation that there is not."""

    def on_hello(self, _sender: str, _body: bytes) -> None:
        """The layer has answered when it happens."""
        self.kit.layers.book.read()
        raise ArithmeticError("of its own")


class Misspells(Caller):
    """Knows a layer's operation by a wrong name."""

    def on_hello(self, _sender: str, _body: bytes) -> None:
        """Nothing is asked."""
        self.kit.layers.book.reed()


class Book:
    """A plugin without fault."""

    def read(self) -> int:
        """Always the same."""
        return 1


def books(roster: Any) -> dict[str, Book]:
    """One for each agent."""
    return {name: Book() for name in roster.names()}


class Moody(Caller):
    """Says hello again after a pause that nobody can repeat."""

    def on_hello(self, _sender: str, _body: bytes) -> Iterator[Wake]:
        """A chance of its own."""
        yield Wake("later", random.randrange(1, 50))

    def on_later(self, _rest: str) -> Iterator[Send | Wake]:
        """Once more."""
        return self.start()


class WakesAsAMessage(Caller):
    """Its tag is the name of a message kind."""

    def on_hello(self, _sender: str, _body: bytes) -> Iterator[Wake]:
        """Takes messages, and would be called at the wake-up, too."""
        yield Wake("hello", 3)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (NotesAnObject, "fact 'noted' holds a object; write numbers, texts, bytes"),
        (WakesAsAMessage, "on_hello takes the messages of this kind; wake under another tag than 'hello'"),
    ],
)
def test_an_agent_in_the_wrong_is_told_so(kind: type[Agent], reason: str) -> None:
    """Its fault has one line that says what to write instead."""
    assert any(event.kind == "fault" and reason in event.data["reason"] for event in run(of(kind)).result.events)


def test_a_run_without_end_ends_the_hunt() -> None:
    """Each such run takes seconds, and tells nothing new: the first of them is the last."""
    system = of(Loops)
    hunted = hunt(shipped(system, "hunt"), reference(system), system.properties, Budget(300))

    assert (1, ("plugin_fault",), True) == (hunted.examples, tuple(hunted.cases), hunted.endless)
    assert "stopped at a run without end" == hunted.why_done(Budget(300))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Fails, "raised ArithmeticError: of its own"),
        (Misspells, "raised AttributeError: reed is no operation of the layer book, which declares read"),
    ],
)
def test_what_an_agent_does_wrong_is_no_fault_of_the_layer_that_it_asked_last(kind: type[Agent], reason: str) -> None:
    """Whose code raised is to blame, whatever was called before."""
    made = of(kind, layers=Layer("book", "read", Choice("plain", books)))
    (fault,) = [event for event in run(made).result.events if event.kind == "fault"]

    assert ("agents", "peer-0", reason) == (fault.data["part"], fault.agent, fault.data["reason"])


def test_a_pass_of_agents_that_follow_chance_is_no_pass() -> None:
    """What differs when it is run again was not tested; neither the function nor the command says that it was."""
    with pytest.raises(Vacuous, match=r"two runs of this schedule differ from event .* not deterministic"):
        check(of(Moody), examples=20)


MOODY = of(Moody)


def test_neither_is_an_exploration_or_a_session_of_pytest(pytester: pytest.Pytester) -> None:
    """Whatever searches, what it found nothing in is run again before that is believed."""
    path = f"{__name__}:MOODY"
    explored = crosslayer("explore", "--system", path, "--kind", "Drop", "--in-process")
    pytester.makeini(f"[pytest]\npythonpath = {ROOT}\ncrosslayer_system = {path}\ncrosslayer_examples = 20\n")
    tested = pytester.runpytest_subprocess()

    assert (4, True) == (explored.exit_code, "not deterministic" in explored.output)
    assert pytest.ExitCode.TESTS_FAILED == tested.ret
    tested.stdout.fnmatch_lines(["*two runs of this schedule differ from event*no verdict of its runs*"])


def test_a_probe_that_raises_ends_the_search() -> None:
    """Nothing that ran is at fault, so it is no verdict of any run: the probe is named, with the event."""
    system = of(Caller, probes=Probe("odd", "claim", "send", lambda _scene, _event: 1 // 0 == 1))

    with pytest.raises(BadInput, match=r"probe 'odd': raised ZeroDivisionError.*, at event 0 \(send at tick 0\)"):
        check(system, examples=5)


def test_a_known_bad_plugin_needs_no_luck_where_everything_fails() -> None:
    """What fails on the reference as well is told by the hunt itself, not as a blind self-test."""
    known = KnownBad("store", "unfenced", "no_stale_write", within=3)
    broken = attrs.evolve(LOCK, agents={**LOCK.agents, "worker": Failing}, known_bad=(known,))

    with pytest.raises(Violation, match="plugin_fault"):
        check(broken, examples=5)


class Forgetful(FencedStore):
    """A store without fencing in every other run: what it counts outlives the run."""

    made = 0

    def __init__(self, roster: Roster, name: str) -> None:
        super().__init__(roster, name)
        Forgetful.made += 1
        self.fenced = Forgetful.made % 7 > 0

    def write(self, token: int) -> bool:
        return super().write(token) or not self.fenced


def forgetful(roster: Roster) -> dict[str, Any]:
    """A store that is not the same in every run."""
    return {name: Forgetful(roster, name) for name in roster.names()}


def test_what_breaks_once_is_no_counterexample(tmp_path: Path) -> None:
    """A schedule that breaks a promise, and does not when it is run again, accuses nobody: it is told as what it is."""
    words = ("--system", "lock", "--stack", f"store={__name__}:forgetful", "--save", tmp_path, "--in-process")
    result = crosslayer("hunt", *words)

    assert 4 == result.exit_code
    assert result.output.count("UNRELIABLE  store=") == 1
    assert "FAIL" not in result.output
    assert "keeps state between runs" in " ".join(result.output.split())
    with pytest.raises(Vacuous, match="UNRELIABLE"):
        check(LOCK, stack=f"store={__name__}:forgetful")


class Setter(Caller):
    """An agent that would set the clock."""

    def start(self) -> Iterator[Send | Wake]:
        """It cannot."""
        self.kit.clock.now = 9
        yield Wake("again", 1)


def test_the_clock_can_be_read_only() -> None:
    """To set the clock is an error of the one who tries: time is the kernel's."""
    ran = run(of(Setter))

    assert ran.result.fault is not None
    assert ("agents", True) == (ran.result.fault.part, "AttributeError" in ran.result.fault.reason)
