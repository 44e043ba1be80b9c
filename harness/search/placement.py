"""Every single deviation that can follow a schedule, at every distinguishable point.

Owns the enumeration of steps for a population and of the points at which each is worth placing. Knows nothing of
running or judging what it enumerates.

A step at a point and the same step one event later are the same deviation if the event does not concern what the
step touches: then the two commute, and the earlier one stands for both. What a step touches:

- losing a message: nothing but that message, so anywhere on its way is the same;
- copying, changing or delaying a message: the region of the receiver that takes it in, when it does;
- delivering a message at once: whatever happens to anybody, for the receiver answers at once, and writes to anybody;
- a split, a cut, a heal: the messages that it loses or saves, so the points just after an arrival whose fate changes;
- a crash: whatever happens to that agent, so the points just after that;
- a restart: whatever happens to anybody, for what the agent slept through it does then, and writes to anybody;
- what the adversary does: what the act says that it touches; all agents at once, if it says nothing.
  Two points from which a message arrives between the same events of its receiver are one.

Ticks do not tell two points apart, the order of events does, up to the horizon. (So a stream that is closed a tick
later has paid more, and what settlement resends may come in another order: that is not looked at.) Faults of links and
nodes last until another step restores them, or to the end of the horizon, where settlement restores everything.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations, product
from typing import Any

import attrs
from attrs import frozen

from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.model.arguments import Agents, Argument, Kinds, Moments, Numbers, argument_of
from crosslayer.harness.model.declarations import Part, Touches
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import (
    Alter,
    Crash,
    Cut,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Forget,
    Heal,
    Inject,
    Partition,
    Redirect,
    Restart,
    Step,
    Tamper,
)
from crosslayer.harness.model.system import System
from crosslayer.harness.search.timeline import Timeline


@frozen
class Placed:
    """A step, and how many events after the schedule it comes."""

    after: int
    step: Step


def placed(timeline: Timeline, sides: int = 2, *, everywhere: bool = False) -> list[Placed]:
    """All single deviations from a timeline, by point; splits into at most `sides` sides.

    `everywhere` leaves out no point: every step at every point where it means something else to say.
    """
    points = _Points(timeline, everywhere=everywhere)
    found = [
        *_messages(points),
        *_links(timeline, sides, everywhere=everywhere),
        *_nodes(timeline, everywhere=everywhere),
        *_acts(points),
    ]
    return sorted(found, key=lambda one: one.after)


class _Points:
    """Which points of a timeline tell a step apart from the same step one event earlier."""

    def __init__(self, timeline: Timeline, *, everywhere: bool) -> None:
        self.timeline = timeline
        self.everywhere = everywhere
        self._before: dict[frozenset[Part], tuple[int, ...]] = {}
        self._soon = tuple(
            timeline.arrival(index, point.now + timeline.latency) for index, point in enumerate(timeline.points)
        )

    def before(self, parts: Iterable[Part]) -> tuple[int, ...]:
        """For each point, how many earlier events concern any of these parts."""
        key = frozenset(parts)
        if key not in self._before:
            self._before[key] = self.timeline.before(key)
        return self._before[key]

    def touching(
        self, first: int, last: int, now: Iterable[Part], then: Iterable[Part], tick: int | None = None
    ) -> Iterator[int]:
        """The points of this range for a step that touches some parts at once, and others by what it launches.

        That is due in this tick or, if none is named, after the network's latency. Of a kernel that is not the
        reference one nobody knows when that will be: there, the others are taken as touched at once as well.
        """
        timeline = self.timeline
        then = tuple(then)
        at_once, later = self.before((*now, *then) if timeline.opaque else now), self.before(then)
        seen: tuple[int, int] | None = None
        for index in range(first, last + 1):
            arrives = self._soon[index] if tick is None else timeline.arrival(index, tick)
            effect = (at_once[index], later[arrives])
            if self.everywhere or effect != seen:
                seen = effect
                yield index


# Messages

ALTERED = ((1, 0), (1, 1), (1, 2), (3, 8))
"""Ways and places of `Alter` that are tried: the first fields changed, and a payload cut in half.

