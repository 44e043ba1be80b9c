"""Values judged by the schemas that ship."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from crosslayer.harness.formats.schema import schema
from crosslayer.harness.systems.finding import DEFAULT, find_system


@cache
def validator(name: str, system: str = DEFAULT) -> Draft202012Validator:
    """What judges values by the schema of this name."""
    return Draft202012Validator(schema(name, find_system(system)))


def refusals(name: str, value: Any, system: str = DEFAULT) -> list[str]:
    """What the schema of this name has against a value: the place and the reason, a line each."""
    return list(_told(name, value, system))


def _told(name: str, value: Any, system: str) -> Iterator[str]:
    for error in validator(name, system).iter_errors(value):
        yield f"{error.json_path}: {error.message[:300]}"
