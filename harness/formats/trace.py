"""Traces as files: JSON Lines, one header and one event a line, and the digest over them.

Owns the format that `docs/trace.md` documents. Knows no monitor. Reading is strict about what
every event has (its number, tick, kind, agent and message) and leaves what a fact says to those who read it.
"""

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from attrs import field, frozen

from crosslayer.harness.formats.codec import (
    dumps,
    loads,
    scenario_from,
    schedule_from,
    schedule_json,
    structure,
    unstructure,
)
from crosslayer.harness.formats.files import open_for_reading, reading, write_atomically
from crosslayer.harness.formats.naming import NAMING, Find, named, naming
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.events import WIRE, Event, Message
from crosslayer.harness.model.scenario import Names, Scenario
from crosslayer.harness.model.steps import Schedule
from crosslayer.harness.model.system import System

VERSION = 1

LINE_BOUND = 1 << 30
"""Bytes of one line: 1 GB, so that a file that is one endless line is refused rather than swallowed."""

_WIRE = frozenset(WIRE)


@frozen
class Header:
    """What a run was made from: its scenario, the names of its plugins by part, its steps, and the system."""

    scenario: Scenario
    stack: Mapping[str, str]
    schedule: Schedule
    system: System = field(eq=False)


def lines(header: Header, events: Iterable[Event]) -> Iterator[bytes]:
    """The lines of a trace, each with its line feed."""
    first = {
        "crosslayer": "trace",
        "version": VERSION,
        "scenario": unstructure(header.scenario),
        "stack": dict(header.stack),
        "schedule": schedule_json(header.schedule),
        **naming(header.system),
    }
    yield dumps(first) + b"\n"
    for seq, (tick, kind, agent, data, message) in enumerate(events):
        line = {"seq": seq, "tick": tick, "kind": kind, "agent": agent, **data}
        if message is not None:
            _add_message(line, message)
        yield dumps(line) + b"\n"


@cache
def _findings(system: System) -> frozenset[str]:
    """The kinds of facts that say something about a run without being part of it."""
    return frozenset(fact.kind for fact in system.facts if not fact.in_digest)


def _bare(header: Header, events: Iterable[Event]) -> Iterable[Event]:
    """The events without findings."""
    findings = _findings(header.system)
    return [event for event in events if event.kind not in findings] if findings else events


def digest(header: Header, events: Iterable[Event]) -> str:
    """The SHA-256 of a trace without what was found out about it, in hex."""
    hasher = hashlib.sha256()
    for line in lines(header, _bare(header, events)):
        hasher.update(line)
    return hasher.hexdigest()


def trail(header: Header, events: Iterable[Event]) -> tuple[str, ...]:
    """After each step, and at the end, 8 hex digits of the digest so far: where two runs part, these do."""
    hasher = hashlib.sha256()
    marks = []
    events = tuple(_bare(header, events))
    kinds = (event.kind for event in events)
    for line, kind in zip(lines(header, events), ("header", *kinds), strict=True):
        if kind != "header":
            hasher.update(line)
        if kind == "step":
            marks.append(hasher.hexdigest()[:8])
    return (*marks, hasher.hexdigest()[:8])


def write(path: Path, header: Header, events: Iterable[Event]) -> None:
    """Write a trace, whole or not at all; `BadInput` if the file cannot be written."""
    write_atomically(path, lines(header, events))


def read(path: Path, find: Find, line_bound: int = LINE_BOUND) -> tuple[Header, Iterator[tuple[int, Event]]]:
    """The header and the events of a trace, each with its number, in bounded memory.

    `find` gives the system that the header names.

    Lines whose number came before are left out. `BadInput` with the line's number if it is corrupt, cut off,
    of another version, out of order with a gap, or longer than `line_bound`; the events' while they are read.
    """
    numbered = _numbered_lines(path, line_bound)
    try:
        place, first = next(numbered)
    except StopIteration:
        raise BadInput(str(path), "is empty; a trace begins with a header") from None
    header = _header(loads(first, place), place, find)
    return header, _events(numbered, frozenset(header.system.event_kinds))


