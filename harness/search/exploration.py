"""An interrupted exploration as a file, and back: what it takes to go on where it stopped.

Owns the format of that file. A file of another scope, scenario, stack or version is refused, never continued; so is one
that was begun with other code, because what it says it has seen may not be so any more.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crosslayer.harness.formats.codec import dumps, loads, schedule_from, schedule_json, structure, unstructure
from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.formats.files import read_whole, write_atomically
from crosslayer.harness.kernel import pulse
from crosslayer.harness.model.brief import INTEGER_BOUND, brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import Schedule, deviations
from crosslayer.harness.search.explore import Explored, Level, Scope
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.versions import versions
from crosslayer.harness.search.workers import code

VERSION = 1
SIZE_BOUND = 1 << 30
"""Bytes: some ten million schedules that wait to be extended."""


def subject(judgement: Judgement, scope: Scope, wanted: Sequence[str]) -> str:
    """What is explored, as a SHA-256 in hex: equal for explorations that may continue each other."""
    names = [one.name for one in judgement.properties]
    decisive = [
        unstructure(judgement.scenario),
        judgement.stack.names(),
        names,
        unstructure(scope),
        list(wanted),
        versions((__name__, *code(judgement))),
    ]
    return hashlib.sha256(dumps(decisive)).hexdigest()


def save(path: Path, about: str, state: Explored) -> None:
    """Write an exploration, whole or not at all."""
    value = {
        "crosslayer": "exploration",
        "version": VERSION,
        "subject": about,
        "levels": [[one.deviations, one.schedules, one.idle, one.merged, int(one.complete)] for one in state.levels],
        "examples": state.examples,
        "milliseconds": int(state.seconds * 1000),
        "expected": state.expected,
        "reached": state.reached,
        "cases": {name: schedule_json(case.schedule) for name, case in state.cases.items()},
        "parents": [schedule_json(one) for one in state.parents],
        "cursor": list(state.cursor),
        "children": [[effect, schedule_json(one)] for effect, one in state.children.items()],
    }
    write_atomically(path, [dumps(value), b"\n"])


def load(path: Path, about: str, judgement: Judgement) -> Explored:
    """Read one back; `BadInput` if it is none, or one of something else."""
    place = str(path)
    value = loads(read_whole(path, SIZE_BOUND), place)
    if not isinstance(value, dict) or value.get("crosslayer") != "exploration":
        raise BadInput(place, "is no exploration that could be resumed")
    if value.get("version") != VERSION:
        raise BadInput(place, f"is of version {brief(value.get('version'))}; this is version {VERSION}: begin anew")
    if value.get("subject") != about:
        raise BadInput(
            place,
            "is the exploration of another stack, population or scope, or was begun with other code; name another file",
        )
    try:
        state = _state(value, place, judgement)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadInput(place, f"is damaged ({type(error).__name__}: {error}); begin anew") from None
    wrong = _wrong(state, judgement)
    if wrong:
        raise BadInput(place, f"is damaged: {wrong}; begin anew")
    return state


def _state(value: dict[str, Any], place: str, judgement: Judgement) -> Explored:
    population, system = judgement.scenario.population, judgement.stack.system

    def schedule(one: Any, key: str) -> Schedule:
        pulse.tick()  # ten million of them take a while
        return schedule_from(one, f"{place}: {key}", system)

    rows = [structure(row, tuple[int, ...], f"{place}: levels") for row in value["levels"]]
    (number, begin) = structure(value["cursor"], tuple[int, ...], f"{place}: cursor")
    return Explored(
        levels=[Level(level, made, idle, merged, _flag(done)) for level, made, idle, merged, done in rows],
        examples=structure(value["examples"], int, f"{place}: examples"),
        seconds=structure(value["milliseconds"], int, f"{place}: milliseconds") / 1000,
        expected=structure(value["expected"], int, f"{place}: expected"),
        reached={str(name): structure(count, int, f"{place}: reached") for name, count in value["reached"].items()},
        cases={str(name): Case(population, schedule(one, "cases")) for name, one in value["cases"].items()},
        parents=[schedule(one, "parents") for one in value["parents"]],
        cursor=(number, begin),
        children={structure(effect, str, place): schedule(one, "children") for effect, one in value["children"]},
    )


def _flag(number: int) -> bool:
    if number not in (0, 1):
        raise ValueError(f"{number} is neither 0 nor 1")
    return number == 1


def _wrong(state: Explored, judgement: Judgement) -> str:
    """What cannot be true of an exploration that was left, or of one of these properties; empty if all may be."""
    known = {one.name for one in judgement.properties} | {FAULT}
    last = len(state.levels) - 1
    numbers = [state.examples, int(state.seconds), state.expected, *state.cursor, *state.reached.values()]
    counts = [(one.schedules, one.idle, one.merged) for one in state.levels]
    wrong = {
        "the levels are not in order": any(one.deviations != number for number, one in enumerate(state.levels)),
        "a level was left before it was complete": not all(one.complete for one in state.levels[:-1]),
        "a number is negative": min(*numbers, *(number for row in counts for number in row), 0) < 0,
        "a number is too large": state.seconds > _SECONDS_MAX or state.expected > INTEGER_BOUND // 2,
        "the runs do not add up": state.examples != sum(made for made, _, _ in counts)
        or any(made < idle + merged for made, idle, merged in counts)
        or any(count > state.examples for count in state.reached.values()),
        "a property is not one of those that are explored": not {*state.reached, *state.cases} <= known,
        "a schedule that is extended is of another level": any(deviations(one) != last - 1 for one in state.parents),
        "a schedule that is to be extended is of another level": any(
            deviations(one) != last for one in state.children.values()
        ),
        "the cursor stands behind the end": state.cursor[0] > len(state.parents),
    }
    return next((reason for reason, is_so in wrong.items() if is_so), "")


_SECONDS_MAX = 1e9
