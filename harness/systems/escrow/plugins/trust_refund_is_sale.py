"""The planted defect of the trust layer: a hold that has ended is a sale, even if its money went back."""

from crosslayer import Roster
from crosslayer.harness.systems.escrow.plugins.trust_bargains import Bargains


class RefundIsSale(Bargains):
    """Counts ended holds."""

    def _is_sale(self, outcome: str) -> bool:  # noqa: ARG002 - that is the defect
        """Always."""
        return True


def make(roster: Roster) -> dict[str, RefundIsSale]:
    """An opinion for every agent; only the auditor's is ever asked."""
    return {name: RefundIsSale(roster, name) for name in roster.names()}
