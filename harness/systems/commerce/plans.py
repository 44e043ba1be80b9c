"""What the adversary of commerce plans: collusion, the eclipse of a seller, a sale without goods and its concealment.

Owns plans of several steps, and what their arguments are drawn from. A plan is nothing but its plain steps, so that
shrinking can take any of them away.
"""

from itertools import pairwise
from typing import Any

from crosslayer.harness.model.declarations import Plan
from crosslayer.harness.model.steps import (
    Deliver,
    Drop,
    Duplicate,
    Partition,
    RunUntil,
    Schedule,
    Step,
    Tamper,
    isolated,
)
from crosslayer.harness.systems.commerce.nouns import SELLER_ROLES, Population
from crosslayer.harness.systems.commerce.steps import Buy, Complain, ForgeCard, SquatReceipt, WashTrade, Withhold

BUYERS, SHILL_SELLERS = Population.most("buyer"), Population.most("shill_seller")
SELLERS = Population.most(*SELLER_ROLES)
CORRUPT = Population.most(*Population.corrupt_roles())

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


ECLIPSE = {"publisher": range(CORRUPT), "seller": range(SELLERS)}


def eclipse(population: Population, publisher: int, seller: int) -> Schedule:
    """Cut a seller off from everybody, and speak in its name."""
    names, sellers = population.names(), population.of(*SELLER_ROLES)
    place = names.index(sellers[seller % len(sellers)])
    return Partition(isolated(place, len(names))), ForgeCard(publisher, seller % len(sellers))


COVERS: Schedule = (
    *(act("complaint") for act in (Tamper, Tamper, Tamper, Tamper, Tamper, Drop, Deliver, Duplicate)),
    *(WashTrade(issuer, partner) for issuer, partner in ((0, 1), (0, 2), (1, 0))),
    *(Buy(shill, seller) for shill in (1, 2) for seller in range(SELLERS)),
    Complain(1, 0),
    *(SquatReceipt(0, seller) for seller in range(3)),
)
"""What a seller that withheld, or an agent that helps it, may do once its victim has complained, simplest first.

Tampering comes more often: what it does to a message, no resending of the same message undoes.
"""


ROBBERY = {"seller": range(SHILL_SELLERS), "buyer": range(BUYERS), "cover": COVERS}
"""Any shill seller keeps the goods of any buyer, and conceals it in any way."""


def robbery(seller: int, buyer: int, cover: Step) -> Schedule:
    """Take the money of a buyer, wait for its complaint, and try to make it count for nothing."""
    return Withhold(seller, buyer), RunUntil("complaint sent"), cover


def _collusion(_population: Any, **drawn: Any) -> Schedule:
    return collusion(**drawn)


def _robbery(_population: Any, **drawn: Any) -> Schedule:
    return robbery(**drawn)


PLANS = (
    Plan("collude", _collusion, COLLUSION, weight=5, needs={WashTrade}, about="Corrupt agents vouch for one another."),
    Plan(
        "rob",
        _robbery,
        ROBBERY,
        weight=8,
        needs={RunUntil, Withhold, *map(type, COVERS)},
        about="A corrupt seller keeps a buyer's money, and it or a helper covers it up.",
    ),
    Plan(
        "eclipse_seller",
        eclipse,
        ECLIPSE,
        weight=2,
        needs={ForgeCard, Partition},
        about="A seller is cut off from everybody, and a corrupt agent speaks in its name.",
    ),
)
"""One line for each."""
