from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.picture.past import causes, clocks, past

PING = Message(0, "a", "b", "ping", b"")
EVENTS = (
    Event(0, "send", "a", {}, PING),
    Event(0, "noted", "c", {}),
    Event(1, "deliver", "b", {}, PING),
    Event(1, "noted", "b", {}),
)


def test_the_past_of_an_event_goes_through_messages_to_their_senders() -> None:
    """What b notes follows from what a sent; what c noted has nothing to do with it."""
    assert {0, 2, 3} == past(causes(EVENTS), [3])


def test_clocks_count_what_led_to_an_event() -> None:
    """The clock of b has its own events, and those of a that it heard of."""
    assert {"a": 1, "b": 2} == dict(clocks(EVENTS))[3]


def test_a_changed_message_still_comes_from_its_sender() -> None:
    """What the network did to a message does not cut it off from where it came from."""
    events = (EVENTS[0], Event(0, "tamper", "a", {}, PING), EVENTS[2])

    assert {0, 1, 2} == past(causes(events), [2])