A search draws all of them; here each is one schedule more at every point of every message. A field of an earlier
message is left out: which one that is depends on everything that was sent before, so no two points would be alike.
"""


def _messages(points: _Points) -> Iterator[Placed]:
    timeline = points.timeline
    names = timeline.population.names()
    system, world = timeline.simulation.stage.system, timeline.simulation.world
    everybody = tuple(product(names, system.regions))
    for message, first, last in _flights(timeline):
        regions = system.regions_of(message.kind)
        here = tuple((message.to, region) for region in regions)
        due = timeline.points[last].tick
        ordered = world.is_ordered(message.kind)  # such a link neither changes nor copies what it carries
        for index in points.touching(first, last, (), ()):
            yield Placed(index, Drop(message.kind, _nth(timeline, index, message)))
        for index in () if ordered else points.touching(first, last, (), here, due):
            yield from (Placed(index, one) for one in _changes(system, message.kind, _nth(timeline, index, message)))
        for index in points.touching(first, last, everybody, ()):
            yield Placed(index, Deliver(message.kind, _nth(timeline, index, message)))
        for index in () if ordered else points.touching(first, last, (), here):
            yield Placed(index, Duplicate(message.kind, _nth(timeline, index, message)))
        for to, name in enumerate(() if ordered else names):
            if name != message.to:
                for index in points.touching(first, last, (), tuple((name, one) for one in regions)):
                    yield Placed(index, Redirect(message.kind, _nth(timeline, index, message), to))
        for index, ticks in _pauses(points, message, first, last):
            yield Placed(index, Delay(message.kind, _nth(timeline, index, message), ticks))


def _changes(system: System, kind: str, nth: int) -> Iterator[Step]:
    """What can be done to the content of a message."""
    yield Tamper(kind, nth)
    if Alter in system.vocabulary:
        yield from (Alter(kind, nth, way, place) for way, place in ALTERED)


def _flights(timeline: Timeline) -> Iterator[tuple[Message, int, int]]:
    """Every message, with the first and the last point at which it is under way."""
    spans: dict[Message, tuple[int, int]] = {}
    for index, point in enumerate(timeline.points):
        for message in point.flying:
            spans[message] = (spans[message][0] if message in spans else index, index)
    for message, (first, last) in spans.items():
        yield message, first, last


def _nth(timeline: Timeline, index: int, message: Message) -> int:
    return [one for one in timeline.points[index].flying if one.kind == message.kind].index(message)


def _pauses(points: _Points, message: Message, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Where and by how many ticks to delay: to each later tick of the receiver, and beyond the horizon.

    In such a tick it may come before or behind what happens there, and behind all of it in the next one. (Of two ticks
    between which the receiver does nothing, the earlier one stands for both.)
    """
    timeline = points.timeline
    due = timeline.points[last].tick
    regions = timeline.simulation.stage.system.regions_of(message.kind)
    here = tuple((message.to, region) for region in regions)
    busy = {point.tick for point in timeline.points[last + 1 :] if any(part in point.concerns for part in here)}
    earlier = points.before(here)
    seen: set[int] = set()
    later = {*busy, *(tick + 1 for tick in busy)}
    for tick in sorted(tick for tick in later if tick > due):
        for index in range(first, last + 1):
            overtaken = earlier[timeline.arrival(index, tick)]
            if points.everywhere or overtaken not in seen or (tick in busy and index == first):
                seen.add(overtaken)
                yield index, tick - due
    for index in points.touching(first, last, (), ()):
        yield index, timeline.points[-1].tick - due + 1


# Links and nodes


def splits(agents: int, sides: int) -> Iterator[tuple[int, ...]]:
    """All ways to split the agents into 2 to `sides` groups, each once: group numbers in the order of first use."""
    ways: list[tuple[int, ...]] = [(0,)]
    for _ in range(agents - 1):
        ways = [(*way, group) for way in ways for group in range(min(max(way) + 2, sides))]
    return (way for way in ways if max(way))


