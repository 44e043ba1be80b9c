"""What comes after a schedule, event by event, if nothing else is done: the points at which a step can be placed.

Owns the watching of a run on its way to the horizon, and which region of which agent each event concerns. Knows no
step but running on.

A system says into which regions that share nothing an agent's state falls, and which of them a message or a wake-up
touches. What a broken link or a crashed agent lets nobody see concerns nobody. Of agents and of a kernel that are not
the reference ones nothing of that kind is known: each event concerns every region.
"""

from bisect import bisect_left
from collections.abc import Collection
from itertools import accumulate

from attrs import frozen

from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.declarations import Part
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.steps import Schedule


@frozen
class Point:
    """A moment between two events.

    `now` is the tick that it is, `launched` how many events were put on the heap so far, `flying` are the messages
    under way, oldest first. Of the next event, `tick` is its tick and `number` its number on the heap; `agent` is the
    one to whom it happens, or would if it could; `concerns` are the parts of agents that notice; `arrives` is the
    message that it would deliver, if any. At the last point there is none, and `tick` is the horizon.
    """

    now: int
    launched: int
    flying: tuple[Message, ...]
    tick: int
    number: int = 0
    agent: str = ""
    concerns: tuple[Part, ...] = ()
    arrives: Message | None = None


@frozen(eq=False)
class Timeline:
    """The points from the end of a schedule to the horizon. `simulation` stands at the horizon.

    `opaque` says that agents or kernel are not the reference ones, so that nothing is known of their insides.
    """

    simulation: Simulation
    points: tuple[Point, ...]
    opaque: bool

    @property
    def population(self) -> Population:
        """Who takes part."""
        return self.simulation.scenario.population

    @property
    def latency(self) -> int:
        """How many ticks a message takes."""
        return self.simulation.scenario.timing.latency

    def before(self, parts: Collection[Part]) -> tuple[int, ...]:
        """For each point, how many earlier events concern any of these parts."""
        concerned = (any(part in parts for part in point.concerns) for point in self.points[:-1])
        return tuple(accumulate(concerned, initial=0))

    def arrival(self, index: int, tick: int) -> int:
        """The point at which a message would arrive that is launched at this point and is due in this tick.

        It comes after what is due earlier, and what is due in the same tick and was launched before it.
        """
        order = (tick, self.points[index].launched)
        last = len(self.points) - 1
        return bisect_left(self.points, order, index, last, key=lambda point: (point.tick, point.number))


def timeline(scenario: Scenario, stack: Stack, schedule: Schedule) -> Timeline:
    """Perform a schedule, then run on to the horizon and note every point on the way."""
    simulation = Simulation(scenario, stack)
    simulation.guarded(simulation.perform_all, schedule)
    system = stack.system
    opaque = "agents" in stack.swapped() or "kernel" in stack.swapped()
    world, horizon = simulation.world, simulation.stage.horizon
    points: list[Point] = []
    while (entry := world.peek()) is not None and entry[0] <= horizon and world.fault is None:
        tick, number, message, name, tag = entry
        agent = name if message is None else message.to
        regions = system.regions if opaque else system.regions_of(tag if message is None else message.kind)
        if not opaque and (
            world.is_down(agent) or (message is not None and not world.connected(message.source, agent))
        ):
            regions = ()
        now, launched, flying = world.clock.now, world.launched, world.all_in_flight()
        concerns = tuple((agent, region) for region in regions)
        points.append(Point(now, launched, flying, tick, number, agent, concerns, message))
        if not simulation.advance():
            break
    points.append(Point(world.clock.now, world.launched, world.all_in_flight(), horizon))
    return Timeline(simulation, tuple(points), opaque)
