"""What a project has settled for all commands: `[tool.crosslayer]` in pyproject.toml.

Owns the keys and the reading of the file. Knows nothing of what a setting does.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from crosslayer.harness.formats.files import read_whole
from crosslayer.harness.model.brief import brief, guess
from crosslayer.harness.model.errors import BadInput

FILE = "pyproject.toml"

BOUND = 1 << 24
"""Bytes of it."""


@frozen
class Key:
    """A setting: the parameter that it is on the command line, the commands that it is for, and its kind."""

    parameter: str
    commands: tuple[str, ...]
    repeatable: bool = False
    number: bool = False


_SEARCHES = ("hunt", "explore")
_JUDGING = ("run", "check", "replay", "report", "open", "diff", *_SEARCHES, "corpus")
_ALL = (*_JUDGING, "matrix", "plugins", "demo", "schema")

KEYS: Mapping[str, Key] = {
    "system": Key("system_name", _ALL),
    "stack": Key("assignments", ("run", *_SEARCHES), repeatable=True),
    "property": Key("property_paths", _JUDGING, repeatable=True),
    "allow": Key("allowed", _ALL, repeatable=True),
    "corpus": Key("folder", ("corpus",)),
    "save": Key("save", (*_SEARCHES, "open")),
    "examples": Key("examples", ("hunt",), number=True),
    "seconds": Key("seconds", ("hunt",), number=True),
    "seed": Key("seed", ("hunt",), number=True),
    "stall-timeout": Key("stall_seconds", _ALL, number=True),
}
"""Every setting. A stack is for searches and runs: what a file says of its own stack is not overruled unasked."""


def pyproject(start: Path) -> Path | None:
    """The nearest pyproject.toml from this folder upwards that has settings of ours."""
    for folder in (start, *start.parents):
        file = folder / FILE
        if file.is_file():
            return file if b"tool.crosslayer" in file.read_bytes() else None
    return None


def from_file(start: Path) -> dict[str, Any]:
    """The settings of a project; `BadInput` for a key or a value that cannot be."""
    file = pyproject(start)
    if file is None:
        return {}
    try:
        value = tomllib.loads(read_whole(file, BOUND).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(str(file), f"is no TOML: {error}") from None
    table = value.get("tool", {}).get("crosslayer", {})
    place = f"{file}: [tool.crosslayer]"
    if not isinstance(table, dict):
        raise BadInput(place, f"expected a table, not {brief(table)}")
    return {name: _checked(name, one, place) for name, one in table.items()}


def _checked(name: str, value: Any, place: str) -> Any:
    if name not in KEYS:
        raise BadInput(f"{place} {name}", f"there is no such key; choose one of {', '.join(KEYS)}{guess(name, KEYS)}")
    key = KEYS[name]
    if key.repeatable:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise BadInput(f"{place} {name}", f"expected a text or a list of texts, not {brief(value)}")
        return values
    wanted = (int, float) if key.number else str
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise BadInput(f"{place} {name}", f"expected a {'number' if key.number else 'text'}, not {brief(value)}")
    return value
