"""How many agents of each role: as a person writes it, and what a small world is by default.

Owns both. Knows nothing of what is done with a population.
"""

from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.system import System

_COUNT_DIGITS = 6
"""Digits of the number of agents of a role."""


def read_population(system: System, counts: str | None) -> Population:
    """The population of `role=number,…`, or of numbers in the order of the roles; `BadInput` if that is none.

    Roles that can have one number only need not be named.
    """
    if counts is None:
        return explored_population(system)
    place, varying = f"--population {counts}", tuple(system.population.counts())
    words = counts.split(",")
    pairs = [word.partition("=") for word in words]
    named = any(equals for _, equals, _ in pairs)
    if not named and len(words) != len(varying):
        example = ",".join(f"{role}=1" for role in varying)
        raise BadInput(place, f"write {len(varying)} numbers ({', '.join(varying)}), or for instance {example}")
    chosen = {} if not named else dict.fromkeys(varying, 0)
    for role, (name, equals, number) in zip(varying if not named else words, pairs, strict=True):
        count = number if equals else name
        who = name if equals else role
        if not count.isdecimal() or len(count) > _COUNT_DIGITS or who not in system.population.roles():
            known = ", ".join(system.population.roles())
            raise BadInput(place, f"write {brief(role)} as role=number; the roles are {known}")
        chosen[who] = int(count)
    try:
        return system.population(**chosen)
    except (TypeError, ValueError) as error:
        raise BadInput(place, str(error)) from None


def explored_population(system: System) -> Population:
    """The population that is explored by default: the scenario's own if it names one, with every role present."""
    if system.explored is not None:
        return system.explored
    roles = system.population.roles()
    return system.population(**{name: max(one.least, min(1, one.most)) for name, one in roles.items()})
