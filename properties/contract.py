"""What the contracts of all parts have in common: audits, flaws, and what counts as having been tested.

Owns the reading of `audit` and `flaw` facts. Knows no contract.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Verdict
from crosslayer.properties.watcher import Watcher, holds, vacuous


class Contract(Watcher):
    """A part's own promises. `seen` counts the facts that exercise them."""

    part: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    @abstractmethod
    def facts(self) -> Mapping[str, Handler]:
        """The event kinds, beside `audit` and `flaw`, that this contract wants to see."""

    def handlers(self) -> Mapping[str, Handler]:
        """The contract's own facts, the audits and the flaws."""
        return {**self.facts(), "audit": self._audit, "flaw": self._flaw}

    def _flaw(self, seq: int, event: Event) -> None:
        """What a harness saw that it records only where it is wrong."""
        match event.data:
            case {"layer": str() as layer, "check": str() as check, "detail": str() as detail} if layer == self.part:
                whose = f" of {event.agent}" if event.agent else ""
                self.breaks(f"the promise '{check}'{whose} is broken: {detail}", seq)

    def _audit(self, seq: int, event: Event) -> None:
        if event.data.get("layer") != self.part:
            return
        match event.data:
            case {"check": str() as check, "ok": bool() as ok}:
                self.seen += 1
                if not ok:
                    detail = event.data.get("detail", "")
                    whose = f" of {event.agent}" if event.agent else ""
                    self.breaks(f"the audit '{check}'{whose} failed" + (f": {detail}" if detail else ""), seq)

    def verdict(self) -> Verdict:
        """Vacuous if no fact exercised the contract."""
        if not self.seen:
            return vacuous(f"nothing of {self.part} was seen")
        return holds(f"{self.seen} fact(s) of {self.part}, and each keeps its contract")
