"""What the adversary does with the agents that it controls.

Owns one handler per adversary step. The adversary holds the keys of corrupt agents only, and acts through their
endpoints: what it sends, travels like everything else. Knows no plugin but by its port.
"""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.stage import Done, Stage, nothing
from crosslayer.harness.model.steps import (
    BidUnpaid,
    Buy,
    Complain,
    DeliverLate,
    ForgeCard,
    ForgeReceipt,
    FulfilUnpaid,
    GhostReceipt,
    Inject,
    ReplayCard,
    ReplayReceipt,
    SquatReceipt,
    SquatReference,
    WashTrade,
    Withhold,
)
from crosslayer.harness.systems.commerce.agents.buying import bid_reference
from crosslayer.harness.systems.commerce.agents.guild import guild_id
from crosslayer.harness.systems.commerce.agents.purchasing import Purchasing
from crosslayer.harness.systems.commerce.agents.roles import Participant
from crosslayer.harness.systems.commerce.agents.selling import Selling, sale_id
from crosslayer.harness.systems.commerce.agents.wire import write
from crosslayer.harness.systems.commerce.nouns import Card, Receipt

JUNK = b'\xff{"ref":["'
"""A message that is neither text nor JSON nor whole."""

_NOBODY = nothing("no corrupt agent is there and up")


def _participant(stage: Stage, name: str) -> Participant | None:
    agent = stage.world.agents[name]
    return agent if isinstance(agent, Participant) else None


def _acting(stage: Stage, name: str | None) -> tuple[str, Participant] | None:
    """A corrupt agent that the adversary can use now, by name."""
    if name is None or stage.world.is_down(name):
        return None
    agent = _participant(stage, name)
    return None if agent is None else (name, agent)


def _act(stage: Stage, name: str, agent: Participant, note: str) -> Done:
    stage.world.perform(name, agent.flush())
    return Done(applied=True, note=note)


# The seller's adversary


def _selling(stage: Stage, index: int) -> tuple[str, Participant, Selling] | None:
    acting = _acting(stage, stage.shill_seller(index))
    if acting is None or acting[1].selling is None:
        return None
    return (*acting, acting[1].selling)


_NO_SELLER = nothing("no shill_seller is there and up")


def withhold(stage: Stage, step: Withhold) -> Done:
    """Take the money, keep the goods."""
    found = _selling(stage, step.seller)
    if found is None:
        return _NO_SELLER
    name, _, selling = found
    buyer = stage.buyer(step.buyer)
    if buyer in selling.whims.withhold:
        return nothing(f"{name} withholds from {buyer} already")
    selling.whims.withhold.add(buyer)
    return Done(applied=True, note=f"{name} will withhold the goods of {buyer}")


def deliver_late(stage: Stage, step: DeliverLate) -> Done:
    """Deliver after the buyer has complained."""
    found = _selling(stage, step.seller)
    if found is None:
        return _NO_SELLER
    name, _, selling = found
    buyer = stage.buyer(step.buyer)
    if buyer in selling.whims.late:
        return nothing(f"{name} keeps {buyer} waiting already")
    selling.whims.late.add(buyer)
    return Done(applied=True, note=f"{name} will deliver to {buyer} late")


def fulfil_unpaid(stage: Stage, step: FulfilUnpaid) -> Done:
    """Deliver what nobody paid for."""
    found = _selling(stage, step.seller)
    if found is None:
        return _NO_SELLER
    name, agent, selling = found
    buyer = stage.buyer(step.buyer)
    selling.deliver(buyer, bid_reference(buyer))
    return _act(stage, name, agent, f"{name} sends goods to {buyer} unasked")


# The buyer's adversary


def _purchasing(stage: Stage, index: int) -> tuple[str, Participant, Purchasing] | None:
    acting = _acting(stage, stage.corrupt(index))
    if acting is None or acting[1].purchasing is None:
        return None
    return (*acting, acting[1].purchasing)


def buy(stage: Stage, step: Buy) -> Done:
    """Make a real purchase."""
    found = _purchasing(stage, step.shill)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller = stage.any_seller(step.seller)
    if seller == name or not purchasing.order(seller, f"buy-{name}-{stage.count(f'buy {name}')}"):
        return nothing(f"{name} cannot buy from {seller}")
    return _act(stage, name, agent, f"{name} buys from {seller}")


