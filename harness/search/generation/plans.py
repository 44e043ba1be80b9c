"""What an adversary plans: collusion, the eclipse of a seller, an interception, a robbery and its cover-up.

Owns plans of several steps, and what their arguments are drawn from. A plan is nothing but its plain steps, so that
shrinking can take any of them away.
"""

from itertools import pairwise

from crosslayer.harness.model.steps import (
    Buy,
    Complain,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    ForgeCard,
    Partition,
    Redirect,
    RunUntil,
    Schedule,
    SquatReceipt,
    Step,
    Tamper,
    WashTrade,
    Withhold,
    altered,
)
from crosslayer.harness.search.generation.partitions import isolated
from crosslayer.harness.search.generation.populations import BUYERS, CORRUPT, SELLERS, SHILL_SELLERS
from crosslayer.harness.systems.commerce.nouns import SELLER_ROLES, Population

SHAPES = ("edge", "pair", "chain", "ring", "star", "tailed ring")
"""From the simplest on."""

COLLUSION = {"shape": SHAPES, "start": range(CORRUPT), "size": range(2, CORRUPT + 1)}
"""Any shape, from one edge to a ring of all corrupt agents with a tail."""


def collusion(shape: str, start: int, size: int) -> tuple[WashTrade, ...]:
    """The wash trades of a shape among `size` corrupt agents in a row from `start` on."""
    members = tuple(range(start, start + size))
    chain = tuple(WashTrade(issuer, partner) for issuer, partner in pairwise(members))
    match shape:
        case "edge":
            return (WashTrade(start, start + size - 1),)
        case "pair":
            return (WashTrade(start, start + size - 1), WashTrade(start + size - 1, start))
        case "chain":
            return chain
        case "ring":
            return (*chain, WashTrade(members[-1], start))
        case "star":
            return tuple(WashTrade(start, partner) for partner in members[1:])
        case "tailed ring":
            return (*chain, WashTrade(members[-1], start), WashTrade(start, start + size))
    raise ValueError(f"there is no shape {shape!r}")


ECLIPSE = {"publisher": range(CORRUPT), "seller": range(SELLERS + SHILL_SELLERS)}


def eclipse(population: Population, publisher: int, seller: int) -> Schedule:
    """Cut a seller off from everybody, and speak in its name."""
    names, sellers = population.names(), population.of(*SELLER_ROLES)
    place = names.index(sellers[seller % len(sellers)])
    return Partition(isolated(place, len(names))), ForgeCard(publisher, seller % len(sellers))


INTERCEPTED = ("bid", "complaint", "goods", "receipt", "bid", "complaint", "gossip")
"""Kinds of messages that can be waited for; the two that decide about guilt come more often."""

MEDDLING = (Deliver, Tamper, Drop, Duplicate, Delay, Redirect, Deliver, Tamper)
"""What can be done to a message that has just been sent; what no resending undoes comes more often."""


INTERCEPTION = {"kind": INTERCEPTED, "act": MEDDLING}
"""Any meddling with any kind of message."""


def interception(kind: str, act: type[Step]) -> Schedule:
    """Wait for the next message of a kind, and meddle with the oldest of that kind under way."""
    return RunUntil(f"{kind} sent"), altered(act(), kind=kind)


COVERS: Schedule = (
    *(altered(act(), kind="complaint") for act in (Tamper, Tamper, Tamper, Tamper, Tamper, Drop, Deliver, Duplicate)),
    *(WashTrade(issuer, partner) for issuer, partner in ((0, 1), (0, 2), (1, 0))),
    *(Buy(shill, seller) for shill in (1, 2) for seller in range(SELLERS + SHILL_SELLERS)),
    Complain(1, 0),
    *(SquatReceipt(0, seller) for seller in range(3)),
)
"""What a robber, or whoever helps it, may do once its victim has complained, simplest first.

Tampering comes more often: what it does to a message, no resending of the same message undoes.
"""


ROBBERY = {"seller": range(SHILL_SELLERS), "buyer": range(BUYERS), "cover": COVERS}
"""Any shill seller robs any buyer, and covers it up in any way."""


def robbery(seller: int, buyer: int, cover: Step) -> Schedule:
    """Take the money of a buyer, wait for its complaint, and try to make it count for nothing."""
    return Withhold(seller, buyer), RunUntil("complaint sent"), cover
