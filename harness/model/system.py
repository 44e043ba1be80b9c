"""A system: everything that makes one protocol testable, in one frozen value.

Owns the declaration, what follows from it, and the refusal of one that cannot be right. Knows no protocol, and nothing
of how a system is run.
"""

import keyword
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partialmethod
from importlib import import_module
from typing import Any

import attrs
from attrs import field, frozen

from crosslayer.harness.model.arguments import Agents, Kinds, Moments, argument_of
from crosslayer.harness.model.brief import brief, guess
from crosslayer.harness.model.declarations import (
    Act,
    Fact,
    KnownBad,
    Layer,
    Loader,
    MessageKind,
    Moment,
    Plan,
    Probe,
    Reader,
    ScenarioFile,
    SceneKind,
    Writer,
    in_a_row,
)
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.events import EVERY_KIND, MARKS, WIRE
from crosslayer.harness.model.population import Population, role
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.steps import ENVIRONMENT, RunUntil, Schedule, Step
from crosslayer.harness.model.verdicts import Property

OTHER_PARTS = ("agents", "kernel")
"""What can be swapped beside the layers: for blame, and for planted defects."""

RESERVED = ("plugin_fault",)
"""Names that no property may have: they say in a counterexample what no property says."""


class BadSystem(BadInput):
    """A system's declaration cannot be right; the place names the declaration, the reason says what to do."""


