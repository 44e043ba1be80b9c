"""How stories are printed: fitted to the terminal, and coloured where there is one.

Owns the colours. Knows nothing of what a story says but how its lines begin.
"""

import re
from functools import partial

from crosslayer.harness.explain.layout import WIDTH, fitted
from crosslayer.harness.process import output

_RED, _BOLD, _MAGENTA, _YELLOW, _OFF = "\x1b[1;31m", "\x1b[1m", "\x1b[35m", "\x1b[33m", "\x1b[0m"

_COLOURS = (
    (re.compile(r"^(FAIL)(?=  )", re.MULTILINE), _RED),
    (re.compile(r"^  ([A-Z][a-z]+(?: [a-z]+)?)(?=  )", re.MULTILINE), _BOLD),
    (re.compile(r"^  tick +\d+  (ADVERSARY)", re.MULTILINE), _MAGENTA),
    (re.compile(r"^  tick +\d+  (ENVIRONMENT)", re.MULTILINE), _YELLOW),
    (re.compile(r"(\[\*\])$", re.MULTILINE), _RED),
)


def say_story(text: str) -> None:
    """A story on standard output, as wide as its reader's terminal."""
    present = output.present()
    page = present.page()
    fit = output.readable(fitted(text, page.columns or WIDTH))
    present.out(f"{painted(fit) if page.coloured else fit}\n")


def say_line(text: str) -> None:
    """A record on one line: broken on a terminal only, so that what is piped can be searched line by line."""
    present = output.present()
    columns = present.page().columns
    present.out(f"{output.readable(text if columns is None else fitted(text, columns))}\n")


def painted(text: str) -> str:
    """The text with what matters in colour."""
    for pattern, colour in _COLOURS:
        text = pattern.sub(partial(_in_colour, colour), text)
    return text


def _in_colour(colour: str, found: re.Match[str]) -> str:
    whole, part = found.group(0), found.group(1)
    return whole.replace(part, f"{colour}{part}{_OFF}", 1)
