"""What can be done to the bytes of a message on its way: a bit, a length, a field, a field of another message.

Owns the ways, from the simplest on. A payload that is JSON is changed where it has a meaning, so that what a receiver
checks behind the first look is tried as well. Knows nothing of who sends what.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

PLACES = 16
"""Into so many parts a payload is divided; the fields of a JSON payload are counted, wrapping around."""

Path = tuple[str | int, ...]


def altered(payload: bytes, way: int, place: int, other: bytes = b"") -> tuple[bytes, str]:
    """The payload after this was done to it in this place, and what that was: `one bit of {}` and the like.

    `other` is the payload of another message of the same kind, whose field is taken. Where a way does not fit (no JSON,
    or too deep, no other message), a bit is flipped instead.
    """
    try:
        found = WAYS[way % len(WAYS)](payload, place % PLACES, other)
    except RecursionError:  # nested as deep as JSON can be read, and no deeper than it can be walked
        found = None
    return found or _flipped(payload, place % PLACES, other)


def _at(payload: bytes, place: int) -> int:
    return min(len(payload) * place // PLACES, len(payload) - 1)


def _flipped(payload: bytes, place: int, _other: bytes) -> tuple[bytes, str]:
    if not payload:
        return b"\0", "a byte is put into {}"
    changed = bytearray(payload)
    changed[_at(payload, place)] ^= 1
    return bytes(changed), f"one bit of {{}} is flipped, at byte {_at(payload, place)}"


def _shortened(payload: bytes, place: int, _other: bytes) -> tuple[bytes, str] | None:
    return (payload[: _at(payload, place)], f"{{}} is cut off after {_at(payload, place)} bytes") if payload else None


def _lengthened(payload: bytes, _place: int, _other: bytes) -> tuple[bytes, str]:
    return payload + b" ", "{} is one byte longer"


def _changed(payload: bytes, place: int, _other: bytes) -> tuple[bytes, str] | None:
    content = _json(payload)
    leaves = list(_leaves(content))
    if not leaves:
        return None
    path = leaves[place % len(leaves)]
    return _dumped(_with(content, path, _another(_value(content, path)))), f"{_told(path)} of {{}} is changed"


def _exchanged(payload: bytes, place: int, other: bytes) -> tuple[bytes, str] | None:
    content, donor = _json(payload), _json(other)
    there = dict.fromkeys(_leaves(donor))
    differing = [path for path in _leaves(content) if path in there and _differ(content, donor, path)]
    if not differing:
        return None
    path = differing[place % len(differing)]
    return _dumped(_with(content, path, _value(donor, path))), f"{_told(path)} of {{}} is that of an earlier one"


def _differ(content: Any, donor: Any, path: Path) -> bool:
    """Whether two payloads say something else there; by text, since what is no number is not even equal to itself."""
    return repr(_value(donor, path)) != repr(_value(content, path))


WAYS: Sequence[Callable[[bytes, int, bytes], tuple[bytes, str] | None]] = (
    _flipped,
    _changed,
    _exchanged,
    _shortened,
    _lengthened,
)
"""Every way, the simplest first."""

CHANGED = WAYS.index(_changed)
"""The way that changes a field, and keeps it of its type."""


def _json(payload: bytes) -> Any:
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict | list) else None


def _dumped(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _leaves(content: Any, path: Path = ()) -> Iterator[Path]:
    """Where there is a text, a number, a truth or nothing, in the order of the payload."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _leaves(value, (*path, index))
    elif path:
        yield path


def _value(content: Any, path: Path) -> Any:
    for key in path:
        content = content[key]
    return content


def _with(content: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    key, *rest = path
    if isinstance(content, dict):
        return {**content, key: _with(content[key], tuple(rest), value)}
    return [_with(one, tuple(rest), value) if index == key else one for index, one in enumerate(content)]


def _another(value: Any) -> Any:
    """A value of the same type that is not this one; of a text, the last letter or digit becomes the next."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return 0.0 if value else 1.0  # one more is no other number, where it is large or none at all
    if isinstance(value, int):
        return value + 1
    if not isinstance(value, str):
        return 0
    for index in range(len(value) - 1, -1, -1):
        if value[index] in _NEXT:
            return value[:index] + _NEXT[value[index]] + value[index + 1 :]
    return f"{value}0"


_DIGITS, _LETTERS = "0123456789", "abcdefghijklmnopqrstuvwxyz"
_NEXT = {
    one: row[(index + 1) % len(row)]
    for row in (_DIGITS, "abcdef", _LETTERS[6:], "ABCDEF", _LETTERS[6:].upper())
    for index, one in enumerate(row)
}
"""The next letter or digit, such that hexadecimal stays hexadecimal."""


def _told(path: Path) -> str:
    return ".".join(map(str, path))
