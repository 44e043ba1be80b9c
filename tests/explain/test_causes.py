from crosslayer.harness.explain.causes import ancestors
from crosslayer.harness.model.events import Event, Message


def _wire(kind: str, agent: str, number: int, source: str = "a", to: str = "b", **data: object) -> Event:
    return Event(0, kind, agent, data, Message(number, source, to, "note", b""))


def test_causes_travel_with_delivered_messages_only() -> None:
    """What an agent did leads to another's events once its message was delivered, and not before."""
    events = (
        Event(0, "fact", "a", {}),
        _wire("send", "a", 1),
        Event(0, "fact", "b", {}),
        Event(0, "fact", "a", {}),
        _wire("deliver", "b", 1),
        Event(0, "fact", "b", {}),
    )

    assert {2} == ancestors(events, [2])
    assert {0, 1, 2, 4, 5} == ancestors(events, [5])


def test_a_copy_carries_what_its_original_carried() -> None:
    """A message that the adversary copied brings the past of the one that was copied."""
    events = (Event(0, "fact", "a", {}), _wire("send", "a", 1), _wire("copy", "", 2, of=1), _wire("deliver", "b", 2))

    assert {0, 1, 2, 3} == ancestors(events, [3])
