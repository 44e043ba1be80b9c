"""A scenario: who takes part, when, for how much money, under which faults and which adversary.

Owns the value, and its reading from YAML. Knows nothing of how it is run.

YAML is read by PyYAML's safe loader, with three doors closed: aliases (a small file may not become a huge
value), a key given twice, and a second document.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from attrs import Factory, field, frozen, validators

from harness.codec import structure
from harness.errors import BadInput
from harness.files import read_whole
from harness.nouns import Population, Terms, Timing
from harness.steps import Schedule

SIZE_BOUND = 1 << 20
"""Bytes of a scenario file."""

_natural = validators.and_(validators.instance_of(int), validators.ge(0))


def _probability(_instance: object, attribute: Any, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{attribute.name} must be at least 0 and less than 1, not {value}")


@frozen(kw_only=True)
class Faults:
    """What the seeded mode draws: the probability that a message is lost, and one partition from the start.

    Agents that no group of the partition names form one more group. It heals at the tick `heals_at`.
    """

    drop: float = field(default=0.0, validator=_probability)
    partition: tuple[tuple[str, ...], ...] = ()
    heals_at: int = field(default=0, validator=_natural)


@frozen(kw_only=True)
class Scenario:
    """Everything that is fixed before a schedule begins. `adversary` is what the seeded mode does at the start."""

    name: str
    population: Population = Factory(Population)
    timing: Timing = Factory(Timing)
    terms: Terms = Factory(Terms)
    seed: int = 42
    faults: Faults = Factory(Faults)
    adversary: Schedule = ()
    stack: tuple[tuple[str, str], ...] = ()

    def __attrs_post_init__(self) -> None:
        known = self.population.names()
        named = [name for group in self.faults.partition for name in group]
        for name in named:
            if name not in known:
                raise ValueError(f"faults.partition: there is no agent {name!r} in this population")
            if named.count(name) > 1:
                raise ValueError(f"faults.partition: {name} is in two groups")


def default_path() -> Path:
    """The original 12-agent scenario, in a checkout or as installed."""
    return Path(__file__).parent.parent / "scenarios" / "private_commerce.yaml"


def load(path: Path) -> Scenario:
    """A scenario from its YAML file; `BadInput` with file, place and reason if it is not one."""
    return from_value(_read_yaml(path), str(path))


def from_value(value: Any, place: str) -> Scenario:
    """A scenario from its JSON form, where `stack` may be a mapping of layers to plugins."""
    if isinstance(value, dict) and isinstance(value.get("stack"), dict):
        value = {**value, "stack": [list(pair) for pair in value["stack"].items()]}
    return structure(value, Scenario, place)


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases and without repeated keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen: list[Any] = []
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} is no text", problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key} comes twice", problem_mark=key_node.start_mark)
            seen.append(key)
        return super().construct_mapping(node, deep=deep)


def _read_yaml(path: Path) -> Any:
    place = str(path)
    data = read_whole(path, SIZE_BOUND)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(place, f"is not UTF-8 at byte {error.start}") from None
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = f"{place}:{error.problem_mark.line + 1}" if error.problem_mark else place
        raise BadInput(line, str(error.problem)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(place, f"is not YAML: {error}") from None
    except RecursionError:
        raise BadInput(place, "is nested too deeply") from None
