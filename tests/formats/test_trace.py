"""Claims about `crosslayer.harness.formats.trace`."""

import base64
import gzip
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.formats.trace import Header, digest, lines, trail, write
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.steps import Drop, Heal
from crosslayer.harness.systems.commerce.nouns import LAYERS, Scenario
from tests.commerce import SYSTEM
from tests.commerce import read_trace as read
from tests.values import EVENTS, SCENARIOS, SCHEDULES, TEXTS

HEADER = Header(Scenario(name="x"), {"trust": "agent_receipts"}, (Drop("bid"), Heal()), SYSTEM)
BID = Message(7, "buyer-0", "seller-0", "bid", b"sealed")
EVENT = Event(3, "send", "buyer-0", {}, BID)
LINE = {
    "seq": 0,
    "tick": 3,
    "kind": "send",
    "agent": "buyer-0",
    "id": 7,
    "source": "buyer-0",
    "to": "seller-0",
    "message": "bid",
    "payload": "sealed",
}
HEADERS = st.builds(Header, SCENARIOS, st.dictionaries(st.sampled_from(LAYERS), TEXTS), SCHEDULES, st.just(SYSTEM))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a trace that is not there yet."""
    return tmp_path / "trace.jsonl"


def head() -> bytes:
    """The header line of `HEADER`."""
    return next(lines(HEADER, ()))


def json_line(value: Any) -> bytes:
    """A line of a trace that somebody else wrote."""
    return json.dumps(value).encode() + b"\n"


def read_all(file: Path, content: bytes, line_bound: int = 10_000) -> list[tuple[int, Event]]:
    """All events of a trace of this content."""
    file.write_bytes(content)
    return list(read(file, line_bound)[1])


def reason(file: Path, content: bytes) -> str:
    """Why a trace of this content is refused, with the place behind the file's name."""
    with pytest.raises(BadInput) as caught:
        read_all(file, content)
    return str(caught.value).removeprefix(f"{file}:")


@given(HEADERS, st.lists(EVENTS, max_size=4))
def test_a_trace_survives_its_file(
    tmp_path_factory: pytest.TempPathFactory, header: Header, events: list[Event]
) -> None:
    """Whatever is written is read again: the header, every event with its number, every payload's bytes."""
    file = tmp_path_factory.mktemp("trace") / "trace.jsonl"
    write(file, header, events)
    header_again, events_again = read(file)

    assert header == header_again
    assert list(enumerate(events)) == list(events_again)


@given(HEADERS, st.lists(EVENTS, max_size=4))
def test_a_digest_survives_the_file(
    tmp_path_factory: pytest.TempPathFactory, header: Header, events: list[Event]
) -> None:
    """A trace that was read has the digest of the trace that was written."""
    file = tmp_path_factory.mktemp("trace") / "trace.jsonl"
    write(file, header, events)
    header_again, events_again = read(file)

    assert digest(header, events) == digest(header_again, [event for _, event in events_again])


def test_the_format_is_as_documented() -> None:
    """One header, then one event a line, with the message of a wire event beside the other keys."""
    first, second = lines(HEADER, [EVENT])

    assert ["crosslayer", "scenario", "schedule", "stack", "version"] == list(json.loads(first))
    assert ("trace", 1) == (json.loads(first)["crosslayer"], json.loads(first)["version"])
    assert LINE == json.loads(second)
    assert second.endswith(b"\n")


def test_a_known_trace_has_its_digest() -> None:
    """The format changes on purpose or not at all: this digest is a tripwire."""
    expected = "b64817eb0e525b07c803f3d6e9defc1b8097cf6c601ce77b0ccb932c1a8d7950"

    assert expected == digest(HEADER, [EVENT])


def test_the_order_of_data_means_nothing() -> None:
    """Two events with the same data in another order have the same line."""
    one, other = (
        Event(0, "node", "a", {"state": "x", "b": {"c": 1, "d": 2}}),
        Event(0, "node", "a", {"b": {"d": 2, "c": 1}, "state": "x"}),
    )

    assert digest(HEADER, [one]) == digest(HEADER, [other])


def test_bytes_that_are_no_text_travel_in_base64() -> None:
    """A payload that is not UTF-8 is written as `payload64`."""
    *_, line = lines(HEADER, [EVENT._replace(message=BID._replace(payload=b"\xff\x00"))])

    assert base64.b64encode(b"\xff\x00").decode() == json.loads(line)["payload64"]
    assert "payload" not in json.loads(line)


