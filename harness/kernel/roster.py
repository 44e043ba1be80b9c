"""What a factory of plugins is handed: everybody who takes part, the clock, and key material from the run's seed.

Owns that value and the clock. Knows no layer and no plugin.

A plugin is made per agent by a factory that is handed the whole roster:

    def make(roster: Roster) -> dict[str, MyPlugin]:
        return {name: MyPlugin(name, roster) for name in roster.names()}
"""

import random
from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

from crosslayer.harness.kernel.crypto import Signer, secret
from crosslayer.harness.kernel.store import Store


@frozen(cache_hash=True)
class Member:
    """One agent as everybody knows it: its name and its DID (Ed25519 public key, 64 hex digits)."""

    name: str
    did: str


@define
class Clock:
    """The run's only clock. The kernel sets it; plugins read it."""

    now: int = 0


class ClockFace(Clock):
    """A clock as it is handed to agents and plugins: it shows the same tick, and to set it is an error."""

    __slots__ = ("_clock",)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def now(self) -> int:  # type: ignore[override]
        """The tick."""
        return self._clock.now


@frozen
class Roster:
    """Everything that a factory may know of a run.

    `scenario` is the scenario of the run, where the system hands it over; `store(name)` is an agent's durable store.
    """

    members: tuple[Member, ...]
    seed: int
    clock: Clock = field(factory=Clock)
    scenario: Any = field(default=None, kw_only=True)
    store: Callable[[str], Store] = field(default=lambda _name: Store(), kw_only=True)

    def names(self) -> tuple[str, ...]:
        """All agents' names."""
        return tuple(member.name for member in self.members)

    def secret(self, name: str, purpose: str) -> bytes:
        """32 bytes of key material for one agent and purpose, from the run's seed and nothing else."""
        return secret(self.seed, name, purpose)

    def signer(self, name: str) -> Signer:
        """An agent's own signing key. Hand it to that agent's plugin only."""
        return Signer.from_seed(self.seed, name)

    def random(self, name: str, purpose: str) -> random.Random:
        """A generator of an agent's own, seeded by the run's seed."""
        return random.Random(self.secret(name, purpose))  # noqa: S311 - reproducible on purpose
