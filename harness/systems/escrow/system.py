"""`escrow` as one value: goods against money, through an arbiter that holds the money until it has the key.

Owns the composition of everything that this folder declares, by the public face alone.
"""

from crosslayer import ACKNOWLEDGEMENT, Choice, Event, KnownBad, Layer, Probe, Run, RunUntil, System
from crosslayer.harness.systems.escrow.acts import ACTS, PLANS, Peek, RaceRefund, RevealToNobody, SwapTerms
from crosslayer.harness.systems.escrow.agents import ROLES
from crosslayer.harness.systems.escrow.claims import (
    as_agreed,
    conduct_scored,
    ends_once,
    goods_for_money,
    whole_in_the_end,
)
from crosslayer.harness.systems.escrow.nouns import FACTS, MESSAGES, EscrowScenario, Members
from crosslayer.harness.systems.escrow.plugins import (
    payments_check_then_write,
    payments_holds,
    payments_journal,
    payments_no_lease,
    payments_unbound,
    privacy_aes_gcm,
    privacy_chacha20,
    privacy_key_inside,
    terms_signed,
    trust_bargains,
    trust_refund_is_sale,
)

LAYERS = (
    Layer(
        "payments",
        ("open", "claim", "cancel", "expire", "settle", "holds", "balance"),
        Choice("holds", payments_holds.make, "decided once, paid once, until a deadline (reference)"),
        (
            Choice("journal", payments_journal.make, "the same as a journal of entries"),
            Choice("check_then_write", payments_check_then_write.make, "a refund is checked first and written later"),
            Choice("unbound", payments_unbound.make, "a hold is what the depositor asks for"),
            Choice("no_lease", payments_no_lease.make, "a hold has no deadline"),
        ),
        must_answer=("expire", "settle", "holds", "balance"),
        about="The arbiter's books: balances, and holds that are claimed by the key to a hash-lock.",
    ),
    Layer(
        "privacy",
        ("seal", "key", "open"),
        Choice("chacha20", privacy_chacha20.make, "ChaCha20-Poly1305 under a SHA-256 hash-lock (reference)"),
        (
            Choice("aes_gcm", privacy_aes_gcm.make, "the same with AES-256-GCM"),
            Choice("key_inside", privacy_key_inside.make, "the key travels with the goods"),
        ),
        must_answer=("seal", "key"),
        about="One agent's sealing of goods, and their opening by a key.",
    ),
    Layer(
        "terms",
        ("offer", "accept", "check", "admit"),
        Choice("signed", terms_signed.make, "a receipt of commerce, signed by both (reference)"),
        must_answer="offer",
        about="One agent's signing of terms, and its checking of what others signed.",
    ),
    Layer(
        "trust",
        ("report", "score"),
        Choice("bargains", trust_bargains.make, "commerce's receipts and complaints (reference)"),
        (Choice("refund_is_sale", trust_refund_is_sale.make, "every hold that has ended is a sale"),),
        must_answer="score",
        about="What the auditor thinks of sellers, by the arbiter's statements.",
    ),
)

KNOWN_BAD = (
    KnownBad("privacy", "key_inside", "goods_for_money"),
    KnownBad("payments", "check_then_write", "ends_once"),
    KnownBad("payments", "unbound", "as_agreed"),
    KnownBad("payments", "no_lease", "whole_in_the_end"),
    KnownBad("trust", "refund_is_sale", "conduct_scored"),
)
"""Each single-layer swap, and the one joint invariant that it breaks."""

POPULATION = Members(buyer=1, seller=1, corrupt_buyer=1, corrupt_seller=1)
"""Somebody of each role."""

SMALLEST = (
    Members(buyer=1, seller=1),
    Members(buyer=1, seller=0, corrupt_seller=1),
    Members(buyer=0, seller=1, corrupt_buyer=1),
    Members(buyer=1, seller=1, corrupt_buyer=1),
    Members(buyer=1, seller=1, corrupt_seller=1),
)

ALL_AT_ONCE = (
    RevealToNobody(0),
    Run(2),
    SwapTerms(0, 0),
    Peek(0),
    RunUntil("hold_opened"),
    RunUntil("hold_opened"),
    RaceRefund(0),
)
"""A hold that expires, one that is asked for on other terms, one that is taken back, and goods without a key.

Under it each swap breaks its own invariant and no other.
"""


def _refused(event: Event, reason: str) -> bool:
    """Whether something was refused for a reason that begins like this."""
    return str(event.data.get("reason")).startswith(reason)


SYSTEM = System(
    name="escrow",
    about="Goods against money: an arbiter holds the money until it has the key to the goods, or a deadline passes.",
    scenario=EscrowScenario,
    agents=ROLES,
    layers=LAYERS,
    messages=(*MESSAGES, ACKNOWLEDGEMENT),
    facts=FACTS,
    acts=ACTS,
    plans=PLANS,
    properties=(
        goods_for_money.PROPERTY,
        ends_once.PROPERTY,
        as_agreed.PROPERTY,
        whole_in_the_end.PROPERTY,
        conduct_scored.PROPERTY,
    ),
    probes=(
        Probe("a hold expires", "conduct_scored", "expired"),
        Probe("a hold is taken back", "ends_once", "cancelled"),
        Probe("a late claim is refused", "whole_in_the_end", "ignored", lambda _, event: _refused(event, "past the")),
        Probe(
            "a decided hold is asked for again", "ends_once", "ignored", lambda _, event: _refused(event, "the hold is")
        ),
        Probe("another hold is asked for", "as_agreed", "ignored", lambda _, event: _refused(event, "not what the")),
        Probe(
            "a wrong key is refused", "goods_for_money", "ignored", lambda _, event: _refused(event, "the wrong key")
        ),
    ),
    known_bad=KNOWN_BAD,
    canary=(POPULATION, ALL_AT_ONCE),
    scenarios={"run": EscrowScenario(name="escrow", population=POPULATION, adversary=ALL_AT_ONCE)},
    smallest=SMALLEST,
    explored=POPULATION,
    source="crosslayer.harness.systems.escrow.system:SYSTEM",
)
