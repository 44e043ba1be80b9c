"""What comes after a schedule, event by event, if nothing else is done: the points at which a step can be placed.

Owns the watching of a run on its way to the horizon, and which part of which agent each event concerns. Knows no
step but running on.

An agent has two parts that share nothing: its registry (gossip and its timer) and its commerce (everything else).
Looking for sellers reads the one and acts in the other, so it concerns both. What a broken link or a crashed agent
lets nobody see concerns nobody. Of agents and of a kernel that are not the reference ones nothing of that kind is
known: each event concerns both parts.
"""

from attrs import frozen

from harness.events import Message
from harness.nouns import Population
from harness.scenario import Scenario
from harness.simulation import Simulation
from harness.stack import Stack
from harness.steps import Schedule

REGISTRY, COMMERCE = "registry", "commerce"

Part = tuple[str, str]
"""An agent's name and one of its two parts."""


@frozen
class Point:
    """A moment between two events.

    `flying` are the messages under way, oldest first. `agent` is the one to whom the next event happens, or would if
    it could (empty at the last point); `concerns` are the parts of agents that notice; `arrives` is the message that it
    would deliver, if any; `tick` is its tick.
    """

    tick: int
    flying: tuple[Message, ...]
    agent: str = ""
    concerns: tuple[Part, ...] = ()
    arrives: Message | None = None


@frozen(eq=False)
class Timeline:
    """The points from the end of a schedule to the horizon. `simulation` stands at the horizon.

    `strange` says that agents or kernel are not the reference ones.
    """

    simulation: Simulation
    points: tuple[Point, ...]
    strange: bool

    @property
    def population(self) -> Population:
        """Who takes part."""
        return self.simulation.scenario.population


def part_of(kind: str) -> str:
    """The part of an agent that a message of this kind concerns."""
    return REGISTRY if kind == "gossip" else COMMERCE


def timeline(scenario: Scenario, stack: Stack, schedule: Schedule) -> Timeline:
    """Perform a schedule, then run on to the horizon and note every point on the way."""
    simulation = Simulation(scenario, stack)
    simulation.guarded(simulation.perform_all, schedule)
    strange = "agents" in stack.swapped() or "kernel" in stack.swapped()
    world, horizon = simulation.world, simulation.stage.horizon
    points: list[Point] = []
    while (entry := world.peek()) is not None and entry[0] <= horizon and world.fault is None:
        tick, message, name, tag = entry
        agent = name if message is None else message.to
        parts = _parts(message.kind if message is not None else tag, strange=strange)
        if not strange and (
            world.is_down(agent) or (message is not None and not world.connected(message.source, agent))
        ):
            parts = ()
        points.append(Point(tick, world.all_in_flight(), agent, tuple((agent, part) for part in parts), message))
        if not simulation.advance():
            break
    points.append(Point(horizon, world.all_in_flight()))
    return Timeline(simulation, tuple(points), strange)


def _parts(what: str, *, strange: bool) -> tuple[str, ...]:
    if strange or what.partition("|")[0] == "look":
        return REGISTRY, COMMERCE
    return (part_of(what.partition("|")[0]),)