def bid_unpaid(stage: Stage, step: BidUnpaid) -> Done:
    """Bid without paying."""
    found = _purchasing(stage, step.shill)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller = stage.any_seller(step.seller)
    purchasing.bid(seller, f"unpaid-{name}-{stage.count(f'unpaid {name}')}")
    return _act(stage, name, agent, f"{name} bids to {seller} without paying")


def squat_reference(stage: Stage, step: SquatReference) -> Done:
    """Bid under somebody else's reference."""
    found = _purchasing(stage, step.shill)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller, buyer = stage.any_seller(step.seller), stage.buyer(step.buyer)
    purchasing.bid(seller, bid_reference(buyer))
    return _act(stage, name, agent, f"{name} bids to {seller} under the reference of {buyer}")


def complain(stage: Stage, step: Complain) -> Done:
    """Complain of goods that came, and whose receipt it co-signed."""
    found = _purchasing(stage, step.shill)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller = stage.any_seller(step.seller)
    served = [order for order in purchasing.orders.values() if order.seller == seller and order.receipt]
    if not served:
        return nothing(f"{name} has received nothing from {seller}")
    purchasing.complain(seller, served[-1].ref)
    return _act(stage, name, agent, f"{name} complains of {seller} although it was served")


# Trust's adversary


def _receipt(issuer: Signer, counterparty: str, receipt_id: str, ref: str) -> Receipt:
    draft = Receipt(receipt_id, issuer.did, counterparty, "purchase", ref)
    return evolve(draft, signature=issuer.sign(draft.body()))


def _cosigned(draft: Receipt, signer: Signer) -> Receipt:
    return evolve(draft, cosignature=signer.sign(draft.cosigned_body()))


def _file(stage: Stage, name: str, agent: Participant, receipt: Receipt, note: str) -> Done:
    payload = write(receipt)
    stage.filed[name] = payload
    agent.post(agent.kit.auditor, "receipt", payload)
    return _act(stage, name, agent, note)


def wash_trade(stage: Stage, step: WashTrade) -> Done:
    """A co-signed receipt for nothing."""
    acting = _acting(stage, stage.corrupt(step.issuer))
    partner = stage.corrupt(step.counterparty)
    if acting is None or partner is None:
        return _NOBODY
    name, agent = acting
    signer = stage.signers[partner]
    number = stage.count(f"wash {name}")
    draft = _receipt(agent.kit.signer, signer.did, f"wash:{number}", f"wash-{number}")
    return _file(stage, name, agent, _cosigned(draft, signer), f"{name} and {partner} sign a receipt for no trade")


def forge_receipt(stage: Stage, step: ForgeReceipt) -> Done:
    """A receipt that its counterparty never signed."""
    acting = _acting(stage, stage.corrupt(step.issuer))
    if acting is None:
        return _NOBODY
    name, agent = acting
    victim = stage.agent(step.counterparty)
    if victim == name:
        return nothing(f"{name} cannot forge its own signature")
    number = stage.count(f"forged {name}")
    draft = _receipt(agent.kit.signer, agent.kit.dids[victim], f"forged:{number}", f"forged-{number}")
    forged = _cosigned(draft, agent.kit.signer)
    return _file(stage, name, agent, forged, f"{name} files a receipt that {victim} never signed")


def ghost_receipt(stage: Stage, step: GhostReceipt) -> Done:
    """A receipt co-signed by nobody's key."""
    acting = _acting(stage, stage.corrupt(step.issuer))
    if acting is None:
        return _NOBODY
    name, agent = acting
    number = stage.count(f"ghost {name}")
    ghost = Signer.from_seed(number, f"ghost of {name}")
    draft = _receipt(agent.kit.signer, ghost.did, f"ghost:{number}", f"ghost-{number}")
    return _file(stage, name, agent, _cosigned(draft, ghost), f"{name} files a receipt co-signed by a ghost")


