"""What a stream of bytes says, wherever it is cut."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.programs.decoders import ANSWER, REQUEST, Http, a2a, answer_to, mcp, messages
from crosslayer.harness.programs.tcp import PLAIN


def post(path: str, body: bytes, *, chunked: bool = False) -> bytes:
    """A request."""
    if chunked:
        half = len(body) // 2
        parts = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (body[:half], body[half:]) if one)
        return f"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + parts + b"0\r\n\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def answer(body: bytes, status: str = "200 OK", head: str = "") -> bytes:
    """An answer."""
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


CALL = json.dumps(
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "pay", "arguments": {}}}
).encode()
STREAM = [
    *(post("/write", b'{"token": 1}'), post("/other", b"x" * 40, chunked=True), post("/write?x=1", b"")),
    b"GET /card HTTP/1.1\r\nHost: a\r\n\r\n",
]
NAMES = Http(("POST /write",))


@given(st.lists(st.integers(0, sum(map(len, STREAM))), max_size=12))
def test_requests_are_found_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    """All bytes are sent on, in order, and each request is whole once, under its name."""
    data = b"".join(STREAM)
    ends = sorted({0, len(data), *cuts})
    ours, theirs = NAMES.conversation(), NAMES.conversation()
    pieces = [piece for at, end in pairwise(ends) for piece in ours.wrote(data[at:end])]
    whole = [one for _, piece in pieces for one in theirs.read(piece)]

    assert data == b"".join(piece for _, piece in pieces)
    assert ["POST /write", REQUEST, "POST /write", REQUEST] == [kind for kind, _ in whole]
    assert {"token": 1} == whole[0][1]


def test_one_turn_is_one_message_of_its_kind() -> None:
    """Requests that are written in one turn are cut where each ends; an answer is that to the oldest open request."""
    client, server = NAMES.conversation(), NAMES.conversation()
    sent = client.wrote(STREAM[0] + STREAM[1])
    for _, piece in sent:
        server.read(piece)
    answers = server.wrote(answer(b"{}") + answer(b"no", "404 Not Found"))

    assert [("POST /write", STREAM[0]), (REQUEST, STREAM[1])] == list(sent)
    assert [answer_to("POST /write"), ANSWER] == [kind for kind, _ in answers]
    assert [(answer_to("POST /write"), {}), (ANSWER, None)] == [
        one for _, piece in answers for one in client.read(piece)
    ]


@pytest.mark.parametrize("bodiless", ["204 No Content", "304 Not Modified", "100 Continue"])
def test_answers_without_a_body(bodiless: str) -> None:
    """Some answers end with their head, and one that only says "go on" answers nothing yet."""
    client = NAMES.conversation()
    client.wrote(STREAM[0])
    found = client.read(f"HTTP/1.1 {bodiless}\r\n\r\n".encode() + answer(b"[1]"))

    assert (answer_to("POST /write"), None) == found[0]
    assert ("answer" if bodiless[0] != "1" else answer_to("POST /write"), [1]) == found[1]


def test_events_of_a_stream() -> None:
    """An answer that is a stream of events is told by its last event."""
    client = mcp("pay").conversation()
    client.wrote(post("/mcp", CALL))
    events = b'event: message\r\ndata: {"id": 0}\r\n\r\nevent: message\r\ndata: {"id": 1, "result": 3}\r\n\r\n'
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(events), events)

    assert [("answer to tools/call pay", {"id": 1, "result": 3})] == list(client.read(chunked))


def test_tools_and_methods_are_names() -> None:
    """A call of a tool is named by both, any other call by its method; what is not listed is a request."""
    kinds = [
        next(kind for kind, _ in decoder.conversation().wrote(post("/", body)))
        for decoder, body in (
            (mcp("pay"), CALL),
            (mcp("other"), CALL),
            (mcp(), b'{"method": "initialize"}'),
            (a2a(), b'{"method": "SendMessage"}'),
            (a2a(), b"no json"),
            (mcp(), b'{"method": ["x"]}'),
        )
    ]

    assert ["tools/call pay", REQUEST, "initialize", "SendMessage", REQUEST, REQUEST] == kinds


@given(st.binary(min_size=1, max_size=80))
def test_what_is_no_http_travels_as_it_is(junk: bytes) -> None:
    """Any bytes are sent on, whatever is understood of them."""
    conversation = NAMES.conversation()

    assert junk * 2 == b"".join(piece for _ in range(2) for _, piece in conversation.wrote(junk))


def test_junk_is_data() -> None:
    """After the first line that is no HTTP, nothing is understood any more."""
    assert [(PLAIN, b"HELO there\r\n\r\n"), (PLAIN, STREAM[0])] == [
        piece
        for one in [NAMES.conversation()]
        for data in (b"HELO there\r\n\r\n", STREAM[0])
        for piece in one.wrote(data)
    ]


def test_kinds_are_declared() -> None:
    """Every kind that a decoder finds is a message kind of the system, once."""
    names = [one.name for one in messages(mcp("pay"))]

    assert {*mcp("pay").kinds} <= {*names}
    assert len(names) == len({*names})
