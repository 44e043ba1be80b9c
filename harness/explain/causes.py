"""The timeline of a violation: the events on which the verdict rests, the steps, and what led to them.

Owns the choice of what is told. Knows nothing of wording or layout.

An event can have led to another only if there is a path between them: along one agent's own events, and along messages
that were really delivered. Of those events, facts are told that speak of the same agents and things.
"""

from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.system import System

EVIDENCE_MAX = 8
"""Events on which a verdict rests that are told; more only hide it."""

FACTS_MAX, FACTS_MAX_VERBOSE = 10, 60
"""Facts that led to them."""

SHARED_MIN = 2
"""An event is about the same thing as another if it has this many names or values in common with it."""


@frozen
class Entry:
    """One event that is told, and whether the verdict rests on it."""

    seq: int
    event: Event
    evidence: bool


def timeline(result: Result, evidence: Iterable[int], *, verbose: bool = False) -> tuple[tuple[Entry, ...], int]:
    """What is told, in the order in which it happened; and how many facts that led to it are left out."""
    events, system = result.events, result.system
    known = sorted({seq for seq in evidence if 0 <= seq < len(events)})
    chief = known[:EVIDENCE_MAX]
    rooted = [seq for seq in chief if events[seq].agent] or chief
    topic = {term for seq in chief for term in _terms(events[seq])}
    past = ancestors(events, rooted)
    ranked = []
    told = {(events[seq].agent, str(events[seq].data)) for seq in chief}
    for seq in sorted(past - set(chief), reverse=True):
        event = events[seq]
        shared = len(topic.intersection(_terms(event)))
        if shared >= SHARED_MIN and _is_told(system, event) and (event.agent, str(event.data)) not in told:
            told.add((event.agent, str(event.data)))
            ranked.append((-shared, -seq))
    ranked.sort()
    most = FACTS_MAX_VERBOSE if verbose else FACTS_MAX
    facts = {-seq for _, seq in ranked[:most]}
    steps = {seq for seq, event in enumerate(events) if event.kind == "step"}
    sent = set(_senders(events, chief))
    chosen = sorted({*chief, *facts, *steps, *sent})
    return tuple(Entry(seq, events[seq], seq in chief) for seq in chosen), max(0, len(ranked) - most)


def ancestors(events: Sequence[Event], roots: Iterable[int]) -> set[int]:
    """The events from which there is a path to one of these, and these themselves."""
    last: dict[str, int] = {}
    launched: dict[int, int] = {}
    before: list[tuple[int, ...]] = []
    for seq, event in enumerate(events):
        found = []
        if event.agent and event.agent in last:
            found.append(last[event.agent])
        message = event.message
        if message is not None and message.id in launched:
            found.append(launched[message.id])
        original = event.data.get("of") if event.kind == "copy" else None
        if isinstance(original, int) and original in launched:
            found.append(launched[original])
        before.append(tuple(found))
        if event.agent:
            last[event.agent] = seq
        if message is not None and event.kind in {"send", "copy", "tamper"}:
            launched[message.id] = seq
    past: set[int] = set()
    waiting = list(roots)
    while waiting:
        seq = waiting.pop()
        if seq not in past:
            past.add(seq)
            waiting.extend(before[seq])
    return past


def _is_told(system: System, event: Event) -> bool:
    fact = system.facts_by_kind.get(event.kind)
    return fact is not None and fact.observed


def _senders(events: Sequence[Event], evidence: Sequence[int]) -> Iterator[int]:
    """Where the messages of these events were sent."""
    wanted = {message.id for seq in evidence if (message := events[seq].message) is not None}
    return (
        seq
        for seq, event in enumerate(events)
        if event.kind == "send" and event.message is not None and event.message.id in wanted
    )


def _terms(event: Event) -> set[str | int]:
    """What an event is about: its agent, and the names and numbers in its data."""
    found: set[str | int] = {event.agent} if event.agent else set()
    for value in event.data.values():
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            found.add(value)
    if event.message is not None:
        found |= {event.message.source, event.message.to}
    return found
