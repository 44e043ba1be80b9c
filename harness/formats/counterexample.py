"""Counterexamples: what broke a promise, as plain data that outlives the code that found it.

Owns the noun, its JSON file, and its name by content. Knows nothing of searching.

A file never names code to be loaded: its stack holds the plugins' names, and a plugin that does not ship with
Crosslayer is named again by the person who replays it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import Factory, field, frozen

from crosslayer.harness.formats.codec import (
    dumps,
    loads,
    scenario_from,
    schedule_from,
    schedule_json,
    structure,
    unstructure,
)
from crosslayer.harness.formats.files import read_whole, write_atomically
from crosslayer.harness.formats.naming import NAMING, Find, Stale, named, naming
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.scenario import Names, Scenario
from crosslayer.harness.model.steps import Schedule
from crosslayer.harness.model.system import System

VERSION = 1
SIZE_BOUND = 1 << 24
"""Bytes of a counterexample's file."""

FAULT = "plugin_fault"
"""What a counterexample breaks when no property is violated but a plugin fails."""

MARK = b'"crosslayer": "counterexample"'
"""What stands at the beginning of a counterexample's file."""

EXPECTED = VIOLATED, HOLDS, FIXED = ("violated", "holds", "fixed")
"""What may be expected: that its stack breaks the promise, that nothing breaks it, or that it stays repaired."""


@frozen
class Case:
    """What a search varies: who takes part, and what is done."""

    population: Any
    schedule: Schedule


@frozen(kw_only=True)
class Counterexample:
    """A schedule that breaks a promise of a stack. `invariant` is the property's name, or `plugin_fault`.

    `digest` is the trace's (empty in a raw find, which was not run again), `trail` its digest after each step.
    `blame` names the guilty parts. `why` says of each step what it is needed for,
    `minimal` that this was verified step by step, `passing` what the nearest passing run is. `expect` is
    "violated"; or "holds" for what was once a false alarm; or "fixed" for what a plugin broke before it was
    repaired: then stack, digest, trail and story are a record of the failure. `found` says how it was found.
    """

    invariant: str
    scenario: Scenario
    stack: Mapping[str, str]
    schedule: Schedule
    digest: str
    trail: tuple[str, ...] = ()
    story: str = ""
    blame: tuple[str, ...] = ()
    expect: str = VIOLATED
    minimal: bool = False
    why: tuple[Mapping[str, Any], ...] = ()
    passing: Mapping[str, Any] | None = None
    found: Mapping[str, Any] = Factory(dict)
    system: System = field(eq=False)

    @property
    def breaks(self) -> bool:
        """Whether the recorded run breaks the promise."""
        return self.expect != HOLDS

    @property
    def case(self) -> Case:
        """What a search would vary."""
        return Case(self.scenario.population, self.schedule)

    @property
    def name(self) -> str:
        """The name of its file: `<invariant>-<16 hex digits>`, the digits from all that decides the run."""
        decisive = [
            self.invariant,
            self.expect,
            dict(self.stack),
            unstructure(self.scenario),
            schedule_json(self.schedule),
            *([self.system.name] if naming(self.system) else []),
        ]
        return f"{self.invariant}-{hashlib.sha256(dumps(decisive)).hexdigest()[:16]}"


def to_json(counterexample: Counterexample) -> dict[str, Any]:
    """The JSON form."""
    one = counterexample
    return {
        "crosslayer": "counterexample",
        "version": VERSION,
        **naming(one.system),
        "invariant": one.invariant,
        "expect": one.expect,
        "story": one.story,
        "blame": list(one.blame),
        "stack": dict(one.stack),
        "scenario": unstructure(one.scenario),
        "schedule": schedule_json(one.schedule),
        "digest": one.digest,
        "trail": list(one.trail),
        "minimal": one.minimal,
        "why": [dict(entry) for entry in one.why],
        "passing": None if one.passing is None else dict(one.passing),
        "found": dict(one.found),
    }