def test_a_line_that_comes_again_is_ignored(file: Path) -> None:
    """A number that was seen before adds no event, whatever its line says."""
    again = {**LINE, "kind": "unheard of", "payload": 5}
    content = (
        head() + json_line(LINE) + json_line({**LINE, "seq": 1}) + json_line(again) + json_line({**LINE, "seq": 2})
    )

    assert [0, 1, 2] == [seq for seq, _ in read_all(file, content)]


def test_events_are_read_while_they_are_asked_for(file: Path) -> None:
    """What is corrupt further on is noticed further on."""
    file.write_bytes(head() + json_line(LINE) + b"junk\n")
    _, events = read(file)

    assert (0, EVENT) == next(events)
    with pytest.raises(BadInput, match=":3: is not JSON"):
        next(events)


def test_reading_takes_the_memory_of_one_line(file: Path) -> None:
    """A file of many megabytes is read within a few hundred kilobytes."""
    line = json.dumps({**LINE, "payload": "x" * 10_000})
    file.write_bytes(
        head() + b"".join(line.replace('"seq": 0', f'"seq": {seq}').encode() + b"\n" for seq in range(800))
    )
    tracemalloc.start()
    try:
        assert 800 == sum(1 for _ in read(file)[1])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert file.stat().st_size > 8_000_000
    assert peak < 1_000_000


def test_an_endless_line_is_not_swallowed(file: Path) -> None:
    """Of a line that is far too long, no more than the bound is read."""
    file.touch()
    os.truncate(file, 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match=":1: the line is longer than 1000 bytes"):
            read(file, line_bound=1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1_000_000


def test_packed_traces_are_read(file: Path) -> None:
    """A trace that was packed by gzip is read as it is."""
    packed = file.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(head() + json_line(LINE)))

    assert [(0, EVENT)] == list(read(packed)[1])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\n", "1: is not JSON"),
        (b"junk\n", "1: is not JSON"),
        (b"[]\n", "1: is no Crosslayer trace: the first line must be its header"),
        (b'{"kind": "send"}\n', "1: is no Crosslayer trace: the first line must be its header"),
        (b'{"crosslayer": "trace"}\n', "1: is a trace of version None; this is version 1"),
        (b'{"crosslayer": "trace", "version": 2}\n', "1: is a trace of version 2; this is version 1"),
        (b'{"crosslayer": "trace", "version": true}\n', "1: is a trace of version True; this is version 1"),
        (b'{"crosslayer": "trace", "version": 1}\n', "1: the header must have scenario, stack and schedule"),
        (b"\xff\n", "1: is not UTF-8 at byte 0"),
        (b"[" * 500 + b"]" * 500 + b"\n", "1: is nested too deeply"),
    ],
)
def test_a_file_without_a_header_is_no_trace(file: Path, content: bytes, expected: str) -> None:
    """What does not begin with the header of this version is refused at line 1."""
    assert reason(file, content).startswith(expected)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("scenario", {}, "1: scenario: name: is missing"),
        ("scenario", {"name": "x", "seed": "1"}, "1: scenario: seed: expected an integer, not '1'"),
        ("stack", {"trust": 1}, "1: stack: "),
        ("stack", [], "1: stack: expected a mapping, not []"),
        ("schedule", [{"step": "Fly"}], "1: schedule: [0]: there is no step 'Fly'"),
        ("more", 1, "1: the header must have scenario, stack and schedule, and nothing else"),
    ],
)
def test_a_wrong_header_is_named_with_its_path(file: Path, key: str, value: Any, expected: str) -> None:
    """What is wrong inside a header is said with the path to it."""
    assert reason(file, json_line({**json.loads(head()), key: value})).startswith(expected)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"seq": 1}, "2: event 0 is missing: this is event 1"),
        ({"seq": "0"}, "2: is no event: it has no seq"),
        ({"seq": False}, "2: is no event: it has no seq"),
        ({"seq": -1}, "2: is no event: it has no seq"),
        ({"tick": 1.0}, "2: tick must be an integer"),
        ({"tick": True}, "2: tick must be an integer"),
        ({"tick": -1}, "2: tick must not be negative"),
        ({"kind": "sends"}, "2: there is no event of kind 'sends'"),
        ({"kind": ["send"]}, "2: kind must be a text"),
        ({"agent": None}, "2: agent must be a text"),
        ({"id": "7"}, "2: id must be an integer"),
        ({"source": 7}, "2: source must be a text"),
        ({"to": 7}, "2: to must be a text"),
        ({"message": 7}, "2: message must be a text"),
        ({"payload": 7}, "2: payload must be a text"),
        ({"payload": "\ud800"}, "2: payload has half a surrogate pair"),
        ({"payload64": "eA=="}, "2: there must be either payload or payload64"),
    ],
)
def test_a_wrong_envelope_is_named_with_its_line(file: Path, changed: dict[str, Any], expected: str) -> None:
    """Whatever is wrong with an event's number, tick, kind, agent or message is said with the line."""
    assert reason(file, head() + json_line({**LINE, **changed})).startswith(expected)


