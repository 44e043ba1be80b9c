"""Every single deviation that can follow a schedule, at every distinguishable point.

Owns the enumeration of steps for a population and of the points at which each is worth placing. Knows nothing of
running or judging what it enumerates.

A step at a point and the same step one event later are the same deviation if the event does not concern what the
step touches: then the two commute, and the earlier one stands for both. What a step touches:

- losing a message: nothing but that message, so anywhere on its way is the same;
- copying, changing or delaying a message: the part of the receiver that takes it in, when it does;
- delivering a message at once: whatever happens to anybody, for the receiver answers at once, and writes to anybody;
- a split, a cut, a heal: the messages that it loses or saves, so the points just after an arrival whose fate changes;
- a crash: whatever happens to that agent, so the points just after that;
- a restart: whatever happens to anybody, for what the agent slept through it does then, and writes to anybody;
- what the adversary does: the part of the agent that acts, at once; and the parts of those whom it writes to, when they
  hear of it. Two points from which a message arrives between the same events of its receiver are one.

Ticks do not tell two points apart, the order of events does, up to the horizon. (So a stream that is closed a tick
later has paid more, and what settlement resends may come in another order: that is not looked at.) Faults of links and
nodes last until they are mended by another step, or to the end of the horizon, where settlement mends everything.
"""

from collections.abc import Iterable, Iterator
from itertools import permutations, product

from attrs import frozen

from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import (
    MESSAGE_KINDS,
    BidUnpaid,
    Buy,
    Complain,
    Crash,
    Cut,
    Delay,
    Deliver,
    DeliverLate,
    Drop,
    Duplicate,
    ForgeCard,
    ForgeReceipt,
    FulfilUnpaid,
    GhostReceipt,
    Heal,
    Inject,
    Partition,
    Redirect,
    ReplayCard,
    ReplayReceipt,
    Restart,
    SquatReceipt,
    SquatReference,
    Step,
    Tamper,
    WashTrade,
    Withhold,
)
from crosslayer.harness.search.timeline import COMMERCE, REGISTRY, Part, Timeline, part_of
from crosslayer.harness.systems.commerce.nouns import CORRUPT_ROLES, SELLER_ROLES, Population

Parts = tuple[Part, ...]


@frozen
class Placed:
    """A step, and how many events after the schedule it comes."""

    after: int
    step: Step


