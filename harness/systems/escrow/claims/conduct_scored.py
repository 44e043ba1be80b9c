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
        self.accepted: set[str] = set()
        self.sellers: dict[str, str] = {}
        self.kept: dict[str, int] = {}
        self.broke: dict[str, int] = {}
        self.unclear: dict[str, int] = {}
        self.claimed: set[str] = set()

    @on("accepted")
    def accept(self, _seq: int, event: Event) -> None:
        """The buyer stands by these terms; a hold under others is no bargain, and `as_agreed` speaks of it."""
        self.accepted.add(str(event.data.get("id")))

    @on("hold_opened")
    def open(self, _seq: int, event: Event) -> None:
        """Whose bargain it is."""
        match event.data:
            case {"id": str() as id_, "seller": str() as seller} if id_ in self.accepted:
                self.sellers[id_] = seller

    @on("claimed")
    def claim(self, _seq: int, event: Event) -> None:
        """Whether it was claimed, whatever became of that."""
        self.claimed.add(str(event.data.get("id")))

    @on("expired")
    def expire(self, seq: int, event: Event) -> None:
        """Nobody brought the key in time; if the arbiter took a claim and forgot it, nothing is said of the seller."""
        id_ = str(event.data.get("id"))
        group = self.unclear if id_ in self.claimed else self.broke
        group.setdefault(self.sellers.get(id_, ""), seq)

    @on("hold_ended")
    def end(self, seq: int, event: Event) -> None:
        """The key was brought, and paid."""
        if event.data.get("how") == "release":
            self.kept.setdefault(self.sellers.get(str(event.data.get("id")), ""), seq)

    @on("score")
    def score(self, seq: int, event: Event) -> None:
        """Compare what a seller did with what is thought of it."""
        match event.data:
            case {"subject": str() as name, "value": float() | int() as value} if name in self.broke:
                self.exercised(seq)
                if value >= THRESHOLD:
                    told = f"{name} let a hold expire, and ended with score {value}"
                    self.breaks(f"{told}, not below {THRESHOLD}", self.broke[name], seq)
            case {"subject": str() as name, "value": float() | int() as value} if (
                name in self.kept.keys() - self.unclear
            ):
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
