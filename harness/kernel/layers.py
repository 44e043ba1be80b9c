"""Instrumented layers: guarded calls to the plugins of any layer, and the facts that witness them.

Owns the making of plugins and the handle through which an agent calls its own. Knows no layer by name.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Any

import attrs

from crosslayer.harness.kernel import interrupts
from crosslayer.harness.kernel.guard import Guard, describe, expect
from crosslayer.harness.model.declarations import Layer
from crosslayer.harness.model.errors import PluginFault
from crosslayer.harness.model.population import role_of

Record = Callable[[str, Mapping[str, Any]], None]
"""Writes a fact of a kind about one agent."""


def make_plugins(
    guard: Guard, layer: str, operations: Sequence[str], factory: Callable[[Any], Any], roster: Any
) -> dict[str, Any]:
    """Call a factory and check what it made: one plugin per agent, with all the layer's operations."""
    names, theirs = roster.names(), copy(roster)  # whatever a factory does to its roster, nobody else sees it
    made = guard.call(layer, "", "make", lambda: factory(theirs))
    expect(layer, "", "make", made, Mapping)
    return guard.call(  # type: ignore[no-any-return]
        layer, "", "make", lambda: {name: _checked(layer, operations, made, name) for name in names}
    )


def _checked(layer: str, operations: Sequence[str], made: Mapping[str, Any], name: str) -> Any:
    """The plugin of this agent. To look at what a factory made is to enter its code: it may be any kind of mapping."""
    try:
        plugin = made[name] if name in made else _NONE  # noqa: SIM401 - a foreign mapping's `get` may be anything
        missing = [operation for operation in operations if not callable(getattr(plugin, operation, None))]
    except Exception as error:
        raise PluginFault(layer, name, "make", describe(error)) from error
    if plugin is _NONE:
        raise PluginFault(layer, name, "make", f"the factory made no plugin for this {role_of(name)}")
    if missing:
        raise PluginFault(layer, name, "make", f"the plugin has no {', '.join(missing)}")
    return plugin


_NONE = object()


def answers(part: str, agent: str, operation: str, value: object, kind: type) -> tuple[Any, ...]:
    """A plugin's answer as a tuple of values of one kind, or a fault."""
    if type(value) is not tuple:
        expect(part, agent, operation, value, Sequence)
    try:
        items: tuple[Any, ...] = tuple(value)  # type: ignore[arg-type]
    except BaseException as error:
        if interrupts.is_real(error):
            raise
        raise PluginFault(part, agent, operation, describe(error)) from error
    for item in items:
        if type(item) is not kind:
            expect(part, agent, operation, item, kind)
    return items


class LayerHandle:
    """One agent's handle on its plugin of a layer: each operation is a guarded method of the same name.

    An operation that the layer witnesses records its fact, with `arguments` and `answer`, after it has answered.
    """

    def __init__(self, layer: Layer, agent: str, plugin: Any, guard: Guard, record: Record) -> None:
        for operation in layer.operations:
            call = partial(guard.ask, layer.name, agent, plugin, operation)
            fact = layer.witness.get(operation)
            setattr(self, operation, call if fact is None else partial(_witnessed, call, record, fact))
        self._layer = layer

    def __getattr__(self, name: str) -> Any:
        declared = self.__dict__.get("_layer")
        if declared is None:
            raise AttributeError(name)
        told = ", ".join(declared.operations)
        raise AttributeError(f"{name} is no operation of the layer {declared.name}, which declares {told}")


def _witnessed(call: Callable[..., Any], record: Record, fact: str, *args: Any) -> Any:
    answer = call(*args)
    record(fact, {"arguments": [plain(one) for one in args], "answer": plain(answer)})
    return answer


def type_name(value: Any) -> Any:
    """What JSON can say of a value of any type."""
    return type(value).__name__


def plain(value: Any, otherwise: Callable[[Any], Any] = type_name) -> Any:  # noqa: PLR0911 - a line for each kind of value
    """A value as JSON can say it: bytes in hex, frozen values by their fields, anything else by its type's name."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): plain(one, otherwise) for key, one in value.items()}
        case list() | tuple():
            return [plain(one, otherwise) for one in value]
    if attrs.has(type(value)):
        return {one.name: plain(getattr(value, one.name), otherwise) for one in attrs.fields(type(value))}
    return otherwise(value)
