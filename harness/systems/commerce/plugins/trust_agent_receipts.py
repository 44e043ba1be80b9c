"""An earlier rule, whose flaw is known: receipts count, paid or not, unless they go round in an unpaid circle.

A star of wash receipts is no circle: five of them, without any trade or money, are worth 0.92, and one real sale, 0.39,
is worth less than nothing at all, 0.5. What is paid is the reference's rule (`trust_paid_receipts`).

Owns one rule of severance: a receipt is severed if issuer and counterparty lie in one strongly connected component
of the graph of receipts that the ledger does not back. Honest sellers who settle in a circle lose those receipts, too,
and lose nothing by it: their sales are backed, and a backed receipt is never severed. Nothing is exempt for its
size or its friends, because a ring can buy both.

A complaint that the ledger backs, and that no co-signed receipt for the same reference answers, brings the score to 0.
"""

from crosslayer.harness.systems.commerce.nouns import Receipt
from crosslayer.harness.systems.commerce.plugins.receipts import Case, ReceiptTrust, Rule, circles
from crosslayer.harness.systems.commerce.ports import Roster, Trust


def severed(case: Case) -> frozenset[Receipt]:
    """The receipts without money behind them that run inside a circle of such receipts."""
    unbacked = [receipt for receipt in case.receipts if not case.is_backed(receipt)]
    circle_of = {did: circle for circle in circles(unbacked) for did in circle}
    return frozenset(receipt for receipt in unbacked if receipt.counterparty in circle_of.get(receipt.issuer, ()))


RULE = Rule(severed)


def make(roster: Roster) -> dict[str, Trust]:
    """One book per member, shared with nobody."""
    return {name: ReceiptTrust(roster, RULE, roster.store(name)) for name in roster.names()}
