"""What the environment and the adversary can do: one closed union of small frozen values.

Owns the vocabulary of schedules. Knows nothing of how a step is performed (`environment`, `adversary`).

Every step is *relative* ("the nth in-flight bid", "the third buyer, wrapping around") and *total*: where
nothing fits it changes nothing and the run says so. So any sub-sequence of a schedule is a schedule, which
is what makes shrinking work. Agents are given as indices into the sorted agents of the named role, modulo
their number: `seller` into shill_sellers for the seller's adversary, into all sellers where money may go
anywhere; `issuer`, `publisher` and `counterparty` into the corrupt agents, `shill_seller`s first.
"""

from typing import Any

import attrs
from attrs import field, frozen, validators

MESSAGE_KINDS = ("bid", "goods", "gossip", "receipt", "complaint", "draft", "ack")
"""Every kind of message on the wire, those that carry the commerce first."""

MOMENTS = (
    "bid sent",
    "bid delivered",
    "goods sent",
    "goods delivered",
    "stream opened",
    "stream closed",
    "seller discovered",
    "complaint sent",
    "receipt sent",
    "receipt delivered",
    "gossip sent",
    "gossip delivered",
)
"""What `RunUntil` can wait for: the next message or fact of a kind."""

_natural = validators.and_(validators.instance_of(int), validators.ge(0))
_kind = validators.in_(MESSAGE_KINDS)


@frozen
class Run:
    """Run on for this many events (deliveries and wake-ups), but not past the scenario's finalising tick."""

    events: int = field(default=1, validator=_natural)


@frozen
class RunUntil:
    """Run on until this moment next happens; if it never does, to the scenario's finalising tick."""

    moment: str = field(default=MOMENTS[0], validator=validators.in_(MOMENTS))


@frozen
class Drop:
    """Lose the nth in-flight message of a kind, oldest first, wrapping around."""

    kind: str = field(default="bid", validator=_kind)
    nth: int = field(default=0, validator=_natural)


@frozen
class Duplicate:
    """Put a second copy of the nth in-flight message of a kind on its way."""

    kind: str = field(default="bid", validator=_kind)
    nth: int = field(default=0, validator=_natural)


@frozen
class Delay:
    """Hold the nth in-flight message of a kind back by some ticks (settlement ends every delay)."""

    kind: str = field(default="bid", validator=_kind)
    nth: int = field(default=0, validator=_natural)
    ticks: int = field(default=1, validator=_natural)


@frozen
class Deliver:
    """Deliver the nth in-flight message of a kind now, out of order."""

    kind: str = field(default="bid", validator=_kind)
    nth: int = field(default=0, validator=_natural)


@frozen
class Tamper:
    """Flip one bit in the middle of the nth in-flight message of a kind."""

    kind: str = field(default="bid", validator=_kind)
    nth: int = field(default=0, validator=_natural)


@frozen
class Redirect:
    """Send a copy of the nth in-flight message of a kind to somebody else, under its sender's name."""

    kind: str = field(default="bid", validator=_kind)
    nth: int = field(default=0, validator=_natural)
    to: int = field(default=0, validator=_natural)


@frozen
class Inject:
    """A shill sends a malformed message of a kind to anybody."""

    shill: int = field(default=0, validator=_natural)
    kind: str = field(default="bid", validator=_kind)
    to: int = field(default=0, validator=_natural)


@frozen
class Partition:
    """Split the network: the agent at index i is in group `groups[i % len(groups)]`; only groups talk within."""

    groups: tuple[int, ...] = field(
        default=(0,), validator=validators.and_(validators.deep_iterable(_natural), validators.min_len(1))
    )


@frozen
class Cut:
    """Cut the link between two agents in one direction. Both are indices into all agents."""

    source: int = field(default=0, validator=_natural)
    to: int = field(default=0, validator=_natural)


@frozen
class Heal:
    """Mend every link: partitions and cuts end."""


@frozen
class Crash:
    """Crash an agent (index into all agents): its input is lost until it restarts, its state is kept."""

    agent: int = field(default=0, validator=_natural)


@frozen
class Restart:
    """Restart a crashed agent: the wake-ups that it slept through come at once, each of them once."""

    agent: int = field(default=0, validator=_natural)


