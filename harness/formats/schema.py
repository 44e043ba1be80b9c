"""JSON Schemas (draft 2020-12) of every file and every `--json` output.

Owns their list, and what follows from a system's declaration: steps, scenarios and events are derived from the declared
fields, the rest stands in the folder `schemas`. A schema never refuses what is read or printed; what it accepts may
still be refused, with a reason, where one value must fit another.
"""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import attrs

from crosslayer.harness.formats.naming import UNNAMED
from crosslayer.harness.formats.settings import KEYS
from crosslayer.harness.model.arguments import Agents, Groups, Kinds, Moments, Numbers, argument_of
from crosslayer.harness.model.brief import INTEGER_BOUND, guess
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.events import WIRE
from crosslayer.harness.model.notes import about_of, unit_of
from crosslayer.harness.model.population import AGENTS_MAX
from crosslayer.harness.model.scenario import Names
from crosslayer.harness.model.steps import Schedule, Step
from crosslayer.harness.model.system import System

DIALECT = "https://json-schema.org/draft/2020-12/schema"

FOLDER = Path(__file__).parent / "schemas"

FILES = ("scenario", "trace", "counterexample", "corpus-entry", "exploration", "settings")
"""The schemas of files."""

OUTPUTS = (
    "run",
    "check",
    "plugins",
    "system-list",
    "system-show",
    "hunt",
    "explore",
    "replay",
    "diff",
    "corpus-list",
    "corpus-verify",
    "matrix",
    "config",
)
"""The schemas of what commands print with `--json`, by the words of the command."""

NAMES = (*FILES, *OUTPUTS)

Schema = dict[str, Any]

_NATURAL: Mapping[str, Any] = {"type": "integer", "minimum": 0, "exclusiveMaximum": INTEGER_BOUND}
_TEXTS: Mapping[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}


def titles() -> dict[str, str]:
    """What each schema is of, by its name."""
    return {name: str(_template(name)["title"]) for name in NAMES}


def schema(name: str, system: System) -> Schema:
    """The schema of this name, for files and outputs of a system; `BadInput` for an unknown name."""
    if name not in NAMES:
        raise BadInput(
            f"schema {name}", f"there is no such schema; choose one of {', '.join(NAMES)}{guess(name, NAMES)}"
        )
    template = deepcopy(_template(name))
    known = {**deepcopy(_template("common")["$defs"]), **_derived(system)}
    needed: dict[str, Any] = {}
    waiting = list(_named_in(template))
    while waiting:
        one = waiting.pop()
        if one not in needed:
            needed[one] = known[one]
            waiting += _named_in(known[one])
    whole = {"$schema": DIALECT, "$id": f"urn:crosslayer:{system.name}:{name}", **template}
    return {**whole, "$defs": {one: needed[one] for one in sorted(needed)}} if needed else whole


@cache
def _template(name: str) -> Schema:
    value: Schema = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return value


_REFERENCE = re.compile(r'"#/\$defs/(\w+)"')


def _named_in(value: Any) -> Iterator[str]:
    """The definitions that a schema refers to."""
    return (found.group(1) for found in _REFERENCE.finditer(json.dumps(value)))


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _derived(system: System) -> dict[str, Schema]:
    """The definitions that follow from a system's declaration."""
    scenario = _object(system.scenario_class)
    named = {"system": {"const": system.name, "description": "The system that it is a scenario of."}}
    return {
        "system": {"const": system.name, "description": f"Its system; left out for {UNNAMED}."},
        "population": _object(system.population),
        "scenario": scenario,
        "scenario_file": {**scenario, "properties": {**scenario["properties"], **named}},
        "stack": {**_TEXTS, "propertyNames": {"enum": list(system.parts)}},
        "step": {"oneOf": [_step(step) for step in system.vocabulary]},
        "kind": {"enum": list(system.kinds)},
        "moment": {"enum": list(system.all_moments)},
        "event": _event(system),
        "settings": _settings(),
    }


