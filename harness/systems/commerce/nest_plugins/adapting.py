"""From a NEST class to a factory of ours.

Owns what a class of each layer must have, and the order: make all objects, introduce them, wrap each. Knows no name of
any plugin: the caller has found the class, and NEST's types.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crosslayer.harness.model.errors import BadInput, PluginFault
from crosslayer.harness.systems.commerce.nest_plugins.driving import Context
from crosslayer.harness.systems.commerce.nest_plugins.evidence import Translator
from crosslayer.harness.systems.commerce.nest_plugins.making import Make, Workshop, require_makeable
from crosslayer.harness.systems.commerce.nest_plugins.payments import Ledger, NestPayments
from crosslayer.harness.systems.commerce.nest_plugins.privacy import NestPrivacy, introduce
from crosslayer.harness.systems.commerce.nest_plugins.registry import NestRegistry
from crosslayer.harness.systems.commerce.nest_plugins.trust import NestTrust
from crosslayer.harness.systems.commerce.ports import Factory, Plugin, Roster

Plugins = Mapping[str, Any]
"""NEST's object of each agent, by name."""


def _registries(roster: Roster, made: Plugins, types: Any) -> dict[str, Plugin]:
    return {name: NestRegistry(name, one, types, Context("registry", name, roster)) for name, one in made.items()}


def _payments(roster: Roster, made: Plugins, types: Any) -> dict[str, Plugin]:
    ledger = Ledger(roster, made, types)
    return {name: NestPayments(name, ledger) for name in made}


def _privacies(_roster: Roster, made: Plugins, _types: Any) -> dict[str, Plugin]:
    introduce(made)
    return {name: NestPrivacy(name, one) for name, one in made.items()}


def _trusts(roster: Roster, made: Plugins, types: Any) -> dict[str, Plugin]:
    return {name: NestTrust(name, one, types, Translator(name, roster, types)) for name, one in made.items()}


WRAP: Mapping[str, Callable[[Roster, Plugins, Any], dict[str, Plugin]]] = {
    "registry": _registries,
    "payments": _payments,
    "privacy": _privacies,
    "trust": _trusts,
}
"""How each layer's objects become plugins of ours."""

NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "registry": (("register", "lookup", "deregister"),),
    "payments": (
        ("pay", "verify_payment", "balance"),
        ("open_stream", "close_stream", "verify_payment", "balance"),
    ),
    "privacy": (("encrypt", "decrypt"),),
    "trust": (("report", "score"),),
}
"""The operations that an object of a layer must have: all of one of these lists."""


def adapted(part: str, make: Make, types: Any, path: str, place: str) -> Factory:
    """The factory of a NEST class, or of a function that makes its objects.

    `types` is NEST's module of that name, `path` what the class was named by. `BadInput` if it is no plugin of this
    layer, or needs for its making what NEST does not give.
    """
    if part not in WRAP:
        raise BadInput(place, f"NEST has plugins for {', '.join(WRAP)}, but none for {part}")
    if isinstance(make, type) and (missing := _missing(part, make)):
        raise BadInput(place, f"{path} is no NEST {part} plugin: it has no {missing}")
    require_makeable(make, path, place)

    def factory(roster: Roster) -> dict[str, Plugin]:
        made = Workshop(part, roster).make_all(make)
        for name, one in made.items():
            if missing := _missing(part, one):
                raise PluginFault(part, name, "make", f"{path} made no NEST {part} plugin: it has no {missing}")
        return WRAP[part](roster, made, types)

    return factory


def _missing(part: str, one: object) -> str:
    """The operations that are missing to the list that comes nearest; empty if nothing is."""
    lacking = [[name for name in names if not callable(getattr(one, name, None))] for names in NEEDED[part]]
    nearest = min(lacking, key=len)
    return ", ".join(nearest)
