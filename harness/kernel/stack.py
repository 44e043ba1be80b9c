"""Which plugin stands in each part of a run, and how a name becomes a factory.

Owns the catalogue of shipped plugins and the resolution of `layer=plugin`. Knows no plugin's inside.

A plugin is named by its catalogue name (`trust=score_average`), by dotted path to its factory
(`trust=my_pkg.trust:make`), by a name in the entry-point group `crosslayer.<layer>`, or as a class that was written
for NEST (`trust=nest:my_pkg.trust:MyTrust`). What cannot be had is an error, never a silent substitute.
"""

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from attrs import field, frozen

from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.systems.commerce.agents import roles
from crosslayer.harness.systems.commerce.nest_plugins.adapting import adapted
from crosslayer.harness.systems.commerce.nouns import PARTS
from crosslayer.harness.systems.commerce.plugins import (
    payments_pay_on_close,
    payments_streaming,
    privacy_hybrid_x25519,
    privacy_noop,
    registry_gossip,
    registry_in_memory,
    trust_agent_receipts,
    trust_agent_receipts_largest_scc,
    trust_agent_receipts_shape,
    trust_score_average,
)

NEST = "nest:"
"""What stands before the dotted path of a class that was written for NEST."""


@frozen
class Choice:
    """One part's plugin: its name as the user gave it, its factory, and one line about it."""

    name: str
    factory: Callable[..., Any] = field(eq=False, repr=False)
    about: str = ""


def _kernel() -> type[World]:
    return World


CATALOGUE: Mapping[str, tuple[Choice, ...]] = {
    "registry": (
        Choice("gossip", registry_gossip.make, "per-agent views, push-pull gossip of signed cards (reference)"),
        Choice("in_memory", registry_in_memory.make, "one map shared by everybody, partitions or not"),
    ),
    "payments": (
        Choice("streaming", payments_streaming.make, "money moves tick by tick up to a cap (reference)"),
        Choice("pay_on_close", payments_pay_on_close.make, "no money moves until the stream is closed"),
    ),
    "privacy": (
        Choice(
            "hybrid_x25519",
            privacy_hybrid_x25519.make,
            "X25519, HKDF-SHA256 and ChaCha20-Poly1305; replays refused (reference)",
        ),
        Choice("noop", privacy_noop.make, "everything in clear"),
    ),
    "trust": (
        Choice(
            "agent_receipts",
            trust_agent_receipts.make,
            "co-signed receipts, collusion severed, paid-for sales never; complaints heard (reference)",
        ),
        Choice("score_average", trust_score_average.make, "the mean of all ratings"),
        Choice(
            "agent_receipts_largest_scc",
            trust_agent_receipts_largest_scc.make,
            "a published rule: all collusion severed but the largest component",
        ),
        Choice(
            "agent_receipts_shape",
            trust_agent_receipts_shape.make,
            "the rule that replaced it: dense components severed unless an edge joins them to others",
        ),
    ),
    "agents": (Choice("honest", roles.make, "the protocol of buyers, sellers and auditor (reference)"),),
    "kernel": (Choice("heap", _kernel, "the deterministic kernel (reference)"),),
}
"""The shipped plugins of every part; the first of each is the reference."""


@frozen
class Stack:
    """One choice for every part of a run."""

    choices: Mapping[str, Choice]

    def names(self) -> dict[str, str]:
        """The plugins' names, by part; agents and kernel only where they are not the reference."""
        reference = REFERENCE.choices
        return {
            part: self.choices[part].name
            for part in PARTS
            if part not in ("agents", "kernel") or self.choices[part].name != reference[part].name
        }

    def factory(self, part: str) -> Callable[..., Any]:
        """The factory of one part."""
        return self.choices[part].factory

    def swapped(self) -> tuple[str, ...]:
        """The parts that are not the reference."""
        return tuple(part for part in PARTS if self.choices[part] != REFERENCE.choices[part])

    def replace(self, part: str, choice: Choice) -> "Stack":
        """This stack with another choice for one part."""
        return Stack({**self.choices, part: choice})


REFERENCE = Stack({part: CATALOGUE[part][0] for part in PARTS})
"""Every part as it should be."""


def build(assignments: Iterable[str], place: str = "--stack") -> Stack:
    """The reference stack with these `layer=plugin` assignments, later ones winning; `BadInput` if one is wrong."""
    stack = REFERENCE
    for assignment in assignments:
        part, equals, name = assignment.partition("=")
        if not equals or not name:
            raise BadInput(f"{place} {assignment}", "write it as layer=plugin, for instance trust=score_average")
        stack = stack.replace(part, resolve(part, name, f"{place} {assignment}"))
    return stack


def resolve(part: str, name: str, place: str) -> Choice:
    """The plugin of this name for a part; `BadInput` if it cannot be had."""
    if part not in CATALOGUE:
        raise BadInput(place, f"there is no layer {part!r}; choose one of {', '.join(PARTS)}")
    for choice in CATALOGUE[part]:
        if choice.name == name:
            return choice
    path = code_of(name)
    if path != name:
        types = nest_types(place)
        return Choice(name, adapted(part, load(path, place), types, path, place))
    if ":" in name:
        return Choice(name, load(name, place))
    for entry in entry_points(group=f"crosslayer.{part}", name=name):
        try:
            return Choice(name, entry.load())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a foreign module may raise anything
            raise BadInput(place, f"the entry point {entry.value} cannot be loaded: {describe(error)}") from None
    known = ", ".join(choice.name for choice in CATALOGUE[part])
    raise BadInput(place, f"there is no {part} plugin {name!r}; choose one of {known}, or name module:factory")


def code_of(name: str) -> str:
    """The dotted path in a plugin's name: the `module:Class` of `nest:module:Class`, otherwise the name itself."""
    path = name.removeprefix(NEST)
    return path if ":" in path else name


def nest_types(place: str) -> Any:
    """The module of NEST's values; `BadInput` if NEST is not installed."""
    try:
        return importlib.import_module("nest_core.types")
    except ModuleNotFoundError:
        how = "pip install crosslayer[nest], with Python 3.12 or later"
        raise BadInput(place, f"this plugin was written for NEST, which is not installed: {how}") from None
    except Exception as error:  # noqa: BLE001 - a foreign module may raise anything
        raise BadInput(place, f"nest_core.types cannot be imported: {describe(error)}") from None


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
