"""Templates: the one way from values to markup.

Owns the escaping. Whatever a value says, in a name, a story or a fact, it stays text: markup is escaped, and every
character that cannot be seen (controls, escapes, changes of direction) is spelled out. Knows no template by name.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from crosslayer.harness.model.errors import plain

FOLDER = Path(__file__).parent / "templates"


def shortened(text: str, length: int) -> str:
    """At most this number of characters of a text."""
    return text if len(text) <= length else text[: length - 1] + "…"


def rendered(template: str, /, **values: Any) -> Markup:
    """A template with these values in it."""
    return Markup(_ENVIRONMENT.get_template(template).render(**values))  # noqa: S704 - the environment has escaped them


def raw(name: str) -> str:
    """A file beside the templates (styles, scripts) as it is."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _finally(value: Any) -> Any:
    return value if isinstance(value, Markup) else plain(str(value))


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_finally,
    trim_blocks=True,
    lstrip_blocks=True,
)
