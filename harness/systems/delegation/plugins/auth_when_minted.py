"""A planted defect of the auth layer: scopes are compared when a link is made, not when it is verified."""

from crosslayer import Refused, Roster
from crosslayer.harness.systems.delegation.nouns import Grant, Token
from crosslayer.harness.systems.delegation.plugins.auth_links import Links


class WhenMinted(Links):
    """Who makes a link with this plugin cannot widen; who makes it otherwise can."""

    def narrow(self, token: Token, audience: str, grant: Grant) -> Token:
        """As the reference does."""
        if token.links and not set(grant.tools) <= set(token.links[-1].grant.tools):
            raise Refused("wider than what came before")
        return super().narrow(token, audience, grant)

    def _compare(self, wide: Grant, narrow: Grant) -> None:
        """Nothing: that was done when the link was made."""


def make(roster: Roster) -> dict[str, WhenMinted]:
    """One for every agent, each with its own key."""
    return {name: WhenMinted(roster, name) for name in roster.names()}