def squat_receipt(stage: Stage, step: SquatReceipt) -> Done:
    """Junk under the ids that a seller is going to use."""
    acting = _acting(stage, stage.corrupt(step.shill))
    if acting is None:
        return _NOBODY
    name, agent = acting
    seller = stage.any_seller(step.seller)
    dids = agent.kit.dids
    for other in stage.population.of("buyer", "seller"):
        ref = bid_reference(other)
        for receipt_id, category in ((sale_id(other, ref), "purchase"), (guild_id(seller, other), "payment")):
            junk = Receipt(receipt_id, dids[seller], dids[other], category, ref, "00" * 64, "00" * 64)
            agent.post(agent.kit.auditor, "receipt", write(junk))
    return _act(stage, name, agent, f"{name} files junk under the receipt ids of {seller}")


def replay_receipt(stage: Stage, step: ReplayReceipt) -> Done:
    """The last receipt once more, with a blank behind it so that no cache of bytes knows it."""
    acting = _acting(stage, stage.corrupt(step.issuer))
    if acting is None:
        return _NOBODY
    name, agent = acting
    if name not in stage.filed:
        return nothing(f"{name} has filed no receipt")
    payload = stage.filed[name] + b" " * (1 + stage.count(f"replay {name}"))
    agent.post(agent.kit.auditor, "receipt", payload)
    return _act(stage, name, agent, f"{name} files its last receipt again")


# The registry's adversary


def _spread(stage: Stage, name: str, agent: Participant, cards: tuple[Card, ...]) -> bool:
    """Push cards to everybody as this registry would push them; False if it pushes nothing."""
    payloads = [stage.registries[name].announce(card) for card in cards]
    if not any(payloads):
        return False
    for payload in payloads:
        for other in stage.population.names():
            if other != name:
                agent.send(other, "gossip", payload)
    return True


def forge_card(stage: Stage, step: ForgeCard) -> Done:
    """A newer card in somebody else's name, signed with the wrong key."""
    acting = _acting(stage, stage.corrupt(step.publisher))
    if acting is None:
        return _NOBODY
    name, agent = acting
    victim = stage.victim(step.victim)
    if victim == name:
        return nothing(f"{name} may publish its own card")
    owner = _participant(stage, victim)
    if owner is None:
        return nothing(f"{victim} has no card")
    forged = evolve(owner.card, version=owner.card.version + 1, endpoint=f"{name}'s", signature="")
    forged = forged.signed(agent.kit.signer.sign(forged.body()))
    if not _spread(stage, name, agent, (forged,)):
        return nothing("this registry pushes no cards")
    return _act(stage, name, agent, f"{name} spreads a card in the name of {victim}")


def replay_card(stage: Stage, step: ReplayCard) -> Done:
    """Withdraw one's card, then spread the stale one again."""
    acting = _acting(stage, stage.corrupt(step.publisher))
    if acting is None:
        return _NOBODY
    name, agent = acting
    stale = agent.card
    agent.publish(evolve(stale, version=stale.version + 1, tombstone=not stale.tombstone, signature=""))
    if not _spread(stage, name, agent, (agent.card, stale)):
        return _act(stage, name, agent, f"{name} withdraws its card")
    return _act(stage, name, agent, f"{name} withdraws its card and spreads the old one")


def inject(stage: Stage, step: Inject) -> Done:
    """A malformed message."""
    acting = _acting(stage, stage.corrupt(step.shill))
    if acting is None:
        return _NOBODY
    name, agent = acting
    to = stage.agent(step.to)
    agent.send(to, step.kind, JUNK)
    return _act(stage, name, agent, f"{name} sends {to} a malformed {step.kind}")


HANDLERS: dict[type, Callable[[Stage, Any], Done]] = {
    Inject: inject,
    Withhold: withhold,
    DeliverLate: deliver_late,
    FulfilUnpaid: fulfil_unpaid,
    Buy: buy,
    BidUnpaid: bid_unpaid,
    SquatReference: squat_reference,
    Complain: complain,
    WashTrade: wash_trade,
    ForgeReceipt: forge_receipt,
    GhostReceipt: ghost_receipt,
    SquatReceipt: squat_receipt,
    ReplayReceipt: replay_receipt,
    ForgeCard: forge_card,
    ReplayCard: replay_card,
}
