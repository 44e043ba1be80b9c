"""A planted defect of the payments layer: a hold is what the depositor asks for, whatever the terms say."""

from crosslayer import Roster
from crosslayer.harness.systems.escrow.nouns import Terms
from crosslayer.harness.systems.escrow.plugins.payments_holds import Holds


class Unbound(Holds):
    """Amount and payee are taken as they are asked for."""

    def _check_terms(self, terms: Terms, payee: str, amount: int) -> None:
        """Nothing is compared."""


def make(roster: Roster) -> dict[str, Unbound]:
    """Books for every agent; only the arbiter's are ever asked."""
    return {name: Unbound(roster, name) for name in roster.names()}
