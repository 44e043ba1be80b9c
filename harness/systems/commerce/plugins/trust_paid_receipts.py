"""The reference trust layer: what was paid for counts, and nothing else lifts anybody.

Owns one rule, in three sentences. Of whom nothing is known, or nothing that money backs, has the neutral prior. Every
co-signed receipt of a sale that the ledger shows as paid raises its seller above that. A complaint that the ledger
backs, and that no co-signed receipt for the same reference answers, brings the score to 0.

Receipts that nobody paid for, those of the honest guild included, are heard (they count for confidence) and weigh
nothing: a ring of any size and any shape can sign any number of them at no cost. What stays possible is to pay: corrupt
agents that really buy from one another cannot be told from honest ones by any rule over receipts and money.
"""

from crosslayer.harness.systems.commerce.nouns import NEUTRAL_SCORE, Receipt
from crosslayer.harness.systems.commerce.plugins.receipts import Case, ReceiptTrust, Rule
from crosslayer.harness.systems.commerce.ports import Roster, Trust


def unpaid(case: Case) -> frozenset[Receipt]:
    """The receipts that no money backs."""
    return frozenset(receipt for receipt in case.receipts if not case.is_backed(receipt))


RULE = Rule(unpaid, prior=NEUTRAL_SCORE)


def make(roster: Roster) -> dict[str, Trust]:
    """One book per member, shared with nobody."""
    return {name: ReceiptTrust(roster, RULE, roster.store(name)) for name in roster.names()}
