"""One run: a scenario and a stack become a world, steps are performed on it, settlement ends it.

Owns how a run is put together and the order of its phases: start, steps, settlement, scoring, audit, end.
Knows nothing of who chooses the steps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, TypeVar

from attrs import frozen

from crosslayer.harness.formats.trace import Header, digest
from crosslayer.harness.kernel import environment, interrupts, pulse
from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.composing import Build, Composition, compose_layers
from crosslayer.harness.kernel.guard import CPU_SECONDS, Guard, describe
from crosslayer.harness.kernel.journal import Journal, handlers_by_kind
from crosslayer.harness.kernel.roster import Clock, ClockFace
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.errors import CrosslayerError, PluginFault, PropertyFault, Refused
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.steps import Run, Schedule, Step, StepResult, skipped
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Handler, Monitor, Outcome, Property, Verdict

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
        self._crumb = pulse.crumb()
        if self._crumb is not None:
            self._crumb.step(pulse.NO_STEP)
        self._unwatched: dict[str, PropertyFault] = {}
        self._properties = tuple(self._watched(one, scenario) for one in properties)
        watching = [pair for pair in self._properties if pair[0].name not in self._unwatched]
        names = [one.name for one, _ in watching]
        self.journal = Journal(self.clock, [*(monitor for _, monitor in watching), *probes], names)
        self._steps: list[Step] = []
        self._done: list[StepResult] = []
        self._handlers = environment.handlers(system)
        self._composition = Composition({})
        self.world = World({}, self.clock, self.journal, self.guard, scenario.timing.latency, system.kinds)
        self.stage = Stage(system, self.world, scenario.population, scenario.timing.finalise_at)
        self.guarded(self._make_world)
        for fault in self._unwatched.values():
            self.world.stop(fault)
        if self.world.fault is None:
            self.guarded(self._begin)

    # Steps

    def perform(self, step: Step) -> StepResult:
        """Do what a step says, and record what became of it."""
        if self._crumb is not None:
            self._crumb.step(len(self._steps) + 1)
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
            self.guarded(self.journal.record, "step", "", data)
        return done

    def advance(self) -> bool:
        """Handle one event without a step; the caller notes a `Run` for it later."""
        return self.guarded(self.world.step, self.stage.horizon) is True

    def note_run(self, events: int) -> None:
        """Record that this number of events was handled by `advance`."""
        self.note(Run(events), environment.ran(events))

    def _apply(self, step: Step) -> StepResult:
        self.guard.beat += 1
        try:
            done = self._handlers[type(step)](self.stage, step)
        except Refused as refusal:
            return skipped(f"refused: {refusal}")
        except CrosslayerError:
            raise
        except Exception as error:
            self.stage.system.checked((step,))  # naming what the system does not have is the error of the step's writer
            raise PluginFault("acts", type(step).__name__, "perform", describe(error)) from error
        if type(done) is not StepResult:
            kind = type(done).__name__
            raise PluginFault("acts", type(step).__name__, "perform", f"answered {kind} where a StepResult is due")
        return done

    @property
    def schedule(self) -> Schedule:
        """The steps so far."""
        return tuple(self._steps)

    def violations(self) -> list[tuple[str, Verdict]]:
        """The properties that are violated already, whatever comes."""
        said = (
            (one.name, self._asked(one, "violation", partial(getattr, monitor, "violation")))
            for one, monitor in self._properties
        )
        return [(name, violation) for name, violation in said if violation is not None]

    # Properties, which may fail like anything else

    def _watched(self, one: Property, scenario: Scenario) -> tuple[Property, Monitor]:
        """A property and its monitor; one that cannot be had or does not answer is a fault of the property's."""
        try:
            monitor = one.watch(scenario.population)
            handlers_by_kind([monitor])
        except BaseException as error:
            if interrupts.is_real(error):
                raise
            self._unwatched[one.name] = PropertyFault(one.name, "watch", describe(error))
            self._unwatched[one.name].__cause__ = error
            return one, _UNWATCHED
        return one, monitor

    def _asked(self, one: Property, what: str, ask: Callable[[], T]) -> T | None:
        """What a monitor answers; None if it fails, which ends the run."""
        try:
            with self.guard.watch():
                return ask()
        except BaseException as error:
            if interrupts.is_real(error):
                raise
            reason = error.reason if isinstance(error, PluginFault) else describe(error)
            fault = PropertyFault(one.name, what, reason)
            fault.__cause__ = error
            self.world.stop(fault)
            return None

    def _concluded(self, one: Property, monitor: Monitor) -> Verdict:
        """A property's verdict."""
        said = self._asked(one, "conclude", monitor.conclude)
        if type(said) is Verdict:
            return said
        if self.world.fault is None:
            self.world.stop(PropertyFault(one.name, "conclude", f"answered {type(said).__name__} where Verdict is due"))
        return _NOT_JUDGED

    # The end

    def settle(self) -> Result:
        """End all faults, run on until everything has settled, score, audit, and judge."""
        if self._crumb is not None:
            self._crumb.step(pulse.SETTLEMENT)
        self.guarded(self._settle)
        verdicts = {True: {}, False: {}}  # type: dict[bool, dict[str, Verdict]]
        for one, monitor in self._properties:
            verdicts[one.joint][one.name] = self._concluded(one, monitor)
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

        Anyone who does many things in a row may guard them all together: a guard within a guard is cheap.
        """
        try:
            with self.guard.watch():
                return act(*args)
        except BaseException as error:
            fault = self.guard.blamed(error, "")
            if fault is None:
                raise
            self.world.stop(fault)
            return None

    # The beginning

    def _make_world(self) -> None:
        """The kernel, which may be a stranger's, too. Until it is there, an empty one of ours stands in for it."""
        factory, system, latency = self.stack.factory("kernel"), self.stack.system, self.scenario.timing.latency

        def made() -> World:
            world: World = factory()({}, self.clock, self.journal, self.guard, latency, system.kinds)
            return world

        self.world = self.guard.call("kernel", "", "make", made)
        self.stage = Stage(system, self.world, self.scenario.population, self.scenario.timing.finalise_at)

    def _begin(self) -> None:
        system = self.stage.system
        build = Build(self.scenario, self.stack, ClockFace(self.clock), self.guard, self.journal, self.world)
        composition = self._composition = (system.compose or compose_layers)(build)
        self.world.agents, self.world.rebuild = dict(composition.agents), composition.rebuild
        self.stage.parts = composition.parts
        self.world.start()


class _Unwatched:
    """Stands for the monitor that a property did not make."""

    violation = None

    def handlers(self) -> Mapping[str, Handler]:
        return {}

    def conclude(self) -> Verdict:
        return _NOT_JUDGED


_NOT_JUDGED = Verdict(Outcome.VACUOUS, "it was not judged: its monitor failed")
_UNWATCHED = _Unwatched()


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
