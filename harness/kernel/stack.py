"""Which plugin stands in each part of a run, and how a name becomes a factory.

Owns the catalogue of shipped plugins and the resolution of `layer=plugin`. Knows no plugin's inside.

A plugin is named by its catalogue name (`trust=score_average`), by dotted path to its factory
(`trust=my_pkg.trust:make`), by a name in the entry-point group `crosslayer.<layer>`, or as a class that was written
for NEST (`trust=nest:my_pkg.trust:MyTrust`). What cannot be had is an error, never a silent substitute.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from attrs import field, frozen

from crosslayer.harness.formats.codec import brief
from crosslayer.harness.kernel import foreign
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.errors import BadInput, shortened
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


def allowed_stack(
    named: Iterable[tuple[str, str]], allowed: Sequence[str], place: str, known: Iterable[str] = ()
) -> Stack:
    """The reference stack with the plugins that a file names, by part; `BadInput` if one cannot be had.

    Code is named by the person who runs it, not by a file: a plugin that is not ours is loaded only if its module is,
    or lies in, one of the `allowed` packages, or if its name is one of the `known`.
    """
    chosen = [(part, name) for part, name in named if part in CATALOGUE or resolve(part, name, place)]
    trusted = tuple(known)
    for part, name in chosen:
        module = "" if name in trusted else module_of(part, name)
        if module and not any(module == package or module.startswith(f"{package}.") for package in allowed):
            root = module.partition(".")[0]
            raise BadInput(
                place,
                f"uses {part}={shortened(name, 120)}; to load that code, say --stack {part}={shortened(name, 120)}, "
                f"or --allow {shortened(root, 80)}",
            )
    stack = REFERENCE
    for part, name in chosen:
        stack = stack.replace(part, resolve(part, name, place))
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
        return foreign.bring_in(path, lambda: _adapted(part, name, path, place))  # type: ignore[no-any-return]
    if ":" in name:
        return Choice(name, load(name, place))
    for entry in entry_points(group=f"crosslayer.{part}", name=name):
        wrong = f"the entry point {entry.value} cannot be loaded"
        return Choice(name, foreign.bring_in(entry.value, partial(foreign.unharmed, entry.load, place, wrong)))
    known = ", ".join(choice.name for choice in CATALOGUE[part])
    raise BadInput(place, f"there is no {part} plugin {brief(name)}; choose one of {known}, or name module:factory")


def _adapted(part: str, name: str, path: str, place: str) -> Choice:
    types = nest_types(place)
    make = load(path, place)
    wrong = f"{path} cannot be adapted"
    return Choice(name, foreign.unharmed(lambda: adapted(part, make, types, path, place), place, wrong))


def module_of(part: str, name: str) -> str:
    """The module whose code a plugin's name stands for; empty if it is ours, or if there is none."""
    if any(choice.name == name for choice in CATALOGUE.get(part, ())):
        return ""
    path = code_of(name)
    if ":" not in path:
        path = next((entry.value for entry in entry_points(group=f"crosslayer.{part}", name=name)), "")
    return path.partition(":")[0]


def code_of(name: str) -> str:
    """The dotted path in a plugin's name: the `module:Class` of `nest:module:Class`, otherwise the name itself."""
    path = name.removeprefix(NEST)
    return path if ":" in path else name


def nest_types(place: str) -> Any:
    """The module of NEST's values; `BadInput` if NEST is not installed."""
    if find_spec("nest_core") is None:
        how = "pip install crosslayer[nest], with Python 3.12 or later"
        raise BadInput(place, f"this plugin was written for NEST, which is not installed: {how}")
    return foreign.imported("nest_core.types", place)


def load(path: str, place: str) -> Callable[..., Any]:
    """The factory at `module:name`; `BadInput` if it cannot be had."""
    factory = foreign.found(path, place)
    if not callable(factory):
        raise BadInput(place, f"{path} is not a factory: it cannot be called")
    return factory  # type: ignore[no-any-return]
