"""A run as a space-time chart: lanes, arrows, marks, bands and folds, each at its row.

Owns the choice of what is shown, and where. Knows nothing of how it is drawn.

A run may have forty thousand events, and a reader a minute. So of the causal past of the evidence those kinds of events
are shown that are rare in it, the rarest first, until the chart is full; what everybody does all the time is folded.
The evidence, the adversary's steps and what they did to messages are always shown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from crosslayer.harness.explain.sentences import words
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.events import WIRE, Event, Message
from crosslayer.harness.model.population import role_of
from crosslayer.harness.model.steps import RUNNING_ON
from crosslayer.harness.model.system import System
from crosslayer.harness.picture.past import causes, past

ROOM = 32
"""Events of a chart that are chosen, beside those that are always shown."""

WIDE_ROOM = 240
"""The same where somebody wants to see more."""

ALWAYS_MAX = 120
"""Events at the most that are shown without being chosen: a schedule of hundreds of steps is a list, not a picture."""

FOLDED_MIN = 4
"""Events that are worth a fold of their own; fewer are counted with the next one."""

FOLDED_MAX = 60
"""Events of a fold that are told one by one."""

NO_TICK = -1
"""The tick of a row that stands for many."""

DELIVERED, LATE, DROPPED, CHANGED, COPIED, PENDING = "delivered", "late", "lost", "changed", "copied", "on its way"
"""What became of a message."""


@frozen
class Lane:
    """An agent's line. `group` counts up from lane to lane where a new group begins."""

    name: str
    corrupt: bool
    group: int


@frozen
class Arrow:
    """A message: from its sending (row `start`) to its end (row `end`), and what became of it.

    `woke` says that its sender acted of itself, because its time had come.
    """

    number: int
    kind: str
    source: int
    to: int
    start: int
    end: int
    fates: tuple[str, ...]
    evidence: bool
    told: str
    woke: bool


@frozen
class Mark:
    """Something at one place: a fact, a step of the adversary, a crash, a change of links, or the end of the faults.

    `lane` is -1 for what concerns everybody; `seq` is the event's own number. `number` counts the adversary's steps.
    """

    row: int
    lane: int
    sort: str
    told: str
    seq: int
    evidence: bool = False
    number: int = 0
    idle: bool = False


@frozen
class Band:
    """From one row to another something lasts: links are cut, or (with a lane) an agent is down."""

    start: int
    end: int
    told: str
    lane: int = -1


@frozen
class Fold:
    """Events that are not shown, between two rows: how many, of what kinds, and the first of them in words."""

    row: int
    count: int
    first: int
    last: int
    kinds: tuple[tuple[str, int], ...]
    lines: tuple[str, ...]


@frozen(kw_only=True)
class Chart:
    """Everything that is to be drawn of a run. `ticks` has one entry a row; `quiet` are agents without a lane."""

    lanes: tuple[Lane, ...]
    ticks: tuple[int, ...]
    arrows: tuple[Arrow, ...]
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    folds: tuple[Fold, ...]
    quiet: tuple[str, ...]
    shown: int
    events: int
    verdict: str

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.ticks)


def chart(
    result: Result, evidence: Iterable[int] = (), verdict: str = "", room: int = ROOM, *, whole: bool = False
) -> Chart:
    """The chart of a run: of the causal past of the evidence, or (if there is none, or `whole` is asked for) of all."""
    events = result.events
    proof = tuple(sorted({seq for seq in evidence if 0 <= seq < len(events)}))
    shown = chosen(result, proof, room, whole=whole)
    return _Charting(result, proof, verdict).of(shown)


