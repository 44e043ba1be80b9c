import pytest

from crosslayer.harness.model.events import MARKS, NO_DATA, WIRE, Event, Message
from crosslayer.harness.model.steps import Crash, Drop, Duplicate, Heal, Partition, Restart, RunUntil, Tamper
from crosslayer.harness.systems.commerce.steps import Buy, Complain, Inject, Withhold
from crosslayer.harness.systems.commerce.system import build
from tests.commerce import FACTS, KINDS, sentence
from tests.play import played

BUSY = (
    Withhold(),
    Withhold(0, 1),
    Buy(0, 0),
    Inject(0, "bid", 2),
    Partition((0, 1)),
    Heal(),
    RunUntil("bid sent"),
    Tamper("bid"),
    Duplicate("bid"),
    Drop("bid"),
    Crash(0),
    Restart(0),
    RunUntil("stream closed"),
    Complain(0, 0),
)


def test_every_kind_of_event_has_a_sentence() -> None:
    """Of a busy run, every event is told in words of its own, never by its kind alone, and on one line."""
    events = [*played(*BUSY).events, *played(stack=build(["privacy=noop"])).events]
    told = {event.kind: sentence(event) for event in events}

    assert {kind for kind in KINDS if kind != "fault"} == told.keys()
    assert [] == [text for kind, text in told.items() if text.endswith(f": {kind}") or "\n" in text]


@pytest.mark.parametrize("kind", [*FACTS, *MARKS, *WIRE])
def test_incomplete_event_is_told_by_its_kind(kind: str) -> None:
    """An event without the data of its kind is told all the same, with its tick."""
    assert sentence(Event(7, kind, "buyer-0", NO_DATA)).startswith("tick 7: ")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Event(3, "drop", "b", NO_DATA, Message(1, "a", "b", "bid", b"")), "tick 3: a bid from a to b is lost"),
        (Event(4, "node", "b", {"state": "crashed"}), "tick 4: b has crashed"),
        (Event(5, "link", "", {"groups": [], "cut": []}), "tick 5: all links are whole"),
        (Event(5, "link", "", {"groups": [], "cut": [["a", "b"]]}), "tick 5: links are cut"),
        (
            Event(6, "fault", "b", {"part": "trust", "operation": "score", "reason": "no"}),
            "tick 6: the trust plugin of b fails in score: no",
        ),
        (Event(8, "ledger", "", {"streams": []}), "tick 8: the ledger says: no stream was ever opened"),
    ],
)
def test_sentence(event: Event, told: str) -> None:
    """Who did what to whom, and when."""
    assert told == sentence(event)
