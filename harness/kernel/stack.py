"""Which plugin stands in each part of a run, and how a name becomes a factory.

Owns the stack and the resolution of `layer=plugin`. Knows no plugin's inside, and no system.

A plugin is named by its name in the system's layer (`trust=score_average`), by dotted path to its factory
(`trust=my_pkg.trust:make`), by a name in the entry-point group `crosslayer.<system>.<layer>`, or by a path after a
prefix for which the system has a loader (`trust=nest:my_pkg.trust:MyTrust`). What cannot be had is an error, never
a silent substitute.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from attrs import frozen

from crosslayer.harness.kernel import foreign
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.errors import BadInput, shortened
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
        raise BadInput(place, f"there is no layer {brief(part)}; choose one of {', '.join(choices)}")
    for choice in choices[part]:
        if choice.name == name:
            return choice
    prefix, _, rest = name.partition(":")
    if ":" in rest and prefix in system.loaders:
        adapt = partial(system.loaders[prefix], part, rest, place)
        return Choice(name, foreign.bring_in(rest, partial(foreign.unharmed, adapt, place, f"{rest} cannot be had")))
    if ":" in name:
        return Choice(name, load(name, place))
    for entry in _entry_points(system, part, name):
        wrong = f"the entry point {entry.value} cannot be loaded"
        return Choice(name, foreign.bring_in(entry.value, partial(foreign.unharmed, entry.load, place, wrong)))
    known = ", ".join(choice.name for choice in choices[part])
    raise BadInput(place, f"there is no {part} plugin {brief(name)}; choose one of {known}, or name module:factory")


def allowed_stack(
    system: System, named: Iterable[tuple[str, str]], allowed: Sequence[str], place: str, known: Iterable[str] = ()
) -> Stack:
    """The reference stack with the plugins that a file names, by part; `BadInput` if one cannot be had.

    Code is named by the person who runs it, not by a file: a plugin that is not the system's own is loaded only if its
    module is, or lies in, one of the `allowed` packages, or if its name is one of the `known`.
    """
    chosen, trusted = list(named), tuple(known)
    for part, name in chosen:
        module = "" if name in trusted else module_of(system, part, name)
        if module and not any(module == package or module.startswith(f"{package}.") for package in allowed):
            assignment, root = shortened(f"{part}={name}", 120), shortened(module.partition(".")[0], 80)
            raise BadInput(place, f"uses {assignment}; to load that code, say --stack {assignment}, or --allow {root}")
    stack = reference(system)
    for part, name in chosen:
        stack = stack.replace(part, resolve(system, part, name, place))
    return stack


def module_of(system: System, part: str, name: str) -> str:
    """The module whose code a plugin's name stands for; empty if it is the system's own, or if there is none."""
    if any(choice.name == name for choice in catalogue(system).get(part, ())):
        return ""
    path = code_of(name)
    if ":" not in path:
        path = next((entry.value for entry in _entry_points(system, part, name)), "")
    return path.partition(":")[0]


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
    factory = foreign.found(path, place)
    if not callable(factory):
        raise BadInput(place, f"{path} is not a factory: it cannot be called")
    return factory  # type: ignore[no-any-return]
