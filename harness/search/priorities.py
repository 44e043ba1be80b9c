"""Running on in another order: messages are delivered by the priority of their links, not as they come.

Owns the priority-based scheduler (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
Probabilistic Guarantees of Finding Bugs, ASPLOS 2010), and how what it decides becomes plain steps. Knows nothing of
which steps it is given beside running on: these are performed as they are.

Each ordered pair of agents is a link, and a link keeps the order of its messages. Links get random priorities when they
are first used. Of all messages that could arrive now, the oldest of the highest link does. At d - 1 of the first k
deliveries, drawn beforehand, the link that would be next is lowered beneath all others, for good. Time is lower than
all links that were never lowered, and stands anywhere among those that were: it moves when nothing that is higher
can be delivered, and what is lower is held back for as long as time can move.

What comes of it is a schedule of `Run`, `Deliver` and `Delay`, which replays without any of this.
"""

import random
from collections.abc import Callable, Iterable

from crosslayer.harness.kernel.environment import is_moment, moment
from crosslayer.harness.kernel.simulation import Performer, Simulation
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import Delay, Deliver, Run, RunUntil, Step, altered

DEPTHS = (1, 2, 3)
"""Of how many constraints on the order of events the bugs are that a run looks for."""

DELIVERIES = (16, 64, 256)
"""Among how many deliveries the priorities of a run change: worlds are small and large, and runs short and long."""

Scheduler = Callable[[random.Random], Performer]
"""Makes the performer of one run, whose choices are drawn from that generator."""


def in_time(_chance: random.Random) -> Performer:
    """The scheduler that leaves the order of events to the clock."""
    return Simulation.perform_all


def by_priority(chance: random.Random) -> Performer:
    """The scheduler that orders deliveries by priority, for a depth and a number of deliveries that it draws."""
    return Priorities(chance, chance.choice(DEPTHS), chance.choice(DELIVERIES))


class Priorities:
    """The priorities of one run: bugs of this depth, in this number of deliveries."""

    def __init__(self, chance: random.Random, depth: int, deliveries: int) -> None:
        self._chance = chance
        places = chance.sample(range(deliveries), min(depth, deliveries + 1) - 1)
        self._changes = {place: 2 * rank for rank, place in enumerate(places, 1)}  # unsorted, so any rank comes first
        self._time = 2 * chance.randint(0, len(places)) + 1
        self._highest = self._time + 2 * depth
        self._ranks: dict[tuple[str, str], int] = {}
        self._delivered = 0
        self._pending = 0

    def __call__(self, simulation: Simulation, steps: Iterable[Step]) -> None:
        """Perform these steps, and run on by priority where they say to run on."""
        for step in steps:
            match step:
                case Run(events=events):
                    while events > 0 and self._advance(simulation):
                        events -= 1
                case RunUntil(moment=name):
                    wanted = moment(simulation.stack.system, name)
                    seen = len(simulation.journal.events)
                    while self._advance(simulation):
                        news = simulation.journal.events[seen:]
                        if any(is_moment(event, wanted) for event in news):
                            break
                        seen += len(news)
                case _:
                    simulation.perform(step)
                    continue
            self._catch_up(simulation)

    def _advance(self, simulation: Simulation) -> bool:
        """Let the next event happen; False if there is none before the horizon."""
        world, horizon = simulation.world, simulation.stage.horizon
        if world.fault is not None:
            return False
        while (message := self._next(simulation)) is not None and self._is_held(message):
            self._perform(simulation, message, Delay(message.kind, ticks=horizon + 1))
        upcoming = world.peek()
        if message is not None:
            self._delivered += 1
            if upcoming is None or upcoming[2] is not message or upcoming[0] > horizon:
                self._perform(simulation, message, Deliver(message.kind))
                return True
        happened = simulation.advance()
        self._pending += happened
        return happened

    def _is_held(self, message: Message) -> bool:
        return self._ranks[message.source, message.to] < self._time

    def _next(self, simulation: Simulation) -> Message | None:
        """The message whose turn it is, of those that are not held back; a change of priorities may come first."""
        ready = simulation.world.ready()
        if not ready:
            return None
        message: Message = min(ready, key=self._order)
        if self._delivered in self._changes:
            self._ranks[message.source, message.to] = self._changes.pop(self._delivered)
            message = min(ready, key=self._order)
        return message

    def _order(self, message: Message) -> tuple[int, int]:
        link = message.source, message.to
        if link not in self._ranks:
            self._ranks[link] = self._highest + self._chance.getrandbits(64)
        return -self._ranks[link], message.id

    def _perform(self, simulation: Simulation, message: Message, act: Delay | Deliver) -> None:
        self._catch_up(simulation)
        nth = simulation.world.in_flight(message.kind).index(message)
        simulation.perform(altered(act, nth=nth))

    def _catch_up(self, simulation: Simulation) -> None:
        """Note the events that happened in their own order since the last step."""
        if self._pending:
            simulation.note_run(self._pending)
            self._pending = 0
