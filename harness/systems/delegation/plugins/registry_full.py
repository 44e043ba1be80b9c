"""A planted defect of the registry: a list that only grows, and that refuses everything once it is full."""

from crosslayer import Refused, Roster
from crosslayer.harness.systems.delegation.nouns import Token
from crosslayer.harness.systems.delegation.plugins.registry_gossip import Gossip

ROOM = 1
"""Revocations that there is room for."""


class Full(Gossip):
    """To be on the safe side, what cannot be looked up is refused."""

    def admit(self, token: Token) -> None:
        """Refuse all tokens once the list is full."""
        if len(self.known()) >= ROOM:
            raise Refused("the list is full")
        super().admit(token)


def make(roster: Roster) -> dict[str, Full]:
    """A list for every agent."""
    return {name: Full(roster, name) for name in roster.names()}
