"""Everything that the adversary of commerce can do, act by act: the step, what it does, what it touches.

Owns the table, the weights and the parts of agents that each act touches. Knows nothing of how an act is done
(`adversary`).

An agent has two regions that share nothing: its registry (gossip and its timer) and its commerce (everything else).
"""

from collections.abc import Callable, Iterable
from typing import Any

from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.model.declarations import Act, Part, Touches
from crosslayer.harness.model.steps import Step
from crosslayer.harness.systems.commerce import adversary
from crosslayer.harness.systems.commerce.steps import (
    PAID_ANOTHER,
    PRETEXTS,
    BidUnpaid,
    Buy,
    BuyAgain,
    Complain,
    DeliverLate,
    DivertPayment,
    Equivocate,
    ForgeCard,
    ForgeReceipt,
    FulfilUnpaid,
    GhostReceipt,
    Inject,
    PadReceipts,
    ReplayCard,
    ReplayReceipt,
    Republish,
    Slander,
    SpreadLie,
    SquatReceipt,
    SquatReference,
    WashTrade,
    Withhold,
)

REGISTRY, COMMERCE = "registry", "commerce"

_Touching = Callable[[Stage, Any], Touches | None]


def _part(stage: Stage, step: Step, field: str, region: str = COMMERCE) -> tuple[Part, ...]:
    """The part of the agent that a field means; nothing where it means none."""
    name = stage.pick(step, field)
    return () if name is None else ((name, region),)


def _filed(stage: Stage) -> tuple[Part, ...]:
    return ((stage.population.of("auditor")[0], COMMERCE),)


def _seller_alone(stage: Stage, step: Any) -> Touches:
    return Touches(_part(stage, step, "seller"))


def _goods(stage: Stage, step: FulfilUnpaid) -> Touches:
    return Touches(_part(stage, step, "seller"), _part(stage, step, "buyer"))


def _purchase(stage: Stage, step: Buy) -> Touches:
    """A purchase also opens a stream, which the seller may look at before it gets the bid."""
    asked = _part(stage, step, "seller")
    return Touches((*_part(stage, step, "shill"), *asked), asked)


def _bid(stage: Stage, step: Any) -> Touches:
    return Touches(_part(stage, step, "shill"), _part(stage, step, "seller"))


def _complaint(stage: Stage, step: Complain) -> Touches:
    return Touches(_part(stage, step, "shill"), _filed(stage))


def _receipt(stage: Stage, _step: Any) -> Touches:
    return Touches((), _filed(stage))


def _unless_same(one: str, other: str, touches: _Touching) -> _Touching:
    """Nothing is touched where two fields mean one agent: such an act does nothing."""

    def touching(stage: Stage, step: Step) -> Touches | None:
        return None if stage.pick(step, one) == stage.pick(step, other) else touches(stage, step)

    return touching


def _card(stage: Stage, step: Any) -> Touches:
    own = _part(stage, step, "publisher", REGISTRY)
    return Touches(own, tuple((name, REGISTRY) for name in stage.population.names() if (name, REGISTRY) not in own))


def _junk(stage: Stage, step: Inject) -> Touches:
    regions = stage.system.regions_of(step.kind)
    return Touches((), tuple((stage.agent(step.to), region) for region in regions))


def _later(step: Withhold) -> Iterable[Step]:
    yield DeliverLate(step.seller, step.buyer)


def _of_one(step: WashTrade) -> Iterable[Step]:
    """A receipt that one agent signs twice is simpler than one of two agents."""
    if step.issuer != step.counterparty:
        yield WashTrade(step.issuer, step.issuer)


def _next_purchase(stage: Stage, step: BuyAgain) -> Touches:
    """The buyer looks into its registry first."""
    asked = _part(stage, step, "seller")
    return Touches((*_part(stage, step, "buyer"), *_part(stage, step, "buyer", REGISTRY), *asked), asked)


def _diverted(stage: Stage, step: DivertPayment) -> Touches:
    asked = _part(stage, step, "seller")
    return Touches((*_part(stage, step, "shill"), *asked, *_part(stage, step, "payee")), asked)


def _slander(stage: Stage, step: Slander) -> Touches | None:
    """A buyer that has no part in the pretext makes no difference."""
    pretext, (shill, seller) = PRETEXTS[step.pretext], (_part(stage, step, "shill"), _part(stage, step, "seller"))
    if step.pretext < PRETEXTS.index(PAID_ANOTHER) + 1 and step.buyer:
        return None
    if pretext != PAID_ANOTHER:
        return Touches((), _filed(stage))
    return Touches((*shill, (adversary.another(stage, shill[0][0], seller[0][0]), COMMERCE)), _filed(stage))


def _padding(stage: Stage, step: PadReceipts) -> Touches:
    return Touches((*_part(stage, step, "issuer"), *_part(stage, step, "counterparty")), _filed(stage))


ACTS = (
    Act(Inject, adversary.inject, touches=_unless_same("shill", "to", _junk)),
    Act(Withhold, adversary.withhold, weight=6, touches=_seller_alone, weaker=_later),
    Act(DeliverLate, adversary.deliver_late, weight=2, touches=_seller_alone),
    Act(FulfilUnpaid, adversary.fulfil_unpaid, touches=_goods),
    Act(Buy, adversary.buy, weight=3, touches=_purchase),
    Act(BidUnpaid, adversary.bid_unpaid, touches=_bid),
    Act(SquatReference, adversary.squat_reference, touches=_bid),
    Act(Complain, adversary.complain, touches=_complaint),
    Act(WashTrade, adversary.wash_trade, touches=_receipt, simpler=_of_one),
    Act(ForgeReceipt, adversary.forge_receipt, touches=_unless_same("issuer", "counterparty", _receipt)),
    Act(GhostReceipt, adversary.ghost_receipt, touches=_receipt),
    Act(SquatReceipt, adversary.squat_receipt, touches=_receipt),
    Act(ReplayReceipt, adversary.replay_receipt, touches=_receipt),
    Act(ForgeCard, adversary.forge_card, weight=2, touches=_unless_same("publisher", "victim", _card)),
    Act(ReplayCard, adversary.replay_card, touches=_card),
    Act(BuyAgain, adversary.buy_again, weight=3, touches=_next_purchase),
    Act(
        DivertPayment,
        adversary.divert_payment,
        touches=_unless_same("shill", "seller", _unless_same("payee", "seller", _diverted)),
    ),
    Act(Slander, adversary.slander, weight=2, touches=_unless_same("shill", "seller", _slander)),
    Act(PadReceipts, adversary.pad_receipts, weight=2, touches=_padding),
    Act(SpreadLie, adversary.spread_lie, weight=2, touches=_unless_same("publisher", "victim", _card)),
    Act(Equivocate, adversary.equivocate, touches=_card),
    Act(Republish, adversary.republish, touches=_card),
)
"""One line for each."""
