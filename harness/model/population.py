"""Who takes part: how many agents of each role.

Owns the base class of every system's population, and the naming of agents. A system's population has one field for
each role, made by `role`; everything else follows from these fields.

    @frozen
    class Members(Population):
        worker: int = role(2, least=1)
        server: int = role(1, least=1, most=1)
"""

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any, ClassVar, Self

import attrs
from attrs import field, frozen, validators

from crosslayer.harness.model.notes import noted

AGENTS_MAX = 64
"""The most agents of one role."""

_ROLE = "crosslayer role"


@frozen
class Role:
    """What is declared of a role: bounds for a search, whether the adversary controls its agents, what comes often."""

    least: int
    most: int
    corrupt: bool
    often: tuple[int, ...]


def role(
    default: int = 0,
    *,
    least: int = 0,
    most: int = 4,
    corrupt: bool = False,
    often: Sequence[int] = (),
    about: str = "",
) -> Any:
    """A field of a population: how many agents of this role take part.

    A search draws counts from `least` to `most`, those of `often` more often, the first of which is the simplest.
    The adversary controls the agents of a `corrupt` role; they are honest until a step says otherwise. `about` says in
    one sentence what the agents of the role do.
    """
    declared = Role(least, most, corrupt, tuple(often))
    valid = validators.and_(validators.instance_of(int), validators.ge(0), validators.le(AGENTS_MAX))
    return field(default=default, validator=valid, metadata={_ROLE: declared, **noted(about, "agents")})


def role_of(name: str) -> str:
    """The role in an agent's name: `tool_server-1` is a `tool_server`."""
    return name.rpartition("-")[0]


@cache
def _roles(kind: Any) -> Mapping[str, Role]:
    fields = attrs.fields(kind)
    return {one.name: one.metadata[_ROLE] for one in fields if _ROLE in one.metadata}


@frozen
class Population:
    """How many agents of each role take part; at most 64 each. Agents are named `role-0`, `role-1`, ….

    `ValueError` for a population in which no promise of the system could be tested: by default, one with fewer agents
    of a role than its `least`. `fewer` lists the roles in the order in which a search for a smaller population takes
    agents away; by default, the role that was declared last comes first.
    """

    fewer: ClassVar[tuple[str, ...]] = ()

    def __attrs_post_init__(self) -> None:
        for name, declared in self.roles().items():
            if getattr(self, name) < declared.least:
                raise ValueError(f"a population needs at least {declared.least} {name}")

    # What the class says

    @classmethod
    def roles(cls) -> Mapping[str, Role]:
        """What is declared of every role, in the order of the fields."""
        kind: Any = cls
        return _roles(kind)

    @classmethod
    def corrupt_roles(cls) -> tuple[str, ...]:
        """The roles that the adversary controls."""
        return tuple(name for name, declared in cls.roles().items() if declared.corrupt)

    @classmethod
    def most(cls, *roles: str) -> int:
        """The most agents of these roles (of all, if none is named) that a search draws."""
        return sum(declared.most for name, declared in cls.roles().items() if not roles or name in roles)

    @classmethod
    def counts(cls, **most: int) -> dict[str, list[int]]:
        """For every role whose number can vary, the counts that a search draws from, at most `most` of each role."""
        rows = {}
        for name, declared in cls.roles().items():
            bound = min(declared.most, most.get(name, declared.most))
            if bound < declared.least:
                raise ValueError(f"populations need at least {declared.least} {name}")
            row = [*declared.often, *range(declared.least, bound + 1)]
            if declared.least < declared.most:
                rows[name] = [count for count in row if declared.least <= count <= bound]
        return rows

    @classmethod
    def drawn(cls, **counts: int) -> Self:
        """The population of drawn counts. A subclass repairs here what its own rules would refuse."""
        return cls(**counts)

    # What the value says

    def names(self) -> tuple[str, ...]:
        """All agents, by role in the order of the fields, then by number."""
        return self._names

    def of(self, *roles: str) -> tuple[str, ...]:
        """The agents of these roles, in the order of `names`."""
        found = self._by_roles.get(roles)
        if found is None:
            found = tuple(name for role_, names in self._by_role.items() if role_ in roles for name in names)
            self._by_roles[roles] = found
        return found

    def corrupt(self) -> tuple[str, ...]:
        """The agents that the adversary controls."""
        return self.of(*self.corrupt_roles())

    @cached_property
    def _by_roles(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """What `of` has answered."""
        return {}

    @cached_property
    def _by_role(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(f"{name}-{number}" for number in range(getattr(self, name))) for name in self.roles()}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(name for names in self._by_role.values() for name in names)
