"""Payments and kernel: after any crash, also with loss of memory, and past its deadline, both sides are whole.

Whole is: money does not stay in a hold, a claim that the arbiter has taken is paid, and a late one is not taken.
"""

from crosslayer import Event, Population, Property, Rules, Verdict, on, violated


class WholeInTheEnd(Rules):
    """Remembers deadlines, claims that were taken, and how holds ended."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.deadlines: dict[str, int] = {}
        self.begun: dict[str, int] = {}
        self.claimed: dict[str, int] = {}
        self.ended: dict[str, set[str]] = {}
        self.over = False

    @on("offered")
    def offer(self, _seq: int, event: Event) -> None:
        """The terms say until when a hold can be claimed."""
        match event.data:
            case {"id": str() as id_, "deadline": int() as deadline}:
                self.deadlines[id_] = deadline

    @on("hold_opened")
    def open(self, seq: int, event: Event) -> None:
        """From now on there is money that must go somewhere."""
        match event.data:
            case {"id": str() as id_}:
                self.begun.setdefault(id_, seq)

    @on("claimed")
    def claim(self, seq: int, event: Event) -> None:
        """The arbiter has taken a claim: it must be in time, and will be paid."""
        match event.data:
            case {"id": str() as id_}:
                self.exercised(seq)
                self.claimed.setdefault(id_, seq)
                deadline = self.deadlines.get(id_, event.tick)
                if event.tick > deadline:
                    late = f"a claim of [{id_:.6}] was taken at tick {event.tick}"
                    self.breaks(f"{late}, and its deadline was tick {deadline}", seq)

    @on("expired")
    def expire(self, seq: int, _event: Event) -> None:
        """A hold has reached its deadline."""
        self.exercised(seq)

    @on("hold_ended")
    def end(self, _seq: int, event: Event) -> None:
        """The money has gone somewhere."""
        match event.data:
            case {"id": str() as id_, "how": str() as how}:
                self.ended.setdefault(id_, set()).add(how)

    @on("end")
    def finish(self, _seq: int, _event: Event) -> None:
        """Everything had time to settle."""
        self.over = True

    def verdict(self) -> Verdict:
        """Every hold must have ended, those that were claimed by release."""
        if self.over:
            for id_, seq in self.claimed.items():
                if "release" not in self.ended.get(id_, ()):
                    return violated(f"the arbiter took the claim of [{id_:.6}], and the seller was never paid", seq)
            for id_, seq in self.begun.items():
                if id_ not in self.ended:
                    return violated(f"the money of [{id_:.6}] is held to the end, long past its deadline", seq)
        return super().verdict()


PROPERTY = Property(
    "whole_in_the_end",
    "after any crash, also with loss of memory, and past its deadline, both sides are whole; a late claim is refused",
    ("payments", "kernel"),
    WholeInTheEnd,
)
