"""A published rule that is wrong: a circle is severed for its shape, unless it knows somebody of another shape.

Owns that rule, for the harness to rediscover its flaws:

- One genuine delivery, or one more Sybil with a one-way receipt, exonerates a whole ring.
- A sparse ring, each paying the next, has the shape of the honest circle and is never severed.
- Two honest sellers who settle with each other are a mutual pair and lose their real sales.
- A complaint is ignored as soon as its subject has issued any valid receipt.
"""

from crosslayer.harness.systems.commerce.nouns import Receipt
from crosslayer.harness.systems.commerce.plugins.receipts import Case, ReceiptTrust, Rule, circles
from crosslayer.harness.systems.commerce.ports import Roster, Trust

Edges = tuple[tuple[str, str], ...]

DENSE_PERCENT = 80
"""From this density on, edges among n members in percent of n(n - 1), a circle is suspicious."""


def is_suspicious(circle: frozenset[str], edges: Edges) -> bool:
    """Whether a circle is dense; a mutual pair always is, for both of its edges are there."""
    inner = sum(issuer in circle and counterparty in circle for issuer, counterparty in edges)
    possible = len(circle) * (len(circle) - 1)
    return inner * 100 >= possible * DENSE_PERCENT


def is_exonerated(circle: frozenset[str], suspects: frozenset[str], edges: Edges) -> bool:
    """Whether an edge, either way, joins a suspicious circle to somebody who is in no suspicious circle."""
    return any(
        (issuer in circle and counterparty not in suspects) or (counterparty in circle and issuer not in suspects)
        for issuer, counterparty in edges
    )


def severed(case: Case) -> frozenset[Receipt]:
    """All receipts issued in a suspicious circle that nothing exonerates."""
    edges = tuple(sorted({(receipt.issuer, receipt.counterparty) for receipt in case.receipts}))
    suspicious = [circle for circle in circles(case.receipts) if is_suspicious(circle, edges)]
    suspects = frozenset[str]().union(*suspicious)
    outcasts = {did for circle in suspicious if not is_exonerated(circle, suspects, edges) for did in circle}
    return frozenset(receipt for receipt in case.receipts if receipt.issuer in outcasts)


RULE = Rule(severed, receipts_silence_complaints=True)


def make(roster: Roster) -> dict[str, Trust]:
    """One book per member, shared with nobody."""
    return {name: ReceiptTrust(roster, RULE, roster.store(name)) for name in roster.names()}
