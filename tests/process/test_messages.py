import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.process.messages import ANSWER, ERR, KINDS, OUT, Garbled, Receiver, Sender


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.binary(max_size=40))), st.integers(1, 9))
def test_messages_arrive_as_they_were_sent(sent: list[tuple[bytes, bytes]], size: int) -> None:
    """However the bytes are cut on their way, the messages are the same, in the same order."""
    reading, writing = os.pipe()
    for kind, content in sent:
        Sender(writing).send(kind, content)
    os.close(writing)
    receiver = Receiver()
    got: list[tuple[bytes, bytes]] = []
    with os.fdopen(reading, "rb") as file:
        while data := file.read(size):
            got += receiver.feed(data)

    assert sent == got


def test_large_message_is_sent_whole() -> None:
    """A message that no pipe holds at once waits for its reader."""
    reading, writing = os.pipe()
    thread = threading.Thread(target=lambda: Sender(writing).send(OUT, b"x" * 1_000_000))
    thread.start()
    receiver = Receiver()
    got: list[tuple[bytes, bytes]] = []
    while not got:
        got += receiver.feed(os.read(reading, 1 << 16))
    thread.join()

    assert [(OUT, b"x" * 1_000_000)] == got


@pytest.mark.parametrize("data", [b"hello world", b"\0\0\0\0\0", ERR + b"\xff\xff\xff\xff"])
def test_what_is_no_message_is_found_out(data: bytes) -> None:
    """What somebody else wrote into the pipe is never taken for an answer."""
    with pytest.raises(Garbled):
        list(Receiver().feed(data))


def test_half_a_message_is_none() -> None:
    """An answer that was cut off is no answer."""
    assert [] == list(Receiver().feed(ANSWER + b"\0\0\0\x09{}"))
