"""What the arguments of every step are drawn from.

Owns that table. Bounds are static and arguments few, simplest first, so that a step means the same whatever stands
before it; a step chooses among agents by index, wrapping around.
"""

from collections.abc import Mapping

from crosslayer.harness.model.steps import (
    MESSAGE_KINDS,
    MOMENTS,
    BidUnpaid,
    Buy,
    Complain,
    Crash,
    Cut,
    Delay,
    Deliver,
    DeliverLate,
    Drop,
    Duplicate,
    ForgeCard,
    ForgeReceipt,
    FulfilUnpaid,
    GhostReceipt,
    Heal,
    Inject,
    Partition,
    Redirect,
    ReplayCard,
    ReplayReceipt,
    Restart,
    Run,
    RunUntil,
    SquatReceipt,
    SquatReference,
    Step,
    Tamper,
    WashTrade,
    Withhold,
)
from crosslayer.harness.search.generation.drawing import Drawn
from crosslayer.harness.search.generation.partitions import groups
from crosslayer.harness.search.generation.populations import AGENTS, BUYERS, CORRUPT, SELLERS, SHILL_SELLERS

_kind = ("bid", "goods", *MESSAGE_KINDS)  # the two on which most depends come more often
_nth = range(8)
_agent = range(AGENTS)
_corrupt = range(CORRUPT)
_victim = (*range(SELLERS + SHILL_SELLERS), *range(AGENTS))
_buyer = range(BUYERS)
_seller = range(SELLERS + SHILL_SELLERS)
_shill_seller = range(SHILL_SELLERS)

ARGUMENTS: Mapping[type[Step], Mapping[str, Drawn]] = {
    Run: {"events": (1, 2, 4, 8, 16, 32, 64)},
    RunUntil: {"moment": MOMENTS},
    Drop: {"kind": _kind, "nth": _nth},
    Duplicate: {"kind": _kind, "nth": _nth},
    Delay: {"kind": _kind, "nth": _nth, "ticks": (1, 4, 16, 32, 64)},
    Deliver: {"kind": _kind, "nth": _nth},
    Tamper: {"kind": _kind, "nth": _nth},
    Redirect: {"kind": _kind, "nth": _nth, "to": _agent},
    Inject: {"shill": _corrupt, "kind": _kind, "to": _agent},
    Partition: {"groups": groups},
    Cut: {"source": _agent, "to": _agent},
    Heal: {},
    Crash: {"agent": _agent},
    Restart: {"agent": _agent},
    Withhold: {"seller": _shill_seller, "buyer": _buyer},
    DeliverLate: {"seller": _shill_seller, "buyer": _buyer},
    FulfilUnpaid: {"seller": _shill_seller, "buyer": _buyer},
    Buy: {"shill": _corrupt, "seller": _seller},
    BidUnpaid: {"shill": _corrupt, "seller": _seller},
    SquatReference: {"shill": _corrupt, "buyer": _buyer, "seller": _seller},
    Complain: {"shill": _corrupt, "seller": _seller},
    WashTrade: {"issuer": _corrupt, "counterparty": _corrupt},
    ForgeReceipt: {"issuer": _corrupt, "counterparty": _agent},
    GhostReceipt: {"issuer": _corrupt},
    SquatReceipt: {"shill": _corrupt, "seller": _seller},
    ReplayReceipt: {"issuer": _corrupt},
    ForgeCard: {"publisher": _corrupt, "victim": _victim},
    ReplayCard: {"publisher": _corrupt},
}
"""For every step, what each of its arguments can be."""
