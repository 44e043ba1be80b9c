"""What is said of a run: outcomes, verdicts, and the shape of a monitor.

Owns the vocabulary that invariants, layer contracts and reports share. Knows events, but no invariant.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from attrs import field, frozen

from crosslayer.harness.model.declarations import in_a_row
from crosslayer.harness.model.events import Event


class Outcome(StrEnum):
    """Three answers: it held, it broke, or the situation of which it speaks never arose."""

    HOLDS = "holds"
    VIOLATED = "violated"
    VACUOUS = "vacuous"


@frozen
class Verdict:
    """An outcome, one line that explains it, and the sequence numbers of the events that prove it."""

    outcome: Outcome
    detail: str
    evidence: tuple[int, ...] = ()


Handler = Callable[[int, Event], None]
"""Takes an event's sequence number and the event."""


class Monitor(Protocol):
    """An online observer of one run. Constant work per event; it sees nothing but events.

    `violation` is the first violation so far, or None. `conclude` gives the verdict once the run is over.
    Events that come twice under one sequence number never change a verdict.
    """

    @property
    def violation(self) -> Verdict | None:
        """The first violation so far."""
        ...

    def handlers(self) -> Mapping[str, Handler]:
        """Which event kinds it wants to see, and where they go; `*` stands for all kinds that are not named."""
        ...

    def conclude(self) -> Verdict:
        """The verdict, once the run is over."""
        ...


@frozen
class Property:
    """A named claim about any run, the parts it joins, and how to watch for it.

    Joint invariants (what no part promises alone) and contracts (what one part promises) are both of this shape;
    `joint` tells them apart. `watch(population)` makes the monitor of one run.
    """

    name: str
    claim: str
    parts: tuple[str, ...] = field(converter=in_a_row)
    watch: Callable[[Any], Monitor]
    joint: bool = True
