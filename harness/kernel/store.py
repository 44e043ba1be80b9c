"""What survives a crash that loses memory: one agent's durable store.

Owns the two states of a write, put and synced. Knows nothing of who crashes, or when.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

_GONE: Any = object()


_PLAIN = frozenset((str, bytes, int, bool, float, type(None)))


def _never_changes(value: Any) -> bool:
    """Whether a value need not be copied: to copy a text costs more than to store it."""
    kind = type(value)
    return kind in _PLAIN or (
        kind is tuple and (_PLAIN.issuperset(map(type, value)) or all(map(_never_changes, value)))
    )


class Store:
    """Values by key. A write counts at once, but survives a crash that loses memory only after a `sync`.

    Values are copied in and out, so that what is kept in memory and what is stored are never the same object.
    """

    def __init__(self) -> None:
        self._synced: dict[str, Any] = {}
        self._written: dict[str, Any] = {}

    def put(self, key: str, value: Any) -> None:
        """Write a value under a key."""
        self._written[key] = value if _never_changes(value) else deepcopy(value)

    def get(self, key: str, default: Any = None) -> Any:
        """The newest value that was put under a key."""
        found = self._written.get(key, self._synced.get(key, _GONE))
        return default if found is _GONE else found if _never_changes(found) else deepcopy(found)

    def delete(self, key: str) -> None:
        """Forget a key."""
        self._written[key] = _GONE

    def keys(self) -> tuple[str, ...]:
        """Every key that has a value, in order."""
        return tuple(sorted(key for key in {**self._synced, **self._written} if self._has(key)))

    def __contains__(self, key: str) -> bool:
        return self._has(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def sync(self) -> None:
        """From now on, everything that was put so far survives."""
        if not self._written:
            return
        for key, value in self._written.items():
            if value is _GONE:
                self._synced.pop(key, None)
            else:
                self._synced[key] = value
        self._written = {}

    def crash(self) -> None:
        """Lose what was put and not yet synced."""
        self._written = {}

    def _has(self, key: str) -> bool:
        return self._written.get(key, self._synced.get(key, _GONE)) is not _GONE
