"""Payments and trust: a seller that kept the bargain is not below the threshold, and one that broke it is.

It kept it if all its holds that were not taken back were claimed and paid; it broke it if it let one expire.
"""

from crosslayer import Event, Population, Property, Rules, on

THRESHOLD = 0.3
"""A seller below it is shunned: that of commerce, whose trust layer is used."""


class ConductScored(Rules):
    """Remembers how the holds of each seller ended, until it is scored."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.sellers: dict[str, tuple[str, int]] = {}
        self.kept: dict[str, int] = {}
        self.broke: dict[str, int] = {}
        self.claimed: set[str] = set()

    @on("hold_opened")
    def open(self, seq: int, event: Event) -> None:
        """Whose bargain it is."""
        match event.data:
            case {"id": str() as id_, "seller": str() as seller}:
                self.sellers[id_] = seller, seq

    @on("claimed")
    def claim(self, _seq: int, event: Event) -> None:
        """Whether it was claimed, whatever became of that."""
        self.claimed.add(str(event.data.get("id")))

    @on("expired")
    def expire(self, seq: int, event: Event) -> None:
        """Nobody brought the key in time."""
        self.count(self.broke, event, seq)

    @on("hold_ended")
    def end(self, seq: int, event: Event) -> None:
        """The key was brought, and paid."""
        if event.data.get("how") == "release":
            self.count(self.kept, event, seq)

    def count(self, group: dict[str, int], event: Event, seq: int) -> None:
        """The seller of this hold has kept or broken its bargain; where a claim was taken and forgotten, neither."""
        id_ = str(event.data.get("id"))
        if id_ in self.sellers and not (group is self.broke and id_ in self.claimed):
            group.setdefault(self.sellers[id_][0], seq)

    @on("score")
    def score(self, seq: int, event: Event) -> None:
        """Compare what a seller did with what is thought of it."""
        match event.data:
            case {"subject": str() as name, "value": float() | int() as value} if name in self.broke:
                self.exercised(seq)
                if value >= THRESHOLD:
                    told = f"{name} let a hold expire, and ended with score {value}"
                    self.breaks(f"{told}, not below {THRESHOLD}", self.broke[name], seq)
            case {"subject": str() as name, "value": float() | int() as value} if name in self.kept:
                self.exercised(seq)
                if value < THRESHOLD:
                    told = f"{name} kept every bargain, and ended with score {value}"
                    self.breaks(f"{told}, below {THRESHOLD}", self.kept[name], seq)


PROPERTY = Property(
    "conduct_scored",
    "who kept the bargain is not below the threshold, and who broke it is",
    ("payments", "trust"),
    ConductScored,
)