def _links(timeline: Timeline, sides: int, *, everywhere: bool) -> Iterator[Placed]:
    names = timeline.population.names()
    world = timeline.simulation.world
    place = {name: index for index, name in enumerate(names)}
    links = list(permutations(names, 2))
    broken = {link for link in links if not world.connected(*link)}
    cut = {link for link in links if world.is_cut(*link)}
    routes = [None if one is None else (one.source, one.to) for one in _arrivals(timeline)]

    def points(breaks: set[tuple[str, str]]) -> Iterator[int]:
        """Where to let these links be the broken ones: just after an arrival whose fate that would have changed."""
        unlike = broken | breaks if timeline.opaque else broken ^ breaks
        return _just_after([route in unlike for route in routes], everywhere=everywhere)

    for way in splits(len(names), sides):
        split, side = Partition(way), dict(zip(names, way, strict=True))
        for index in points(cut | {(source, to) for source, to in links if side[source] != side[to]}):
            yield Placed(index, split)
    for source, to in links:
        for index in points(broken | {(source, to)}):
            yield Placed(index, Cut(place[source], place[to]))
    for index in points(set()):
        yield Placed(index, Heal())


def _arrivals(timeline: Timeline) -> Iterator[Message | None]:
    """What arrives at each point, if the links carry it: nothing does where the receiver is down."""
    world = timeline.simulation.world
    for point in timeline.points:
        yield None if world.is_down(point.agent) and not timeline.opaque else point.arrives


def _just_after(marked: list[bool], *, everywhere: bool) -> Iterator[int]:
    """The first point, and each just after a marked one, while any marked one is left."""
    final = max((index for index, one in enumerate(marked) if one), default=-1)
    for index in range(final + 1):
        if everywhere or index == 0 or marked[index - 1]:
            yield index


def _nodes(timeline: Timeline, *, everywhere: bool) -> Iterator[Placed]:
    for number, name in enumerate(timeline.population.names()):
        if timeline.simulation.world.is_down(name):
            seen = [point.agent == name or bool(point.concerns) for point in timeline.points]
            deeds: tuple[Step, ...] = (Restart(number),)
        else:
            seen = [any(agent == name for agent, _ in point.concerns) for point in timeline.points]
            known = timeline.simulation.stage.system.vocabulary
            deeds = tuple(one(number) for one in (Crash, Forget) if one in known)
        for index in _just_after(seen, everywhere=everywhere):
            for deed in deeds:
                yield Placed(index, deed)


# The adversary


def _acts(points: _Points) -> Iterator[Placed]:
    timeline = points.timeline
    last = len(timeline.points) - 1
    known: dict[Touches, tuple[int, ...]] = {}
    for step, touches in acts(timeline.simulation.stage):
        if touches not in known:
            known[touches] = tuple(points.touching(0, last, touches.now, touches.later))
        for index in known[touches]:
            yield Placed(index, step)


def acts(stage: Stage) -> Iterator[tuple[Step, Touches]]:
    """Everything that the adversary of a population can do, and what each act touches: all, where it does not say."""
    everything = Touches(tuple(product(stage.population.names(), stage.system.regions)))
    own = stage.system.acts_by_step
    for step in stage.system.vocabulary:
        if step is not Inject and step not in own:
            continue
        touches = _junk if step is Inject else own[step].touches
        for one in enumerated(stage, step):
            found = everything if touches is None else touches(stage, one)
            if found is not None:
                yield one, found


def _junk(stage: Stage, step: Any) -> Touches | None:
    """What a malformed message touches; an agent sends none to itself."""
    to = stage.agent(step.to)
    if stage.pick(step, "sender") == to:
        return None
    return Touches((), tuple((to, region) for region in stage.system.regions_of(step.kind)))


def enumerated(stage: Stage, step: type[Step]) -> Iterator[Step]:
    """Every step of a class that means something else here; none where an agent that it means is missing."""
    rows = {one.name: _values(stage, argument_of(one)) for one in attrs.fields(step)}
    for values in product(*rows.values()):
        yield step(**dict(zip(rows, values, strict=True)))


def _values(stage: Stage, argument: Argument | None) -> Sequence[Any]:
    match argument:
        case Agents():
            return range(len(argument.names(stage.population)))
        case Numbers(among=among):
            return tuple(dict.fromkeys(among))
        case Kinds():
            return tuple(stage.system.kinds)
        case Moments():
            return tuple(stage.system.all_moments)
    return ((0,),)
