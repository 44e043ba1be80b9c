"""The seeded mode: a scenario's own faults, drawn from one generator, recorded as a schedule.

Owns the drawing. A message is lost with the scenario's probability when it is sent; the partition stands from
the start and heals at its tick. Every fault is performed as an ordinary step, so that a failing seed is a
schedule like any other, to be shrunk and replayed.
"""

import random
from collections.abc import Sequence

from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.crypto import secret
from crosslayer.harness.kernel.guard import CPU_SECONDS
from crosslayer.harness.kernel.simulation import Result, Simulation
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.steps import Drop, Heal, Partition
from crosslayer.harness.model.verdicts import Property


def run_seeded(
    scenario: Scenario, stack: Stack, properties: Sequence[Property] = (), cpu_seconds: float = CPU_SECONDS
) -> Result:
    """Run a scenario under its seed: its adversary's steps first, then its faults as they are drawn."""
    with rare_collections():
        simulation = Simulation(scenario, stack, properties, cpu_seconds)
        simulation.guarded(_FaultInjector(simulation).run)
        result = simulation.settle()
        simulation.close()
        return result


class _FaultInjector:
    """Draws the faults of one run."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._faults = simulation.scenario.faults
        self._random = random.Random(secret(simulation.scenario.seed, "", "faults"))  # noqa: S311 - reproducible
        self._pending = 0
        self._looked = 0

    def run(self) -> None:
        """Perform the whole schedule."""
        simulation, faults = self._simulation, self._faults
        for step in simulation.scenario.adversary:
            simulation.perform(step)
        if faults.partition:
            simulation.perform(Partition(_groups(simulation.scenario)))
        healed = not faults.partition
        self._lose()
        while (tick := simulation.world.next_tick()) is not None and tick <= simulation.stage.horizon:
            if not healed and tick > faults.heals_at:
                self._catch_up()
                simulation.perform(Heal())
                healed = True
            if not simulation.advance():
                break
            self._pending += 1
            self._lose()
        self._catch_up()

    def _lose(self) -> None:
        """Draw for every message sent since the last time whether it is lost."""
        events = self._simulation.journal.events
        lost = [
            event.message
            for event in events[self._looked :]
            if event.kind == "send" and event.message is not None and self._random.random() < self._faults.drop
        ]
        if lost:
            self._catch_up()
        for message in lost:
            self._simulation.perform(Drop(message.kind, self._position(message)))
        self._looked = len(events)

    def _position(self, message: Message) -> int:
        return [one.id for one in self._simulation.world.in_flight(message.kind)].index(message.id)

    def _catch_up(self) -> None:
        """Note the events that were handled since the last step."""
        if self._pending:
            self._simulation.note_run(self._pending)
            self._pending = 0


def _groups(scenario: Scenario) -> tuple[int, ...]:
    """The partition by agent: the named groups from 1 on, everybody else in group 0."""
    number = {name: index for index, group in enumerate(scenario.faults.partition, 1) for name in group}
    return tuple(number.get(name, 0) for name in scenario.population.names())
