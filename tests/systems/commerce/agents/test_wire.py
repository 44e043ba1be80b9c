import json
from collections.abc import Callable

import pytest
from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.kernel.outbox import digest
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.agents.wire import (
    Bid,
    Goods,
    read_bid,
    read_complaint,
    read_goods,
    read_receipt,
    write,
)
from crosslayer.harness.systems.commerce.nouns import Complaint, Receipt

RECEIPT = Receipt("sale:1", "aa", "bb", "purchase", "bid-buyer-0", "cc", "dd")
SAID = (
    (Bid(150, "buyer-0", "bid-buyer-0"), read_bid),
    (Goods("bid-buyer-0", RECEIPT), read_goods),
    (RECEIPT, read_receipt),
    (Complaint("aa", "bb", "bid-buyer-0", "cc"), read_complaint),
)
READERS = tuple(read for _, read in SAID)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(("value", "read"), SAID)
def test_what_is_written_can_be_read(value: object, read: Callable[[bytes], object]) -> None:
    """Reading is the inverse of writing, for every functional message."""
    assert value == read(write(value))


@given(payload=st.binary() | values.map(lambda value: json.dumps(value).encode()))
@pytest.mark.parametrize("read", READERS)
def test_junk_is_refused(read: Callable[[bytes], object], payload: bytes) -> None:
    """A payload that is no message of its kind is refused, and never anything worse."""
    with pytest.raises(Refused):
        read(payload)


@given(data=st.data())
@pytest.mark.parametrize(("value", "read"), SAID)
def test_a_field_of_another_type_is_refused(
    value: Bid | Goods | Receipt | Complaint, read: Callable[[bytes], object], data: st.DataObject
) -> None:
    """With one field replaced, removed or added, a message is refused unless the new value is of the right type."""
    fields = asdict(value)
    name = data.draw(st.sampled_from(sorted(fields)))
    kind = type(fields[name])
    fields[name] = data.draw(values.filter(lambda other: type(other) is not kind))
    for broken in (fields, {key: fields[key] for key in fields if key != name}, {**asdict(value), "more": 1}):
        with pytest.raises(Refused):
            read(json.dumps(broken).encode())


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("payload", [b"[" * 100_000, b"9" * 5_000, b'{"ref": "\\ud800"}', b"\xff\xfe", b"", b"NaN"])
def test_hostile_json_is_refused(read: Callable[[bytes], object], payload: bytes) -> None:
    """Deep nesting, endless numbers, half characters and other encodings are refused like any junk."""
    with pytest.raises(Refused):
        read(payload)


def test_a_bid_is_never_negative() -> None:
    """A bid of less than nothing is refused; a true is no amount."""
    for amount in ("-1", "true", "1.0"):
        with pytest.raises(Refused):
            read_bid(f'{{"amount":{amount},"buyer":"buyer-0","ref":"r"}}'.encode())


def test_an_acknowledgement_names_sender_and_bytes() -> None:
    """The same bytes from somebody else, or other bytes from the same agent, are acknowledged in other words."""
    named = {digest("buyer-0", b"x"), digest("seller-0", b"x"), digest("buyer-0", b"y")}

    assert 3 == len(named)
    assert {16} == {len(name) for name in named}