def placed(timeline: Timeline, sides: int = 2, *, everywhere: bool = False) -> list[Placed]:
    """All single deviations from a timeline, by point; splits into at most so many sides.

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
        at_once, later = self.before((*now, *then) if timeline.strange else now), self.before(then)
        seen: tuple[int, int] | None = None
        for index in range(first, last + 1):
            arrives = self._soon[index] if tick is None else timeline.arrival(index, tick)
            effect = (at_once[index], later[arrives])
            if self.everywhere or effect != seen:
                seen = effect
                yield index


# Messages


def _messages(points: _Points) -> Iterator[Placed]:
    timeline = points.timeline
    names = timeline.population.names()
    everybody = tuple(product(names, (REGISTRY, COMMERCE)))
    for message, first, last in _flights(timeline):
        here = ((message.to, part_of(message.kind)),)
        due = timeline.points[last].tick
        for index in points.touching(first, last, (), ()):
            yield Placed(index, Drop(message.kind, _nth(timeline, index, message)))
        for index in points.touching(first, last, (), here, due):
            yield Placed(index, Tamper(message.kind, _nth(timeline, index, message)))
        for index in points.touching(first, last, everybody, ()):
            yield Placed(index, Deliver(message.kind, _nth(timeline, index, message)))
        for index in points.touching(first, last, (), here):
            yield Placed(index, Duplicate(message.kind, _nth(timeline, index, message)))
        for to, name in enumerate(names):
            if name != message.to:
                for index in points.touching(first, last, (), ((name, part_of(message.kind)),)):
                    yield Placed(index, Redirect(message.kind, _nth(timeline, index, message), to))
        for index, ticks in _pauses(points, message, first, last):
            yield Placed(index, Delay(message.kind, _nth(timeline, index, message), ticks))


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
    here = (message.to, part_of(message.kind))
    busy = {point.tick for point in timeline.points[last + 1 :] if here in point.concerns}
    earlier = points.before((here,))
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
    """All ways to split so many agents into 2 to `sides` groups, each once: group numbers in the order of first use."""
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
        unlike = broken | breaks if timeline.strange else broken ^ breaks
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
        yield None if world.is_down(point.agent) and not timeline.strange else point.arrives


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
            act: Step = Restart(number)
        else:
            seen = [any(agent == name for agent, _ in point.concerns) for point in timeline.points]
            act = Crash(number)
        for index in _just_after(seen, everywhere=everywhere):
            yield Placed(index, act)


# The adversary


def _acts(points: _Points) -> Iterator[Placed]:
    timeline = points.timeline
    last = len(timeline.points) - 1
    known: dict[tuple[Parts, Parts], tuple[int, ...]] = {}
    for step, now, then in acts(timeline.population, timeline.simulation.stage):
        if (now, then) not in known:
            known[now, then] = tuple(points.touching(0, last, now, then))
        for index in known[now, then]:
            yield Placed(index, step)


Act = tuple[Step, Parts, Parts]
"""A step of the adversary, the parts of agents that it touches at once, and those that what it sends touches."""


def acts(population: Population, stage: Stage) -> Iterator[Act]:
    """Everything that the adversary of a population can do, and what each act touches."""
    for number, name in enumerate(population.of("shill_seller")):
        yield from _robbing(population, number, name)
    for number, name in enumerate(population.of(*CORRUPT_ROLES)):
        yield from _buying(population, number, name)
        yield from _vouching(population, number, name)
        yield from _speaking(population, stage, number, name)


def _robbing(population: Population, seller: int, name: str) -> Iterator[Act]:
    own = ((name, COMMERCE),)
    for buyer, whom in enumerate(population.of("buyer")):
        yield Withhold(seller, buyer), own, ()
        yield DeliverLate(seller, buyer), own, ()
        yield FulfilUnpaid(seller, buyer), own, ((whom, COMMERCE),)


def _buying(population: Population, shill: int, name: str) -> Iterator[Act]:
    own, filed = ((name, COMMERCE),), ((population.of("auditor")[0], COMMERCE),)
    for seller, whom in enumerate(population.of(*SELLER_ROLES)):
        asked = ((whom, COMMERCE),)
        # A purchase also opens a stream, which the seller may look at before it gets the bid.
        yield Buy(shill, seller), (*own, *asked), asked
        yield BidUnpaid(shill, seller), own, asked
        yield Complain(shill, seller), own, filed
        for buyer in range(population.buyer):
            yield SquatReference(shill, buyer, seller), own, asked


def _vouching(population: Population, issuer: int, name: str) -> Iterator[Act]:
    filed = ((population.of("auditor")[0], COMMERCE),)
    for partner in range(len(population.of(*CORRUPT_ROLES))):
        yield WashTrade(issuer, partner), (), filed
    for number, victim in enumerate(population.names()):
        if victim != name:
            yield ForgeReceipt(issuer, number), (), filed
    for seller in range(len(population.of(*SELLER_ROLES))):
        yield SquatReceipt(issuer, seller), (), filed
    yield GhostReceipt(issuer), (), filed
    yield ReplayReceipt(issuer), (), filed


def _speaking(population: Population, stage: Stage, shill: int, name: str) -> Iterator[Act]:
    names = population.names()
    for number, victim in enumerate(names):
        if victim != name:
            for kind in MESSAGE_KINDS:
                yield Inject(shill, kind, number), (), ((victim, part_of(kind)),)
    own, others = ((name, REGISTRY),), tuple((one, REGISTRY) for one in names if one != name)
    for number in range(len(names)):
        if stage.victim(number) != name:
            yield ForgeCard(shill, number), own, others
    yield ReplayCard(shill), own, others
