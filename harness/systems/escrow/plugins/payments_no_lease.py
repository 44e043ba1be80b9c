"""A planted defect of the payments layer: a hold has no deadline."""

from crosslayer import Roster
from crosslayer.harness.systems.escrow.plugins.payments_holds import Holds


class NoLease(Holds):
    """A hold that nobody claims stays; one that is claimed late is paid."""

    def expire(self) -> tuple[str, ...]:
        """Nothing ever does."""
        return ()

    def _check_time(self, deadline: int, now: int) -> None:
        """It is never too late."""


def make(roster: Roster) -> dict[str, NoLease]:
    """Books for every agent; only the arbiter's are ever asked."""
    return {name: NoLease(roster, name) for name in roster.names()}