def chosen(result: Result, evidence: Sequence[int], room: int, *, whole: bool = False) -> tuple[int, ...]:
    """The sequence numbers of the events that a chart shows."""
    events = result.events
    always = [*evidence, *_touched(result)][:ALWAYS_MAX]
    everything = whole or not evidence
    near = range(len(events)) if everything else sorted(past(causes(events), evidence))
    found = dict.fromkeys(always)
    for is_message in (True, False):
        here = [seq for seq in near if _counts(result.system, events[seq], is_message=is_message)]
        found.update(dict.fromkeys(_rarest(events, here, room // 2)))
    return tuple(sorted(found))


def _counts(system: System, event: Event, *, is_message: bool) -> bool:
    """Whether an event is one of those that a chart chooses from: sendings (which bring their arrivals), or facts."""
    return event.kind == "send" if is_message else event.kind in system.facts_by_kind


def _rarest(events: Sequence[Event], seqs: Sequence[int], room: int) -> list[int]:
    """Of these events, at most this number: all of the kinds that are rarest; or else the last ones."""
    groups: dict[str, list[int]] = {}
    for seq in seqs:
        groups.setdefault(_named(events[seq]), []).append(seq)
    found: list[int] = []
    for group in sorted(groups.values(), key=lambda group: (len(group), group[0])):
        if len(found) + len(group) <= room:
            found += group
    return found or list(seqs[-room:])


def _touched(result: Result) -> list[int]:
    """The adversary's steps and the network's misdeeds."""
    steps = iter(result.schedule)
    found = []
    for seq, event in enumerate(result.events):
        if event.kind == "step":
            if not isinstance(next(steps, None), RUNNING_ON):
                found.append(seq)
        elif event.kind in ("copy", "tamper", "link", "node", "fault", "settlement") or (
            event.kind == "drop" and event.data.get("reason") == "step"
        ):
            found.append(seq)
    return found


def lanes_of(system: System, names: Sequence[str]) -> list[tuple[str, int]]:
    """Agents in the order of their lanes, each with its group: that of `System.lanes`, or else the population's."""
    groups = {role: number for number, roles in enumerate(system.lanes) for role in roles}
    order = {role: number for number, role in enumerate(role for roles in system.lanes for role in roles)}
    ranked = sorted(names, key=lambda name: order.get(role_of(name), len(order)))
    return [(name, groups.get(role_of(name), len(system.lanes))) for name in ranked]


@attrs.define
class _Flight:
    """What is known of a message while the chart is made."""

    sent: int = -1
    came: int = -1
    lost: int = -1
    changed: bool = False
    copied: bool = False


class _Charting:
    """One chart in the making."""

    def __init__(self, result: Result, evidence: Sequence[int], verdict: str) -> None:
        self.result = result
        self.events = result.events
        self.evidence = frozenset(evidence)
        self.verdict = verdict
        self.flights: dict[int, _Flight] = {}
        for seq, event in enumerate(self.events):
            if event.message is not None:
                self._follow(seq, event, event.message)

    def _follow(self, seq: int, event: Event, message: Message) -> None:
        flight = self.flights.setdefault(message.id, _Flight())
        match event.kind:
            case "send":
                flight.sent = seq
            case "copy":
                flight.sent, flight.copied = seq, True
            case "deliver":
                flight.came = seq
            case "drop":
                flight.lost = seq
            case "tamper":
                flight.changed = True

    def of(self, shown: Sequence[int]) -> Chart:
        """The chart of these events, and of where the messages among them come from and go to."""
        messages = dict.fromkeys(event.message.id for seq in shown if (event := self.events[seq]).message is not None)
        ends = [
            end
            for number in messages
            for end in (self.flights[number].sent, self._end(self.flights[number]))
            if end >= 0
        ]
        seqs = sorted({*shown, *ends})
        names = self._names(seqs)
        lanes = {name: index for index, (name, _) in enumerate(names)}
        rows, ticks, folds = self._rows(seqs)
        corrupt = set(self.result.header.scenario.population.corrupt())
        return Chart(
            lanes=tuple(Lane(name, name in corrupt, group) for name, group in names),
            ticks=tuple(ticks),
            arrows=tuple(arrow for number in messages for arrow in self._arrow(number, rows, lanes, len(ticks))),
            marks=tuple(self._marks(seqs, rows, lanes)),
            bands=tuple(self._bands(rows, lanes, len(ticks))),
            folds=tuple(folds),
            quiet=tuple(name for name in self.result.header.scenario.population.names() if name not in lanes),
            shown=len(seqs),
            events=len(self.events),
            verdict=self.verdict,
        )

    def _end(self, flight: _Flight) -> int:
        return flight.came if flight.came >= 0 else flight.lost

    def _names(self, seqs: Sequence[int]) -> list[tuple[str, int]]:
        """The agents that take part, and at least one."""
        seen: dict[str, None] = {}
        for seq in seqs:
            event = self.events[seq]
            seen |= dict.fromkeys(name for name in (event.agent, *self._parties(event)) if name)
        population = self.result.header.scenario.population.names()
        known = [name for name in population if name in seen] + [name for name in seen if name not in population]
        return lanes_of(self.result.system, known or population[:1])

    def _parties(self, event: Event) -> tuple[str, ...]:
        return () if event.message is None else (event.message.source, event.message.to)

    def _rows(self, seqs: Sequence[int]) -> tuple[dict[int, int], list[int], list[Fold]]:
        """The row of each event, the tick of each row, and the folds, which have rows of their own.

        Sendings of one tick by different agents share a row, and so do arrivals: nothing is told beside them.
        """
        rows: dict[int, int] = {}
        ticks: list[int] = []
        folds: list[Fold] = []
        busy: dict[str, None] = {}
        sharing = ""
        hidden: list[int] = []
        before = -1
        for seq in seqs:
            event = self.events[seq]
            hidden += self._between(before, seq)
            if len(hidden) >= FOLDED_MIN:
                folds.append(self._fold(len(ticks), hidden))
                ticks.append(NO_TICK)
                sharing, hidden = "", []
            if (
                sharing != event.kind
                or event.kind not in ("send", "deliver")
                or event.agent in busy
                or (ticks[-1] != event.tick)
            ):
                ticks.append(event.tick)
                busy, sharing = {}, event.kind
            busy[event.agent] = None
            rows[seq] = len(ticks) - 1
            before = seq
        hidden += self._between(before, len(self.events))
        if hidden:
            folds.append(self._fold(len(ticks), hidden))
            ticks.append(NO_TICK)
        return rows, ticks, folds

    def _between(self, before: int, seq: int) -> list[int]:
        """The events between two that are shown, but for those that say nothing."""
        return [one for one in range(before + 1, seq) if self.events[one].kind not in ("step", "end")]

    def _fold(self, row: int, hidden: Sequence[int]) -> Fold:
        events = [self.events[seq] for seq in hidden]
        kinds = Counter(_named(event) for event in events)
        lines = tuple(f"tick {one.tick}: {words(self.result.system, one)}" for one in events[:FOLDED_MAX])
        return Fold(row, len(events), events[0].tick, events[-1].tick, tuple(kinds.most_common()), lines)

    def _arrow(self, number: int, rows: Mapping[int, int], lanes: Mapping[str, int], last: int) -> Iterable[Arrow]:
        flight = self.flights[number]
        if flight.sent < 0:
            return ()
        sent = self.events[flight.sent]
        message = sent.message
        end = self._end(flight)
        if message is None or message.to not in lanes or message.source not in lanes:
            return ()
        fates = [CHANGED] * flight.changed + [COPIED] * flight.copied
        if flight.came >= 0:
            took = self.events[flight.came].tick - sent.tick
            fates += [LATE] if took > self.result.header.scenario.timing.latency else [] if fates else [DELIVERED]
        else:
            fates += [DROPPED] if flight.lost >= 0 else [PENDING]
        told = f"{message.kind} from {message.source} to {message.to}, {self._when(flight)}: {', '.join(fates)}"
        return (
            Arrow(
                number,
                message.kind,
                lanes[message.source],
                lanes[message.to],
                rows[flight.sent],
                rows.get(end, last - 1),
                tuple(fates),
                evidence=bool(self.evidence & {flight.sent, flight.came, flight.lost}),
                told=told,
                woke=self._woke(flight.sent),
            ),
        )

    def _when(self, flight: _Flight) -> str:
        end = self._end(flight)
        until = f" to {self.events[end].tick}" if end >= 0 else ""
        return f"tick {self.events[flight.sent].tick}{until}"

    def _woke(self, sent: int) -> bool:
        """Whether an agent sent something without having received anything in this tick: its time had come."""
        event = self.events[sent]
        if event.kind != "send" or event.tick == 0:
            return False
        for seq in range(sent - 1, -1, -1):
            other = self.events[seq]
            if other.tick != event.tick:
                return True
            if other.kind == "deliver" and other.agent == event.agent:
                return False
        return False

    def _marks(self, seqs: Sequence[int], rows: Mapping[int, int], lanes: Mapping[str, int]) -> Iterable[Mark]:
        system = self.result.system
        numbers = self._step_numbers()
        for seq in seqs:
            event = self.events[seq]
            if event.kind in WIRE:
                continue
            sort = event.kind if event.kind in _SORTS else "fact"
            yield Mark(
                rows[seq],
                lanes.get(event.agent, -1),
                sort,
                words(system, event),
                seq,
                evidence=seq in self.evidence,
                number=numbers.get(seq, 0),
                idle=event.kind == "step" and not event.data.get("applied", True),
            )

    def _step_numbers(self) -> dict[int, int]:
        """The number of each step in the schedule, from one on."""
        return {
            seq: number
            for number, seq in enumerate((seq for seq, one in enumerate(self.events) if one.kind == "step"), 1)
        }

    def _bands(self, rows: Mapping[int, int], lanes: Mapping[str, int], last: int) -> Iterable[Band]:
        open_: dict[int, tuple[int, str]] = {}
        for seq in sorted(rows):
            event = self.events[seq]
            if event.kind not in ("link", "node"):
                continue
            lane = lanes.get(event.agent, -1) if event.kind == "node" else -1
            if lane in open_:
                start, told = open_.pop(lane)
                yield Band(start, rows[seq], told, lane)
            told = _lasting(event.data)
            if told:
                open_[lane] = (rows[seq], told)
        for lane, (start, told) in open_.items():
            yield Band(start, last - 1, told, lane)


_SORTS = ("step", "link", "node", "settlement", "fault", "end")


def _named(event: Event) -> str:
    """What an event is called when it is counted."""
    return f"{event.message.kind} {_VERBS[event.kind]}" if event.message is not None else event.kind


_VERBS = {"send": "sent", "copy": "copied", "tamper": "changed", "deliver": "delivered", "drop": "lost"}


def _lasting(data: Mapping[str, Any]) -> str:
    """What goes on from a change of links or nodes until the next one; empty if all is well again."""
    if data.get("state") == "crashed":
        return "down, its memory lost" if "memory" in data else "down"
    if "state" in data:
        return ""
    groups = " | ".join(", ".join(map(str, group)) for group in data.get("groups", ()))
    cut = ", ".join(f"{pair[0]} → {pair[1]}" for pair in data.get("cut", ()))
    return "; ".join(part for part in (f"split: {groups}" if groups else "", f"cut: {cut}" if cut else "") if part)
