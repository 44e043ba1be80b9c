"""Every score and every confidence is a number in [0, 1].

Owns the trust contract. Its other promises (names, order and repetition of evidence do not matter, forged
receipts change nothing) need a second plugin to compare with: they arrive as audits.
"""

from collections.abc import Mapping

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.commerce.books import opinion
from crosslayer.properties.contract import Contract


class _Trust(Contract):
    part = "trust"

    def __init__(self, _population: Population) -> None:
        super().__init__()

    def facts(self) -> Mapping[str, Handler]:
        return dict.fromkeys(("scored", "counterfactual"), self._opinion)

    def _opinion(self, seq: int, event: Event) -> None:
        found = opinion(seq, event)
        if found is None:
            return
        self.seen += 1
        for what, value in (("score", found.score), ("confidence", found.confidence)):
            if not 0 <= value <= 1:  # so written, nan is outside
                self.breaks(f"the {what} of {found.about} at tick {event.tick} is {value:g}, outside [0, 1]", seq)


PROPERTY = Property(
    name="trust",
    claim="Every score and confidence is a number in [0, 1]; names, order, repetition and forgeries change nothing.",
    parts=("trust",),
    watch=_Trust,
    joint=False,
)
