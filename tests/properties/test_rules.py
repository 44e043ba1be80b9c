from typing import Any

from crosslayer import Event, Eventually, Outcome, Population, Rules, on


class Pairs(Rules):
    """Every b follows an a."""

    open = 0

    @on("a")
    def a(self, seq: int, _event: Event) -> None:
        """One more."""
        self.exercised(seq)
        self.open += 1

    @on("b", "c")
    def b(self, seq: int, event: Event) -> None:
        """One less."""
        if not self.open:
            self.breaks(f"{event.kind} without a", seq)
        self.open -= 1


class Answered(Eventually):
    """Every a is answered by a b within ten ticks of settlement."""

    within = 10

    @on("a")
    def a(self, seq: int, event: Event) -> None:
        """Somebody waits."""
        self.expect("it", "ann waits for a b", seq, event)

    @on("b")
    def b(self, seq: int, event: Event) -> None:
        """It has come."""
        self.met("it", seq, event)


def judged(kind: type[Any], *events: tuple[int, str]) -> Any:
    """What a property says of a run of these kinds of events, at these ticks."""
    monitor = kind(Population())
    for seq, (tick, what) in enumerate(events):
        handler = monitor.handlers().get(what)
        if handler:
            handler(seq, Event(tick, what, "ann", {}))
    return monitor.conclude()


def test_marked_methods_see_their_kinds() -> None:
    """A rule breaks a property with its event as the evidence."""
    assert (Outcome.HOLDS, Outcome.VACUOUS) == (judged(Pairs, (1, "a"), (2, "b")).outcome, judged(Pairs).outcome)
    broken = judged(Pairs, (1, "a"), (2, "b"), (3, "c"))

    assert (Outcome.VIOLATED, "c without a", (2,)) == (broken.outcome, broken.detail, broken.evidence)


def test_what_is_expected_must_come_before_the_end() -> None:
    """Who still waits at the end is told, since when, and for what."""
    never = judged(Answered, (1, "a"), (5, "settlement"), (50, "end"))

    assert (Outcome.VIOLATED, "ann waits for a b since tick 1, and it never came") == (never.outcome, never.detail)
    assert (0, 2) == never.evidence


def test_what_is_expected_must_not_come_too_late() -> None:
    """A deadline counts from the beginning of settlement, when all faults have stopped."""
    in_time = judged(Answered, (1, "a"), (5, "settlement"), (15, "b"), (50, "end"))
    late = judged(Answered, (1, "a"), (5, "settlement"), (16, "b"), (50, "end"))

    assert Outcome.HOLDS is in_time.outcome
    assert Outcome.VIOLATED is late.outcome
    assert "more than 10 ticks after settlement began" in late.detail


def test_a_run_that_did_not_end_is_not_judged() -> None:
    """Without an end, nobody has waited in vain."""
    assert Outcome.VACUOUS is judged(Answered, (1, "a")).outcome