@frozen(eq=False, kw_only=True)
class System:
    """A protocol: who takes part, what they send, what must be true, and how it can be attacked.

    Only `name`, `agents`, `messages` and `properties` are required.

    - `agents`: for each role, what makes an agent of a kit (`kit -> Agent`).
    - `messages`: every kind of message on the wire, the most important first.
    - `properties`: what must be true of every run; joint invariants and contracts alike.
    - `scenario`: the scenario class; its `population` field says which roles there are. By default, there are one to
      three agents of each role in `agents`.
    - `layers`: the layers of a stack, in the order in which they are made; there may be none.
    - `facts`, `moments`: what is recorded, and what a run can be run to. For every message kind "K sent" and
      "K delivered", and every fact, are moments by themselves, unless `derive_moments` is off.
    - `acts`, `plans`: what the adversary can do, and what it plans; "intercept any message" is planned by itself.
    - `probes`, `scene`: situations that a search should reach, and what they remember of a run.
    - `known_bad`, `canary`: plugins that must be caught before a search is believed, and the case that shows it.
    - `suspects`: more plugins that `crosslayer matrix` must find bad; the canary does not ask for them.
    - `compose(build)`: puts the agents of a run together; by default, each gets a kit with its layers.
    - `scenarios`: shipped scenarios by name; `hunt` is what searches use, `run` what `crosslayer run` uses.
    - `readers`, `writers`: foreign scenario formats that can be read, and trace formats that can be written, by name.
    - `loaders`: prefixes of plugin names, with what makes a factory of the rest of such a name.
    - `steps`: the whole vocabulary, where its order must be another than the environment's first, then the acts'.
    - `themes`, `intercepted`, `smallest`, `explored`: what searches draw together and wait for, the populations that
      are tried first, and the one that an exhaustive search looks at by default.
    - `demo`: the assignment in which `crosslayer demo` hunts; by default, that of the first known-bad plugin.
    - `wakes`: the regions that wake-ups touch, by the first part of their tags (under the empty text: all other tags).
    - `lanes`: groups of roles, in the order in which their lanes stand in a diagram; by default, the population's.
    - `libraries`: distributions whose code runs in its agents. With another version of theirs a run may be another one,
      so an entry of a corpus is true if it still breaks the same promise.
    - `source`: where it can be imported from, as `module:NAME` (and `+module:PROPERTY` for each property that was added
      to it); set by the one who loads it by name.
    """

    name: str
    agents: Mapping[str, Callable[[Any], Any]]
    messages: tuple[MessageKind, ...] = field(converter=in_a_row)
    properties: tuple[Property, ...] = field(converter=in_a_row)
    scenario: type[Scenario] = Scenario
    layers: tuple[Layer, ...] = field(default=(), converter=in_a_row)
    facts: tuple[Fact, ...] = field(default=(), converter=in_a_row)
    moments: tuple[Moment, ...] = field(default=(), converter=in_a_row)
    derive_moments: bool = True
    acts: tuple[Act, ...] = field(default=(), converter=in_a_row)
    plans: tuple[Plan, ...] = field(default=(), converter=in_a_row)
    probes: tuple[Probe, ...] = field(default=(), converter=in_a_row)
    scene: SceneKind = field(factory=SceneKind)
    known_bad: tuple[KnownBad, ...] = field(default=(), converter=in_a_row)
    suspects: tuple[KnownBad, ...] = field(default=(), converter=in_a_row)
    canary: tuple[Population, Schedule] | None = None
    compose: Callable[[Any], Any] | None = None
    scenarios: Mapping[str, "ScenarioFile | Scenario"] = field(factory=dict)
    readers: tuple[Reader, ...] = field(default=(), converter=in_a_row)
    loaders: Mapping[str, Loader] = field(factory=dict)
    writers: Mapping[str, Writer] = field(factory=dict)
    steps: tuple[type[Step], ...] = field(default=(), converter=in_a_row)
    themes: tuple[tuple[str, ...], ...] = ()
    intercepted: tuple[str, ...] = ()
    smallest: tuple[Population, ...] = ()
    explored: Population | None = None
    lanes: tuple[tuple[str, ...], ...] = field(default=(), converter=in_a_row)
    demo: str = ""
    wakes: Mapping[str, tuple[str, ...]] = field(factory=dict)
    libraries: tuple[str, ...] = field(default=(), converter=in_a_row)
    about: str = ""
    source: str = field(default="", repr=False)

    def __attrs_post_init__(self) -> None:
        for place, reason in _problems(self):
            raise BadSystem(f"system {self.name}: {place}", reason)

    def __reduce__(self) -> tuple[Any, ...]:
        """A system is sent to another process by name; `TypeError` if nothing of its name is this very system."""
        found = imported(self.source) if self.source else None
        fields = (one.name for one in attrs.fields(System) if one.name != "source")
        if found is None or any(getattr(found, name) is not getattr(self, name) for name in fields):
            raise TypeError(f"the system {self.name} cannot be sent to another process; name it as module:SYSTEM")
        return imported, (self.source,)

    # What follows from the declaration

    @cached_property
    def vocabulary(self) -> tuple[type[Step], ...]:
        """Every step there is, the simplest first."""
        if self.steps:
            return self.steps
        shared = (one for one in ENVIRONMENT if _is_possible(one, self.population))
        return (*shared, *(act.step for act in self.acts))

    @cached_property
    def population(self) -> type[Population]:
        """The class of who takes part."""
        kind: Any = attrs.fields(self.scenario_class).population.type
        return kind  # type: ignore[no-any-return]

    @cached_property
    def scenario_class(self) -> type[Scenario]:
        """The class of scenarios: the one that was given, with a population of the roles in `agents` if it has none."""
        declared = attrs.resolve_types(self.scenario)
        if attrs.fields(declared).population.type is not Population:
            return declared
        fields = {name: role(1, least=1, most=3) for name in self.agents}
        members: Any = attrs.make_class("Members", fields, bases=(Population,), frozen=True, slots=True)
        with_members = {"population": field(factory=members, type=members)}
        made: Any = attrs.make_class("Scenario", with_members, bases=(declared,), frozen=True, kw_only=True, slots=True)
        members.__reduce__ = partialmethod(_sent, self, "population")
        made.__reduce__ = partialmethod(_sent, self, "scenario_class")
        return made  # type: ignore[no-any-return]

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Everything that can be swapped: the layers, agents and kernel."""
        return (*(layer.name for layer in self.layers), *OTHER_PARTS)

    @cached_property
    def joint(self) -> tuple[Property, ...]:
        """The joint invariants: what no part promises alone."""
        return tuple(one for one in self.properties if one.joint)

    @cached_property
    def kinds(self) -> Mapping[str, MessageKind]:
        """Every message kind by its name."""
        return {one.name: one for one in self.messages}

    @cached_property
    def event_kinds(self) -> tuple[str, ...]:
        """Every kind of event that a trace of this system can hold."""
        return (*WIRE, *(fact.kind for fact in self.facts), *MARKS)

    @cached_property
    def facts_by_kind(self) -> Mapping[str, Fact]:
        """Every fact by its kind."""
        return {one.kind: one for one in self.facts}

    @cached_property
    def all_moments(self) -> Mapping[str, Moment]:
        """Every moment by its name: those that were declared, then those that are derived."""
        found = {one.name: one for one in self.moments}
        if self.derive_moments:
            for one in self.messages:
                found.setdefault(f"{one.name} sent", Moment(f"{one.name} sent", sent=one.name))
                found.setdefault(f"{one.name} delivered", Moment(f"{one.name} delivered", delivered=one.name))
            for fact in self.facts:
                found.setdefault(fact.kind, Moment(fact.kind, fact=fact.kind))
        return found

    @cached_property
    def acts_by_step(self) -> Mapping[type[Step], Act]:
        """Every act by its step."""
        return {one.step: one for one in self.acts}

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The regions of an agent's state that share nothing."""
        tagged = (region for regions in self.wakes.values() for region in regions)
        return tuple(sorted({*(one.region for one in self.messages), *tagged}))

    def regions_of(self, what: str) -> tuple[str, ...]:
        """The regions that a message of this kind, or a wake-up under this tag, touches: all, if nothing is known."""
        name = what.partition("|")[0]
        if name in self.kinds:
            return (self.kinds[name].region,)
        return self.wakes.get(name) or self.wakes.get("") or self.regions

    def simplest(self, step: type[Step]) -> Step:
        """The simplest step of a class: its defaults, and the first message kind or moment where there is none."""
        return step(**self.first_values(step))

    def first_values(self, step: type[Step]) -> dict[str, str]:
        """For the fields of a step that have no default of their own, the system's first message kind or moment."""
        needed = {one.name: argument_of(one) for one in attrs.fields(step) if one.default is attrs.NOTHING}
        return {
            name: next(iter(self.kinds if isinstance(argument, Kinds) else self.all_moments))
            for name, argument in needed.items()
        }

    def layer(self, name: str) -> Layer:
        """The layer of this name."""
        return next(one for one in self.layers if one.name == name)

    def checked(self, schedule: Sequence[Step]) -> Schedule:
        """The same schedule; `ValueError` for a step, a message kind or a moment that this system does not have."""
        for step in schedule:
            if type(step) not in self.vocabulary:
                raise ValueError(f"{self.name} has no step {type(step).__name__}")
            for one in attrs.fields(type(step)):
                self.check_argument(argument_of(one), getattr(step, one.name))
        return tuple(schedule)

    def check_argument(self, argument: object, value: Any) -> None:
        """`ValueError` if a step names a message kind or a moment that this system does not have."""
        if isinstance(argument, Kinds) and value not in self.kinds:
            raise ValueError(f"there is no message kind {brief(value)}; choose one of {', '.join(self.kinds)}")
        if isinstance(argument, Moments) and value not in self.all_moments:
            raise ValueError(f"there is no moment {brief(value)}; choose one of {', '.join(self.all_moments)}")


