"""Scenarios as files, in YAML.

Owns their reading, and the scenarios that ship with a system. Knows nothing of how one is run.

YAML is read by PyYAML's safe loader, with some doors closed: anchors and aliases (a small file may not become
a huge value), tags, a key given twice, a second document. Plain words mean what they mean in JSON: `042` is no
number, `no` is not false, `1:30` is not ninety.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar

import yaml

from crosslayer.harness.formats.codec import scenario_from
from crosslayer.harness.formats.files import read_whole
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.scenario import Scenario, in_order
from crosslayer.harness.model.system import System

SIZE_BOUND = 1 << 20
"""Bytes of a scenario file."""


def shipped(system: System, name: str) -> Scenario:
    """The scenario of this name that ships with a system; one with all its defaults where there is none."""
    found = system.scenarios.get(name)
    if found is None:
        return system.scenario_class(name=name)
    return found if isinstance(found, Scenario) else load(found, system)


def load(path: Path, system: System) -> Scenario:
    """A scenario from its YAML file; `BadInput` with file, place and reason if it is not one of this system."""
    return from_value(read_yaml(path), str(path), system)


def from_value(value: Any, place: str, system: System) -> Scenario:
    """A scenario from its JSON form; `BadInput` at `place`, with the path and the reason, if it is not one.

    The key `system`, if it is there, must name this system.
    """
    fields = dict(value) if isinstance(value, dict) else value
    if isinstance(fields, dict) and fields.get("system") == system.name:
        del fields["system"]
    chosen: Scenario = scenario_from(fields, place, system)
    try:
        in_order(chosen.stack, system.parts)
    except ValueError as error:
        raise BadInput(place, str(error)) from None
    return chosen


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without anchors, aliases, tags and repeated keys, and with the plain words of JSON."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}  # type: ignore[misc]

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise _at(event, "anchors and aliases are not allowed; write the value out")
        if getattr(event, "tag", None) is not None:
            raise _at(event, "tags are not allowed; write the plain value")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key_node.tag != "tag:yaml.org,2002:str":
                raise _at(key_node, "a key must be a text")
            if key in seen:
                raise _at(key_node, f"the key {brief(key)} comes twice")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


for _word, _pattern, _firsts in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", "tf"),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_word}", re.compile(rf"\A(?:{_pattern})\Z"), _firsts)


def _at(what: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=what.start_mark)


def read_yaml(path: Path) -> Any:
    """The value of a YAML file, whatever it says; `BadInput` with file, line and reason if it is not YAML."""
    place = str(path)
    data = read_whole(path, SIZE_BOUND)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(place, f"is not UTF-8 at byte {error.start}") from None
    try:
        value = yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = f"{place}:{error.problem_mark.line + 1}" if error.problem_mark else place
        raise BadInput(line, error.problem or "is not YAML") from None
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(place, f"is not YAML: {error}") from None
    except RecursionError:
        raise BadInput(place, "is nested too deeply") from None
    if value is None:
        raise BadInput(place, "is empty; a scenario has at least a name")
    return value
