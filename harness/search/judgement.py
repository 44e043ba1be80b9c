"""One question, asked again and again: does this case break that promise of this stack?

Owns the running of a case and the comparison with one property. Everything that shrinks, blames, explains or replays
a counterexample asks it here.
"""

from collections.abc import Iterable, Sequence

import attrs
from attrs import frozen

from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.kernel.guard import CPU_SECONDS
from crosslayer.harness.kernel.simulation import Performer, Result, Simulation, run
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.verdicts import Monitor, Outcome, Property, Verdict

HURRIED_CPU_SECONDS = 0.5
"""CPU time for one event's handling where that is known to be endless; still some hundred times what is needed."""


@frozen(eq=False)
class Judgement:
    """A stack under judgement: its scenario (whose population a case replaces) and the properties that matter."""

    scenario: Scenario
    stack: Stack
    properties: Sequence[Property]
    cpu_seconds: float = CPU_SECONDS

    def run(
        self, case: Case, *, probes: Iterable[Monitor] = (), performer: Performer = Simulation.perform_all
    ) -> Result:
        """The run of a case; probes look on, and have no say in it."""
        scenario = attrs.evolve(self.scenario, population=case.population)
        return run(
            scenario,
            self.stack,
            case.schedule,
            self.properties,
            self.cpu_seconds,
            probes=probes,
            performer=performer,
        )

    def on(self, stack: Stack) -> "Judgement":
        """The same judgement of another stack."""
        return attrs.evolve(self, stack=stack)

    def hurried(self) -> "Judgement":
        """The same judgement, with less time for a call: for many runs that end only because it is over."""
        return attrs.evolve(self, cpu_seconds=HURRIED_CPU_SECONDS)

    def about(self, name: str) -> "Judgement":
        """The same judgement, watching only what it takes to see this property broken.

        A fault may be any property's own, so all of them are needed to see it.
        """
        if name == FAULT:
            return self
        return attrs.evolve(self, properties=tuple(one for one in self.properties if one.name == name))

    def breaks(self, name: str, case: Case) -> bool:
        """Whether the case breaks the property of this name (or, for `plugin_fault`, ends in a fault)."""
        return broken(self.about(name).run(case), name)


def broken(result: Result, name: str) -> bool:
    """Whether a result shows this property broken."""
    if name == FAULT or result.fault is not None:
        return name == FAULT and result.fault is not None
    return verdict(result, name).outcome is Outcome.VIOLATED


def verdict(result: Result, name: str) -> Verdict:
    """What a result says of a property; a fault is told as a violation of `plugin_fault`."""
    if name == FAULT:
        if result.fault is None:
            return Verdict(Outcome.HOLDS, "no plugin failed")
        return Verdict(Outcome.VIOLATED, str(result.fault), (len(result.events) - 1,))
    found = {**result.verdicts, **result.contracts}.get(name)
    return found or Verdict(Outcome.VACUOUS, "it was not watched")