def _sent(value: Any, system: System, name: str) -> tuple[Any, ...]:
    """A value of a class that a system made, as it goes to another process: there the system makes the class anew."""
    fields = {one.name: getattr(value, one.name) for one in attrs.fields(type(value))}
    return _received, (system, name, fields)


def _received(system: System, name: str, fields: Mapping[str, Any]) -> Any:
    return getattr(system, name)(**fields)


@cache
def imported(source: str) -> System:
    """The system at `module:NAME`, which then knows where it stands; each `+module:PROPERTY` is one property more."""
    first, *more = source.split("+")
    found: System = _at(first)
    if found.source == source:
        return found
    properties = (*found.properties, *map(_at, more)) if more else found.properties
    return attrs.evolve(found, source=source, properties=properties)


def _at(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def with_properties(system: System, *paths: str) -> System:
    """The system with the properties at these paths (`module:NAME`) as well; `BadSystem` for a name that it has."""
    return imported("+".join((system.source, *paths))) if paths else system


def without_properties(system: System) -> System:
    """The system without the properties that were added to it, for which its known-bad plugins are declared."""
    return imported(system.source.partition("+")[0]) if "+" in system.source else system


def added_property(system: System, name: str) -> str:
    """The path (`module:NAME`) from which the property of this name was added; empty if it was declared."""
    return next((path for path in system.source.split("+")[1:] if _at(path).name == name), "")


def _is_possible(step: type[Step], population: type[Population]) -> bool:
    """Whether every agent that a step means can exist."""
    meant = [argument_of(one) for one in attrs.fields(step)]
    return all(not isinstance(one, Agents) or not one.corrupt or population.corrupt_roles() for one in meant)


_FILE_NAME = re.compile(r"\w[\w.-]*")
"""What may be a part of a file's name, on any system."""

Problem = tuple[str, str]
"""A place in a declaration, and what is wrong there."""


def _problems(system: System) -> Iterator[Problem]:
    """What cannot be right in a declaration, the first things first."""
    checks: tuple[Callable[[System], Iterator[Problem]], ...] = (
        _names,
        _population,
        _layers,
        _messages,
        _facts,
        _properties,
        _acts,
        _plans,
        _searches,
        _known_bad,
        _watched,
    )
    for check in checks:
        yield from check(system)


def _twice(place: str, names: Sequence[str]) -> Iterator[Problem]:
    for name in names:
        if not isinstance(name, str) or not name or not name.isprintable():
            yield place, f"{brief(name)} is no name: write a printable text"
        elif names.count(name) > 1:
            yield place, f"{name} is declared twice"


def _is_count(value: Any, least: int = 0) -> bool:
    return type(value) is int and value >= least


def _names(system: System) -> Iterator[Problem]:
    yield from _twice("name", [system.name])
    if not _FILE_NAME.fullmatch(system.name):
        yield "name", "files say it: use letters, digits, '_', '-' and '.' only"
    if not isinstance(system.agents, Mapping) or not system.agents:
        yield "agents", "declare at least one role: {role: kit -> Agent}"
    if not system.messages:
        yield "messages", "declare at least one message kind"
    if not system.properties:
        yield "properties", "declare at least one property, or nothing can be found"
    for name, make in system.agents.items():
        if not callable(make):
            yield f"agents: {name}", "is no factory: it cannot be called"
    kinds = (
        ("messages", system.messages, MessageKind),
        ("properties", system.properties, Property),
        ("layers", system.layers, Layer),
        ("facts", system.facts, Fact),
        ("moments", system.moments, Moment),
        ("acts", system.acts, Act),
        ("plans", system.plans, Plan),
        ("probes", system.probes, Probe),
        ("known_bad", system.known_bad, KnownBad),
    )
    for place, values, kind in kinds:
        for one in values:
            if not isinstance(one, kind):
                yield place, f"{brief(one)} is no {kind.__name__}"


def _population(system: System) -> Iterator[Problem]:  # noqa: C901 - one line for each thing that can be wrong
    if not (isinstance(system.scenario, type) and issubclass(system.scenario, Scenario) and attrs.has(system.scenario)):
        yield "scenario", "is no frozen subclass of Scenario"
        return
    for name in system.agents:
        if not name.isidentifier() or keyword.iskeyword(name) or hasattr(Population, name):
            yield f"agents: {name}", "a role must be an identifier of its own, for it names a field of the population"
            return
    kind = system.population
    if not (isinstance(kind, type) and issubclass(kind, Population)):
        yield "scenario", "its population is no frozen subclass of Population"
        return
    roles = kind.roles()
    for field_ in attrs.fields(kind):
        if field_.name not in roles:
            yield f"scenario: population: {field_.name}", "is no role: write role(...)"
    for name in roles:
        if name not in system.agents:
            yield "agents", f"nothing makes a {name}, and the population has this role"
    for name in system.agents:
        if name not in roles:
            yield "agents", f"the population has no role {name}"
    try:
        kind.drawn(**{name: row[0] for name, row in kind.counts().items()})
        system.scenario_class(name="check")
    except (TypeError, ValueError) as error:
        yield "scenario", f"cannot be made with its defaults: {error}"


def _layers(system: System) -> Iterator[Problem]:
    yield from _twice("layers", [one.name for one in system.layers])
    for layer in system.layers:
        place = f"layers: {layer.name}"
        if layer.name in OTHER_PARTS:
            yield place, "agents and kernel are parts of every stack; choose another name"
        if not layer.operations:
            yield place, "has no operations"
        yield from _twice(place, [one.name for one in layer.choices])
        for choice in layer.choices:
            if not callable(choice.factory):
                yield f"{place}: {choice.name}", "its factory cannot be called"
            if ":" in choice.name or "=" in choice.name:
                yield f"{place}: {choice.name}", "a plugin's name has neither ':' nor '='"
        for operation, fact in layer.witness.items():
            if operation not in layer.operations:
                yield place, f"there is no operation {operation} to be witnessed"
            if fact not in system.facts_by_kind:
                yield f"{place}: witness of {operation}", f"there is no fact {fact}; declare Fact({fact!r}, …)"


def _messages(system: System) -> Iterator[Problem]:
    yield from _twice("messages", [one.name for one in system.messages])
    for one in system.messages:
        if not _is_count(one.weight):
            yield f"messages: {one.name}", f"its weight is {brief(one.weight)}; write a number of at least 0"
        if one.part not in system.parts:
            yield f"messages: {one.name}", f"there is no part {one.part}; choose one of {', '.join(system.parts)}"
        if one.body is not None and not (isinstance(one.body, type) and attrs.has(one.body)):
            yield f"messages: {one.name}", "its body is no frozen attrs class"
    bodies = [one.body for one in system.messages if one.body is not None]
    for body in bodies:
        if bodies.count(body) > 1:
            yield "messages", f"{body.__name__} is the body of two message kinds"


def _facts(system: System) -> Iterator[Problem]:
    yield from _twice("facts", [one.kind for one in system.facts])
    for fact in system.facts:
        if fact.kind in (*WIRE, *MARKS):
            yield f"facts: {fact.kind}", "the kernel records events of this kind itself; choose another name"
        if isinstance(fact.sentence, str):
            try:
                list(string.Formatter().parse(fact.sentence))
            except ValueError as error:
                yield f"facts: {fact.kind}", f"its sentence is no format string: {error}"
    yield from _twice("moments", [one.name for one in system.moments])
    for moment in system.moments:
        place = f"moments: {moment.name}"
        if sum(map(bool, (moment.fact, moment.sent, moment.delivered))) != 1:
            yield place, "say exactly one of fact=, sent= and delivered="
        elif moment.fact and moment.fact not in system.facts_by_kind:
            yield place, f"there is no fact {moment.fact}"
        elif not moment.fact and moment.event[1] not in system.kinds:
            yield place, f"there is no message kind {moment.event[1]}"
    if RunUntil in system.vocabulary and not system.all_moments:
        yield "moments", "there is none; leave derive_moments on"


def _properties(system: System) -> Iterator[Problem]:  # noqa: C901 - one line for each thing that can be wrong
    names = [one.name for one in system.properties]
    yield from _twice("properties", names)
    for one in system.properties:
        if one.name in RESERVED:
            yield f"properties: {one.name}", "this name says that a plugin failed; choose another"
        if not callable(one.watch):
            yield f"properties: {one.name}", "its watch cannot be called"
        if not _FILE_NAME.fullmatch(one.name):
            yield f"properties: {brief(one.name)}", "files are named by it: use letters, digits, '_', '-' and '.' only"
        if not one.parts:
            yield f"properties: {one.name}", f"say which parts it joins; choose of {', '.join(system.parts)}"
        for part in one.parts:
            if part not in system.parts:
                yield f"properties: {one.name}", f"there is no part {part}; choose one of {', '.join(system.parts)}"
    yield from _twice("probes", [one.name for one in system.probes])
    for probe in system.probes:
        if probe.property not in names:
            yield f"probes: {probe.name}", f"there is no property {probe.property}"
        for kind in probe.kinds:
            if kind not in system.event_kinds:
                yield f"probes: {probe.name}", f"there is no event kind {kind}"


def _watched(system: System) -> Iterator[Problem]:
    """Rules about events that nothing records would never be asked, and a claim would seem to hold."""
    for one in system.properties:
        for kind in _kinds_of(system, one):
            if kind not in (*system.event_kinds, EVERY_KIND):
                place = f"properties: {one.name}"
                yield place, f"watches {brief(kind)}, which no fact is called{guess(kind, system.event_kinds)}"


def _kinds_of(system: System, one: Property) -> tuple[str, ...]:
    """The kinds of events that a property's monitor asks for; none if it cannot be made: a run tells that better."""
    try:
        smallest = system.population.drawn(**{name: row[0] for name, row in system.population.counts().items()})
        return tuple(map(str, one.watch(smallest).handlers()))
    except Exception:  # noqa: BLE001 - whatever a stranger's code raises
        return ()


def _acts(system: System) -> Iterator[Problem]:  # noqa: C901 - one line for each thing that can be wrong
    for act in system.acts:
        if not (isinstance(act.step, type) and issubclass(act.step, Step) and attrs.has(act.step)):
            yield f"acts: {brief(act.step)}", "is no frozen subclass of Step"
            return
    yield from _twice("acts", [act.step.__name__ for act in system.acts])
    shared = {one.__name__ for one in ENVIRONMENT}
    for act in system.acts:
        place = f"acts: {act.step.__name__}"
        if keyword.iskeyword(act.step.__name__.lower()):
            yield place, "a word of Python's own cannot be the name of a move; choose another name"
        if act.step.__name__ in shared and not system.steps:
            yield place, "a step that every system has is called so; choose another name"
        if not _is_count(act.weight, least=1):
            yield place, f"its weight is {brief(act.weight)}; write a number of at least 1, or no search draws it"
        if not callable(act.perform):
            yield place, "nothing performs it: give a function of the stage and the step"
        yield from _arguments(system, act.step, place)
    for one in system.steps:
        if one not in ENVIRONMENT and one not in system.acts_by_step:
            yield f"steps: {one.__name__}", "no act performs it"
    for act in system.acts:
        if system.steps and act.step not in system.steps:
            yield f"steps: {act.step.__name__}", "is missing: steps, where it is given, names every act"


def _arguments(system: System, step: type[Step], place: str) -> Iterator[Problem]:
    roles = system.population.roles()
    for one in attrs.fields(step):
        argument = argument_of(one)
        if argument is None:
            yield f"{place}.{one.name}", "say what it means: agent(...), number(...), kind(), moment() or groups()"
        if isinstance(argument, Agents):
            for name in (*argument.roles, *argument.first):
                if name not in roles:
                    yield f"{place}.{one.name}", f"there is no role {name}; choose of {', '.join(roles)}"
            if argument.corrupt and not system.population.corrupt_roles():
                yield f"{place}.{one.name}", "no role is corrupt: write role(corrupt=True)"


def _plans(system: System) -> Iterator[Problem]:
    yield from _twice("plans", [one.name for one in system.plans])
    for plan in system.plans:
        if not str(plan.name).isidentifier() or keyword.iskeyword(plan.name):
            yield f"plans: {plan.name}", "a search has a move of this name: write an identifier, and the rest in about="
        if not _is_count(plan.weight, least=1):
            yield f"plans: {plan.name}", f"its weight is {brief(plan.weight)}; write a number of at least 1"
        for name, row in plan.arguments.items():
            if not len(row):
                yield f"plans: {plan.name}: {name}", "there is no value to draw"
        for step in plan.needs:
            if step not in system.vocabulary:
                yield f"plans: {plan.name}", f"there is no step {step.__name__}"


def _searches(system: System) -> Iterator[Problem]:
    for name in system.intercepted:
        if f"{name} sent" not in system.all_moments or name not in system.kinds:
            yield "intercepted", f"there is no moment '{name} sent', or no message kind {name}"
    for name in (name for group in system.lanes for name in group):
        if name not in system.population.roles():
            yield "lanes", f"there is no role {brief(name)}; choose of {', '.join(system.population.roles())}"
    for one in system.smallest:
        if not isinstance(one, system.population):
            yield "smallest", f"{brief(one)} is no population of this system"


def _known_bad(system: System) -> Iterator[Problem]:
    names = {layer.name: [one.name for one in layer.choices] for layer in system.layers}
    properties = [one.name for one in system.properties]
    for one in (*system.known_bad, *system.suspects):
        if one.part not in system.parts:
            yield f"known_bad: {one.assignment}", f"there is no part {one.part}"
        elif one.plugin not in names.get(one.part, ()) and ":" not in one.plugin:
            yield f"known_bad: {one.assignment}", f"there is no {one.part} plugin {one.plugin}"
        elif one in system.known_bad and one.plugin == names[one.part][0]:
            yield f"known_bad: {one.assignment}", "is the reference, which nothing may find bad; name another plugin"
        if not _is_count(one.within):
            yield f"known_bad: {one.assignment}", f"within is {brief(one.within)}; write a number of runs, or 0"
        if one.breaks not in properties:
            yield f"known_bad: {one.assignment}", f"there is no property {one.breaks}"
