"""Every single deviation that can follow a schedule, at every distinguishable point.

Owns the enumeration of steps for a population and of the points at which each is worth placing. Knows nothing of
running or judging what it enumerates.

A step at a point and the same step one event later are the same deviation if the event does not concern what the
step touches: then the two commute, and the earlier one stands for both. What a step touches:

- losing or changing a message: nothing but that message, so anywhere on its way is the same;
- copying, hurrying or delaying a message: the part of the receiver that takes it in;
- a split, a cut, a heal: the messages that it loses or saves, so the points just after an arrival whose fate changes;
- a crash: whatever happens to that agent, so the points just after that;
- a restart: whatever happens to anybody, for what the agent slept through it does then, and writes to anybody;
- what the adversary does: the part of the agent that acts, and the parts of those whom it writes to.

Ticks do not tell two points apart, the order of events does. Faults of links and nodes last until they are mended by
another step, or to the end of the horizon, where settlement mends everything.
"""

from collections.abc import Iterable, Iterator
from itertools import permutations

from attrs import frozen

from harness.events import Message
from harness.nouns import CORRUPT_ROLES, SELLER_ROLES, Population
from harness.stage import Stage
from harness.steps import (
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
from harness.timeline import COMMERCE, REGISTRY, Part, Timeline, part_of


@frozen
class Placed:
    """A step, and how many events after the schedule it comes."""

    after: int
    step: Step


def placed(timeline: Timeline, sides: int = 2, *, everywhere: bool = False) -> list[Placed]:
    """All single deviations from a timeline, by point; splits into at most so many sides.

    `everywhere` leaves out no point: every step at every point where it means something else to say.
    """
    found = [
        *_messages(timeline, everywhere=everywhere),
        *_links(timeline, sides, everywhere=everywhere),
        *_nodes(timeline, everywhere=everywhere),
        *_acts(timeline, everywhere=everywhere),
    ]
    return sorted(found, key=lambda one: one.after)


def _points(timeline: Timeline, touched: Iterable[Part], first: int, last: int, *, everywhere: bool) -> Iterator[int]:
    """The first of these points, and each that comes just after an event that concerns what is touched."""
    touched = tuple(touched)
    for index in range(first, last + 1):
        if everywhere or index == first or any(part in touched for part in timeline.points[index - 1].concerns):
            yield index


# Messages


def _messages(timeline: Timeline, *, everywhere: bool) -> Iterator[Placed]:
    names = timeline.population.names()
    for message, first, last in _flights(timeline):
        here = ((message.to, part_of(message.kind)),)
        anywhere = range(first, last + 1 if everywhere else first + 1)
        for index in anywhere:
            nth = _nth(timeline, index, message)
            yield Placed(index, Drop(message.kind, nth))
            yield Placed(index, Tamper(message.kind, nth))
            for ticks in _pauses(timeline, message, last):
                yield Placed(index, Delay(message.kind, nth, ticks))
        for index in _points(timeline, here, first, last, everywhere=everywhere):
            nth = _nth(timeline, index, message)
            yield Placed(index, Deliver(message.kind, nth))
            yield Placed(index, Duplicate(message.kind, nth))
        for to, name in enumerate(names):
            if name != message.to:
                touched = ((name, part_of(message.kind)),)
                for index in _points(timeline, touched, first, last, everywhere=everywhere):
                    yield Placed(index, Redirect(message.kind, _nth(timeline, index, message), to))


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


def _pauses(timeline: Timeline, message: Message, last: int) -> tuple[int, ...]:
    """By how many ticks to delay: to each later tick in which its receiver does something, and beyond the horizon."""
    due = timeline.points[last].tick
    here = (message.to, part_of(message.kind))
    later = {point.tick - due for point in timeline.points[last + 1 :] if here in point.concerns}
    return tuple(sorted({*(pause for pause in later if pause > 0), timeline.points[-1].tick - due + 1}))


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
    links = list(permutations(range(len(names)), 2))
    broken = {(source, to) for source, to in links if not world.connected(names[source], names[to])}
    cut = {(source, to) for source, to in links if world.is_cut(names[source], names[to])}
    place = {name: index for index, name in enumerate(names)}
    routes = [None if one is None else (place[one.source], place[one.to]) for one in _arrivals(timeline)]

    def points(breaks: set[tuple[int, int]]) -> Iterator[int]:
        """Where to let these links be the broken ones: just after an arrival whose fate that would have changed."""
        unlike = broken | breaks if timeline.strange else broken ^ breaks
        return _just_after([route in unlike for route in routes], everywhere=everywhere)

    for way in splits(len(names), sides):
        for index in points(cut | {(source, to) for source, to in links if way[source] != way[to]}):
            yield Placed(index, Partition(way))
    for link in links:
        for index in points(broken | {link}):
            yield Placed(index, Cut(*link))
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


def _acts(timeline: Timeline, *, everywhere: bool) -> Iterator[Placed]:
    last = len(timeline.points) - 1
    for step, touched in acts(timeline.population, timeline.simulation.stage):
        for index in _points(timeline, touched, 0, last, everywhere=everywhere):
            yield Placed(index, step)


def acts(population: Population, stage: Stage) -> Iterator[tuple[Step, tuple[Part, ...]]]:
    """Everything that the adversary of a population can do, and which parts of agents each act touches."""
    for number, name in enumerate(population.of("shill_seller")):
        yield from _robbing(population, number, name)
    for number, name in enumerate(population.of(*CORRUPT_ROLES)):
        yield from _buying(population, number, name)
        yield from _vouching(population, number, name)
        yield from _speaking(population, stage, number, name)


def _robbing(population: Population, seller: int, name: str) -> Iterator[tuple[Step, tuple[Part, ...]]]:
    for buyer, whom in enumerate(population.of("buyer")):
        yield Withhold(seller, buyer), ((name, COMMERCE),)
        yield DeliverLate(seller, buyer), ((name, COMMERCE),)
        yield FulfilUnpaid(seller, buyer), ((name, COMMERCE), (whom, COMMERCE))


def _buying(population: Population, shill: int, name: str) -> Iterator[tuple[Step, tuple[Part, ...]]]:
    auditor = population.of("auditor")[0]
    for seller, whom in enumerate(population.of(*SELLER_ROLES)):
        trade = ((name, COMMERCE), (whom, COMMERCE))
        yield Buy(shill, seller), trade
        yield BidUnpaid(shill, seller), trade
        yield Complain(shill, seller), ((name, COMMERCE), (auditor, COMMERCE))
        for buyer in range(population.buyer):
            yield SquatReference(shill, buyer, seller), trade


def _vouching(population: Population, issuer: int, name: str) -> Iterator[tuple[Step, tuple[Part, ...]]]:
    filed = ((population.of("auditor")[0], COMMERCE),)
    for partner in range(len(population.of(*CORRUPT_ROLES))):
        yield WashTrade(issuer, partner), filed
    for number, victim in enumerate(population.names()):
        if victim != name:
            yield ForgeReceipt(issuer, number), filed
    for seller in range(len(population.of(*SELLER_ROLES))):
        yield SquatReceipt(issuer, seller), filed
    yield GhostReceipt(issuer), filed
    yield ReplayReceipt(issuer), filed


def _speaking(population: Population, stage: Stage, shill: int, name: str) -> Iterator[tuple[Step, tuple[Part, ...]]]:
    names = population.names()
    for number, victim in enumerate(names):
        if victim != name:
            for kind in MESSAGE_KINDS:
                yield Inject(shill, kind, number), ((victim, part_of(kind)),)
    views = tuple((one, REGISTRY) for one in names)
    for number in range(len(names)):
        if stage.victim(number) != name:
            yield ForgeCard(shill, number), views
    yield ReplayCard(shill), views
