"""Making objects of a NEST class for one run: which class has one object for all, and what a constructor is given.

Owns the table of constructor arguments, by name, as NEST's own scenarios pass them. Knows no operation of any layer.

A parameter that has no default and is not in the table may still be had if its type is a class of the plugin's own
module: one object of it is made by the same rules, and all agents of the run share it.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.systems.commerce.ports import Roster

Make = Callable[..., Any]
"""A class, or a function, that makes one object of a plugin."""

OWN: Mapping[str, Callable[[Roster, str, str], Any]] = {
    "agent_id": lambda _roster, _part, name: name,
    "rng": lambda roster, part, name: roster.random(name, f"nest {part} made"),
    "seed": lambda roster, part, name: roster.secret(name, f"nest {part}"),
    "deterministic": lambda _roster, _part, _name: True,
    "initial_balance": lambda roster, _part, _name: roster.balance,
}
"""What each agent's object gets, by the parameter's name: from roster, part and the agent's name."""

SHARED: Mapping[str, Callable[[Roster], Any]] = {
    "agent_ids": lambda roster: list(roster.names()),
    "balances": lambda roster: dict.fromkeys(roster.names(), roster.balance),
    "payments": lambda _roster: {},
    "streams": lambda _roster: {},
}
"""What all objects of a run get together, by the parameter's name."""

_PASSED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_GATHERING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def parameters(make: Make) -> tuple[inspect.Parameter, ...]:
    """The parameters of a constructor, with types where they can be had; `ValueError` where Python knows none."""
    try:
        signature = inspect.signature(make, eval_str=True)
    except (NameError, AttributeError, TypeError):  # types that are there for type checkers only
        signature = inspect.signature(make)
    return tuple(signature.parameters.values())


def require_makeable(make: Make, path: str, place: str) -> None:
    """`BadInput` if a constructor needs what NEST does not give."""
    try:
        wanted = parameters(make)
    except ValueError:
        raise BadInput(place, f"{path} does not say what it is made from") from None
    missing = [one.name for one in wanted if _is_required(one) and not _can_be_had(one, make)]
    if missing:
        reason = f"{path} is made from {', '.join(missing)}, which cannot be had here"
        raise BadInput(
            place, f"{reason}; name a function that makes it from {', '.join((*OWN, *SHARED))}, or from nothing"
        )


class Workshop:
    """Makes the objects of one run. What is shared is made once."""

    def __init__(self, part: str, roster: Roster) -> None:
        self._part = part
        self._roster = roster
        self._shared: dict[str, Any] = {}

    def make_all(self, make: Make) -> dict[str, Any]:
        """One object per agent; or, of a registry that is not told whose it is, one object for all, as in NEST."""
        names = self._roster.names()
        if self._part == "registry" and all(one.name != "agent_id" for one in parameters(make)):
            return dict.fromkeys(names, self._made(make, ""))
        return {name: self._made(make, name) for name in names}

    def _made(self, make: Make, name: str) -> Any:
        wanted = [one for one in parameters(make) if one.kind in _PASSED]
        given = [one for one in wanted if one.name in OWN or one.name in SHARED or _is_required(one)]
        return make(**{one.name: self._value(one, name) for one in given})

    def _value(self, parameter: inspect.Parameter, name: str) -> Any:
        if parameter.name in OWN:
            return OWN[parameter.name](self._roster, self._part, name)
        if parameter.name not in self._shared:
            common = SHARED.get(parameter.name)
            value = self._made(parameter.annotation, "") if common is None else common(self._roster)
            self._shared[parameter.name] = value
        return self._shared[parameter.name]


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is inspect.Parameter.empty and parameter.kind not in _GATHERING


def _can_be_had(parameter: inspect.Parameter, make: Make) -> bool:
    if parameter.kind not in _PASSED:
        return False
    if parameter.name in OWN or parameter.name in SHARED:
        return True
    own = parameter.annotation
    if not inspect.isclass(own) or own.__module__ != make.__module__ or own is make:
        return False
    return all(_can_be_had(one, own) for one in parameters(own) if _is_required(one))
