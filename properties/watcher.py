"""What every monitor here does alike: keep the first violation, and answer once the run is over.

Owns the making of verdicts. Knows no invariant.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from crosslayer.harness.model.verdicts import Handler, Outcome, Verdict

NOT_ENDED = "the run did not end"
"""Why a claim about the end of a run cannot be judged when the trace has no `end`."""


def holds(detail: str, *evidence: int) -> Verdict:
    """The claim was exercised, and held."""
    return _verdict(Outcome.HOLDS, detail, evidence)


def violated(detail: str, *evidence: int) -> Verdict:
    """The claim broke."""
    return _verdict(Outcome.VIOLATED, detail, evidence)


def vacuous(detail: str, *evidence: int) -> Verdict:
    """The claim was never exercised."""
    return _verdict(Outcome.VACUOUS, detail, evidence)


def _verdict(outcome: Outcome, detail: str, evidence: tuple[int, ...]) -> Verdict:
    # Names come from a trace that anybody may have written: keep the detail on one line, and printable.
    line = " ".join(detail.split())
    printable = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in line)
    return Verdict(outcome, printable, tuple(sorted(set(evidence))))


class Watcher(ABC):
    """A monitor that remembers the first violation only; what comes after never changes its verdict."""

    def __init__(self) -> None:
        self.violation: Verdict | None = None

    @abstractmethod
    def handlers(self) -> Mapping[str, Handler]:
        """Which event kinds it wants to see, and where they go. No handler ever raises, whatever the data."""

    @abstractmethod
    def verdict(self) -> Verdict:
        """What is to be said of a run in which nothing broke online."""

    def conclude(self) -> Verdict:
        """The first violation, or what the end of the run says. May be asked repeatedly."""
        return self.violation or self.verdict()

    def breaks(self, detail: str, *evidence: int) -> None:
        """Record a violation, unless there was one before."""
        if self.violation is None:
            self.violation = violated(detail, *evidence)
