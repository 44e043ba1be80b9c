"""Payments and terms: amount and payee of a hold are those of the accepted terms, which have not expired."""

from typing import Any

from crosslayer import Event, Population, Property, Rules, on

Deal = tuple[str, str, int, int]
"""Buyer, seller, amount and the last tick for a deposit."""


class AsAgreed(Rules):
    """Remembers what sellers have offered and buyers have accepted, each by its own record."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.said: dict[tuple[str, str], tuple[Deal, int]] = {}

    @on("offered", "accepted")
    def agree(self, seq: int, event: Event) -> None:
        """Somebody stands by these terms."""
        match event.data:
            case {"id": str() as id_, "buyer": buyer, "seller": seller, "amount": amount, "expires": int() as expires}:
                if event.agent == (seller if event.kind == "offered" else buyer):
                    self.said[id_, event.kind] = (buyer, seller, amount, expires), seq

    @on("hold_opened")
    def open(self, seq: int, event: Event) -> None:
        """Both must have stood by what is held."""
        match event.data:
            case {"id": str() as id_, "payer": payer, "payee": payee, "amount": amount}:
                self.exercised(seq)
                for kind in ("offered", "accepted"):
                    self.compare(id_, kind, (payer, payee, amount), seq, event)

    def compare(self, id_: str, kind: str, held: tuple[Any, ...], seq: int, event: Event) -> None:
        """One side's word, and what is held."""
        deal, at = self.said.get((id_, kind), (None, seq))
        told = f"{held[2]} credits of {held[0]} are held for {held[1]}"
        if deal is None:
            self.breaks(f"{told}, and nobody has {kind} that", seq)
        elif deal[:3] != held:
            self.breaks(f"{told}; {kind} were {deal[2]} of {deal[0]} for {deal[1]}", at, seq)
        elif event.tick > deal[3]:
            self.breaks(f"{told} since tick {event.tick}, but what was {kind} expired at {deal[3]}", at, seq)


PROPERTY = Property(
    "as_agreed",
    "amount and payee of a hold are those of the accepted terms",
    ("payments", "terms"),
    AsAgreed,
)
