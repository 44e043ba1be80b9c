"""The values of commerce: who takes part, in what order of time, with how much money, and what they hand each other.

Owns the immutable values that describe a run before it starts, and those that plugins see. Knows nothing of plugins.
All times are integer ticks, all money is integer credits.
"""

import json
from functools import lru_cache
from typing import ClassVar, Self

from attrs import field, frozen, validators

from crosslayer.harness.model import population as roles
from crosslayer.harness.model import scenario
from crosslayer.harness.model.notes import noted
from crosslayer.harness.model.population import role, role_of
from crosslayer.harness.model.scenario import Names, in_order, ticks

LAYERS = ("registry", "payments", "privacy", "trust")
"""The four layers of a stack, in the order in which they are built."""

PARTS = (*LAYERS, "agents", "kernel")
"""Everything that can be swapped: the layers, and (for blame and for planted defects) agents and kernel."""

SELLER_ROLES = ("seller", "shill_seller")

TRUST_THRESHOLD = 0.3
"""A seller below it is shunned. One purchase receipt gives 1 - exp(-5/10) = 0.39, a severed agent has 0.0."""

NEUTRAL_SCORE = 0.5
"""What the reference trust plugin says of an agent of whom it has no evidence."""

_positive = validators.and_(validators.instance_of(int), validators.ge(1))


@lru_cache(1 << 14, typed=True)
def _signable(*fields: object) -> bytes:
    """Fields as canonical JSON, so that no two values share their bytes (memoised: a hunt asks again and again)."""
    return json.dumps(fields, separators=(",", ":")).encode()


@frozen
class Population(roles.Population):
    """How many agents of each role take part; at most 64 each.

    At least one buyer, one seller of either kind, and exactly one auditor: otherwise no property of the
    system could ever be tested (`ValueError`).
    """

    fewer: ClassVar[tuple[str, ...]] = ("shill", "buyer", "seller", "shill_seller")

    buyer: int = role(1, least=1, most=5, often=(1, 2, 1, 2), about="Those who discover sellers, bid and pay.")
    seller: int = role(1, most=4, often=(1, 0, 0, 2, 0, 1), about="Honest sellers.")
    shill_seller: int = role(
        0, most=2, corrupt=True, often=(1, 1, 1), about="Sellers that may take money and not deliver."
    )
    shill: int = role(0, most=6, corrupt=True, often=(1, 2, 0, 1, 3), about="Those who may vouch for a shill_seller.")
    auditor: int = role(1, least=1, most=1, about="Who collects evidence and scores everyone; exactly one.")

    def __attrs_post_init__(self) -> None:
        if self.buyer < 1:
            raise ValueError("a population needs at least one buyer")
        if self.seller + self.shill_seller < 1:
            raise ValueError("a population needs at least one seller or shill_seller")
        if self.auditor != 1:
            raise ValueError("a population needs exactly one auditor")

    @classmethod
    def drawn(cls, **counts: int) -> Self:
        """The population of these counts; with no seller of either kind, one honest seller is added."""
        if not counts.get("seller") and not counts.get("shill_seller"):
            counts["seller"] = 1
        return cls(**counts)


CORRUPT_ROLES = Population.corrupt_roles()


def is_corrupt(name: str) -> bool:
    """Whether the adversary controls this agent (it behaves honestly until a step says otherwise)."""
    return role_of(name) in CORRUPT_ROLES


@frozen(kw_only=True)
class Timing(scenario.Timing):
    """The timeline of a run, in ticks.

    A run's steps may act up to `finalise_at`. Then, or when the schedule ends, comes settlement: faults
    stop and the world runs on until `settlement` ticks after the later of the two moments.
    """

    latency: int = ticks(1, "How long a message is under way.")
    gossip_interval: int = ticks(200, "Between two rounds of gossip of a registry.")
    discovery_start: int = ticks(1000, "When buyers first look for sellers.")
    discovery_interval: int = ticks(500, "Between two looks of a buyer that found none.")
    bid_deadline: int = ticks(9000, "After which nobody bids; not before discovery_start.")
    check_delay: int = ticks(1000, "How long a buyer waits for its goods.")
    resend_interval: int = ticks(100, "After how long a message without an answer is sent again.")
    finalise_at: int = ticks(12000, "Until when steps may act; not before bid_deadline.")
    settlement: int = ticks(
        4000, "How long it goes on without faults: at least 2 check_delay + 10 resend_interval + 20 latency."
    )

    def __attrs_post_init__(self) -> None:
        if self.bid_deadline < self.discovery_start:
            raise ValueError(
                "bid_deadline must not come before discovery_start, or a buyer might bid during settlement"
            )
        if self.finalise_at < self.bid_deadline:
            raise ValueError("finalise_at must not come before bid_deadline")
        if self.settlement < self.settlement_floor():
            raise ValueError(
                f"settlement must be at least {self.settlement_floor()} ticks "
                "(2 check_delay + 10 resend_interval + 20 latency), or a lost message looks like a broken promise"
            )

    def settlement_floor(self) -> int:
        """Ticks after the last fault within which every honest exchange has ended.

        A buyer that restarts at settlement may still bid; late goods come one check delay and a half after
        a bid; each of the at most eight hops that follow costs one resend interval and some latencies.
        """
        return 2 * self.check_delay + 10 * self.resend_interval + 20 * self.latency