def _add_message(line: dict[str, Any], message: Message) -> None:
    line["id"], line["source"], line["to"], line["message"] = message[:4]
    try:
        line["payload"] = message.payload.decode()
    except UnicodeDecodeError:
        line["payload64"] = base64.b64encode(message.payload).decode()


def _numbered_lines(path: Path, line_bound: int) -> Iterator[tuple[str, bytes]]:
    with open_for_reading(path) as file:
        number = 0
        while line := _read_line(file, path, number + 1, line_bound):
            number += 1
            yield f"{path}:{number}", line


def _read_line(file: BinaryIO, path: Path, number: int, line_bound: int) -> bytes:
    place = f"{path}:{number}"
    with reading(path, place):
        line = file.readline(line_bound + 1)
    if len(line) > line_bound:
        raise BadInput(place, f"the line is longer than {line_bound} bytes")
    if line and not line.endswith(b"\n"):
        raise BadInput(place, "the last line is cut off (a line ends with a line feed)")
    return line


def _header(value: Any, place: str, find: Find) -> Header:
    if not isinstance(value, dict) or value.get("crosslayer") != "trace":
        raise BadInput(place, "is no Crosslayer trace: the first line must be its header")
    version = value.get("version")
    if type(version) is not int or version != VERSION:
        raise BadInput(place, f"is a trace of version {brief(version)}; this is version {VERSION}")
    if value.keys() - {*NAMING} != {"crosslayer", "version", "scenario", "stack", "schedule"}:
        raise BadInput(place, "the header must have scenario, stack and schedule, and nothing else")
    system = named(value, place, find)
    return Header(
        scenario_from(value["scenario"], f"{place}: scenario", system),
        dict(structure(value["stack"], Names, f"{place}: stack")),
        schedule_from(value["schedule"], f"{place}: schedule", system),
        system,
    )


def _events(numbered: Iterable[tuple[str, bytes]], kinds: Collection[str]) -> Iterator[tuple[int, Event]]:
    expected = 0
    for place, line in numbered:
        value = loads(line, place)
        seq = value.get("seq") if isinstance(value, dict) else None
        if type(seq) is not int or seq < 0:
            raise BadInput(place, "is no event: it has no seq")
        if seq < expected:
            continue
        if seq > expected:
            raise BadInput(place, f"event {expected} is missing: this is event {seq}")
        expected += 1
        yield seq, _event(value, place, kinds)


def _event(value: dict[str, Any], place: str, kinds: Collection[str]) -> Event:
    del value["seq"]
    tick, kind, agent = (_field(value, name, type_, place) for name, type_ in _FIELDS)
    if kind not in kinds:
        raise BadInput(place, f"there is no event of kind {brief(kind)}")
    if tick < 0:
        raise BadInput(place, "tick must not be negative")
    message = _message(value, place) if kind in _WIRE else None
    return Event(tick, kind, agent, value, message)


def _message(value: dict[str, Any], place: str) -> Message:
    number, source, to, kind = (_field(value, name, type_, place) for name, type_ in _MESSAGE)
    if ("payload" in value) == ("payload64" in value):
        raise BadInput(place, "there must be either payload or payload64")
    if "payload64" in value:
        text = _field(value, "payload64", str, place)
        try:
            payload = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise BadInput(place, "payload64 is not base64") from None
    else:
        try:
            payload = _field(value, "payload", str, place).encode()
        except UnicodeEncodeError:
            raise BadInput(place, "payload has half a surrogate pair; write its bytes as payload64") from None
    return Message(number, source, to, kind, payload)


def _field(value: dict[str, Any], name: str, kind: type, place: str) -> Any:
    found = value.pop(name, None)
    if type(found) is not kind:
        raise BadInput(place, f"{name} must be {'an integer' if kind is int else 'a text'}")
    return found


_FIELDS = (("tick", int), ("kind", str), ("agent", str))
_MESSAGE = (("id", int), ("source", str), ("to", str), ("message", str))
