"""One run: a scenario and a stack become a world, steps are performed on it, settlement ends it.

Owns how a run is put together and the order of its phases: start, steps, settlement, scoring, audit, end.
Knows nothing of who chooses the steps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import frozen

from crosslayer.harness.formats.scenario import Scenario
from crosslayer.harness.formats.trace import Header, digest
from crosslayer.harness.kernel import environment, interrupts, pulse
from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.guard import CPU_SECONDS, Guard, describe, expect
from crosslayer.harness.kernel.journal import Journal, handlers_by_kind
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.kernel.stage import Done, Stage, nothing
from crosslayer.harness.kernel.world import Agent, World
from crosslayer.harness.model.errors import PluginFault, PropertyFault, Refused
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.steps import MESSAGE_KINDS, Run, Schedule, Step
from crosslayer.harness.model.verdicts import Handler, Monitor, Outcome, Property, Verdict
from crosslayer.harness.systems.commerce import adversary
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.audit import Audit
from crosslayer.harness.systems.commerce.handles import (
    Ledger,
    PaymentsHandle,
    PrivacyHandle,
    RegistryHandle,
    Sealed,
    TrustHandle,
    make_plugins,
)
from crosslayer.harness.systems.commerce.nouns import role_of
from crosslayer.harness.systems.commerce.ports import Clock, Member, Roster

T = TypeVar("T")

HANDLERS = {**environment.HANDLERS, **adversary.HANDLERS}
"""What every step does: one class, one handler."""

MONEY_FIRST = ("goods_sent", "goods_accepted")
"""Facts that are judged by the money that had moved when they happened, so that the ledger is read just before."""


@frozen(eq=False)
class Result:
    """What is left of a run: its input, its trace, and what the properties say of it."""

    header: Header
    events: Sequence[Event]
    verdicts: Mapping[str, Verdict]
    contracts: Mapping[str, Verdict]
    fault: PluginFault | None
    done: tuple[Done, ...]

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
        self.guard = Guard(cpu_seconds)
        self._unwatched: dict[str, PropertyFault] = {}
        self._properties = tuple(self._watched(one, scenario) for one in properties)
        watching = [pair for pair in self._properties if pair[0].name not in self._unwatched]
        names = [one.name for one, _ in watching]
        self.journal = Journal(self.clock, [*(monitor for _, monitor in watching), *probes], names)
        self._steps: list[Step] = []
        self._done: list[Done] = []
        self._audit: Audit | None = None
        self._crumb = pulse.crumb()
        if self._crumb is not None:
            self._crumb.step(pulse.NO_STEP)
        self.world = World({}, self.clock, self.journal, self.guard, scenario.timing.latency)
        self.stage = Stage(self.world, scenario.population, scenario.timing.finalise_at, {}, {})
        self.guarded(self._make_world)
        for fault in self._unwatched.values():
            self.world.stop(fault)
        if self.world.fault is None:
            self.guarded(self._begin)

    # Steps

    def perform(self, step: Step) -> Done:
        """Do what a step says, and record what became of it."""
        if self._crumb is not None:
            self._crumb.step(len(self._steps) + 1)
        done = self.guarded(self._apply, step) if self.world.fault is None else None
        return self.note(step, nothing("a plugin fault ended the run") if done is None else done)

    def perform_all(self, schedule: Iterable[Step]) -> None:
        """Do what all these steps say, in order."""
        for step in schedule:
            self.perform(step)

    def note(self, step: Step, done: Done) -> Done:
        """Record a step that was performed, and what became of it."""
        data = {"index": len(self._steps), "step": type(step).__name__, "applied": done.applied, "note": done.note}
        self._steps.append(step)
        self._done.append(done)
        if self.world.fault is None:
            self.guarded(self.journal.record, "step", "", data)
        return done

    def advance(self) -> bool:
        """Handle one event without a step; whoever does so notes a `Run` for it later."""
        return self.guarded(self.world.step, self.stage.horizon) is True

    def note_run(self, events: int) -> None:
        """Record that so many events were handled by `advance`."""
        self.note(Run(events), environment.ran(events))

    def _apply(self, step: Step) -> Done:
        self.guard.beat += 1
        try:
            return HANDLERS[type(step)](self.stage, step)
        except Refused as refusal:
            return nothing(f"refused: {refusal}")

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
            self.world.stop(PropertyFault(one.name, what, reason))
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
        header = Header(self.scenario, self.stack.names(), self.schedule)
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
        world.wake(self._auditor, "score")
        if world.fault is None and self._audit is not None:
            self._audit.trust.ledger.observe("end")
            self._audit.run()
        if world.fault is None:
            self.journal.record("end", "")

    def close(self) -> None:
        """Let go of everything, once nothing more will be asked of this simulation; its result stays as it is.

        World, agents and handles know one another in circles, so without this all events of a run wait for the garbage
        collector, which takes longer over them than it takes to forget them at once.
        """
        self.journal.close()
        for agent in self.world.agents.values():
            if isinstance(agent, Endpoint):
                agent.dissolve()
        self.world.agents = {}
        self.stage = Stage(self.world, self.scenario.population, self.stage.horizon, {}, {})
        self._audit = None

    # The watchdog

    def guarded(self, act: Callable[..., T], *args: Any) -> T | None:
        """What `act` answers under the watchdog, or None if a plugin fault ended it, and with it the run.

        Whoever does many things in a row may guard them all together: a guard within a guard is cheap.
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
        factory, timing = self.stack.factory("kernel"), self.scenario.timing

        def made() -> World:
            world: World = factory()({}, self.clock, self.journal, self.guard, timing.latency)
            world.kinds = frozenset(MESSAGE_KINDS)
            return world

        self.world = self.guard.call("kernel", "", "make", made)
        self.stage = Stage(self.world, self.scenario.population, timing.finalise_at, {}, {})

    def _begin(self) -> None:
        self._build()
        self.world.start()

    @property
    def _auditor(self) -> str:
        return self.scenario.population.of("auditor")[0]

    def _build(self) -> None:
        scenario, stack, guard, journal = self.scenario, self.stack, self.guard, self.journal
        population = scenario.population
        names = population.names()
        signers, members = _cast(names, scenario.seed)
        roster = Roster(members, scenario.seed, self.clock, scenario.terms.balance)
        plugins = {
            layer: make_plugins(guard, layer, stack.factory(layer), roster)
            for layer in ("registry", "payments", "privacy")
        }
        ledger = Ledger(plugins["payments"], self._auditor, guard, _recorder(journal, ""))
        trust_roster = Roster(members, scenario.seed, self.clock, scenario.terms.balance, ledger.stream)
        plugins["trust"] = make_plugins(guard, "trust", stack.factory("trust"), trust_roster)
        sealed: list[Sealed] = []
        dids = {member.name: member.did for member in members}
        known = {did: name for name, did in dids.items()}
        registries, privacies, agents = {}, {}, {}
        roles = guard.call("agents", "", "make", stack.factory("agents"))
        expect("agents", "", "make", roles, Mapping)
        for name in names:
            record = _recorder(journal, name)
            registries[name] = RegistryHandle(name, plugins["registry"][name], guard, record)
            payments = PaymentsHandle(name, plugins["payments"][name], guard, record, ledger)
            privacies[name] = PrivacyHandle(name, plugins["privacy"][name], guard, record, sealed)
            trust = TrustHandle(name, plugins["trust"][name], guard, record, ledger, known)
            kit = Kit(
                name,
                signers[name],
                registries[name],
                payments,
                privacies[name],
                trust,
                _money_first(record, ledger),
                population,
                scenario.timing,
                scenario.terms,
                dids,
                known,
                self.clock,
            )
            agents[name] = _agent(guard, roles, kit)
            if name == self._auditor:
                self._audit = Audit(
                    population=population,
                    roster=trust_roster,
                    guard=guard,
                    journal=journal,
                    registries=registries,
                    payments=plugins["payments"],
                    privacies=privacies,
                    trust=trust,
                    trust_factory=stack.factory("trust"),
                    privacy_factory=stack.factory("privacy"),
                )
        self.world.agents = agents
        self.stage = Stage(self.world, population, scenario.timing.finalise_at, signers, registries)
        ledger.observe("start")


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


