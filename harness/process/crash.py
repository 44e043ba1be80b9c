"""A crash of ours: what a person attaches to a report.

Owns that text and the file that it is written into. Knows nothing of what crashed.
"""

import hashlib
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from crosslayer.harness.model.errors import shortened

DEPENDENCIES = ("crosslayer", "attrs", "cattrs", "click", "cryptography", "hypothesis", "networkx", "pytest", "PyYAML")


class Crashed(Exception):
    """A crash in another process: its text is all that is to be known of it."""


def details(error: BaseException, words: Sequence[str]) -> str:
    """All that is to be known of a crash: versions, words of the command line, traceback."""
    told = [f"{name} {_version(name)}" for name in DEPENDENCIES]
    try:
        raised = "".join(traceback.format_exception(error))
    except BaseException as second:  # noqa: BLE001 - an exception's own `__str__` may raise anything
        raised = f"{type(error).__name__}, which cannot be told: {type(second).__name__}\n"
    return "\n".join(
        (
            "Crosslayer crashed. Please report it, with this file.",
            "",
            f"Python {sys.version}",
            platform.platform(),
            *told,
            "",
            f"arguments: {shortened(repr(list(words)), 10_000)}",
            "",
            raised,
        )
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def write(text: str) -> Path | None:
    """Write a report into the working folder, or else where temporary files go; None if neither can be."""
    name = f"crosslayer-crash-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:12]}.txt"
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        with suppress(OSError):
            file = folder / name
            file.write_text(text, encoding="utf-8", errors="backslashreplace")
            return file
    return None
