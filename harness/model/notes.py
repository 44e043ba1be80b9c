"""What a field says of itself in the reference and in a schema: one sentence, and the unit of its values.

Owns the two keys of a field's metadata under which they stand. Knows no field.
"""

from typing import Any

ABOUT = "crosslayer about"
"""The key of the sentence."""

UNIT = "crosslayer unit"
"""The key of the unit."""


def noted(about: str, unit: str = "") -> dict[str, str]:
    """The metadata of a field: what it means, and in which unit it is."""
    return {ABOUT: about, UNIT: unit}


def about_of(field: Any) -> str:
    """The sentence of a field; empty if it has none."""
    return str(field.metadata.get(ABOUT, ""))


def unit_of(field: Any) -> str:
    """The unit of a field's values; empty if it has none."""
    return str(field.metadata.get(UNIT, ""))