@lru_cache(1 << 9)
def _cast(names: tuple[str, ...], seed: int) -> tuple[Mapping[str, Signer], tuple[Member, ...]]:
    """Everybody's key, and everybody as all know them: the same in all runs of one seed and one population."""
    signers = {name: Signer.from_seed(seed, name) for name in names}
    return MappingProxyType(signers), tuple(Member(name, signers[name].did) for name in names)


def _agent(guard: Guard, roles: Mapping[str, Any], kit: Kit) -> Agent:
    role = role_of(kit.name)

    def made() -> Agent:
        if role not in roles:
            raise PluginFault("agents", kit.name, "make", f"no agent for the role {role}")
        agent: Agent = roles[role](kit)
        return agent

    return guard.call("agents", kit.name, "make", made)  # type: ignore[no-any-return]


def _recorder(journal: Journal, name: str) -> Any:
    record = journal.record

    def write(kind: str, data: Mapping[str, Any]) -> None:
        record(kind, name, data)

    return write


def _money_first(record: Any, ledger: Ledger) -> Any:
    """A recorder that looks at the money before the facts that are judged by it."""

    def write(kind: str, data: Mapping[str, Any]) -> None:
        if kind in MONEY_FIRST:
            ledger.observe(kind)
        record(kind, data)

    return write


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
    """Perform a schedule and settle: the same scenario, stack and schedule give the same result for ever.

    Another performer may do other steps than these; the result has those that were done.
    """
    with rare_collections():
        simulation = Simulation(scenario, stack, properties, cpu_seconds, probes)
        simulation.guarded(performer, simulation, schedule)
        result = simulation.settle()
        simulation.close()
        return result
