"""Which plugin stands in each part of a run, and how a name becomes a factory.

Owns the stack and the resolution of `layer=plugin`. Knows no plugin's inside, and no system.

A plugin is named by its name in the system's layer (`trust=score_average`), by dotted path to its factory
(`trust=my_pkg.trust:make`), by a name in the entry-point group `crosslayer.<system>.<layer>`, or by a path after a
prefix for which the system has a loader (`trust=nest:my_pkg.trust:MyTrust`). What cannot be had is an error, never
a silent substitute.
"""

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from attrs import frozen

from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.system import OTHER_PARTS, System


def _kernel() -> type[World]:
    return World


KERNEL = Choice("heap", _kernel, "the deterministic kernel (reference)")
"""The kernel of every reference stack."""


@cache
def catalogue(system: System) -> Mapping[str, tuple[Choice, ...]]:
    """The shipped plugins of every part of a system; the first of each is the reference."""
    agents = Choice("honest", lambda: system.agents, "the agents of the protocol (reference)")
    return {**{layer.name: layer.choices for layer in system.layers}, "agents": (agents,), "kernel": (KERNEL,)}


@cache
def reference(system: System) -> "Stack":
    """Every part as it should be."""
    return Stack(system, {part: choices[0] for part, choices in catalogue(system).items()})


@frozen
class Stack:
    """One choice for every part of a run of a system."""

    system: System
    choices: Mapping[str, Choice]

    def names(self) -> dict[str, str]:
        """The plugins' names, by part; agents and kernel only where they are not the reference."""
        usual = reference(self.system).choices
        return {
            part: choice.name
            for part, choice in self.choices.items()
            if part not in OTHER_PARTS or choice.name != usual[part].name
        }

    def factory(self, part: str) -> Callable[..., Any]:
        """The factory of one part."""
        return self.choices[part].factory

    def swapped(self) -> tuple[str, ...]:
        """The parts that are not the reference."""
        usual = reference(self.system).choices
        return tuple(part for part, choice in self.choices.items() if choice != usual[part])

    def ships(self, part: str) -> bool:
        """Whether the plugin of this part is one of the system's own."""
        return self.choices[part] in catalogue(self.system)[part]

    def replace(self, part: str, choice: Choice) -> "Stack":
        """This stack with another choice for one part."""
        return Stack(self.system, {**self.choices, part: choice})


def build(system: System, assignments: Iterable[str] = (), place: str = "--stack") -> Stack:
    """The reference stack with these `layer=plugin` assignments, later ones winning; `BadInput` if one is wrong."""
    stack = reference(system)
    for assignment in assignments:
        part, name = assigned(system, assignment, place)
        stack = stack.replace(part, resolve(system, part, name, f"{place} {assignment}"))
    return stack


def assigned(system: System, assignment: str, place: str) -> tuple[str, str]:
    """The part and the plugin's name in `layer=plugin`; `BadInput` if it is not written so."""
    part, equals, name = assignment.partition("=")
    if not equals or not name:
        raise BadInput(f"{place} {assignment}", f"write it as layer=plugin, for instance {example(system)}")
    return part, name


def example(system: System) -> str:
    """An assignment that could be made."""
    if system.known_bad:
        return system.known_bad[0].assignment
    return f"{system.parts[0]}=my_package.my_module:make"


def resolve(system: System, part: str, name: str, place: str) -> Choice:
    """The plugin of this name for a part; `BadInput` if it cannot be had."""
    choices = catalogue(system)
    if part not in choices:
        raise BadInput(place, f"there is no layer {part!r}; choose one of {', '.join(choices)}")
    for choice in choices[part]:
        if choice.name == name:
            return choice
    prefix, _, rest = name.partition(":")
    if ":" in rest and prefix in system.loaders:
        return Choice(name, system.loaders[prefix](part, rest, place))
    if ":" in name:
        return Choice(name, load(name, place))
    for entry in _entry_points(system, part, name):
        try:
            return Choice(name, entry.load())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a foreign module may raise anything
            raise BadInput(place, f"the entry point {entry.value} cannot be loaded: {describe(error)}") from None
    known = ", ".join(choice.name for choice in choices[part])
    raise BadInput(place, f"there is no {part} plugin {name!r}; choose one of {known}, or name module:factory")


def _entry_points(system: System, part: str, name: str) -> Iterable[EntryPoint]:
    """What other distributions offer under this name, in the system's own group or in the one that has no system."""
    return (
        *entry_points(group=f"crosslayer.{system.name}.{part}", name=name),
        *entry_points(group=f"crosslayer.{part}", name=name),
    )


def code_of(name: str) -> str:
    """The dotted path in a plugin's name: the `module:Class` of `PREFIX:module:Class`, otherwise the name itself."""
    _, colon, rest = name.partition(":")
    return rest if colon and ":" in rest else name


def load(path: str, place: str) -> Callable[..., Any]:
    """The factory at `module:name`; `BadInput` if it cannot be had."""
    found = find(path, place)
    if not callable(found):
        raise BadInput(place, f"{path} is not a factory: it cannot be called")
    return found  # type: ignore[no-any-return]


def find(path: str, place: str) -> Any:
    """Whatever is at `module:name`, with the working folder last on the import path; `BadInput` if nothing is.

    Last, so that no folder of a user's project ever stands in for an installed package.
    """
    module_name, _, attribute = path.partition(":")
    if not module_name or not attribute:
        raise BadInput(place, "write a dotted path as module:factory")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a foreign module may raise anything
        raise BadInput(place, f"{module_name} cannot be imported: {describe(error)}") from None
    for name in attribute.split("."):
        if not hasattr(found, name):
            raise BadInput(place, f"{module_name} has no {attribute}")
        found = getattr(found, name)
    return found
