"""Payments and privacy: the goods are opened by the buyer if and only if the seller is paid."""

from crosslayer import Event, Population, Property, Rules, Verdict, on, violated


class GoodsForMoney(Rules):
    """Remembers which holds were released, and which goods were opened."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.paid: dict[str, int] = {}
        self.opened: dict[str, int] = {}
        self.accepted: set[str] = set()
        self.over = False

    @on("accepted")
    def accept(self, _seq: int, event: Event) -> None:
        """The buyer has these goods, sealed. That nothing else is held is what `as_agreed` says."""
        self.accepted.add(str(event.data.get("id")))

    @on("hold_ended")
    def ended(self, seq: int, event: Event) -> None:
        """A release is the seller's pay."""
        match event.data:
            case {"id": str() as id_, "how": "release"}:
                self.exercised(seq)
                self.paid.setdefault(id_, seq)

    @on("opened")
    def open(self, seq: int, event: Event) -> None:
        """Goods must be paid before they are opened."""
        match event.data:
            case {"id": str() as id_}:
                self.exercised(seq)
                self.opened.setdefault(id_, seq)
                if id_ not in self.paid:
                    self.breaks(f"{event.agent} opened the goods of [{id_:.6}], for which nobody had been paid", seq)

    @on("end")
    def finish(self, _seq: int, _event: Event) -> None:
        """The key had time to arrive."""
        self.over = True

    def verdict(self) -> Verdict:
        """What was paid must have been opened in the end."""
        for id_, seq in self.paid.items():
            if self.over and id_ in self.accepted and id_ not in self.opened:
                return violated(f"the seller was paid for [{id_:.6}], and the buyer could not open the goods", seq)
        return super().verdict()


PROPERTY = Property(
    "goods_for_money",
    "the goods are opened by the buyer if and only if the seller is paid",
    ("payments", "privacy"),
    GoodsForMoney,
)
