"""What a leak of a bid looks like: in which encodings a text may hide in a message, and how an amount may stand in it.

Owns the encodings. Knows no invariant and no event, so it serves every claim that something is not shown.

Ciphertext is random, and in base64 any four characters will turn up in it sooner or later. So no needle is
shorter than eight bytes, and the bare amount counts only as a whole JSON value, and only when it is too
large (`BARE_AMOUNT_MIN`) to be some counter of the envelope's.
"""

import json
from base64 import a85encode, b32encode, b64encode, b85encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

NEEDLE_MIN = 8
"""Bytes in the shortest text that is searched for; chance finds that many in ciphertext once in 2^48 places."""

BARE_AMOUNT_MIN = 100
"""The smallest amount for which a JSON value equal to it is no coincidence."""

_DIGITS_MAX = 18
"""Digits of an amount."""

VERSION_KEYS = ("v", "version", "epoch")
"""JSON keys whose number says how to read an envelope, not what is in it."""

AMOUNT_FIELDS = ('"amount":{}', '"amount": {}', '"amount":"{}"', "amount:{}", "amount: {}", "amount={}")
"""How a plaintext may write its amount; `bidamount:150` contains the fourth."""


@lru_cache(1 << 10)
def _needles(text: str) -> tuple[tuple[str, bytes], ...]:
    """The encodings of a text that are long enough to be searched for, by name; the same bids are made in many runs."""
    return tuple((how, needle) for how, needle in _encodings(text) if len(needle) >= NEEDLE_MIN)


def _encodings(text: str) -> Iterator[tuple[str, bytes]]:
    """The common encodings in which a text may hide, by name. Equal ones are repeated."""
    data = text.encode("utf-8", "surrogatepass")
    yield from _plain_encodings(text, data)
    for shift in range(5):
        padded = bytes(shift) + data
        stable = slice(-(-shift * 8 // 5), len(padded) * 8 // 5)
        yield "in base32", b32encode(padded)[stable]
        yield "in base32", b32encode(padded)[stable].lower()
    for shift in range(4):
        padded = bytes(shift) + data
        stable = slice(5 if shift else 0, len(padded) // 4 * 5)
        yield "in base85", b85encode(padded)[stable]
        yield "in Ascii85", a85encode(padded)[stable]
    yield "backwards", data[::-1]
    yield "backwards", json.dumps(text[::-1])[1:-1].encode()
    yield "backwards in hex", data[::-1].hex().encode()
    yield "escaped as in a URL", quote(data).encode()


def _plain_encodings(text: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "in clear", data
    yield "in hex", data.hex().encode()
    yield "in hex", data.hex().upper().encode()
    for shift in range(3):
        # Within a longer text the first and last characters mix with the neighbours' bits: cut them off.
        padded = bytes(shift) + data
        stable = slice(-(-shift * 8 // 6), len(padded) * 8 // 6)
        yield "in base64", b64encode(padded)[stable]
        yield "in URL-safe base64", urlsafe_b64encode(padded)[stable]
    yield "escaped in JSON", json.dumps(text)[1:-1].encode()
    yield "escaped in JSON", json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    yield "in UTF-16", text.encode("utf-16-le", "surrogatepass")
    yield "in UTF-16", text.encode("utf-16-be", "surrogatepass")


def bare_amounts(amount: int) -> Iterator[tuple[str, int | str]]:
    """The JSON values that are exactly this amount, by name."""
    digits = str(amount)
    coded = b64encode(digits.encode()).decode()
    yield "as a number", amount
    yield "as a text", digits
    yield "in hex", digits.encode().hex()
    yield "in hex", hex(amount)
    yield "in base64", coded
    yield "in base64", coded.rstrip("=")


def json_values(payload: bytes) -> Iterator[object]:
    """The leaves of a payload that is JSON, version numbers left out; nothing if it is not JSON."""
    try:
        rest: list[Any] = [json.loads(payload)]
    except (ValueError, RecursionError):
        return
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest.extend(part for key, part in value.items() if key not in VERSION_KEYS)
        elif isinstance(value, list):
            rest.extend(value)
        else:
            yield value


def shown(payload: bytes, text: str) -> str | None:
    """In which encoding a payload shows a text, if in any."""
    return next((how for how, needle in _needles(text) if needle in payload), None)


def shown_amount(payload: bytes, amount: str) -> str | None:
    """How a payload that carries a bid shows its amount, if it does: in a field, or bare."""
    for form in AMOUNT_FIELDS:
        text = form.format(amount)
        how = shown(payload, text) if len(text) >= NEEDLE_MIN else None
        if how is not None:
            return how
    whole = int(amount) if amount.isascii() and amount.isdigit() and len(amount) <= _DIGITS_MAX else 0
    if whole < BARE_AMOUNT_MIN:
        return None
    bare = {value: how for how, value in bare_amounts(whole)}
    return next((bare[value] for value in json_values(payload) if value in bare), None)