def save(counterexample: Counterexample, folder: Path, prefix: str = "") -> Path:
    """Write it into a folder (made if need be) under its own name, which may get a prefix.

    Several writers of the same leave one file, that of the first.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(str(folder), f"cannot be made: {error.strerror}") from None
    path = folder / f"{prefix}{counterexample.name}.json"
    if not path.exists():
        write_atomically(path, [_pretty(to_json(counterexample))], once=True)
    return path


def write_to(path: Path, counterexample: Counterexample) -> None:
    """Write it to this file, whole or not at all."""
    write_atomically(path, [_pretty(to_json(counterexample))])


def load(path: Path, find: Find) -> Counterexample:
    """Read one back; `BadInput` with file, path and reason on any defect. `find` gives the system that it names."""
    place = str(path)
    value = loads(read_whole(path, SIZE_BOUND), place)
    if not isinstance(value, dict) or value.get("crosslayer") != "counterexample":
        raise BadInput(place, "is no Crosslayer counterexample")
    if value.get("version") != VERSION:
        raise Stale(place, f"is of version {brief(value.get('version'))}; this is version {VERSION}: hunt for it again")
    system = named(value, place, find)
    fields = {key: found for key, found in value.items() if key not in ("crosslayer", "version", *NAMING)}
    missing = sorted({"invariant", "stack", "scenario", "schedule", "digest"} - fields.keys())
    if missing:
        raise BadInput(place, f"{', '.join(missing)} is missing")
    unknown = sorted(fields.keys() - {field.name for field in attrs.fields(Counterexample)})
    if unknown:
        raise BadInput(place, f"unknown key {', '.join(map(brief, unknown))}")
    return Counterexample(
        invariant=structure(fields["invariant"], str, f"{place}: invariant"),
        scenario=scenario_from(fields["scenario"], f"{place}: scenario", system),
        stack=dict(structure(fields["stack"], Names, f"{place}: stack")),
        schedule=_schedule(fields["schedule"], place, system),
        digest=structure(fields["digest"], str, f"{place}: digest"),
        trail=structure(fields.get("trail", []), tuple[str, ...], f"{place}: trail"),
        story=structure(fields.get("story", ""), str, f"{place}: story"),
        blame=structure(fields.get("blame", []), tuple[str, ...], f"{place}: blame"),
        expect=_expect(fields.get("expect", VIOLATED), place),
        minimal=structure(fields.get("minimal", False), bool, f"{place}: minimal"),
        why=tuple(
            _reason(reason, f"{place}: why")
            for reason in structure(fields.get("why", []), tuple[Any, ...], f"{place}: why")
        ),
        passing=_passing(fields.get("passing"), f"{place}: passing"),
        found=_mapping(fields.get("found", {}), f"{place}: found"),
        system=system,
    )


def _schedule(value: Any, place: str, system: System) -> Schedule:
    try:
        return schedule_from(value, f"{place}: schedule", system)
    except BadInput as error:
        raise Stale(place, f"schedule: {error.reason}; if it comes from another version, hunt for it again") from None


def _passing(value: Any, place: str) -> Mapping[str, Any] | None:
    """The nearest run that passes: what is other in it is said in one text."""
    if value is None:
        return None
    passing = _mapping(value, place)
    if "change" in passing:
        structure(passing["change"], str, f"{place}.change")
    return passing


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(place, f"expected a mapping, not {brief(value)}")
    return value


def _reason(value: Any, place: str) -> Mapping[str, Any]:
    reason = _mapping(value, place)
    for name, values in _mapping(reason.get("free", {}), f"{place}: free").items():
        structure(values, tuple[Any, ...], f"{place}: free: {name}")
    structure(reason.get("weaker", []), tuple[Any, ...], f"{place}: weaker")
    return reason


def _expect(value: Any, place: str) -> str:
    if value not in EXPECTED:
        raise BadInput(place, f"expect must be {' or '.join(EXPECTED)}, not {brief(value)}")
    return str(value)


def _pretty(value: Any) -> bytes:
    """JSON for people: keys in order of interest."""
    return (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode()
