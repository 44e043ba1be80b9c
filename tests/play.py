"""Short runs for tests: compressed timing, small populations, and stand-ins for the plugins of a stack."""

from collections.abc import Callable, Iterable
from typing import Any

from crosslayer.harness.kernel.simulation import Result, Simulation, run
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.steps import Step
from crosslayer.harness.systems.commerce.agents.roles import Participant
from crosslayer.harness.systems.commerce.nouns import Population, Scenario, Terms, Timing
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import ALL

TIMING = Timing(
    gossip_interval=8,
    discovery_start=20,
    discovery_interval=10,
    bid_deadline=120,
    check_delay=20,
    resend_interval=8,
    finalise_at=160,
    settlement=160,
)
"""The original timeline, some fifty times faster."""

TERMS = Terms(bid=150, rate=10, cap=100, balance=5000)

EVERYBODY = Population(buyer=2, seller=2, shill_seller=1, shill=1)
"""In the order of indices: buyer-0, buyer-1, seller-0, seller-1, shill_seller-0, shill-0, auditor-0."""

HONEST = Population(buyer=1, seller=1)


def scenario(population: Population = EVERYBODY, **changes: Any) -> Scenario:
    """A scenario of compressed timing."""
    return Scenario(**{"name": "test", "population": population, "timing": TIMING, "terms": TERMS, **changes})


def begun(*steps: Step, population: Population = EVERYBODY, stack: Stack = REFERENCE) -> Simulation:
    """A run after these steps, not yet settled."""
    simulation = Simulation(scenario(population), stack, ALL)
    for step in steps:
        simulation.perform(step)
    return simulation


def played(*steps: Step, population: Population = EVERYBODY, stack: Stack = REFERENCE) -> Result:
    """A settled run of these steps."""
    return run(scenario(population), stack, steps, ALL)


def facts(events: Iterable[Event], kind: str, agent: str | None = None) -> list[dict[str, Any]]:
    """What the events of a kind say, of one agent or of all."""
    return [dict(event.data) for event in events if event.kind == kind and agent in (None, event.agent)]


def wire(events: Iterable[Event], kind: str, message: str) -> list[tuple[str, str]]:
    """Source and destination of the messages of one kind to which this happened."""
    return [
        (event.message.source, event.message.to)
        for event in events
        if event.kind == kind and event.message is not None and event.message.kind == message
    ]


def payloads(events: Iterable[Event], message: str, source: str) -> list[bytes]:
    """What an agent sent in messages of one kind."""
    return [
        event.message.payload
        for event in events
        if event.kind == "send" and event.message is not None and event.message[1::2] == (source, message)
    ]


def participant(simulation: Simulation, name: str) -> Participant:
    """One agent of a run under way."""
    agent = simulation.world.agents[name]
    assert isinstance(agent, Participant)
    return agent


def scores(result: Result) -> dict[str, Any]:
    """Each agent's last score."""
    return {said["about"]: said["score"] for said in facts(result.events, "scored")}


class StandIn:
    """A plugin with some operations replaced; a replacement is handed the real plugin first."""

    def __init__(self, real: Any, operations: dict[str, Callable[..., Any]]) -> None:
        self.real = real
        self.operations = operations

    def __getattr__(self, name: str) -> Any:
        """The replacement, or the real thing."""
        if name in self.operations:
            return lambda *args: self.operations[name](self.real, *args)
        return getattr(self.real, name)


def with_operations(layer: str, base: Stack = REFERENCE, /, **operations: Callable[..., Any]) -> Stack:
    """A stack in which the plugins of one layer have these operations instead of their own."""
    make = base.factory(layer)

    def factory(roster: Any) -> dict[str, Any]:
        return {name: StandIn(real, operations) for name, real in make(roster).items()}

    return base.replace(layer, Choice("stand-in", factory))
