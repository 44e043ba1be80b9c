"""A planted defect of the registry: a token is looked up by its own name, and lives on if its parent is revoked."""

from crosslayer import Roster
from crosslayer.harness.systems.delegation.nouns import Link, Token
from crosslayer.harness.systems.delegation.plugins.registry_gossip import Gossip


class Exact(Gossip):
    """What was made of a revoked token is another token."""

    def _asked(self, token: Token) -> tuple[Link, ...]:
        """The last link."""
        return token.links[-1:]


def make(roster: Roster) -> dict[str, Exact]:
    """A list for every agent."""
    return {name: Exact(roster, name) for name in roster.names()}
