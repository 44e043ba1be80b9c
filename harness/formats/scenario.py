"""A scenario: who takes part, when, for how much money, under which faults and which adversary.

Owns the value, and its reading from YAML. Knows nothing of how it is run.

YAML is read by PyYAML's safe loader, with some doors closed: anchors and aliases (a small file may not become
a huge value), tags, a key given twice, a second document. Plain words mean what they mean in JSON: `042` is no
number, `no` is not false, `1:30` is not ninety.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar

import yaml
from attrs import Factory, field, frozen, validators

from crosslayer.harness.formats.codec import INTEGER_BOUND, Names, brief, structure
from crosslayer.harness.formats.files import read_whole
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import Schedule
from crosslayer.harness.systems.commerce.nouns import PARTS, Population, Terms, Timing

SIZE_BOUND = 1 << 20
"""Bytes of a scenario file."""

_natural = validators.and_(validators.instance_of(int), validators.ge(0))


def _in_order_of_parts(stack: Names) -> Names:
    """The same plugins by part, in the one order in which equal stacks are equal."""
    parts = [part for part, _ in stack]
    for part in parts:
        if part not in PARTS:
            raise ValueError(f"stack: there is no layer {brief(part)}; choose one of {', '.join(PARTS)}")
        if parts.count(part) > 1:
            raise ValueError(f"stack: {part} is named twice")
    return tuple(sorted(stack, key=lambda pair: PARTS.index(pair[0])))


def _probability(_instance: object, attribute: Any, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{attribute.name} must be at least 0 and less than 1, not {value}")


@frozen(kw_only=True)
class Faults:
    """What the seeded mode draws: the probability that a message is lost, and one partition from the start.

    Agents that no group of the partition names form one more group. It heals at the tick `heals_at`.
    `ValueError` for a probability outside [0, 1), an empty group, or a partition that heals before it began.
    """

    drop: float = field(default=0.0, converter=float, validator=_probability)
    partition: tuple[tuple[str, ...], ...] = ()
    heals_at: int = field(default=0, validator=_natural)

    def __attrs_post_init__(self) -> None:
        if not all(self.partition):
            raise ValueError("partition: a group must name at least one agent")
        if self.partition and not self.heals_at:
            raise ValueError("heals_at must say at which tick the partition heals, 1 or later")


@frozen(kw_only=True)
class Scenario:
    """Everything that is fixed before a schedule begins. `adversary` is what the seeded mode does at the start.

    `stack` names the plugins of those parts that are not the reference. `ValueError` for an agent of the
    partition that is not in the population or in two groups, an unknown part, or a negative seed (whose
    randomness would be that of the positive one).
    """

    name: str
    population: Population = Factory(Population)
    timing: Timing = Factory(Timing)
    terms: Terms = Factory(Terms)
    seed: int = field(default=42, validator=validators.and_(_natural, validators.lt(INTEGER_BOUND)))
    faults: Faults = Factory(Faults)
    adversary: Schedule = ()
    stack: Names = field(default=(), converter=_in_order_of_parts)

    def __attrs_post_init__(self) -> None:
        unnamed = set(self.population.names())
        for name in (name for group in self.faults.partition for name in group):
            if name not in unnamed:
                known = name in self.population.names()
                problem = f"{name} is named twice" if known else f"there is no agent {brief(name)} in this population"
                raise ValueError(f"faults.partition: {problem}")
            unnamed.remove(name)


def default_path() -> Path:
    """The original 12-agent scenario, in a checkout or as installed."""
    return Path(__file__).parents[2] / "scenarios" / "private_commerce.yaml"


def load(path: Path) -> Scenario:
    """A scenario from its YAML file; `BadInput` with file, place and reason if it is not one."""
    return from_value(read_yaml(path), str(path))


def from_value(value: Any, place: str) -> Scenario:
    """A scenario from its JSON form; `BadInput` at `place`, with the path and the reason, if it is not one."""
    return structure(value, Scenario, place)


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
