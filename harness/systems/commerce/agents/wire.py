"""What honest agents say to each other: the bytes of every functional message, and their strict parsers.

Owns the payload formats (canonical JSON). Knows nothing of when a message is sent, or of any layer.

Whatever arrives is untrusted: a parser answers a frozen value or raises `Refused`, and nothing else. Writing and
parsing are pure functions, and memoised, because a hunt has the same things said again and again.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from attrs import asdict, frozen

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nouns import Complaint, Receipt

_MEMO = 1 << 13


@frozen
class Bid:
    """The plaintext of a bid: this number of credits, from this buyer, paid by the stream of this reference."""

    amount: int
    buyer: str
    ref: str


@frozen
class Goods:
    """The goods of a purchase, with the seller's signed draft of the receipt."""

    ref: str
    draft: Receipt


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@lru_cache(_MEMO)
def write(value: Bid | Goods | Receipt | Complaint) -> bytes:
    """The payload that says this; the `read_…` function of its type is the inverse."""
    return _encode(asdict(value)).encode()


@lru_cache(_MEMO)
def read_bid(payload: bytes) -> Bid:
    """The bid in a plaintext."""
    fields = _object(payload, {"amount": int, "buyer": str, "ref": str})
    if fields["amount"] < 0:
        raise Refused("a bid of less than nothing")
    return Bid(**fields)


@lru_cache(_MEMO)
def read_goods(payload: bytes) -> Goods:
    """The goods in a payload."""
    fields = _object(payload, {"ref": str, "draft": dict})
    return Goods(fields["ref"], _receipt(fields["draft"]))


@lru_cache(_MEMO)
def read_receipt(payload: bytes) -> Receipt:
    """The receipt in a payload; its signatures are not looked at."""
    return _receipt(_load(payload))


@lru_cache(_MEMO)
def read_complaint(payload: bytes) -> Complaint:
    """The complaint in a payload; its signature is not looked at."""
    return Complaint(**_object(payload, dict.fromkeys(("complainant", "subject", "ref", "signature"), str)))


_RECEIPT = dict.fromkeys(("id", "issuer", "counterparty", "category", "ref", "signature", "cosignature"), str)


def _receipt(value: object) -> Receipt:
    return Receipt(**_fields(value, _RECEIPT))


def _object(payload: bytes, types: Mapping[str, type]) -> dict[str, Any]:
    return _fields(_load(payload), types)


def _load(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None


def _fields(value: object, types: Mapping[str, type]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != types.keys():
        raise Refused("not the fields that belong here")
    for name, kind in types.items():
        if type(value[name]) is not kind:
            raise Refused(f"{name} is not of type {kind.__name__}")
    return value
