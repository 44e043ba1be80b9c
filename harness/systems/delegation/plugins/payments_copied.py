"""A planted defect of the payments layer: each child has what its parent has, instead of a part of it."""

from crosslayer import Roster
from crosslayer.harness.systems.delegation.nouns import Link
from crosslayer.harness.systems.delegation.plugins.payments_divided import Divided


class Copied(Divided):
    """An account is filled, and nothing is taken from the one above it."""

    def _open(self, link: Link) -> None:
        """Out of nothing."""
        self._check_part(link.grant.calls, link.grant.spend)
        self._store.put(link.id, (link.grant.calls, link.grant.spend))


def make(roster: Roster) -> dict[str, Copied]:
    """Accounts for every agent; only the tool server's are ever asked."""
    return {name: Copied(roster, name) for name in roster.names()}
