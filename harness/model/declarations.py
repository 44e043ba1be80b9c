"""What an author declares of a system: message kinds, facts, moments, layers, acts, plans, probes, known-bad plugins.

Owns these values, one noun per idea. Knows nothing of how they are put to use; `system` puts them together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.steps import Schedule, Step, StepResult

Part = tuple[str, str]
"""An agent's name, and one of the regions of its state that share nothing."""


def in_a_row(values: Iterable[Any]) -> tuple[Any, ...]:
    """Values as a tuple, however they were given; one alone is a tuple of one."""
    return tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else (values,)


def _at_once(values: Iterable[Any]) -> frozenset[Any]:
    return frozenset(values)


@frozen
class MessageKind:
    """One kind of message on the wire.

    `part` is the layer (or `agents`) at fault where one cannot be sent. `body` is a frozen attrs class that its payload
    is the JSON of, if there is one: then junk is refused by the codec before an agent sees it. Between two agents no
    `ordered` message overtakes another. `region` is the part of the receiver's state that it touches, by which an
    exhaustive search tells two points apart; `weight` is how often a search draws it.
    """

    name: str
    part: str = "agents"
    body: type[Any] | None = None
    ordered: bool = False
    region: str = ""
    weight: int = 1
    about: str = ""


@frozen
class Fact:
    """A kind of ground truth that agents and layers record, and the sentence in which it is told.

    `sentence` is a format string over the fact's data and `agent`, or a function of the event. An exhaustive search
    leaves facts that are not `observed` by agents out of account when it asks whether two runs are alike. A fact that
    is not `in_digest` is a finding about the run: who looks more closely later finds more, and it is still that run.
    """

    kind: str
    sentence: str | Callable[[Event], str] = ""
    observed: bool = True
    in_digest: bool = True

    def tell(self, event: Event) -> str:
        """The event in words."""
        if callable(self.sentence):
            return self.sentence(event)
        values = {**event.data, "agent": event.agent}
        return self.sentence.format_map(values) if self.sentence else f"{event.agent} {event.kind}".strip()


@frozen
class Moment:
    """What a run can be run to: the next fact of a kind, or the next message of a kind that is sent or delivered."""

    name: str
    fact: str = ""
    sent: str = ""
    delivered: str = ""

    @property
    def event(self) -> tuple[str, str]:
        """The kind of the event that it is, and of the event's message if it has one."""
        if self.fact:
            return self.fact, ""
        return ("send", self.sent) if self.sent else ("deliver", self.delivered)


@frozen
class Choice:
    """One part's plugin: its name as the user gave it, its factory, and one line about it."""

    name: str
    factory: Callable[..., Any] = field(eq=False, repr=False)
    about: str = ""


@frozen
class Layer:
    """A layer of the stack: what every plugin of it can do, the reference plugin, and others that ship.

    A plugin is any object with these `operations`. `must_answer` are those whose interface leaves no room for a
    `Refused`. `witness` names, for an operation, the fact that records its arguments and its answer each time.
    """

    name: str
    operations: tuple[str, ...] = field(converter=in_a_row)
    reference: Choice
    others: tuple[Choice, ...] = field(default=(), converter=in_a_row)
    must_answer: tuple[str, ...] = field(default=(), converter=in_a_row)
    witness: Mapping[str, str] = field(factory=dict)
    about: str = ""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every plugin that ships, the reference first."""
        return (self.reference, *self.others)


@frozen
class Touches:
    """What an act touches: the parts of agents that notice it at once, and those that what it sends reaches."""

    now: tuple[Part, ...] = ()
    later: tuple[Part, ...] = ()


def _no_steps(_step: Any) -> Iterable[Step]:
    return ()


@frozen
class Act:
    """One thing that the adversary can do: a frozen step class, and what happens on the stage.

    `perform(stage, step)` acts and says what became of it. `weight` is how often a search draws it, `theme` groups it
    with others that make sense together. `touches(stage, step)` says which parts of which agents notice it, or None
    where it could do nothing; without it, an exhaustive search tries it at every point. `weaker` are steps that do less
    (told beside a counterexample), `simpler` are steps that a minimal counterexample should rather have.
    """

    step: type[Step]
    perform: Callable[[Any, Any], StepResult]
    weight: int = 1
    theme: str = ""
    touches: Callable[[Any, Any], Touches | None] | None = None
    weaker: Callable[[Any], Iterable[Step]] = _no_steps
    simpler: Callable[[Any], Iterable[Step]] = _no_steps


@frozen
class Plan:
    """Several steps that are drawn together, and shrink like any others.

    `make(population, **drawn)` makes them of one value for each row of `arguments`; the simplest value of a row stands
    first. `needs` are the step classes without which the plan is none.
    """

    name: str
    make: Callable[..., Schedule]
    arguments: Mapping[str, Sequence[Any]] = field(factory=dict)
    weight: int = 1
    needs: frozenset[Any] = field(default=frozenset(), converter=_at_once)
    about: str = ""


def _always(_scene: Any, _event: Event) -> bool:
    return True


@frozen
class Probe:
    """A situation worth reaching, and the property whose claim it exercises.

    It arises with an event of one of these `kinds` of which `test(scene, event)` is true.
    """

    name: str
    property: str
    kinds: tuple[str, ...] = field(converter=in_a_row)
    test: Callable[[Any, Event], bool] = _always


def _no_scene() -> None:
    return None


@frozen
class SceneKind:
    """What probes may remember of a run: `make` makes it, `remember` says what each kind of event adds to it.

    Wire events of other message kinds than `messages` are looked at by no probe; if it is empty, all are.
    """

    make: Callable[[], Any] = _no_scene
    remember: Mapping[str, Callable[[Any, Event], Any]] = field(factory=dict)
    messages: tuple[str, ...] = field(default=(), converter=in_a_row)


@frozen
class KnownBad:
    """A plugin that is known to be bad, and the property that it must break: the proof that a search can see.

    A hunt must find it `within` this many runs; 0 stands for what the canary asks by itself. `alone` says that no other
    joint invariant may break but those in `also`, which cannot but break with it.
    """

    part: str
    plugin: str
    breaks: str
    within: int = 0
    alone: bool = True
    also: tuple[str, ...] = field(default=(), converter=in_a_row)

    @property
    def assignment(self) -> str:
        """As on the command line."""
        return f"{self.part}={self.plugin}"


@frozen
class Reader:
    """A foreign format of scenarios that a system can read.

    `recognises(value)` looks at the value of a YAML file; `read(system, value, place)` gives the scenario, and notes on
    what could not be taken over.
    """

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, Any, str], tuple[Any, Sequence[str]]]


Writer = Callable[[Any, Any], Iterable[bytes]]
"""Makes the lines of a foreign trace format from a run's header and its events."""

Loader = Callable[[str, str, str], Callable[..., Any]]
"""Makes a factory from a part, what follows the prefix in a plugin's name, and the place to name in an error."""

ScenarioFile = Path
"""Where a scenario that ships with a system stands."""
