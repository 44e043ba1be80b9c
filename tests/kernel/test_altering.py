"""What is done to a message on its way is small, always something, and the same every time."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.kernel.altering import PLACES, WAYS, altered

FIRST = b'{"ref":"a9","parts":[{"amount":150},true,null],"signature":"0f"}'
OTHER = b'{"ref":"b1","parts":[{"amount":150},true,null],"signature":"ff"}'


@pytest.mark.parametrize(
    ("way", "place", "becomes", "told"),
    [
        (
            0,
            0,
            b'z"ref":"a9","parts":[{"amount":150},true,null],"signature":"0f"}',
            "one bit of {} is flipped, at byte 0",
        ),
        (1, 0, b'{"ref":"a0","parts":[{"amount":150},true,null],"signature":"0f"}', "ref of {} is changed"),
        (1, 1, b'{"ref":"a9","parts":[{"amount":151},true,null],"signature":"0f"}', "parts.0.amount of {} is changed"),
        (1, 2, b'{"ref":"a9","parts":[{"amount":150},false,null],"signature":"0f"}', "parts.1 of {} is changed"),
        (1, 4, b'{"ref":"a9","parts":[{"amount":150},true,null],"signature":"0a"}', "signature of {} is changed"),
        (
            2,
            0,
            b'{"ref":"b1","parts":[{"amount":150},true,null],"signature":"0f"}',
            "ref of {} is that of an earlier one",
        ),
        (
            2,
            1,
            b'{"ref":"a9","parts":[{"amount":150},true,null],"signature":"ff"}',
            "signature of {} is that of an earlier",
        ),
        (3, 8, FIRST[:32], "{} is cut off after 32 bytes"),
        (4, 0, FIRST + b" ", "{} is one byte longer"),
    ],
)
def test_every_way(way: int, place: int, becomes: bytes, told: str) -> None:
    """A bit, a field, a field of another message, and the length can be another."""
    payload, what = altered(FIRST, way, place, OTHER)

    assert becomes == payload
    assert what.startswith(told)


@pytest.mark.parametrize("way", range(len(WAYS)))
@given(payload=st.binary(max_size=40), place=st.integers(0, PLACES), other=st.binary(max_size=10))
def test_something_always_changes(way: int, payload: bytes, place: int, other: bytes) -> None:
    """Whatever the payload is, it is another one afterwards."""
    changed, told = altered(payload, way, place, other)

    assert payload != changed
    assert "{}" in told


@pytest.mark.parametrize("payload", [b"[Infinity]", b"[1e300]", b'{"a":NaN}', b"[" * 900 + b"1" + b"]" * 900])
@pytest.mark.parametrize("way", range(len(WAYS)))
def test_odd_json_is_changed_too(way: int, payload: bytes) -> None:
    """Numbers that one more does not change, and payloads as deep as JSON can be read."""
    assert payload != altered(payload, way, 0, payload)[0]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_a_changed_field_leaves_the_rest(value: object) -> None:
    """JSON stays JSON, with as many fields."""
    payload = json.dumps({"a": value, "b": 1}, separators=(",", ":")).encode()

    changed = json.loads(altered(payload, 1, 3)[0])

    assert ["a", "b"] == list(changed)
    assert changed != json.loads(payload)