@frozen(kw_only=True)
class Terms:
    """The money of a run, in credits: a bid's amount, a stream's rate per tick and cap, an opening balance."""

    bid: int = field(default=150, validator=_positive, metadata=noted("What a buyer bids.", "credits"))
    rate: int = field(default=10, validator=_positive, metadata=noted("What a stream pays.", "credits a tick"))
    cap: int = field(default=500, validator=_positive, metadata=noted("What a stream pays at the most.", "credits"))
    balance: int = field(
        default=5000,
        validator=_positive,
        metadata=noted("What every agent has at the start; at least cap.", "credits"),
    )

    def __attrs_post_init__(self) -> None:
        if self.balance < self.cap:
            raise ValueError("balance must cover at least one stream's cap")


def _in_order_of_parts(stack: Names) -> Names:
    return in_order(stack, PARTS)


@frozen(kw_only=True)
class Scenario(scenario.Scenario):
    """Everything that is fixed before a schedule begins: for commerce, the terms of trade as well."""

    population: Population = field(factory=Population, metadata=noted("How many agents of each role take part."))
    timing: Timing = field(factory=Timing, metadata=noted("The timeline of a run."))
    terms: Terms = field(factory=Terms, metadata=noted("The money of a run."))
    stack: Names = field(
        default=(),
        converter=_in_order_of_parts,
        metadata=noted("The plugins of those parts that are not the reference."),
    )


@frozen
class Card:
    """What an agent publishes of itself: a last-writer-wins register tagged with a Lamport version.

    `signature` is the publisher's Ed25519 signature over `body()`, in hex. A `tombstone` withdraws the agent.
    """

    publisher: str
    version: int
    capabilities: tuple[str, ...]
    endpoint: str = ""
    tombstone: bool = False
    signature: str = ""

    def body(self) -> bytes:
        """The bytes that are signed: every field but the signature, unambiguously."""
        return _signable("card", self.publisher, self.version, self.capabilities, self.endpoint, self.tombstone)

    def signed(self, signature: str) -> "Card":
        """The same card with this signature."""
        return Card(self.publisher, self.version, self.capabilities, self.endpoint, self.tombstone, signature)


@frozen
class Receipt:
    """A record of one exchange: signed by its issuer, co-signed by its counterparty.

    Issuer and counterparty are DIDs (Ed25519 public keys in hex), so a receipt survives any renaming.
    `category` is one of `purchase`, `payment`, `commitment`, `attestation`, `message`. `ref` names the
    counterparty's payment stream, or is empty. Signatures are hex; an unsigned field is empty.
    """

    id: str
    issuer: str
    counterparty: str
    category: str
    ref: str = ""
    signature: str = ""
    cosignature: str = ""

    def body(self) -> bytes:
        """The bytes that the issuer signs."""
        return _signable("receipt", self.id, self.issuer, self.counterparty, self.category, self.ref)

    def cosigned(self, cosignature: str) -> "Receipt":
        """The same receipt with this co-signature."""
        return Receipt(self.id, self.issuer, self.counterparty, self.category, self.ref, self.signature, cosignature)

    def cosigned_body(self) -> bytes:
        """The bytes that the counterparty signs: the issuer's, under a prefix of their own."""
        return _signable("cosign", self.id, self.issuer, self.counterparty, self.category, self.ref)


@frozen
class Complaint:
    """A buyer's signed word that it paid `subject` under `ref` and got nothing. Both are DIDs."""

    complainant: str
    subject: str
    ref: str
    signature: str = ""

    def body(self) -> bytes:
        """The bytes that the complainant signs."""
        return _signable("complaint", self.complainant, self.subject, self.ref)


Evidence = Receipt | Complaint


@frozen
class Score:
    """A trust plugin's opinion: `value` in [0, 1], and how much evidence it rests on (`confidence`, 0 = none)."""

    value: float
    confidence: float


@frozen
class Stream:
    """A ledger's view of one payment stream. References belong to their payer: (payer, ref) is the key.

    `moved` is what has left the payer and reached the payee so far; never more than `cap`.
    """

    payer: str
    payee: str
    ref: str
    rate: int
    cap: int
    moved: int
    open: bool
