"""A published rule that is wrong: the largest circle is taken for the honest anchor and keeps its score.

Owns that rule, for the harness to rediscover its flaws:

- A ring of corrupt agents that is larger than the honest circle becomes the anchor, and the honest are severed.
- A severed agent loses its real sales as well: all its receipts are severed, whether money backs them or not.
- A complaint is ignored as soon as its subject has issued any valid receipt, so serving one buyer pays for cheating
  the next.
"""

from crosslayer.harness.systems.commerce.nouns import Receipt
from crosslayer.harness.systems.commerce.plugins.receipts import Case, ReceiptTrust, Rule, circles
from crosslayer.harness.systems.commerce.ports import Roster, Trust


def severed(case: Case) -> frozenset[Receipt]:
    """All receipts issued in any circle but the largest; of equals, the one with the smallest DID is the anchor."""
    found = circles(case.receipts)
    anchor = max(found, key=len, default=frozenset[str]())
    outcasts = {did for circle in found if circle != anchor for did in circle}
    return frozenset(receipt for receipt in case.receipts if receipt.issuer in outcasts)


RULE = Rule(severed, receipts_silence_complaints=True)


def make(roster: Roster) -> dict[str, Trust]:
    """One book per member, shared with nobody."""
    return {name: ReceiptTrust(roster, RULE, roster.store(name)) for name in roster.names()}