@frozen
class Withhold:
    """From now on the shill_seller keeps this buyer's money and sends no goods."""

    seller: int = field(default=0, validator=_natural)
    buyer: int = field(default=0, validator=_natural)


@frozen
class DeliverLate:
    """From now on the shill_seller sends this buyer's goods only after the buyer has checked and complained."""

    seller: int = field(default=0, validator=_natural)
    buyer: int = field(default=0, validator=_natural)


@frozen
class FulfilUnpaid:
    """The shill_seller sends a buyer goods that nobody paid for, under the reference the buyer would use."""

    seller: int = field(default=0, validator=_natural)
    buyer: int = field(default=0, validator=_natural)


@frozen
class Buy:
    """A corrupt agent makes a real purchase with real money from any seller, and keeps all the rules."""

    shill: int = field(default=0, validator=_natural)
    seller: int = field(default=0, validator=_natural)


@frozen
class BidUnpaid:
    """A corrupt agent bids without opening a stream."""

    shill: int = field(default=0, validator=_natural)
    seller: int = field(default=0, validator=_natural)


@frozen
class SquatReference:
    """A corrupt agent bids under the reference that a buyer is going to use with that seller."""

    shill: int = field(default=0, validator=_natural)
    buyer: int = field(default=0, validator=_natural)
    seller: int = field(default=0, validator=_natural)


@frozen
class Complain:
    """A corrupt agent complains of a purchase that it received and co-signed."""

    shill: int = field(default=0, validator=_natural)
    seller: int = field(default=0, validator=_natural)


@frozen
class WashTrade:
    """One co-signed receipt between two corrupt agents for a trade that never was (self-co-signed if equal)."""

    issuer: int = field(default=0, validator=_natural)
    counterparty: int = field(default=0, validator=_natural)


@frozen
class ForgeReceipt:
    """A corrupt issuer files a receipt that its counterparty (any other agent) never signed."""

    issuer: int = field(default=0, validator=_natural)
    counterparty: int = field(default=0, validator=_natural)


@frozen
class GhostReceipt:
    """A corrupt issuer files a receipt co-signed by a throw-away key that belongs to nobody."""

    issuer: int = field(default=0, validator=_natural)


@frozen
class SquatReceipt:
    """A corrupt agent files junk under the receipt ids that a seller is going to use."""

    shill: int = field(default=0, validator=_natural)
    seller: int = field(default=0, validator=_natural)


@frozen
class ReplayReceipt:
    """A corrupt issuer files once more, in other bytes, the receipt that it filed last."""

    issuer: int = field(default=0, validator=_natural)


@frozen
class ForgeCard:
    """A corrupt publisher spreads a newer card in the name of a victim (index into all agents, sellers first)."""

    publisher: int = field(default=0, validator=_natural)
    victim: int = field(default=0, validator=_natural)


@frozen
class ReplayCard:
    """A corrupt publisher withdraws its card everywhere, then spreads the stale one again."""

    publisher: int = field(default=0, validator=_natural)


Step = (
    Run
    | RunUntil
    | Drop
    | Duplicate
    | Delay
    | Deliver
    | Tamper
    | Redirect
    | Inject
    | Partition
    | Cut
    | Heal
    | Crash
    | Restart
    | Withhold
    | DeliverLate
    | FulfilUnpaid
    | Buy
    | BidUnpaid
    | SquatReference
    | Complain
    | WashTrade
    | ForgeReceipt
    | GhostReceipt
    | SquatReceipt
    | ReplayReceipt
    | ForgeCard
    | ReplayCard
)

Schedule = tuple[Step, ...]
"""The only input of a run beside its scenario and stack."""

STEP_CLASSES: tuple[type[Step], ...] = Step.__args__
"""Every step there is, in the order of the union."""

RUNNING_ON = (Run, RunUntil)
"""The steps that only let time pass; every other step is a *deviation* from the happy path."""


def altered(step: Step, **fields: Any) -> Step:
    """The same step with some of its fields changed."""
    changed: Any = attrs.evolve
    altered_step: Step = changed(step, **fields)
    return altered_step


def deviations(schedule: Schedule) -> int:
    """How many steps of a schedule are deviations from the happy path."""
    return sum(not isinstance(step, RUNNING_ON) for step in schedule)
