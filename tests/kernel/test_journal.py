from crosslayer.harness.kernel.journal import Journal, judge
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Outcome, Verdict
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.ports import Clock

POPULATION = Population()


class Witness:
    """A monitor that writes down what it sees."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.seen: list[tuple[int, str]] = []
        self.violation: Verdict | None = None

    def handlers(self) -> dict[str, Handler]:
        return dict.fromkeys(self.kinds, self._see)

    def _see(self, seq: int, event: Event) -> None:
        self.seen.append((seq, event.kind))

    def conclude(self) -> Verdict:
        return Verdict(Outcome.HOLDS, "")


def test_an_event_is_numbered_by_its_place() -> None:
    """An event's sequence number is its index in the journal, and its tick is the clock's."""
    clock = Clock()
    witness = Witness("end")
    journal = Journal(clock, [witness])
    journal.record("settlement", "")
    clock.now = 7
    journal.record("end", "")

    assert [(1, "end")] == witness.seen
    assert [0, 7] == [event.tick for event in journal.events]


def test_monitors_see_only_what_they_asked_for() -> None:
    """Each event goes to the monitors of its kind, and to nobody else."""
    one, other = Witness("end", "node"), Witness("node")
    journal = Journal(Clock(), [one, other])
    for kind in ("node", "settlement", "end"):
        journal.record(kind, "")

    assert [(0, "node"), (2, "end")] == one.seen
    assert [(0, "node")] == other.seen


def test_a_stored_trace_is_shown_once_a_number() -> None:
    """A stored event whose number came before is not shown again."""
    witness = Witness("node", "end")
    node, end = Event(1, "node", "", {}), Event(2, "end", "", {})

    count = judge([(0, node), (0, node), (1, end), (0, node), (1, end)], [witness])

    assert 2 == count
    assert [(0, "node"), (1, "end")] == witness.seen
