"""A planted defect of the communication layer: a box is of the one whose name is on it."""

from crosslayer import Roster
from crosslayer.harness.systems.delegation.nouns import Box
from crosslayer.harness.systems.delegation.plugins.communication_signed import Signed


class Unsigned(Signed):
    """Boxes are signed, and nobody looks."""

    def _check(self, box: Box) -> None:
        """Nothing."""


def make(roster: Roster) -> dict[str, Unsigned]:
    """One for every agent, each with its own key."""
    return {name: Unsigned(roster, name) for name in roster.names()}
