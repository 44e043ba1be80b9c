"""Events as sentences: what a person needs to read of a trace.

Owns the wording. Knows what events say, and nothing of why they are told.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.system import System


def sentence(system: System, event: Event) -> str:
    """One event in words, with its tick; facts in the words of their system."""
    return f"tick {event.tick}: {words(system, event)}"


def words(system: System, event: Event) -> str:
    """One event in words."""
    fact, tell = system.facts_by_kind.get(event.kind), _SENTENCES.get(event.kind)
    try:
        if fact is not None:
            return fact.tell(event)
        return tell(event, event.data) if tell else event.kind
    except (AttributeError, LookupError, TypeError, ValueError):
        return event.kind


def _wire(verb: str) -> Callable[[Event, Mapping[str, Any]], str]:
    def tell(event: Event, _data: Mapping[str, Any]) -> str:
        message = event.message
        if message is None:
            return verb
        return f"a {message.kind} from {message.source} to {message.to} is {verb}"

    return tell


_SENTENCES: dict[str, Callable[[Event, Mapping[str, Any]], str]] = {
    "send": _wire("sent"),
    "copy": _wire("copied by the adversary"),
    "tamper": _wire("changed on its way"),
    "deliver": _wire("delivered"),
    "drop": _wire("lost"),
    "step": lambda _, data: str(data["note"]),
    "link": lambda _, data: "links are cut" if data["groups"] or data["cut"] else "all links are whole",
    "node": lambda event, data: (
        f"{event.agent} has {data['state']}{' and lost its memory' if 'memory' in data else ''}"
    ),
    "settlement": lambda *_: "settlement: faults stop, links heal, crashed agents restart",
    "fault": lambda event, data: (
        f"the {data['part']} plugin of {event.agent} fails in {data['operation']}: {data['reason']}"
    ),
    "end": lambda *_: "the run is over",
}
