"""The state machine: a population, one rule per kind of step, settlement and judgement at the end.

Owns the translation between Hypothesis's rules and plain steps, and the capture of a failing schedule as data.
It is handed its properties and never imports any.

    TestMine = machine(scenario, stack, JOINT).TestCase      # under pytest or unittest

Each property has an exception class of its own, so that Hypothesis never takes one violation for another. What
the last, minimal failure was is left in `found` on the class.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import attrs
from attrs import frozen
from hypothesis import strategies as st
from hypothesis.control import current_build_context
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import SearchStrategy

from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.kernel.simulation import Performer, Result, Simulation
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.declarations import Plan
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.scenario import Faults, Scenario
from crosslayer.harness.model.steps import Step
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.generation.moves import move_name as rule_name
from crosslayer.harness.search.generation.moves import moves, plans
from crosslayer.harness.search.priorities import Scheduler, in_time
from crosslayer.harness.search.probes import Reached
from crosslayer.strategies.isolation import without_constants
from crosslayer.strategies.populations import populations
from crosslayer.strategies.profiles import install
from crosslayer.strategies.schedules import strategies_of
from crosslayer.strategies.values import values

MOST_ORDER = 2**32 - 1
"""The greatest seed of a scheduler."""


class Violation(AssertionError):
    """A property does not hold. Every property has a subclass of its own."""


@frozen(eq=False)
class Example:
    """One run of the machine, as a hunt sees it."""

    case: Case
    result: Result
    reached: tuple[str, ...]


Sink = Callable[[Example], None]
"""Is shown every run of a machine; may raise to end the hunt."""


class ScheduleMachine(RuleBasedStateMachine):
    """What all machines share; `machine` makes the class that has rules."""

    scenario: ClassVar[Scenario]
    stack: ClassVar[Stack]
    properties: ClassVar[Sequence[Property]]
    sinks: ClassVar[tuple[Sink, ...]] = ()
    quick: ClassVar[bool] = True
    schedulers: ClassVar[tuple[Scheduler]] = (in_time,)
    found: ClassVar[dict[str, Case]]

    def __init__(self) -> None:
        super().__init__()
        without_constants()
        if self.quick:
            install(self.stack.system, self)
        self.simulation: Simulation | None = None
        self.reached = Reached(self.stack.system)
        self.failed = False
        self.performer: Performer = Simulation.perform_all

    def begin(self, population: Population, order: int = 0) -> None:
        """Start the run with this population; `order` is the seed of its scheduler."""
        scenario = attrs.evolve(self.scenario, population=population, faults=Faults(), adversary=())
        self.simulation = Simulation(scenario, self.stack, self.properties, probes=(self.reached,))
        self.simulation.guard.hold()
        (scheduler,) = self.schedulers
        self.performer = scheduler(random.Random(order))  # noqa: S311 - reproducible

    def perform(self, *steps: Step) -> None:
        """Perform steps; the machine's rules end here."""
        if self.simulation is not None:
            self.performer(self.simulation, steps)

    def check_online(self) -> None:
        """Raise as soon as a property is violated for good, rather than at the end."""
        if not self.sinks and self.simulation is not None:
            for one, violation in self.simulation.violations():
                self._raise(one, violation.detail)

    def teardown(self) -> None:
        """Settle, judge, and raise for the first property that is violated."""
        if self.simulation is None:
            return
        simulation = self.simulation
        try:
            result = None if self.failed else simulation.settle()
        finally:
            simulation.guard.release()
        try:
            if result is not None:
                self._conclude(result)
        finally:
            simulation.close()

    def _conclude(self, result: Result) -> None:
        if self.sinks:
            case = Case(result.header.scenario.population, result.schedule)
            for sink in self.sinks:
                sink(Example(case, result, tuple(self.reached.names)))
            return
        if result.fault is not None:
            self._raise(FAULT, str(result.fault))
        for name, verdict in {**result.verdicts, **result.contracts}.items():
            if name in result.broken:
                self._raise(name, verdict.detail)

    def _raise(self, name: str, detail: str) -> None:
        self.failed = True
        assert self.simulation is not None  # noqa: S101 - it was there a line above
        if current_build_context().is_final:
            self.found[name] = Case(self.simulation.scenario.population, self.simulation.schedule)
        raise violation_of(name)(detail)


_VIOLATIONS: dict[str, type[Violation]] = {}


def violation_of(name: str) -> type[Violation]:
    """The exception class of a property."""
    if name not in _VIOLATIONS:
        _VIOLATIONS[name] = type(name, (Violation,), {"__doc__": f"{name} does not hold."})
    return _VIOLATIONS[name]


def machine(
    scenario: Scenario,
    stack: Stack,
    properties: Sequence[Property],
    *,
    population: SearchStrategy[Any] | None = None,
    kinds: Sequence[type[Step]] = (),
    scheduler: Scheduler = in_time,
    sink: Sink | None = None,
    quick: bool = True,
) -> type[ScheduleMachine]:
    """A machine class for this scenario's timing and terms, this stack and these properties.

    `population` draws who takes part, `kinds` are the steps that it has rules for (by default, all), `scheduler` orders
    the events between them. With a `sink`, runs are shown to it and nothing is raised. `quick=False` leaves the choice
    among rules to Hypothesis.
    """
    system = stack.system
    chosen = populations(system) if population is None else population
    known = tuple(kinds) or system.vocabulary
    namespace: dict[str, Any] = {
        "scenario": scenario,
        "stack": stack,
        "properties": tuple(properties),
        "quick": quick,
        "found": {},
        "schedulers": (scheduler,),
        "__doc__": "Schedules of a Crosslayer hunt.",
        "start": initialize(population=chosen)(_start),
    }
    if scheduler is not in_time:
        namespace["start"] = initialize(population=chosen, order=st.integers(0, MOST_ORDER))(_start_in_order)
    if sink is None:
        namespace["holds_so_far"] = invariant()(_holds_so_far)
    else:
        namespace["sinks"] = (sink,)
    for kind in known:
        namespace[rule_name(kind)] = _rule(system, kind)
    for plan in plans(system):
        if plan.needs <= {*known}:
            namespace[plan.name] = _plan(system, plan)
    return type("CrosslayerMachine", (ScheduleMachine,), namespace)


def _start(self: ScheduleMachine, population: Population) -> None:
    self.begin(population)


def _start_in_order(self: ScheduleMachine, population: Population, order: int) -> None:
    self.begin(population, order)


def _holds_so_far(self: ScheduleMachine) -> None:
    self.check_online()


def _plan(system: System, plan: Plan) -> Any:
    """A rule that performs all the steps of a drawn plan."""

    def perform(self: ScheduleMachine, **arguments: Any) -> None:
        if self.simulation is not None:
            self.perform(*moves(system)[plan.name].make(self.simulation.scenario.population, **arguments))

    perform.__name__ = plan.name  # the key by which the picker knows a rule
    perform.__doc__ = plan.about
    made: Any = rule
    return made(**{name: values(row) for name, row in plan.arguments.items()})(perform)


def _rule(system: System, kind: type[Step]) -> Any:
    def perform(self: ScheduleMachine, **arguments: Any) -> None:
        self.perform(kind(**arguments))

    perform.__name__ = rule_name(kind)
    perform.__doc__ = kind.__doc__
    made: Any = rule
    return made(**strategies_of(system)[kind])(perform)


__all__ = ["Example", "ScheduleMachine", "Sink", "Violation", "machine", "rule_name", "violation_of"]
