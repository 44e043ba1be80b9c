"""Which system a file speaks of, and whether it was written in the vocabulary that the system has today.

Owns the two keys that say so. A file that names no system speaks of `private_commerce`, and names no vocabulary: so it
was before there were others. Knows nothing of where a system is found.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import attrs

from crosslayer.harness.formats.codec import dumps
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import ENVIRONMENT
from crosslayer.harness.model.system import System

UNNAMED = "private_commerce"
"""The system of files that name none."""

NAMING = ("system", "vocabulary")
"""The keys that say which system a file speaks of, and in which vocabulary it was written."""

Find = Callable[[str, str], System]
"""Finds the system of a name; the second argument is the place to name in an error."""


class Stale(BadInput):
    """A file in the format or the vocabulary of another version."""


@cache
def vocabulary(system: System) -> str:
    """8 hex digits over all that the system adds to what a file says: acts with fields, message kinds, facts, moments.

    The steps that every system has are left out: they come with the version of the format, and one more of them makes
    no file stale.
    """
    own = (one for one in system.vocabulary if one not in ENVIRONMENT)
    said = [
        {one.__name__: [field.name for field in attrs.fields(one)] for one in own},
        list(system.kinds),
        list(system.event_kinds),
        list(system.all_moments),
    ]
    return hashlib.sha256(dumps(said)).hexdigest()[:8]


def naming(system: System) -> dict[str, str]:
    """What a file says of its system."""
    return {} if system.name == UNNAMED else {"system": system.name, "vocabulary": vocabulary(system)}


def named(value: Mapping[str, Any], place: str, find: Find) -> System:
    """The system that a file speaks of; `Stale` if its vocabulary has changed since."""
    name, written = value.get("system", UNNAMED), value.get("vocabulary")
    if not isinstance(name, str) or (written is not None and not isinstance(written, str)):
        raise BadInput(place, f"system and vocabulary must be texts, not {brief(name)} and {brief(written)}")
    system = find(name, place)
    if written is not None and written != vocabulary(system):
        raise Stale(place, f"was written in another vocabulary of {system.name} ({brief(written)}): hunt for it again")
    return system
