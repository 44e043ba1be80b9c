"""Payments and terms: a hold ends exactly once, by release or refund, and money is conserved.

That it ends in time is what `whole_in_the_end` says.
"""

from collections.abc import Mapping
from typing import Any

from crosslayer import Event, Population, Property, Rules, on


class EndsOnce(Rules):
    """Remembers where each hold was opened and ended, and how much money there was in the beginning."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.begun: dict[str, int] = {}
        self.ended: dict[str, int] = {}
        self.held = 0
        self.total: int | None = None

    @on("books")
    def books(self, seq: int, event: Event) -> None:
        """Money is counted when the books are opened, for the first time or again."""
        self.count(seq, event.data.get("balances"))

    @on("hold_opened")
    def open(self, seq: int, event: Event) -> None:
        """Terms have one hold, whenever it ends."""
        match event.data:
            case {"id": str() as id_, "amount": int() as amount, "balances": balances}:
                if id_ in self.begun:
                    self.breaks(f"a second hold was opened under [{id_:.6}]", self.begun[id_], seq)
                self.begun[id_] = seq
                self.held += amount
                self.count(seq, balances)

    @on("hold_ended")
    def end(self, seq: int, event: Event) -> None:
        """It ends once, and its amount goes somewhere."""
        match event.data:
            case {"id": str() as id_, "amount": int() as amount, "how": how, "balances": balances}:
                self.exercised(seq)
                if id_ in self.ended:
                    self.breaks(f"the hold [{id_:.6}] ended a second time, by {how}", self.ended[id_], seq)
                self.ended[id_] = seq
                self.held -= amount
                self.count(seq, balances)

    def count(self, seq: int, balances: object) -> None:
        """What all have, and what is held, is together always the same."""
        if not isinstance(balances, Mapping):
            return
        counts: list[Any] = [one for one in balances.values() if isinstance(one, int)]
        if min(counts, default=0) < 0:
            self.breaks("somebody has less than nothing", seq)
        total = sum(counts) + self.held
        if self.total is None:
            self.total = total
        elif total != self.total:
            self.breaks(f"there were {self.total} credits, and now there are {total}", seq)


PROPERTY = Property(
    "ends_once",
    "a hold ends exactly once, by release or refund, and money is conserved",
    ("payments", "terms"),
    EndsOnce,
)