@pytest.mark.parametrize("key", sorted(LINE))
def test_no_key_of_the_envelope_may_be_missing(file: Path, key: str) -> None:
    """An event without one of its keys is refused."""
    line = {name: value for name, value in LINE.items() if name != key}

    assert reason(file, head() + json_line(line)).startswith("2: ")


@pytest.mark.parametrize("text", ["=", "x", "é", "eA", "eA==\n", "\ud800"])
def test_wrong_base64_is_bad_input(file: Path, text: str) -> None:
    """`payload64` that is not base64 is refused, rather than read somehow."""
    line = {name: value for name, value in LINE.items() if name != "payload"}

    assert "2: payload64 is not base64" == reason(file, head() + json_line({**line, "payload64": text}))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"junk\n", "2: is not JSON"),
        (b"\n", "2: is not JSON"),
        (b"[]\n", "2: is no event: it has no seq"),
        (b'{"seq": 0, "seq": 0}\n', "2: is not JSON: a key comes twice"),
        (b'{"seq": NaN}\n', "2: is not JSON: NaN"),
        (b'{"seq": ' + b"9" * 5000 + b"}\n", "2: is not JSON: Exceeds the limit"),
        (b"\xff\n", "2: is not UTF-8 at byte 0"),
        (b'{"a":' * 500 + b"0" + b"}" * 500 + b"\n", "2: is nested too deeply"),
        (b"x" * 10_000 + b"\n", "2: the line is longer than 10000 bytes"),
        (b"x" * 20_000, "2: the line is longer than 10000 bytes"),
    ],
)
def test_a_corrupt_line_is_named_by_its_number(file: Path, line: bytes, expected: str) -> None:
    """What is no event is refused with the number of the line."""
    assert reason(file, head() + line).startswith(expected)


@pytest.mark.parametrize("cut", range(1, len(json_line(LINE))))
def test_a_trace_that_is_cut_off_says_so(file: Path, cut: int) -> None:
    """Wherever the last line is cut, be it only by its line feed, it is called cut off."""
    assert reason(file, head() + json_line(LINE)[:-cut]).startswith("2: the last line is cut off")


def test_an_empty_file_is_no_trace(file: Path) -> None:
    """An empty file is refused as such."""
    assert "is empty; a trace begins with a header" == reason(file, b"").strip()


@given(st.binary(max_size=80), st.booleans())
def test_junk_is_bad_input(tmp_path_factory: pytest.TempPathFactory, junk: bytes, headed: bool) -> None:  # noqa: FBT001
    """Whatever bytes a file holds, it is read or it is bad input, never another exception."""
    file = tmp_path_factory.mktemp("junk") / "trace.jsonl"
    try:
        found: Any = read_all(file, (head() if headed else b"") + junk)
    except BadInput as error:
        found = error

    assert isinstance(found, list | BadInput)


@given(st.data())
def test_a_damaged_byte_is_bad_input_or_another_trace(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A trace with any byte changed is read or it is bad input, never another exception."""
    content = bytearray(head() + json_line(LINE) + json_line({**LINE, "seq": 1}))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found: Any = read_all(tmp_path_factory.mktemp("damaged") / "trace.jsonl", bytes(content))
    except BadInput as error:
        found = error

    assert isinstance(found, list | BadInput)


def test_a_missing_trace_is_bad_input(file: Path) -> None:
    """A trace that is not there is named at once, not when its events are asked for."""
    with pytest.raises(BadInput, match="there is no such file"):
        read(file)


def test_a_folder_is_no_trace(tmp_path: Path) -> None:
    """A folder is not a trace."""
    with pytest.raises(BadInput, match="Is a directory"):
        read(tmp_path)


def test_what_was_found_out_about_a_run_is_not_in_its_digest() -> None:
    """A flaw is in the file, and neither it nor the numbers that it shifts are in the digest."""
    flaw = Event(EVENT.tick, "flaw", "seller-0", {"layer": "payments", "check": "terms", "detail": "it shows nothing"})

    assert digest(HEADER, [EVENT]) == digest(HEADER, [flaw, EVENT, flaw])
    assert trail(HEADER, [EVENT]) == trail(HEADER, [flaw, EVENT])
    assert 4 == len(list(lines(HEADER, [flaw, EVENT, flaw])))
