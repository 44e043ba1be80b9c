"""What a file must be to be a NEST trace, and what its lines may hold."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.systems.commerce.nest.facts import Facts
from crosslayer.harness.systems.commerce.nest.lines import Line, Reading, is_nest
from crosslayer.properties.commerce import leaks
from tests.systems.commerce.nest.telling import STARTS, broadcast, exported, on_disk, receive, send

START = b'{"agent":"a","kind":"start","ts":0.0}\n'


def read(file: Path, content: bytes, line_bound: int = 1000) -> list[Line]:
    """All lines of a file of this content."""
    file.write_bytes(content)
    return list(Reading(file, line_bound=line_bound))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a trace."""
    return tmp_path / "trace.jsonl"


def test_all_kinds_are_read(file: Path) -> None:
    """Each kind with its peer, whose message it is, and its number in the file; blank lines are passed over."""
    values = [broadcast("a", "x", "c1"), send("a", "b", "y"), receive("b", "a", "y")]
    lines = read(file, START + b"\n" + b"".join(json.dumps(value).encode() + b"\n" for value in values))

    assert [(1, ""), (3, ""), (4, "b"), (5, "a")] == [(line.number, line.peer) for line in lines]
    assert ["a", "a", "a", "a"] == [line.sender for line in lines]
    assert ("x", "c1") == (lines[1].msg, lines[1].corr)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"junk\n", "2: is not JSON: "),
        (b"\xff\n", "2: is not JSON: "),
        (b"[" * 100_000 + b"\n", "2: is not JSON: it is nested too deeply"),
        (b"[1]\n", "2: is no event of a NEST trace: expected an object, not [1]"),
        (b"{}\n", "2: is no event of a NEST trace: kind and agent must be texts"),
        (b'{"agent":1,"kind":"start","ts":0}\n', "2: is no event of a NEST trace: kind and agent must be texts"),
        (b'{"agent":"a","kind":"start"}\n', "2: ts must be a number, not None"),
        (b'{"agent":"a","kind":"start","ts":NaN}\n', "2: ts must be a number, not nan"),
        (b'{"agent":"a","kind":"broadcast","ts":0}\n', "2: msg of a broadcast must be a text"),
        (b'{"agent":"a","kind":"send","ts":0,"msg":"x"}\n', "2: msg and to of a send must be texts"),
        (b'{"agent":"a","kind":"receive","ts":0,"msg":1,"from":"b"}\n', "2: msg and from of a receive must be texts"),
        (
            b'{"agent":"a","kind":"start","ts":0,"x":"' + b"y" * 200_000 + b'"}\n',
            "2: the line is longer than 150000 bytes",
        ),
    ],
)
def test_a_line_that_cannot_be_one_is_refused(file: Path, line: bytes, reason: str) -> None:
    """In one line, with its number."""
    with pytest.raises(BadInput) as caught:
        read(file, START + line + START, 150_000)

    assert str(caught.value).startswith(f"{file}:{reason}")


def test_an_empty_file_is_no_trace(file: Path) -> None:
    """There is nothing that could be judged."""
    with pytest.raises(BadInput, match="is empty; a trace has at least one line"):
        read(file, b"")


def test_half_a_last_line_is_left_out(file: Path) -> None:
    """NEST writes in blocks, so a run that was killed ends in half a line; a whole one without line feed counts."""
    file.write_bytes(START + START[:20])
    cut = Reading(file)
    assert (1, True) == (len(list(cut)), cut.cut)

    file.write_bytes(START + START.rstrip())
    uncut = Reading(file)
    assert (2, False) == (len(list(uncut)), uncut.cut)


def test_unknown_kinds_are_left_out_and_counted(file: Path) -> None:
    """A later NEST may tell more; what it tells is not guessed at."""
    file.write_bytes(START + b'{"agent":"a","kind":"crashed","ts":1}\n')
    reading = Reading(file)

    assert (1, 1) == (len(list(reading)), reading.strange)


@given(st.text(), st.text(), st.one_of(st.none(), st.integers(), st.text()))
def test_whatever_is_said_is_read(tmp_path_factory: pytest.TempPathFactory, agent: str, msg: str, corr: object) -> None:
    """No message is so odd that the trace could not be read and taken in."""
    file = tmp_path_factory.mktemp("odd") / "t.jsonl"
    facts = Facts(leaks.shown, leaks.shown_amount)
    for value in (broadcast(agent, msg), send(agent, msg, f"bid:{msg}"), receive(msg, agent, f"GOSSIP|P{msg}")):
        for line in read(file, json.dumps({**value, "corr": corr}).encode() + b"\n", 100_000):
            facts.take(line)

    assert [agent] == [*facts.participants()][:1]


def test_packed_traces_are_read(tmp_path: Path) -> None:
    """A name that ends in `.gz` is a packed trace; a broken one is refused with its place."""
    plain = on_disk(tmp_path / "t.jsonl", exported())
    packed = tmp_path / "t.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert list(Reading(plain)) == list(Reading(packed))
    assert is_nest(packed)
    packed.write_bytes(packed.read_bytes()[:-100])
    with pytest.raises(BadInput, match="cannot be read"):
        list(Reading(packed))


def test_how_far_the_reading_has_come_is_told(tmp_path: Path) -> None:
    """Now and then, in bytes of the file."""
    told: list[int] = []
    file = tmp_path / "t.jsonl"
    file.write_bytes(START * 20_000)

    list(Reading(file, told.append))

    assert 2 == len(told)
    assert 0 < told[0] < told[1] <= file.stat().st_size


def test_own_traces_are_no_nest_traces(tmp_path: Path) -> None:
    """The first line tells them apart, and a pipe or a missing file is never looked into."""
    own = tmp_path / "own.jsonl"
    own.write_text('{"crosslayer":"trace","version":1}\n')

    assert [True, False, False] == [
        is_nest(on_disk(tmp_path / "t.jsonl", STARTS)),
        is_nest(own),
        is_nest(tmp_path / "none"),
    ]


def _peak(lines: Iterator[bytes], file: Path) -> int:
    with file.open("wb") as out:
        out.writelines(lines)
    facts = Facts(leaks.shown, leaks.shown_amount)
    tracemalloc.start()
    for line in Reading(file):
        facts.take(line)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 5 == len(facts.bids)
    return peak


def _padded(times: int) -> Iterator[bytes]:
    """A whole run, with gossip, wake-ups and junk from everybody to everybody in its middle."""
    lines = [json.dumps(value).encode() + b"\n" for value in exported()]
    yield from lines[:400]
    for number in range(times):
        yield json.dumps(send("shill-0", "buyer-0", f"bid:junk{number}", f"c{number}")).encode() + b"\n"
        yield json.dumps(receive("buyer-0", "shill-0", f"GOSSIP|D{number}", f"c{number}")).encode() + b"\n"
        yield json.dumps(broadcast("shill-0", f"score:x{number}:0:1", f"c{number}")).encode() + b"\n"
        yield json.dumps(broadcast("shill-0", f"fulfilled:seller-0:buyer-0:{number}", f"c{number}")).encode() + b"\n"
    yield from lines[400:]


def test_memory_does_not_grow_with_the_trace(tmp_path: Path) -> None:
    """Four times the lines need no more memory, if nobody makes more deals."""
    file = tmp_path / "long.jsonl"
    _peak(_padded(10), file)
    short, long = _peak(_padded(500), file), _peak(_padded(2000), file)

    assert long < short * 1.1 + 20_000
