"""What the adversary of commerce can do: its steps, and the order of the whole vocabulary.

Owns the classes. Knows nothing of how a step is performed (`adversary`).

`seller` is an index into the shill_sellers for the seller's adversary, into all sellers where money may go anywhere;
`issuer`, `publisher` and `counterparty` are indices into the corrupt agents, `shill_seller`s first.
"""

from attrs import frozen

from crosslayer.harness.model.arguments import agent, kind, number
from crosslayer.harness.model.steps import (
    Alter,
    Crash,
    Cut,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Forget,
    Heal,
    Partition,
    Redirect,
    Restart,
    Run,
    RunUntil,
    Step,
    Tamper,
)
from crosslayer.harness.systems.commerce.nouns import SELLER_ROLES


@frozen
class Inject(Step):
    """A shill sends a malformed message of a kind to any agent."""

    shill: int = agent(corrupt=True)
    kind: str = kind("bid")
    to: int = agent()


@frozen
class Withhold(Step):
    """From now on the shill_seller keeps this buyer's money and sends no goods."""

    seller: int = agent("shill_seller")
    buyer: int = agent("buyer")


@frozen
class DeliverLate(Step):
    """From now on the shill_seller sends this buyer's goods only after the buyer has checked and complained."""

    seller: int = agent("shill_seller")
    buyer: int = agent("buyer")


@frozen
class FulfilUnpaid(Step):
    """The shill_seller sends a buyer goods that nobody paid for, under the reference the buyer would use."""

    seller: int = agent("shill_seller")
    buyer: int = agent("buyer")


@frozen
class Buy(Step):
    """A corrupt agent makes a real purchase with real money from any seller, and keeps all the rules."""

    shill: int = agent(corrupt=True)
    seller: int = agent(*SELLER_ROLES)


@frozen
class BidUnpaid(Step):
    """A corrupt agent bids without opening a stream."""

    shill: int = agent(corrupt=True)
    seller: int = agent(*SELLER_ROLES)


@frozen
class SquatReference(Step):
    """A corrupt agent bids under the reference that a buyer is going to use with that seller."""

    shill: int = agent(corrupt=True)
    buyer: int = agent("buyer")
    seller: int = agent(*SELLER_ROLES)


@frozen
class Complain(Step):
    """A corrupt agent complains of a purchase that it received and co-signed."""

    shill: int = agent(corrupt=True)
    seller: int = agent(*SELLER_ROLES)


@frozen
class WashTrade(Step):
    """One co-signed receipt between two corrupt agents for a trade that never was (self-co-signed if equal)."""

    issuer: int = agent(corrupt=True)
    counterparty: int = agent(corrupt=True)


@frozen
class ForgeReceipt(Step):
    """A corrupt issuer files a receipt that its counterparty (any other agent) never signed."""

    issuer: int = agent(corrupt=True)
    counterparty: int = agent()


@frozen
class GhostReceipt(Step):
    """A corrupt issuer files a receipt co-signed by a throw-away key that belongs to nobody."""

    issuer: int = agent(corrupt=True)


@frozen
class SquatReceipt(Step):
    """A corrupt agent files junk under the receipt ids that a seller is going to use."""

    shill: int = agent(corrupt=True)
    seller: int = agent(*SELLER_ROLES)


@frozen
class ReplayReceipt(Step):
    """A corrupt issuer files once more, in other bytes, the receipt that it filed last."""

    issuer: int = agent(corrupt=True)


@frozen
class ForgeCard(Step):
    """A corrupt publisher spreads a newer card in the name of a victim (index into all agents, sellers first)."""

    publisher: int = agent(corrupt=True)
    victim: int = agent(first=SELLER_ROLES)


@frozen
class ReplayCard(Step):
    """A corrupt publisher withdraws its card everywhere, then spreads the stale one again."""

    publisher: int = agent(corrupt=True)


@frozen
class BuyAgain(Step):
    """An honest buyer orders once more, from a seller that it finds in its registry."""

    buyer: int = agent("buyer")
    seller: int = agent(*SELLER_ROLES)


@frozen
class DivertPayment(Step):
    """A corrupt agent bids to a seller under a stream that pays another seller."""

    shill: int = agent(corrupt=True)
    seller: int = agent(*SELLER_ROLES)
    payee: int = agent(*SELLER_ROLES)


@frozen
class Slander(Step):
    """A corrupt agent complains of a seller without a case; `pretext` is an index into `PRETEXTS`.

    `buyer` is whose name or reference it uses, where the pretext has one.
    """

    shill: int = agent(corrupt=True)
    seller: int = agent(*SELLER_ROLES)
    pretext: int = number(0, *range(5))
    buyer: int = agent("buyer")


@frozen
class PadReceipts(Step):
    """Two corrupt agents file receipts that say something else than what was traded; `trick` is one of `TRICKS`."""

    issuer: int = agent(corrupt=True)
    counterparty: int = agent(corrupt=True)
    trick: int = number(0, *range(7))


@frozen
class SpreadLie(Step):
    """A corrupt publisher spreads a false card of a seller: one of `LIES`."""

    publisher: int = agent(corrupt=True)
    victim: int = agent(*SELLER_ROLES)
    lie: int = number(0, *range(6))


@frozen
class Equivocate(Step):
    """A corrupt publisher signs two cards of one version, and sends one here, the other there."""

    publisher: int = agent(corrupt=True)


@frozen
class Republish(Step):
    """A corrupt publisher registers a card some versions ahead, and the next version at once after it."""

    publisher: int = agent(corrupt=True)
    ahead: int = number(1, 1, 8, 1000)


PAID_ANOTHER = "paid somebody else"
PRETEXTS = ("never bought", PAID_ANOTHER, "another's reference", "another's name", "no signature")
"""What a slanderer's complaint rests on, the simplest first; in the last three, `buyer` has a part."""

TRICKS = (
    *("second id for a paid sale", "two contents under one id", "reference of a buyer"),
    *("payment", "commitment", "attestation", "message"),
)
"""What receipts for nothing are made to look like; the last four are categories that no sale has."""

LIES = ("tombstone", "unsigned card", "unsigned tombstone", "signature of another card", "far ahead", "older card")
"""What a card in somebody else's name says, the simplest first."""

STEPS: tuple[type[Step], ...] = (
    Run,
    RunUntil,
    Drop,
    Duplicate,
    Delay,
    Deliver,
    Tamper,
    Redirect,
    Inject,
    Partition,
    Cut,
    Heal,
    Crash,
    Restart,
    Withhold,
    DeliverLate,
    FulfilUnpaid,
    Buy,
    BidUnpaid,
    SquatReference,
    Complain,
    WashTrade,
    ForgeReceipt,
    GhostReceipt,
    SquatReceipt,
    ReplayReceipt,
    ForgeCard,
    ReplayCard,
    Alter,
    Forget,
    BuyAgain,
    DivertPayment,
    Slander,
    PadReceipts,
    SpreadLie,
    Equivocate,
    Republish,
)
"""Every step there is, the simplest first. The order decides what a minimal counterexample is made of."""
