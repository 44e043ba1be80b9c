"""A scenario: who takes part, when, under which faults and which adversary.

Owns the base classes of every system's scenario and timing. Knows nothing of how a scenario is written or run.
All times are integer ticks.
"""

from typing import Any

from attrs import field, frozen, validators

from crosslayer.harness.model.brief import INTEGER_BOUND, brief
from crosslayer.harness.model.notes import noted
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.steps import Schedule

Names = tuple[tuple[str, str], ...]
"""Names by name, as pairs in order, so that it is hashable; a mapping in JSON."""

_natural = validators.and_(validators.instance_of(int), validators.ge(0))
_positive = validators.and_(validators.instance_of(int), validators.ge(1))


def ticks(default: int, about: str = "") -> Any:
    """A field of a timing: a number of ticks, at least 1, and what it means in one sentence."""
    return field(default=default, validator=_positive, metadata=noted(about, "ticks"))


@frozen(kw_only=True)
class Timing:
    """The timeline of a run, in ticks. A system's own timing adds what its agents need.

    A message takes `latency` ticks. A run's steps may act up to `finalise_at`. Then, or when the schedule ends, comes
    settlement: faults stop and the world runs on until `settlement` ticks after the later of the two moments.
    """

    latency: int = ticks(1, "How long a message is under way.")
    finalise_at: int = ticks(200, "Until when steps may act.")
    settlement: int = ticks(100, "How long the run goes on without faults after that.")


def _probability(_instance: object, attribute: Any, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{attribute.name} must be at least 0 and less than 1, not {value}")


@frozen(kw_only=True)
class Faults:
    """What the seeded mode draws: the probability that a message is lost, and one partition from the start.

    Agents that no group of the partition names form one more group. It heals at the tick `heals_at`.
    `ValueError` for a probability outside [0, 1), an empty group, or a partition that heals before it began.
    """

    drop: float = field(
        default=0.0,
        converter=float,
        validator=_probability,
        metadata=noted("With which probability a message is lost: at least 0, less than 1.", "probability"),
    )
    partition: tuple[tuple[str, ...], ...] = field(
        default=(),
        metadata=noted("Groups of agents that cannot reach each other from the start; all others are one more group."),
    )
    heals_at: int = field(
        default=0, validator=_natural, metadata=noted("When the partition heals; 0 if there is none.", "tick")
    )

    def __attrs_post_init__(self) -> None:
        if not all(self.partition):
            raise ValueError("partition: a group must name at least one agent")
        if self.partition and not self.heals_at:
            raise ValueError("heals_at must say at which tick the partition heals, 1 or later")


@frozen(kw_only=True)
class Scenario:
    """Everything that is fixed before a schedule begins. `adversary` is what the seeded mode does at the start.

    `stack` names the plugins of those parts that are not the reference. `ValueError` for an agent of the
    partition that is not in the population or in two groups, a part that is named twice, or a negative seed (whose
    randomness would be that of the positive one).
    """

    name: str = field(metadata=noted("What the scenario is called in outputs."))
    population: Population = field(factory=Population, metadata=noted("How many agents of each role take part."))
    timing: Timing = field(factory=Timing, metadata=noted("The timeline of a run."))
    seed: int = field(
        default=42,
        validator=validators.and_(_natural, validators.lt(INTEGER_BOUND)),
        metadata=noted("What all chance of a run is drawn from."),
    )
    faults: Faults = field(factory=Faults, metadata=noted("What `crosslayer run` draws from the seed."))
    adversary: Schedule = field(default=(), metadata=noted("Steps that `crosslayer run` performs at the start."))
    stack: Names = field(default=(), metadata=noted("The plugins of those parts that are not the reference."))

    def __attrs_post_init__(self) -> None:
        unnamed = set(self.population.names())
        for name in (name for group in self.faults.partition for name in group):
            if name not in unnamed:
                known = name in self.population.names()
                problem = f"{name} is named twice" if known else f"there is no agent {brief(name)} in this population"
                raise ValueError(f"faults.partition: {problem}")
            unnamed.remove(name)


def in_order(stack: Names, parts: tuple[str, ...]) -> Names:
    """The same plugins by part, in the one order in which equal stacks are equal; `ValueError` for a wrong part."""
    named = [part for part, _ in stack]
    for part in named:
        if part not in parts:
            raise ValueError(f"stack: there is no layer {brief(part)}; choose one of {', '.join(parts)}")
        if named.count(part) > 1:
            raise ValueError(f"stack: {part} is named twice")
    return tuple(sorted(stack, key=lambda pair: parts.index(pair[0])))
