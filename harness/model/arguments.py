"""What the fields of a step may mean: an agent, a number, a message kind, a moment, the sides of a split network.

Owns the declarations that stand on a step's fields. From one declaration follow the validation of a value, what a
search draws, which agent an index resolves to, how it is renumbered in a smaller population, and what an exhaustive
search enumerates. Knows no step.

    @frozen
    class Stall(Step):
        who: int = agent("worker", "hoarder")
        ticks: int = number(1, 1, 10, 100)
"""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import NOTHING, Attribute, field, frozen, validators

from crosslayer.harness.model.population import Population

ARGUMENT = "crosslayer argument"
"""The key of a field's metadata under which its declaration stands."""

_natural = validators.and_(validators.instance_of(int), validators.ge(0))


@frozen
class Agents:
    """An index into some agents of the population, wrapping around.

    With `roles`, into the agents of these roles; with `corrupt`, into all corrupt agents; with neither, into all
    agents, those of the roles `first` before the others.
    """

    roles: tuple[str, ...] = ()
    corrupt: bool = False
    first: tuple[str, ...] = ()

    @property
    def anyone(self) -> bool:
        """Whether every agent can be meant."""
        return not self.roles and not self.corrupt

    def names(self, population: Population) -> tuple[str, ...]:
        """The agents that can be meant, in the order of their indices."""
        if self.corrupt:
            return population.corrupt()
        if self.roles:
            return population.of(*self.roles)
        if not self.first:
            return population.names()
        front = population.of(*self.first)
        return (*front, *(name for name in population.names() if name not in front))

    def pick(self, population: Population, index: int) -> str | None:
        """The agent at an index; None if there is no agent that could be meant."""
        names = self.names(population)
        return names[index % len(names)] if names else None

    def indices(self, kind: type[Population]) -> Sequence[int]:
        """What a search draws: enough to mean every agent of the largest population of this kind."""
        if self.corrupt:
            return range(kind.most(*kind.corrupt_roles()))
        if self.roles:
            return range(kind.most(*self.roles))
        everyone = range(kind.most())
        return (*range(kind.most(*self.first)), *everyone) if self.first else everyone


@frozen
class Numbers:
    """A number, of which a search draws one of these; the simplest stands first."""

    among: Sequence[int]


@frozen
class Kinds:
    """The name of a message kind of the system."""


@frozen
class Moments:
    """The name of a moment of the system."""


@frozen
class Groups:
    """For every agent, by index and wrapping around, the side of a split network on which it is."""


Argument = Agents | Numbers | Kinds | Moments | Groups


def agent(*roles: str, corrupt: bool = False, first: Iterable[str] = ()) -> Any:
    """A field that means an agent: of these roles, any corrupt one, or (if nothing is said) any agent at all."""
    return _field(Agents(roles, corrupt, tuple(first)), _natural, 0)


def number(default: int = 0, *among: int) -> Any:
    """A field that holds a number of at least 0; a search draws one of `among`, by default only the default."""
    return _field(Numbers(among or (default,)), _natural, default)


def position() -> Any:
    """A field that says which of several messages under way is meant: the nth, oldest first, wrapping around."""
    return _field(Numbers(range(8)), _natural, 0)


def kind(default: Any = NOTHING) -> Any:
    """A field that names a message kind of the system."""
    return _field(Kinds(), validators.instance_of(str), default)


def moment() -> Any:
    """A field that names a moment of the system."""
    return _field(Moments(), validators.instance_of(str))


def groups() -> Any:
    """A field that splits the network."""
    return _field(Groups(), validators.and_(validators.deep_iterable(_natural), validators.min_len(1)), (0,))


def argument_of(one: "Attribute[Any]") -> Argument | None:
    """What a step's field may mean; None if it does not say so."""
    found: Argument | None = one.metadata.get(ARGUMENT)
    return found


def _field(argument: Argument, validator: Any, default: Any = NOTHING) -> Any:
    return field(default=default, validator=validator, metadata={ARGUMENT: argument})