def _step(step: type[Step]) -> Schema:
    """A step by its name; fields that are left out have their defaults."""
    properties = {one.name: _argument(one) for one in attrs.fields(step)}
    return {
        "title": step.__name__,
        "description": (inspect.getdoc(step) or "").partition("\n")[0],
        "type": "object",
        "properties": {"step": {"const": step.__name__}, **properties},
        "required": ["step"],
        "additionalProperties": False,
    }


def _argument(one: Any) -> Schema:
    match argument_of(one):
        case Kinds():
            return _ref("kind")
        case Moments():
            return _ref("moment")
        case Groups():
            return {"type": "array", "items": dict(_NATURAL), "minItems": 1}
        case Agents() | Numbers():
            return dict(_NATURAL)
    return _of_type(one.type)


def _object(kind: type[Any]) -> Schema:
    """A frozen value as an object: every key with its type, bounds, default and meaning."""
    fields = attrs.fields(attrs.resolve_types(kind))
    return {
        "type": "object",
        "description": " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split()),
        "properties": {one.name: _field(one) for one in fields},
        "required": [one.name for one in fields if one.default is attrs.NOTHING],
        "additionalProperties": False,
    }


def _field(one: Any) -> Schema:
    found = _of_type(one.type)
    if found.get("type") in ("integer", "number"):
        found |= _bounds(one)
    if one.default is not attrs.NOTHING and not attrs.has(one.type) and not hasattr(one.default, "factory"):
        found["default"] = {} if one.type == Names else _plain(one.default)
    about = " ".join(filter(None, (about_of(one), f"({unit_of(one)})" if unit_of(one) else "")))
    return {**found, "description": about} if about else found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _of_type(kind: Any) -> Schema:
    simple = {bool: "boolean", int: "integer", float: "number", str: "string"}
    if kind in simple:
        return {"type": simple[kind]}
    if kind == Schedule:
        return _ref("schedule")
    if kind == Names:
        return _ref("stack")
    if get_origin(kind) is tuple and get_args(kind)[-1:] == (Ellipsis,):
        return {"type": "array", "items": _of_type(get_args(kind)[0])}
    return _object(kind) if attrs.has(kind) else {}


def _bounds(one: Any) -> Schema:
    """The bounds of a number, found by asking its validator."""
    least = next((bound for bound in (0, 1) if _takes(one, bound) and not _takes(one, bound - 1)), None)
    most = next(
        (bound for bound in (1, AGENTS_MAX + 1, INTEGER_BOUND) if _takes(one, bound - 1) and not _takes(one, bound)),
        None,
    )
    return {
        **({} if least is None else {"minimum": least}),
        **({} if most is None else {"exclusiveMaximum": most}),
    }


def _takes(one: Any, value: int) -> bool:
    try:
        if one.validator is not None:
            one.validator(None, one, value)
    except (TypeError, ValueError):
        return False
    return True


def _event(system: System) -> Schema:
    natural, text = dict(_NATURAL), {"type": "string"}
    wire = {"id": {"type": "integer"}, "source": text, "to": text, "message": text, "payload": text, "payload64": text}
    return {
        "type": "object",
        "description": "An event; beside these keys it has those of its kind.",
        "properties": {
            "seq": {**natural, "description": "Its number: 0, 1, 2, … without a gap."},
            "tick": {**natural, "description": "When it happened."},
            "kind": {"enum": list(system.event_kinds), "description": "What happened."},
            "agent": {**text, "description": "To whom it happened, or who did it; empty for the environment."},
        },
        "required": ["seq", "tick", "kind", "agent"],
        "if": {"properties": {"kind": {"enum": list(WIRE)}}},
        "then": {
            "properties": wire,
            "required": ["id", "source", "to", "message"],
            "oneOf": [{"required": ["payload"]}, {"required": ["payload64"]}],
        },
    }


def _settings() -> Schema:
    text = {"type": "string"}
    several = {"anyOf": [text, {"type": "array", "items": text}]}
    kinds = {
        name: several if one.repeatable else {"type": "number"} if one.number else text for name, one in KEYS.items()
    }
    return {"type": "object", "properties": kinds, "additionalProperties": False}
