"""What the environment can do to any system, and the base class of what an adversary can do.

Owns the vocabulary that all systems share. Knows nothing of how a step is performed, nor of any system's own steps.

Every step is *relative* ("the nth in-flight message of a kind", "the third agent, wrapping around") and *total*:
where nothing fits it changes nothing and the run says so. So any sub-sequence of a schedule is a schedule, which
is what makes shrinking work. Agents are given as indices, modulo their number; each field declares which (`arguments`).
"""

from typing import Any, NamedTuple

import attrs
from attrs import frozen

from crosslayer.harness.model.arguments import agent, groups, kind, moment, number, position


class StepResult(NamedTuple):
    """What became of a step: whether it changed anything, and one sentence with resolved names."""

    applied: bool
    note: str


def skipped(note: str) -> StepResult:
    """What became of a step that found nothing to do."""
    return StepResult(applied=False, note=note)


@frozen
class Step:
    """Something that the environment or the adversary does. Every step is a frozen subclass."""


@frozen
class Run(Step):
    """Run on for this many events (deliveries and wake-ups), but not past the scenario's finalising tick."""

    events: int = number(1, 1, 2, 4, 8, 16, 32, 64)


@frozen
class RunUntil(Step):
    """Run on until this moment next happens; if it never does, to the scenario's finalising tick."""

    moment: str = moment()


@frozen
class Drop(Step):
    """Lose the nth in-flight message of a kind, oldest first, wrapping around."""

    kind: str = kind()
    nth: int = position()


@frozen
class Duplicate(Step):
    """Put a second copy of the nth in-flight message of a kind on its way."""

    kind: str = kind()
    nth: int = position()


@frozen
class Delay(Step):
    """Hold the nth in-flight message of a kind back by some ticks (settlement ends every delay)."""

    kind: str = kind()
    nth: int = position()
    ticks: int = number(1, 1, 4, 16, 32, 64)


@frozen
class Deliver(Step):
    """Deliver the nth in-flight message of a kind now, out of order."""

    kind: str = kind()
    nth: int = position()


@frozen
class Tamper(Step):
    """Flip one bit in the middle of the nth in-flight message of a kind."""

    kind: str = kind()
    nth: int = position()


@frozen
class Redirect(Step):
    """Send a copy of the nth in-flight message of a kind to another agent, under its sender's name."""

    kind: str = kind()
    nth: int = position()
    to: int = agent()


@frozen
class Partition(Step):
    """Split the network: the agent at index i is in group `groups[i % len(groups)]`; only groups talk within."""

    groups: tuple[int, ...] = groups()


@frozen
class Cut(Step):
    """Cut the link between two agents in one direction. Both are indices into all agents."""

    source: int = agent()
    to: int = agent()


@frozen
class Heal(Step):
    """Restore every link: partitions and cuts end."""


@frozen
class Crash(Step):
    """Crash an agent (index into all agents): its input is lost until it restarts, its state is kept."""

    agent: int = agent()


@frozen
class Forget(Step):
    """Crash an agent that loses its memory: when it restarts, it is made anew from what it has durably stored."""

    agent: int = agent()


@frozen
class Restart(Step):
    """Restart a crashed agent: the wake-ups that it slept through come at once, each of them once."""

    agent: int = agent()


@frozen
class Inject(Step):
    """A corrupt agent sends a malformed message of a kind to any agent."""

    kind: str = kind()
    sender: int = agent(corrupt=True)
    to: int = agent()


@frozen
class Alter(Step):
    """Change the nth in-flight message of a kind, in a place and a way: a bit, a field, a field of another, its length.

    `place` is the part of the payload (of 16), or its field, wrapping around; `way` is an index into the ways
    (`harness/kernel/altering.py`), the simplest first.
    """

    kind: str = kind()
    nth: int = position()
    way: int = number(0, *range(5))
    place: int = number(0, *range(16))


ENVIRONMENT: tuple[type[Step], ...] = (
    Run,
    RunUntil,
    Drop,
    Duplicate,
    Delay,
    Deliver,
    Tamper,
    Redirect,
    Inject,
    Partition,
    Cut,
    Heal,
    Crash,
    Forget,
    Restart,
    Alter,
)
"""The steps that every system has, the simplest first."""

Schedule = tuple[Step, ...]
"""The only input of a run beside its scenario and stack."""

RUNNING_ON = (Run, RunUntil)
"""The steps that only let time pass; every other step is a *deviation* from the happy path."""


def isolated(agent: int, agents: int) -> tuple[int, ...]:
    """The groups in which one of this many agents stands alone (among more, every agent at that distance)."""
    return tuple(int(index == agent % agents) for index in range(agents))


def altered(step: Step, **fields: Any) -> Step:
    """The same step with some of its fields changed."""
    return attrs.evolve(step, **fields)


def deviations(schedule: Schedule) -> int:
    """How many steps of a schedule are deviations from the happy path."""
    return sum(not isinstance(step, RUNNING_ON) for step in schedule)
