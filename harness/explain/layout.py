"""Text that fits a terminal: lines broken between words, and continued under the column in which their text began.

Owns the breaking of lines. Knows nothing of what they say.
"""

import re
from textwrap import wrap

WIDTH = 80
"""Columns where there is no terminal."""

WIDTH_MIN = 40
"""In fewer columns, nothing is broken: it could not be read either way."""

WHOLE = ("  Replay ",)
"""How lines begin that are to be copied, and so are never broken."""

_GAP = re.compile(r" {2,}(?=\S)")


def fitted(text: str, width: int = WIDTH) -> str:
    """The text with every line broken that is longer than the width; words stay whole."""
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> list[str]:
    if len(line) <= width or width < WIDTH_MIN or line.startswith(WHOLE):
        return [line]
    gaps = [match.end() for match in _GAP.finditer(line) if match.end() <= width // 2]
    column = gaps[-1] if gaps else 0
    head, body = line[:column], line[column:]
    rows = wrap(body, width - column, break_long_words=False, break_on_hyphens=False)
    return [(head if not number else " " * column) + row for number, row in enumerate(rows)]
