"""A planted defect of the auth layer: who has a token may use it."""

from crosslayer import Roster
from crosslayer.harness.systems.delegation.nouns import Link
from crosslayer.harness.systems.delegation.plugins.auth_links import Links


class Bearer(Links):
    """A token is not bound to the one who presents it."""

    def _check_audience(self, link: Link, caller: str) -> None:
        """Nothing is compared."""


def make(roster: Roster) -> dict[str, Bearer]:
    """One for every agent, each with its own key."""
    return {name: Bearer(roster, name) for name in roster.names()}
