"""One run: a scenario and a stack become a world, steps are performed on it, settlement ends it.

Owns how a run is put together and the order of its phases: start, steps, settlement, scoring, audit, end.
Knows nothing of who chooses the steps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from attrs import frozen

from crosslayer.harness.formats.trace import Header, digest
from crosslayer.harness.kernel import environment
from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.composing import Build, Composition, compose_layers
from crosslayer.harness.kernel.guard import CPU_SECONDS, Guard
from crosslayer.harness.kernel.journal import Journal
from crosslayer.harness.kernel.roster import Clock
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.steps import Run, Schedule, Step, StepResult, skipped
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Monitor, Outcome, Property, Verdict

T = TypeVar("T")


@frozen(eq=False)
class Result:
    """What is left of a run: its input, its trace, and what the properties say of it."""

    header: Header
    events: Sequence[Event]
    verdicts: Mapping[str, Verdict]
    contracts: Mapping[str, Verdict]
    fault: PluginFault | None
    done: tuple[StepResult, ...]

    @property
    def system(self) -> System:
        """The system whose run it was."""
        return self.header.system

    @property
    def schedule(self) -> Schedule:
        """The steps that were performed."""
        return self.header.schedule

    @property
    def violated(self) -> tuple[str, ...]:
        """The names of the violated joint invariants."""
        return tuple(name for name, one in self.verdicts.items() if one.outcome is Outcome.VIOLATED)

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the violated joint invariants and layer contracts."""
        contracts = (name for name, one in self.contracts.items() if one.outcome is Outcome.VIOLATED)
        return (*self.violated, *contracts)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the trace, in hex."""
        return digest(self.header, self.events)


class Simulation:
    """A run under way. `perform` the steps, then `settle` once for the result."""

    def __init__(
        self,
        scenario: Scenario,
        stack: Stack,
        properties: Sequence[Property] = (),
        cpu_seconds: float = CPU_SECONDS,
        probes: Iterable[Monitor] = (),
    ) -> None:
        self.scenario = scenario
        self.stack = stack
        self.clock = Clock()
        system = stack.system
        must_answer = ((one.name, operation) for one in system.layers for operation in one.must_answer)
        self.guard = Guard(cpu_seconds, must_answer)
        self._properties = tuple((one, one.watch(scenario.population)) for one in properties)
        self.journal = Journal(self.clock, [*(monitor for _, monitor in self._properties), *probes])
        self._steps: list[Step] = []
        self._done: list[StepResult] = []
        self._handlers = environment.handlers(system)
        self._composition = Composition({})
        latency = scenario.timing.latency
        self.world = stack.factory("kernel")()({}, self.clock, self.journal, self.guard, latency, system.kinds)
        self.stage = Stage(system, self.world, scenario.population, scenario.timing.finalise_at)
        self.guarded(self._begin)

    # Steps

    def perform(self, step: Step) -> StepResult:
        """Do what a step says, and record what became of it."""
        done = self.guarded(self._apply, step) if self.world.fault is None else None
        return self.note(step, skipped("a plugin fault ended the run") if done is None else done)

    def perform_all(self, schedule: Iterable[Step]) -> None:
        """Do what all these steps say, in order."""
        for step in schedule:
            self.perform(step)

    def note(self, step: Step, done: StepResult) -> StepResult:
        """Record a step that was performed, and what became of it."""
        data = {"index": len(self._steps), "step": type(step).__name__, "applied": done.applied, "note": done.note}
        self._steps.append(step)
        self._done.append(done)
        if self.world.fault is None:
            self.journal.record("step", "", data)
        return done

    def advance(self) -> bool:
        """Handle one event without a step; whoever does so notes a `Run` for it later."""
        return self.guarded(self.world.step, self.stage.horizon) is True

    def note_run(self, events: int) -> None:
        """Record that so many events were handled by `advance`."""
        self.note(Run(events), environment.ran(events))

    def _apply(self, step: Step) -> StepResult:
        self.guard.beat += 1
        try:
            return self._handlers[type(step)](self.stage, step)
        except Refused as refusal:
            return skipped(f"refused: {refusal}")

    @property
    def schedule(self) -> Schedule:
        """The steps so far."""
        return tuple(self._steps)

    def violations(self) -> list[tuple[str, Verdict]]:
        """The properties that are violated already, whatever comes."""
        return [(one.name, monitor.violation) for one, monitor in self._properties if monitor.violation is not None]

    # The end

    def settle(self) -> Result:
        """End all faults, run on until everything has settled, score, audit, and judge."""
        self.guarded(self._settle)
        verdicts = {True: {}, False: {}}  # type: dict[bool, dict[str, Verdict]]
        for one, monitor in self._properties:
            verdicts[one.joint][one.name] = monitor.conclude()
        system = self.stack.system
        header = Header(self.scenario, self.stack.names(), self.schedule, system)
        fault = self.world.fault
        return Result(header, self.journal.events, verdicts[True], verdicts[False], fault, tuple(self._done))

    def _settle(self) -> None:
        if self.world.fault is not None:
            return
        world, timing = self.world, self.scenario.timing
        self.journal.record("settlement", "")
        world.heal()
        for name in self.scenario.population.names():
            world.restart(name)
        world.hurry()
        until = max(self.clock.now, timing.finalise_at) + timing.settlement
        while world.step(until):
            pass
        self.clock.now = until
        self._composition.finish()
        if world.fault is None:
            self.journal.record("end", "")

    def close(self) -> None:
        """Let go of everything, once nothing more will be asked of this simulation; its result stays as it is.

        World, agents and handles know one another in circles, so without this all events of a run wait for the garbage
        collector, which takes longer over them than it takes to forget them at once.
        """
        self.journal.close()
        self._composition.close()
        self._composition = Composition({})
        self.world.agents, self.world.rebuild = {}, None
        self.stage = Stage(self.stage.system, self.world, self.scenario.population, self.stage.horizon)

    # The watchdog

    def guarded(self, act: Callable[..., T], *args: Any) -> T | None:
        """What `act` answers under the watchdog, or None if a plugin fault ended it, and with it the run.

        Whoever does many things in a row may guard them all together: a guard within a guard is cheap.
        """
        try:
            with self.guard.watch():
                return act(*args)
        except PluginFault as fault:
            self.world.stop(fault)
            return None

    # The beginning

    def _begin(self) -> None:
        system = self.stage.system
        build = Build(self.scenario, self.stack, self.clock, self.guard, self.journal, self.world)
        composition = self._composition = (system.compose or compose_layers)(build)
        self.world.agents, self.world.rebuild = dict(composition.agents), composition.rebuild
        self.stage.parts = composition.parts
        self.world.start()


Performer = Callable[[Simulation, Iterable[Step]], None]
"""Performs steps; one performer sees all steps of one run, in order."""


def run(
    scenario: Scenario,
    stack: Stack,
    schedule: Iterable[Step] = (),
    properties: Sequence[Property] = (),
    cpu_seconds: float = CPU_SECONDS,
    *,
    probes: Iterable[Monitor] = (),
    performer: Performer = Simulation.perform_all,
) -> Result:
    """Perform a schedule and settle: the same scenario, stack and schedule always give the same result.

    Another performer may do other steps than these; the result has those that were done.
    """
    with rare_collections():
        simulation = Simulation(scenario, stack, properties, cpu_seconds, probes)
        simulation.guarded(performer, simulation, schedule)
        result = simulation.settle()
        simulation.close()
        return result
