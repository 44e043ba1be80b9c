"""Shapes of runs."""

from crosslayer.harness.model.events import Event, Message
from tests.commerce import shape_of as shape

HELLO = Message(0, "a", "b", "bid", b"hello")
A = Event(1, "discovered", "a", {"seller": "s"})
B = Event(1, "discovered", "b", {"seller": "s"})


def test_ticks_numbers_and_the_order_of_others_do_not_matter() -> None:
    """Events of different agents may change places, and come later, in messages of other numbers."""
    later = (B._replace(tick=5), A, Event(9, "deliver", "b", {}, HELLO._replace(id=7)))

    assert shape((A, B, Event(2, "deliver", "b", {}, HELLO))) == shape(later)


def test_the_order_of_one_agent_matters() -> None:
    """What one agent sees first makes another shape."""
    arrival = Event(2, "deliver", "b", {}, HELLO)

    assert shape((B, arrival)) != shape((arrival, B))


def test_what_is_said_matters() -> None:
    """Another payload, another fact or one event more makes another shape."""
    told = Event(2, "deliver", "b", {}, HELLO)
    shapes = {
        shape((told,)),
        shape((told._replace(message=HELLO._replace(payload=b"x")),)),
        shape((told, A)),
        shape(()),
    }

    assert 4 == len(shapes)
