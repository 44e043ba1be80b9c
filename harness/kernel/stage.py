"""What a step may touch: the world, who is in it, and the adversary's memory.

Owns the resolution of a step's relative arguments into names. Knows no step.
"""

from collections.abc import Mapping
from typing import NamedTuple

from attrs import define, field

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.world import World
from crosslayer.harness.systems.commerce.handles import RegistryHandle
from crosslayer.harness.systems.commerce.nouns import CORRUPT_ROLES, SELLER_ROLES, Population


class Done(NamedTuple):
    """What became of a step: whether it changed anything, and one sentence with resolved names."""

    applied: bool
    note: str


def nothing(note: str) -> Done:
    """A step that found nothing to do."""
    return Done(applied=False, note=note)


@define(eq=False)
class Stage:
    """Everything that step handlers work on. `horizon` is the last tick that steps may run to."""

    world: World
    population: Population
    horizon: int
    signers: Mapping[str, Signer]
    registries: Mapping[str, RegistryHandle]
    filed: dict[str, bytes] = field(factory=dict)
    _counts: dict[str, int] = field(factory=dict)

    def agent(self, index: int) -> str:
        """Any agent."""
        return _pick(self.population.names(), index)

    def buyer(self, index: int) -> str:
        """An honest buyer."""
        return _pick(self.population.of("buyer"), index)

    def any_seller(self, index: int) -> str:
        """A seller, honest or not."""
        return _pick(self.population.of(*SELLER_ROLES), index)

    def victim(self, index: int) -> str:
        """Any agent, the sellers first: it is their cards that buyers look for."""
        sellers = self.population.of(*SELLER_ROLES)
        return _pick((*sellers, *(name for name in self.population.names() if name not in sellers)), index)

    def corrupt(self, index: int) -> str | None:
        """A corrupt agent, shill_sellers first; None if there is none."""
        names = self.population.of(*CORRUPT_ROLES)
        return _pick(names, index) if names else None

    def shill_seller(self, index: int) -> str | None:
        """A corrupt seller; None if there is none."""
        names = self.population.of("shill_seller")
        return _pick(names, index) if names else None

    def count(self, what: str) -> int:
        """How often this was asked for before: the adversary's way to new ids."""
        number = self._counts.get(what, 0)
        self._counts[what] = number + 1
        return number


def _pick(names: tuple[str, ...], index: int) -> str:
    return names[index % len(names)]
