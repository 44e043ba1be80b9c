"""Steps and schedules, for use with plain `@given` as well as by the machine.

Owns the strategies for every step's arguments. Bounds are static and arguments few, simplest first, so that a step
means the same whatever stands before it; the story of a run chooses among agents by index, wrapping around.
"""

from collections.abc import Mapping

from hypothesis import strategies as st

from harness.steps import (
    MESSAGE_KINDS,
    MOMENTS,
    STEP_CLASSES,
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
    Schedule,
    SquatReceipt,
    SquatReference,
    Step,
    Tamper,
    WashTrade,
    Withhold,
)
from strategies.adversaries import CORRUPT
from strategies.partitions import AGENTS, groups
from strategies.populations import BUYERS, SHILL_SELLERS
from strategies.populations import SELLERS as HONEST_SELLERS

_kind = st.sampled_from(("bid", "goods", *MESSAGE_KINDS))  # the two on which most depends come more often
_nth = st.integers(0, 7)
_agent = st.integers(0, AGENTS - 1)
CORRUPTS = st.integers(0, CORRUPT - 1)
"""Corrupt agents, by index."""
_victim = st.sampled_from((*range(HONEST_SELLERS + SHILL_SELLERS), *range(AGENTS)))
_buyer = st.integers(0, BUYERS - 1)
SELLERS = st.integers(0, HONEST_SELLERS + SHILL_SELLERS - 1)
"""Sellers of both kinds, by index."""
_shill_seller = st.integers(0, SHILL_SELLERS - 1)

ARGUMENTS: Mapping[type[Step], Mapping[str, st.SearchStrategy[object]]] = {
    Run: {"events": st.sampled_from((1, 2, 4, 8, 16, 32, 64))},
    RunUntil: {"moment": st.sampled_from(MOMENTS)},
    Drop: {"kind": _kind, "nth": _nth},
    Duplicate: {"kind": _kind, "nth": _nth},
    Delay: {"kind": _kind, "nth": _nth, "ticks": st.sampled_from((1, 4, 16, 32, 64))},
    Deliver: {"kind": _kind, "nth": _nth},
    Tamper: {"kind": _kind, "nth": _nth},
    Redirect: {"kind": _kind, "nth": _nth, "to": _agent},
    Inject: {"shill": CORRUPTS, "kind": _kind, "to": _agent},
    Partition: {"groups": groups()},
    Cut: {"source": _agent, "to": _agent},
    Heal: {},
    Crash: {"agent": _agent},
    Restart: {"agent": _agent},
    Withhold: {"seller": _shill_seller, "buyer": _buyer},
    DeliverLate: {"seller": _shill_seller, "buyer": _buyer},
    FulfilUnpaid: {"seller": _shill_seller, "buyer": _buyer},
    Buy: {"shill": CORRUPTS, "seller": SELLERS},
    BidUnpaid: {"shill": CORRUPTS, "seller": SELLERS},
    SquatReference: {"shill": CORRUPTS, "buyer": _buyer, "seller": SELLERS},
    Complain: {"shill": CORRUPTS, "seller": SELLERS},
    WashTrade: {"issuer": CORRUPTS, "counterparty": CORRUPTS},
    ForgeReceipt: {"issuer": CORRUPTS, "counterparty": _agent},
    GhostReceipt: {"issuer": CORRUPTS},
    SquatReceipt: {"shill": CORRUPTS, "seller": SELLERS},
    ReplayReceipt: {"issuer": CORRUPTS},
    ForgeCard: {"publisher": CORRUPTS, "victim": _victim},
    ReplayCard: {"publisher": CORRUPTS},
}
"""For every step, the strategies of its arguments."""


def steps(*kinds: type[Step]) -> st.SearchStrategy[Step]:
    """Steps of these kinds (all, if none is named), the kinds named first being the simplest."""
    chosen = kinds or STEP_CLASSES
    return st.one_of(*(st.builds(kind, **ARGUMENTS[kind]) for kind in chosen))


def schedules(*kinds: type[Step], max_size: int = 30) -> st.SearchStrategy[Schedule]:
    """Schedules of at most so many steps of these kinds."""
    return st.lists(steps(*kinds), max_size=max_size).map(tuple)
