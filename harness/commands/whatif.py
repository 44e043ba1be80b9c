"""What becomes of a request to the what-if table: a page, or the address of another one.

Owns the state that an address holds, the changes that can be made to it, and what is saved. It is asked in a child
process, where plugins run; it remembers nothing between two requests but what its base was read from. Knows nothing of
how it is served.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
from attrs import field, frozen

from crosslayer.harness.commands.populations import read_population
from crosslayer.harness.commands.shared import (
    chosen_scenario,
    chosen_stack,
    scenario_system,
    with_own_found,
)
from crosslayer.harness.explain.blame import blame
from crosslayer.harness.explain.story import headline
from crosslayer.harness.formats.codec import dumps, loads, schedule_from, schedule_json, structure, unstructure
from crosslayer.harness.formats.counterexample import HOLDS, VIOLATED, Case, Counterexample, load, save
from crosslayer.harness.formats.trace import trail
from crosslayer.harness.keep.replay import require_property, stack_of
from crosslayer.harness.kernel import foreign
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, catalogue
from crosslayer.harness.model.arguments import Groups, Kinds, Moments, argument_of
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.errors import BadInput, OutputLost
from crosslayer.harness.model.scenario import Faults, Scenario
from crosslayer.harness.model.steps import Schedule
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.picture.table import Table, page
from crosslayer.harness.search.judgement import Judgement, verdict
from crosslayer.harness.systems.finding import find_system, in_files

STEPS_MAX = 500
"""Steps of one schedule: more than anybody moves by hand."""

Query = Sequence[tuple[str, str]]
"""The names and values of an address, in order."""


@frozen(kw_only=True)
class Base:
    """The words of the command line: the file that is opened, or (with an empty one) the system to start from."""

    file: str = ""
    system: str = ""
    assignments: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    scenario: str = ""
    population: str = ""
    save: str = ""

    def to_json(self) -> dict[str, Any]:
        """The JSON form, which `answer` reads."""
        return dict(unstructure(self))


@frozen
class State:
    """What an address holds: a schedule, and the names of the plugins."""

    schedule: Schedule
    stack: Mapping[str, str]

    def text(self) -> str:
        """As it stands in an address."""
        return dumps({"schedule": schedule_json(self.schedule), "stack": dict(self.stack)}).decode()


@frozen(eq=False)
class Opened:
    """What a table starts from. `visit` knows whether foreign code has replaced something of ours."""

    title: str
    scenario: Scenario
    stack: Stack
    schedule: Schedule
    promise: str
    visit: foreign.Visit = field(factory=foreign.Visit)

    @property
    def system(self) -> System:
        """The system."""
        return self.stack.system

    @property
    def state(self) -> State:
        """The state before any change."""
        return State(self.schedule, {part: choice.name for part, choice in self.stack.choices.items()})

    @property
    def choices(self) -> Mapping[str, Sequence[Choice]]:
        """The plugins that each part may have: those that ship, and the one that the table started with."""
        shipped = catalogue(self.system)
        own = self.stack.choices
        return {part: [*among, *([] if own[part] in among else [own[part]])] for part, among in shipped.items()}


def answer(job: Mapping[str, Any]) -> dict[str, Any]:
    """What becomes of a request, as JSON: `page` with its `status`, or the query `to` go to; `problem` for a bad base.

    The job has the `base`, the `query` of the address, and what is to be `saved`: a promise, or nothing.
    """
    try:
        opened = _open(structure(job["base"], Base, "base"))
    except BadInput as error:
        return {"problem": [error.place, error.reason]}
    query = tuple((name, value) for name, value in job["query"])
    given = dict(query)
    try:
        state = _state(opened, given.get("s", ""))
    except BadInput as error:
        return {"status": 400, "page": _page(opened, opened.state, given, str(error))}
    try:
        if job["saved"]:
            return {"to": _to(state, given, saved=_save(opened, state, job["saved"], Path(job["base"]["save"])))}
        changed = _changed(opened, state, given)
    except (BadInput, OutputLost) as error:
        return {"status": 400, "page": _page(opened, state, given, str(error))}
    if changed != state or "do" in given or not given.get("s"):
        return {"to": _to(changed, given)}
    found = _SAVED.fullmatch(given.get("saved", ""))
    file = Path(job["base"]["save"], f"{found[0]}.json") if found else None
    return {"status": 200, "page": _page(opened, state, given, saved=str(file) if file and file.exists() else "")}


_SAVED = re.compile(r"\w[\w.-]*")
"""What is the name of a file of ours, without its end."""


@cache
def _open(base: Base) -> Opened:
    with foreign.opened() as visit:
        opened = _file(base) if base.file else _scratch(base)
    return attrs.evolve(opened, visit=visit)


def _file(base: Base) -> Opened:
    known = find_system(base.system) if base.system else None
    one = load(Path(base.file), with_own_found(in_files(known, base.allowed), base.properties))
    require_property(one, base.file)
    stack = stack_of(one, base.assignments, base.allowed, base.file)
    return Opened(one.name, one.scenario, stack, one.schedule, one.invariant)


def _scratch(base: Base) -> Opened:
    file = Path(base.scenario) if base.scenario else None
    system = scenario_system(file, base.system or None, base.allowed, base.properties)
    scenario, place = chosen_scenario(file, system, "hunt")
    stack = chosen_stack(system, scenario, place, base.assignments, base.allowed)
    population = read_population(system, base.population or None)
    quiet = attrs.evolve(scenario, population=population, faults=Faults(), adversary=(), stack=())
    return Opened(system.name, quiet, stack, (), "")


def _state(opened: Opened, text: str) -> State:
    """The state in an address; `BadInput` if it is none of this system."""
    if not text:
        return opened.state
    value = loads(text.encode(errors="replace"), "address")
    if not isinstance(value, dict) or value.keys() != {"schedule", "stack"} or not isinstance(value["stack"], dict):
        raise BadInput("address", "holds no schedule and stack")
    stack = {**opened.state.stack, **{str(part): str(name) for part, name in value["stack"].items()}}
    _stack(opened, stack)
    return State(_schedule(opened, value["schedule"]), stack)


def _schedule(opened: Opened, steps: Any) -> Schedule:
    if isinstance(steps, list) and len(steps) > STEPS_MAX:
        raise BadInput("schedule", f"has {len(steps)} steps; {STEPS_MAX} are the most here")
    return schedule_from(steps, "schedule", opened.system)


def _stack(opened: Opened, names: Mapping[str, str]) -> Stack:
    """The stack of these plugins; `BadInput` for one that neither ships nor was named on the command line."""
    stack = opened.stack
    for part, name in names.items():
        choices = opened.choices.get(part, ())
        chosen = next((one for one in choices if one.name == name), None)
        if chosen is None:
            known = ", ".join(one.name for one in choices) or "none: there is no such layer"
            raise BadInput(f"{brief(part)}={brief(name)}", f"choose one of {known}")
        stack = stack.replace(part, chosen)
    return stack


def _changed(opened: Opened, state: State, query: Mapping[str, str]) -> State:
    """The state after the changes that a query asks for; `BadInput` if one cannot be made."""
    layers = {name.removeprefix("layer."): value for name, value in query.items() if name.startswith("layer.")}
    stack = {**state.stack, **layers}
    _stack(opened, stack)
    steps = schedule_json(state.schedule)
    for index, (step, kept) in enumerate(zip(steps, state.schedule, strict=True), 1):
        for one in attrs.fields(type(kept)):
            said = query.get(f"{index}.{one.name}")
            if said is not None:
                step[one.name] = _value(argument_of(one), said, f"step {index}: {one.name}")
    return State(_schedule(opened, _moved(steps, query)), stack)


def _value(argument: Any, said: str, place: str) -> Any:
    """The JSON value of a field as a person wrote it."""
    if isinstance(argument, Kinds | Moments):
        return said
    if isinstance(argument, Groups):
        return [_whole(one.strip(), place) for one in said.split(",")]
    return _whole(said.strip(), place)


def _whole(text: str, place: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(1 << 62))):
        raise BadInput(place, f"{brief(text)} is no whole number from 0 on")
    return int(text)


def _moved(steps: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """The steps after one of them was moved, removed or added."""
    what, *words = query.get("do", "").split() or [""]
    if _CHANGES.get(what) != len(words):
        raise BadInput("address", f"there is nothing like {brief(query['do'])} to do")
    numbers = [_whole(word, "address") for word in words]
    if any(not 1 <= number <= len(steps) for number in numbers):
        raise BadInput("address", f"there are {len(steps)} steps")
    match what, numbers:
        case "up", [number]:
            return _put(steps, number, max(1, number - 1))
        case "down", [number]:
            return _put(steps, number, min(len(steps), number + 1))
        case "move", [number, to]:
            return _put(steps, number, to)
        case "remove", [number]:
            return steps[: number - 1] + steps[number:]
        case "add", _:
            at = _whole(query.get("at", "").strip() or str(len(steps) + 1), "as step")
            return [*steps[: max(0, at - 1)], {"step": query.get("add", "")}, *steps[max(0, at - 1) :]]
    return steps


_CHANGES = {"": 0, "add": 0, "up": 1, "down": 1, "remove": 1, "move": 2}
"""What can be done to the steps, and how many numbers are said with it."""


def _put(steps: list[dict[str, Any]], number: int, to: int) -> list[dict[str, Any]]:
    """The steps with one of them at another place."""
    others = steps[: number - 1] + steps[number:]
    return [*others[: to - 1], steps[number - 1], *others[to - 1 :]]


def _to(state: State, query: Mapping[str, str], saved: str = "") -> str:
    look = query.get("look", "")
    return urlencode({"s": state.text(), **({"look": look} if look else {}), **({"saved": saved} if saved else {})})


def _run(opened: Opened, state: State) -> tuple[Judgement, Result]:
    judgement = Judgement(opened.scenario, _stack(opened, state.stack), opened.system.properties)
    result = judgement.run(Case(opened.scenario.population, state.schedule))
    replaced = opened.visit.replaced()
    if replaced:
        raise BadInput(" or ".join(opened.visit.names), f"replaced {replaced}; no verdict can be trusted")
    return judgement, result


def _page(opened: Opened, state: State, query: Mapping[str, str], problem: str = "", saved: str = "") -> str:
    _, result = _run(opened, state)
    return page(
        Table(
            title=opened.title,
            result=result,
            stack=state.stack,
            layers={
                part: [one.name for one in choices] for part, choices in opened.choices.items() if len(choices) > 1
            },
            state=state.text(),
            look=query.get("look", "") or opened.promise,
            saved=saved,
            problem=problem,
        )
    )


def _save(opened: Opened, state: State, promise: str, folder: Path) -> str:
    """Write a run as a counterexample of a promise, as it is: neither shrunk nor explained. The name of its file."""
    judgement, result = _run(opened, state)
    found = verdict(result, promise)
    if found.outcome not in (Outcome.VIOLATED, Outcome.HOLDS):
        raise BadInput(promise, "says nothing of this run, so that there is nothing to save")
    case = Case(opened.scenario.population, state.schedule)
    is_violated = found.outcome is Outcome.VIOLATED
    one = Counterexample(
        invariant=promise,
        scenario=opened.scenario,
        stack=result.header.stack,
        schedule=state.schedule,
        digest=result.digest,
        trail=trail(result.header, result.events),
        blame=blame(judgement, promise, case) if is_violated else (),
        expect=VIOLATED if is_violated else HOLDS,
        found={"how": "by hand"},
        system=opened.system,
    )
    return save(attrs.evolve(one, story=headline(one, result)), folder).stem
