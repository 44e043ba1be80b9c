"""The values of escrow: who takes part, in what order of time, what is agreed, and what goes over the wire.

Owns the immutable values that agents, plugins and claims share. Knows no plugin. Times are ticks, money is credits,
bytes are written in hex.
"""

import hashlib
import json
from typing import Any, Self

from crosslayer import Fact, MessageKind, Population, Refused, Scenario, Timing, frozen, role, ticks
from crosslayer.commerce import Complaint, Receipt

SELLERS = ("seller", "corrupt_seller")
BUYERS = ("buyer", "corrupt_buyer")


@frozen
class Members(Population):
    """Every seller offers something to every buyer. At least one of each side, whether corrupt or not."""

    fewer = ("corrupt_seller", "corrupt_buyer", "seller", "buyer")

    buyer: int = role(1, most=2, often=(1, 1), about="Those who accept offers, and pay into holds.")
    seller: int = role(1, most=2, often=(1, 1), about="Those who seal goods, offer them, and claim holds.")
    corrupt_buyer: int = role(0, most=1, corrupt=True, about="Buyers that may cheat.")
    corrupt_seller: int = role(0, most=1, corrupt=True, about="Sellers that may cheat.")
    escrow: int = role(1, least=1, most=1, about="The arbiter, which keeps the holds; trusted, but it may crash.")
    auditor: int = role(1, least=1, most=1, about="Who hears how holds ended, and scores the sellers.")

    def __attrs_post_init__(self) -> None:
        if self.escrow < 1 or self.auditor < 1:
            raise ValueError("a population needs an escrow and an auditor")
        if not self.of(*BUYERS) or not self.of(*SELLERS):
            raise ValueError("a population needs at least one buyer and one seller, corrupt or not")

    @classmethod
    def drawn(cls, **counts: int) -> Self:
        """The population of these counts; a side that nobody is on gets an honest agent."""
        for side in (BUYERS, SELLERS):
            if not any(counts.get(one) for one in side):
                counts[side[0]] = 1
        return cls(**counts)


@frozen(kw_only=True)
class EscrowTiming(Timing):
    """The timeline of a deal, in ticks of the arbiter's clock."""

    finalise_at: int = ticks(120, "Until when steps may act.")
    settlement: int = ticks(100, "How long the run goes on without faults after that.")
    expires: int = ticks(20, "Until when an acceptance opens a hold.")
    deadline: int = ticks(40, "Until when a hold can be claimed.")
    sweep: int = ticks(12, "Between two looks of the arbiter for holds past their deadline.")
    batch: int = ticks(4, "Between the decision about a hold and its payment.")
    verdict: int = ticks(90, "How long after the end of all steps the auditor scores.")


@frozen(kw_only=True)
class EscrowScenario(Scenario):
    """A buyer, a seller, the arbiter and the auditor."""

    population: Members = Members()
    timing: EscrowTiming = EscrowTiming()


PRICE = 30
"""What goods cost, in credits."""

BALANCE = 70
"""What every agent has at the start, in credits: enough for two holds, not for three."""


def signable(*fields: object) -> bytes:
    """Fields as canonical JSON, so that no two values share their bytes."""
    return json.dumps(fields, separators=(",", ":")).encode()


def sha256(data: str) -> str:
    """The SHA-256 of bytes in hex, in hex; `Refused` if they are no hex."""
    try:
        return hashlib.sha256(bytes.fromhex(data)).hexdigest()
    except ValueError:
        raise Refused("no hex") from None


@frozen
class Terms:
    """What is agreed: who sells what to whom, for how much, until when.

    `lock` is the SHA-256 of the key to the goods, `sealed` that of the sealed goods. An acceptance opens a hold until
    `expires`; it can be claimed until `deadline`. Both are ticks, inclusive.
    """

    seller: str
    buyer: str
    item: str
    amount: int
    lock: str
    sealed: str
    expires: int
    deadline: int

    @property
    def id(self) -> str:
        """The name of these terms, and of their hold: no other terms have it."""
        fields = (self.seller, self.buyer, self.item, self.amount, self.lock, self.sealed, self.expires, self.deadline)
        return hashlib.sha256(signable("terms", *fields)).hexdigest()[:32]

    def receipt(self, dids: Any) -> Receipt:
        """The receipt that seller and buyer sign by agreeing: it names the terms, and counts if the seller is paid."""
        return Receipt(self.id, dids[self.seller], dids[self.buyer], "purchase", self.id)

    def complaint(self, dids: Any) -> Complaint:
        """The complaint that the buyer signs by agreeing: it counts if the seller lets the hold expire."""
        return Complaint(dids[self.buyer], dids[self.seller], self.id)


