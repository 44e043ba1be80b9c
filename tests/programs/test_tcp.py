"""One end of a connection against another, over a network that does what it wants."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.programs.tcp import ACK, DATA, END, OPEN, WINDOW, Endpoint, Patience, Segment

PATIENCE = Patience(3, tries=50)
FATES = st.lists(st.sampled_from(("arrives", "is lost", "comes twice", "waits", "is damaged")), max_size=60)


class Pair:
    """Two endpoints, and what is under way between them."""

    def __init__(self) -> None:
        self.wire: deque[tuple[str, bytes]] = deque()
        self.left = Endpoint("right", 1, 2, PATIENCE, lambda to, _kind, payload: self.wire.append((to, payload)))
        self.right = Endpoint("left", 2, 1, PATIENCE, lambda to, _kind, payload: self.wire.append((to, payload)))
        self.heard: list[bytes] = []

    def arrive(self, to: str, payload: bytes, now: int) -> None:
        """A segment arrives."""
        segment = Segment.read(payload)
        if segment is None:
            return
        end = self.left if to == "left" else self.right
        news = list(end.take(segment, now))
        if end is self.right:
            self.heard += [data for flag, data in news if flag == DATA]
        end.acknowledge()

    def play(self, fates: list[str]) -> None:
        """Let each segment meet its fate, and the network be kind when no fates are left."""
        fate = iter(fates)
        for now in range(2_000):
            for end in (self.left, self.right):
                assert end.on_time(now)
            for _ in range(len(self.wire)):
                to, payload = self.wire.popleft()
                match next(fate, "arrives"):
                    case "is lost":
                        continue
                    case "waits":
                        self.wire.append((to, payload))
                        continue
                    case "comes twice":
                        self.arrive(to, payload, now)
                    case "is damaged":
                        payload = payload[:-1] + bytes([payload[-1] ^ 1])
                self.arrive(to, payload, now)


@given(st.lists(st.binary(max_size=40), max_size=8), FATES)
def test_bytes_arrive_in_order_whatever_the_network_does(pieces: list[bytes], fates: list[str]) -> None:
    """What is lost, copied, late or damaged changes when bytes arrive, and never which, or in which order."""
    pair = Pair()
    pair.left.push("connect", OPEN, b"", 0)
    for piece in pieces:
        pair.left.push("data", DATA, piece, 0)
    pair.left.push("end", END, b"", 0)
    pair.play(fates)

    assert pieces == pair.heard
    assert pair.left.waiting == 0
    assert pair.left.due is None


def test_a_sender_waits_for_a_full_window_and_asks_again() -> None:
    """While the peer's program reads nothing, no more than a window is under way, and it is not given up."""
    pair = Pair()
    pair.right.unread = WINDOW
    pair.left.push("connect", OPEN, b"", 0)
    pair.play([])
    pair.left.push("data", DATA, b"x", 2_000)
    pair.left.push("data", DATA, b"y", 2_000)
    for now in range(2_000, 2_100):
        assert pair.left.on_time(now)
        for _ in range(len(pair.wire)):
            pair.arrive(*pair.wire.popleft(), now)
    before = list(pair.heard)
    pair.right.unread = 0
    pair.right.has_read(2_100)
    pair.right.acknowledge()
    pair.play([])

    assert [] == before
    assert [b"x", b"y"] == pair.heard


def test_what_nobody_answers_is_given_up() -> None:
    """After its tries, with doubling pauses, a sender gives up."""
    end = Endpoint("right", 1, 2, Patience(2, tries=3), lambda *_: None)
    end.push("connect", OPEN, b"", 0)
    alive = [end.on_time(now) for now in range(40)]

    assert 2 + 4 + 8 + 16 == alive.index(False)


def test_a_damaged_segment_is_no_segment() -> None:
    """Whichever byte is changed, the checksum notices."""
    payload = Segment(1, 2, ACK, 3, 4, 5, b"some data").payload()
    changed = [payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :] for at in range(len(payload))]

    assert Segment(1, 2, ACK, 3, 4, 5, b"some data") == Segment.read(payload)
    assert {None} == {Segment.read(one) for one in changed}
