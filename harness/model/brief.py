"""Values of any kind in a few characters, for a message.

Owns that shortening. Knows nothing of what the values mean.
"""

import reprlib
from collections.abc import Iterable
from difflib import get_close_matches

INTEGER_BOUND = 1 << 63
"""Integers are less than this, either way: what any other program can read, and no slow arithmetic."""


class _Brief(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 2, 40, 40

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 - the signature is the library's
        """An integer of thousands of digits has no text: Python refuses to make one."""
        return repr(x) if -INTEGER_BOUND <= x < INTEGER_BOUND else "a huge integer"


_BRIEF = _Brief()


def brief(value: object) -> str:
    """A value in a few characters, whatever it is, for a message."""
    return _BRIEF.repr(value)


_NAME_BOUND = 100
"""Characters of a name that is compared with others."""


def guess(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` if some known name is much like this one, or else nothing."""
    close = get_close_matches(name[:_NAME_BOUND], list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