@frozen
class Offer:
    """Terms under the seller's signature, with the sealed goods."""

    terms: Terms
    signature: str
    goods: str


@frozen
class Acceptance:
    """Terms under both signatures, and the buyer's complaint for the case that nobody claims the hold."""

    terms: Terms
    signature: str
    cosignature: str
    complaint: str


@frozen
class Deposit:
    """Hold this amount for this payee, as these terms say."""

    acceptance: Acceptance
    payee: str
    amount: int


@frozen
class Held:
    """The money of this acceptance is held."""

    acceptance: Acceptance


@frozen
class Claim:
    """The key to the goods, for the money in a hold. `at` is when the seller says that it claimed."""

    id: str
    key: str
    at: int


@frozen
class Cancel:
    """The buyer wants its money back, before anybody has claimed it."""

    id: str


@frozen
class Key:
    """The key to goods that are paid."""

    id: str
    key: str


@frozen
class Statement:
    """The arbiter's signed word on how the hold of an acceptance ended: `claimed`, `cancelled` or `expired`."""

    acceptance: Acceptance
    outcome: str
    signature: str = ""

    def body(self) -> bytes:
        """The bytes that the arbiter signs."""
        return signable("statement", self.acceptance.terms.id, self.outcome)


@frozen
class Hold:
    """Money that the arbiter keeps: `open`, `claimed`, `cancelled` or `expired`, and whether it has been paid out."""

    id: str
    payer: str
    payee: str
    amount: int
    lock: str
    deadline: int
    state: str = "open"
    key: str = ""
    ended: bool = False

    @property
    def to(self) -> str:
        """Who gets the money: the payee if the hold was claimed, otherwise the payer."""
        return self.payee if self.state == "claimed" else self.payer


@frozen
class Sealed:
    """Sealed goods, and the SHA-256 of their key."""

    goods: str
    lock: str


MESSAGES = (
    MessageKind("claim", "payments", Claim, weight=2, about="A key for the money of a hold, from seller to arbiter."),
    MessageKind("deposit", "payments", Deposit, weight=2, about="Money for a hold, from buyer to arbiter."),
    MessageKind("cancel", "payments", Cancel, about="The buyer wants its money back, unless it is claimed."),
    MessageKind("held", "payments", Held, about="The money is there, from arbiter to seller."),
    MessageKind("key", "privacy", Key, weight=2, about="The key to paid goods, from arbiter to buyer."),
    MessageKind("offer", "terms", Offer, about="Signed terms and sealed goods, from seller to buyer."),
    MessageKind("statement", "trust", Statement, about="How a hold ended, from arbiter to auditor."),
)

FACTS = (
    Fact("books", "the arbiter opens its books", observed=False),
    Fact("offered", "{agent} offers {buyer} goods for {amount} credits [{id:.6}]"),
    Fact("accepted", "{agent} accepts [{id:.6}]"),
    Fact("hold_opened", "the arbiter holds {amount} credits of {payer} for {payee} [{id:.6}]"),
    Fact("claimed", "the arbiter takes the claim of [{id:.6}]"),
    Fact("cancelled", "the arbiter takes back [{id:.6}] for its buyer"),
    Fact("expired", "[{id:.6}] is past its deadline, and nobody claimed it"),
    Fact("hold_ended", "{to} gets {amount} credits by {how} [{id:.6}]"),
    Fact("opened", "{agent} opens the goods of [{id:.6}]"),
    Fact("lapsed", "{agent} still waits for its goods, past the deadline of [{id:.6}]"),
    Fact("score", "{agent} gives {subject} the score {value}"),
    Fact("ignored", "{agent} refuses a {message}: {reason}"),
)
