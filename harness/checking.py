"""Testing a system in Python: one line that hunts, one run, one state machine.

Owns the way from a system to an assertion. A composition root, like the command line: it sees everything.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from crosslayer.harness.explain.determinism import doubt
from crosslayer.harness.explain.findings import Finding, finish
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.simulation import run as run_schedule
from crosslayer.harness.kernel.stack import Stack, build
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.scenario import Faults, Scenario
from crosslayer.harness.model.steps import Step
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Property, Verdict
from crosslayer.harness.search.hunting import Budget, Hunted
from crosslayer.harness.search.judgement import Judgement
from crosslayer.strategies.canary import canary
from crosslayer.strategies.hunt import hunt
from crosslayer.strategies.machine import ScheduleMachine
from crosslayer.strategies.machine import machine as make_machine

EXAMPLES = 300
"""Runs of a check, unless told otherwise: a second or two for a small system."""

Swaps = str | Sequence[str] | Stack
"""A stack: `"layer=plugin"`, several of them, or a stack that is made already."""


class Violation(AssertionError):
    """A property of the system is violated; the text is the story of the smallest case."""


class Vacuous(AssertionError):
    """A property of the system was never exercised, so that a pass would mean nothing."""


@frozen
class Checked:
    """A check that passed: how many runs there were, and in how many of them each property was exercised."""

    examples: int
    exercised: Mapping[str, int]
    reached: Mapping[str, int]


@frozen(eq=False)
class Run:
    """One run, judged: `run["name"]` is the verdict of a property."""

    result: Result
    verdicts: Mapping[str, Verdict]

    def __getitem__(self, name: str) -> Verdict:
        return self.verdicts[name]

    @property
    def digest(self) -> str:
        """The SHA-256 of the trace, in hex: the same for the same system, scenario, stack and schedule."""
        return self.result.digest

    @property
    def notes(self) -> tuple[str, ...]:
        """What became of each step, a sentence each."""
        return tuple(done.note for done in self.result.done)


def check(
    system: System,
    *,
    stack: Swaps = (),
    properties: Sequence[str] = (),
    examples: int = EXAMPLES,
    seconds: float | None = None,
    seed: int = 0,
    scenario: Scenario | None = None,
    vacuous: bool = False,
    save: Path | None = None,
) -> Checked:
    """Hunt for schedules that break a property of a system; in a test, this line is all there is.

    `Violation` with the story of the smallest case, which is also saved in the folder `save` if one is named.
    `Vacuous` if a joint invariant was never exercised, unless `vacuous` allows it, or if the system's known-bad plugins
    are not found, or if two runs of one schedule differ (one that broke a property, or another), so that a pass would
    prove nothing. `BadInput` for an unknown plugin or property.
    """
    chosen = _stack(system, stack)
    watched = _chosen(system, properties)
    base = _quiet(system, scenario)
    missed = canary(system, base, system.properties)
    if missed:
        raise Vacuous(f"self-test failed: {missed}; results are not trustworthy")
    hunted = hunt(base, chosen, watched, Budget(examples, seconds, seed))
    if hunted.cases:
        found = _findings(Judgement(base, chosen, watched), hunted, seed, save)
        broken = not all(one.unreliable for one in found)
        raise (Violation if broken else Vacuous)("\n\n".join(one.story for one in found))
    unsure = doubt(Judgement(base, chosen, watched), seed)
    if unsure:
        raise Vacuous(f"{unsure}; no verdict of its runs can be relied on")
    never = [one.name for one in watched if one.joint and not hunted.exercised[one.name]]
    if never and not vacuous:
        raise Vacuous(f"in none of {hunted.examples} runs was {', '.join(never)} exercised")
    return Checked(hunted.examples, dict(hunted.exercised), dict(hunted.reached))


def run(
    system: System,
    schedule: Sequence[Step] = (),
    *,
    stack: Swaps = (),
    population: Population | None = None,
    scenario: Scenario | None = None,
    seed: int | None = None,
) -> Run:
    """Perform a schedule, settle, and judge. `ValueError` for a step, kind or moment that the system does not have."""
    base = _quiet(system, scenario)
    changes: dict[str, Any] = {} if population is None else {"population": population}
    if seed is not None:
        changes["seed"] = seed
    result = run_schedule(
        attrs.evolve(base, **changes), _stack(system, stack), system.checked(schedule), system.properties
    )
    return Run(result, {**result.verdicts, **result.contracts})


def machine(system: System, *, stack: Swaps = (), properties: Sequence[str] = (), **more: Any) -> type[ScheduleMachine]:
    """A Hypothesis state machine for a system; `machine(SYSTEM).TestCase` is a test.

    `more` are `population`, `kinds`, `scheduler` and `quick`, as in `crosslayer.strategies.machine`.
    """
    scenario = _quiet(system, more.pop("scenario", None))
    return make_machine(scenario, _stack(system, stack), _chosen(system, properties), **more)


def _quiet(system: System, scenario: Scenario | None) -> Any:
    """The scenario of hunts (or this one) without faults of its own: all faults are the search's to draw."""
    base = shipped(system, "hunt") if scenario is None else scenario
    return attrs.evolve(base, faults=Faults(), adversary=(), stack=())


def _stack(system: System, swaps: Swaps) -> Stack:
    if isinstance(swaps, Stack):
        return swaps
    return build(system, [swaps] if isinstance(swaps, str) else swaps, "stack")


def _chosen(system: System, names: Sequence[str]) -> tuple[Property, ...]:
    known = {one.name: one for one in system.properties}
    for name in names:
        if name not in known:
            raise BadInput(f"property {name}", f"choose one of {', '.join(known)}")
    return tuple(known[name] for name in names) or system.properties


def _findings(judgement: Judgement, hunted: Hunted, seed: int, save: Path | None) -> list[Finding]:
    how = {"how": "check", "seed": seed, "examples": hunted.examples}
    return [
        finish(judgement, name, case, {**how, "first": hunted.first[name]}, save) for name, case in hunted.cases.items()
    ]
