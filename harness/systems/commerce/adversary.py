"""What the adversary does with the agents that it controls.

Owns one handler per adversary step. The adversary holds the keys of corrupt agents only, and acts through their
endpoints: what it sends, travels like everything else. Knows no plugin but by its port.
"""

from attrs import evolve

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.environment import JUNK
from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.model.steps import Step, StepResult, skipped
from crosslayer.harness.systems.commerce.agents.buying import bid_reference
from crosslayer.harness.systems.commerce.agents.guild import guild_id
from crosslayer.harness.systems.commerce.agents.purchasing import Purchasing, pays
from crosslayer.harness.systems.commerce.agents.roles import Participant
from crosslayer.harness.systems.commerce.agents.selling import Selling, sale_id
from crosslayer.harness.systems.commerce.agents.wire import write
from crosslayer.harness.systems.commerce.nouns import Card, Complaint, Receipt
from crosslayer.harness.systems.commerce.steps import (
    LIES,
    PAID_ANOTHER,
    PRETEXTS,
    TRICKS,
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

_NOBODY = skipped("no corrupt agent is there and up")


def _participant(stage: Stage, name: str) -> Participant | None:
    agent = stage.world.agents[name]
    return agent if isinstance(agent, Participant) else None


def _acting(stage: Stage, step: Step, field: str) -> tuple[str, Participant] | None:
    """A corrupt agent that the adversary can use now, by name."""
    name = stage.acting(step, field)
    if name is None:
        return None
    agent = _participant(stage, name)
    return None if agent is None else (name, agent)


def _meant(stage: Stage, step: Step, field: str) -> str:
    """The agent that a field means, of roles of which there always is one."""
    name = stage.pick(step, field)
    return stage.agent(0) if name is None else name


def _act(stage: Stage, name: str, agent: Participant, note: str) -> StepResult:
    stage.world.perform(name, agent.flush())
    return StepResult(applied=True, note=note)


# The seller's adversary


def _selling(stage: Stage, step: Step) -> tuple[str, Participant, Selling] | None:
    acting = _acting(stage, step, "seller")
    if acting is None or acting[1].selling is None:
        return None
    return (*acting, acting[1].selling)


_NO_SELLER = skipped("no shill_seller is there and up")


def withhold(stage: Stage, step: Withhold) -> StepResult:
    """Take the money, keep the goods."""
    found = _selling(stage, step)
    if found is None:
        return _NO_SELLER
    name, _, selling = found
    buyer = _meant(stage, step, "buyer")
    if buyer in selling.misbehaviour.withhold:
        return skipped(f"{name} withholds from {buyer} already")
    selling.misbehaviour.withhold.add(buyer)
    return StepResult(applied=True, note=f"{name} will withhold the goods of {buyer}")


def deliver_late(stage: Stage, step: DeliverLate) -> StepResult:
    """Deliver after the buyer has complained."""
    found = _selling(stage, step)
    if found is None:
        return _NO_SELLER
    name, _, selling = found
    buyer = _meant(stage, step, "buyer")
    if buyer in selling.misbehaviour.late:
        return skipped(f"{name} keeps {buyer} waiting already")
    selling.misbehaviour.late.add(buyer)
    return StepResult(applied=True, note=f"{name} will deliver to {buyer} late")


def fulfil_unpaid(stage: Stage, step: FulfilUnpaid) -> StepResult:
    """Deliver what nobody paid for."""
    found = _selling(stage, step)
    if found is None:
        return _NO_SELLER
    name, agent, selling = found
    buyer = _meant(stage, step, "buyer")
    selling.deliver(buyer, bid_reference(buyer))
    return _act(stage, name, agent, f"{name} sends goods to {buyer} unasked")


# The buyer's adversary


def _purchasing(stage: Stage, step: Step) -> tuple[str, Participant, Purchasing] | None:
    acting = _acting(stage, step, "shill")
    if acting is None or acting[1].purchasing is None:
        return None
    return (*acting, acting[1].purchasing)


def buy(stage: Stage, step: Buy) -> StepResult:
    """Make a real purchase."""
    found = _purchasing(stage, step)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller = _meant(stage, step, "seller")
    if seller == name or not purchasing.order(seller, f"buy-{name}-{stage.count(f'buy {name}')}"):
        return skipped(f"{name} cannot buy from {seller}")
    return _act(stage, name, agent, f"{name} buys from {seller}")


def bid_unpaid(stage: Stage, step: BidUnpaid) -> StepResult:
    """Bid without paying."""
    found = _purchasing(stage, step)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller = _meant(stage, step, "seller")
    purchasing.bid(seller, f"unpaid-{name}-{stage.count(f'unpaid {name}')}")
    return _act(stage, name, agent, f"{name} bids to {seller} without paying")


def squat_reference(stage: Stage, step: SquatReference) -> StepResult:
    """Bid under somebody else's reference."""
    found = _purchasing(stage, step)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller, buyer = _meant(stage, step, "seller"), _meant(stage, step, "buyer")
    purchasing.bid(seller, bid_reference(buyer))
    return _act(stage, name, agent, f"{name} bids to {seller} under the reference of {buyer}")


def complain(stage: Stage, step: Complain) -> StepResult:
    """Complain of goods that came, and whose receipt it co-signed."""
    found = _purchasing(stage, step)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller = _meant(stage, step, "seller")
    served = [order for order in purchasing.orders.values() if order.seller == seller and order.receipt]
    if not served:
        return skipped(f"{name} has received nothing from {seller}")
    purchasing.complain(seller, served[-1].ref)
    return _act(stage, name, agent, f"{name} complains of {seller} although it was served")


# Trust's adversary


def _receipt(issuer: Signer, counterparty: str, receipt_id: str, ref: str, category: str = "purchase") -> Receipt:
    draft = Receipt(receipt_id, issuer.did, counterparty, category, ref)
    return evolve(draft, signature=issuer.sign(draft.body()))


def _cosigned(draft: Receipt, signer: Signer) -> Receipt:
    return evolve(draft, cosignature=signer.sign(draft.cosigned_body()))


def _file(stage: Stage, name: str, agent: Participant, receipt: Receipt, note: str) -> StepResult:
    payload = write(receipt)
    stage.parts.filed[name] = payload
    agent.post(agent.kit.auditor, "receipt", payload)
    return _act(stage, name, agent, note)


def wash_trade(stage: Stage, step: WashTrade) -> StepResult:
    """A co-signed receipt for nothing."""
    acting = _acting(stage, step, "issuer")
    partner = stage.pick(step, "counterparty")
    if acting is None or partner is None:
        return _NOBODY
    name, agent = acting
    signer = stage.parts.signers[partner]
    number = stage.count(f"wash {name}")
    draft = _receipt(agent.kit.signer, signer.did, f"wash:{number}", f"wash-{number}")
    return _file(stage, name, agent, _cosigned(draft, signer), f"{name} and {partner} sign a receipt for no trade")


def forge_receipt(stage: Stage, step: ForgeReceipt) -> StepResult:
    """A receipt that its counterparty never signed."""
    acting = _acting(stage, step, "issuer")
    if acting is None:
        return _NOBODY
    name, agent = acting
    victim = stage.agent(step.counterparty)
    if victim == name:
        return skipped(f"{name} cannot forge its own signature")
    number = stage.count(f"forged {name}")
    draft = _receipt(agent.kit.signer, agent.kit.dids[victim], f"forged:{number}", f"forged-{number}")
    forged = _cosigned(draft, agent.kit.signer)
    return _file(stage, name, agent, forged, f"{name} files a receipt that {victim} never signed")


def ghost_receipt(stage: Stage, step: GhostReceipt) -> StepResult:
    """A receipt co-signed by the key of no agent."""
    acting = _acting(stage, step, "issuer")
    if acting is None:
        return _NOBODY
    name, agent = acting
    number = stage.count(f"ghost {name}")
    ghost = Signer.from_seed(number, f"ghost of {name}")
    draft = _receipt(agent.kit.signer, ghost.did, f"ghost:{number}", f"ghost-{number}")
    return _file(stage, name, agent, _cosigned(draft, ghost), f"{name} files a receipt co-signed by a ghost")


def squat_receipt(stage: Stage, step: SquatReceipt) -> StepResult:
    """Junk under the ids that a seller is going to use."""
    acting = _acting(stage, step, "shill")
    if acting is None:
        return _NOBODY
    name, agent = acting
    seller = _meant(stage, step, "seller")
    dids = agent.kit.dids
    for other in stage.population.of("buyer", "seller"):
        ref = bid_reference(other)
        for receipt_id, category in ((sale_id(other, ref), "purchase"), (guild_id(seller, other), "payment")):
            junk = Receipt(receipt_id, dids[seller], dids[other], category, ref, "00" * 64, "00" * 64)
            agent.post(agent.kit.auditor, "receipt", write(junk))
    return _act(stage, name, agent, f"{name} files junk under the receipt ids of {seller}")


def replay_receipt(stage: Stage, step: ReplayReceipt) -> StepResult:
    """The last receipt once more, with a blank behind it so that no cache of bytes knows it."""
    acting = _acting(stage, step, "issuer")
    if acting is None:
        return _NOBODY
    name, agent = acting
    if name not in stage.parts.filed:
        return skipped(f"{name} has filed no receipt")
    payload = stage.parts.filed[name] + b" " * (1 + stage.count(f"replay {name}"))
    agent.post(agent.kit.auditor, "receipt", payload)
    return _act(stage, name, agent, f"{name} files its last receipt again")


# The registry's adversary


def _spread(stage: Stage, name: str, agent: Participant, cards: tuple[Card, ...]) -> bool:
    """Push cards to everybody as this registry would push them; False if it pushes nothing."""
    payloads = [stage.parts.registries[name].announce(card) for card in cards]
    if not any(payloads):
        return False
    for payload in payloads:
        for other in stage.population.names():
            if other != name:
                agent.send(other, "gossip", payload)
    return True


def forge_card(stage: Stage, step: ForgeCard) -> StepResult:
    """A newer card in somebody else's name, signed with the wrong key."""
    acting = _acting(stage, step, "publisher")
    if acting is None:
        return _NOBODY
    name, agent = acting
    victim = _meant(stage, step, "victim")
    if victim == name:
        return skipped(f"{name} may publish its own card")
    owner = _participant(stage, victim)
    if owner is None:
        return skipped(f"{victim} has no card")
    forged = evolve(owner.card, version=owner.card.version + 1, endpoint=f"{name}'s", signature="")
    forged = forged.signed(agent.kit.signer.sign(forged.body()))
    if not _spread(stage, name, agent, (forged,)):
        return skipped("this registry pushes no cards")
    return _act(stage, name, agent, f"{name} spreads a card in the name of {victim}")


def replay_card(stage: Stage, step: ReplayCard) -> StepResult:
    """Withdraw one's card, then spread the stale one again."""
    acting = _acting(stage, step, "publisher")
    if acting is None:
        return _NOBODY
    name, agent = acting
    stale = agent.card
    agent.publish(evolve(stale, version=stale.version + 1, tombstone=not stale.tombstone, signature=""))
    if not _spread(stage, name, agent, (agent.card, stale)):
        return _act(stage, name, agent, f"{name} withdraws its card")
    return _act(stage, name, agent, f"{name} withdraws its card and spreads the old one")


def inject(stage: Stage, step: Inject) -> StepResult:
    """A malformed message."""
    acting = _acting(stage, step, "shill")
    if acting is None:
        return _NOBODY
    name, agent = acting
    to = stage.agent(step.to)
    agent.send(to, step.kind, JUNK)
    return _act(stage, name, agent, f"{name} sends {to} a malformed {step.kind}")


# A second time, and lies of every kind


def buy_again(stage: Stage, step: BuyAgain) -> StepResult:
    """An honest buyer's next purchase."""
    name = stage.acting(step, "buyer")
    agent = None if name is None else _participant(stage, name)
    if name is None or agent is None or agent.buying is None:
        return skipped("no buyer is there and up")
    seller = _meant(stage, step, "seller")
    if not agent.buying.again(seller):
        return skipped(f"{name} does not know {seller}, or has no money")
    return _act(stage, name, agent, f"{name} buys once more, from {seller}")


def divert_payment(stage: Stage, step: DivertPayment) -> StepResult:
    """Pay one, and bid to another."""
    found = _purchasing(stage, step)
    if found is None:
        return _NOBODY
    name, agent, purchasing = found
    seller, payee = _meant(stage, step, "seller"), _meant(stage, step, "payee")
    ref = f"diverted-{name}-{stage.count(f'diverted {name}')}"
    if payee in (name, seller) or seller == name or not pays(agent.kit, payee, ref):
        return skipped(f"{name} cannot pay {payee} for what {seller} sells")
    purchasing.bid(seller, ref)
    return _act(stage, name, agent, f"{name} bids to {seller} under a stream that pays {payee}")


def slander(stage: Stage, step: Slander) -> StepResult:
    """A complaint that rests on nothing."""
    acting = _acting(stage, step, "shill")
    if acting is None:
        return _NOBODY
    name, agent = acting
    seller, buyer = _meant(stage, step, "seller"), _meant(stage, step, "buyer")
    if seller == name:
        return skipped(f"{name} does not complain of itself")
    pretext, dids = PRETEXTS[step.pretext % len(PRETEXTS)], agent.kit.dids
    complainant, ref = dids[name], f"slander-{name}-{stage.count(f'slander {name}')}"
    if pretext == "another's reference":
        ref = bid_reference(buyer)
    elif pretext in ("another's name", "no signature"):
        complainant, ref = dids[buyer], bid_reference(buyer)
    elif pretext == PAID_ANOTHER:
        payee = another(stage, name, seller)
        if not pays(agent.kit, payee, ref):
            return skipped(f"{name} cannot pay {payee}")
    complaint = Complaint(complainant, dids[seller], ref)
    signature = "" if pretext == "no signature" else agent.kit.signer.sign(complaint.body())
    agent.post(agent.kit.auditor, "complaint", write(evolve(complaint, signature=signature)))
    return _act(stage, name, agent, f"{name} complains of {seller} without a case: {pretext}")


def another(stage: Stage, *names: str) -> str:
    """The first agent that is none of these."""
    return next(other for other in stage.population.names() if other not in names)


def pad_receipts(stage: Stage, step: PadReceipts) -> StepResult:
    """Receipts for what was not traded."""
    acting = _acting(stage, step, "issuer")
    partner = stage.pick(step, "counterparty")
    if acting is None or partner is None:
        return _NOBODY
    name, agent = acting
    trick, number = TRICKS[step.trick % len(TRICKS)], stage.count(f"pad {name}")
    signer, ids, refs, category = stage.parts.signers[partner], [f"pad:{number}"], [f"pad-{number}"], "purchase"
    if trick == "second id for a paid sale":
        refs = _sold(stage, name, partner)
        if not refs:
            return skipped(f"{name} has sold {partner} nothing")
    elif trick == "two contents under one id":
        ids, refs = ids * 2, [*refs, f"{refs[0]}-again"]
    elif trick == "reference of a buyer":
        refs = [bid_reference(stage.population.of("buyer")[0])]
    else:
        category = trick
    for one, ref in zip(ids, refs, strict=True):
        draft = _receipt(agent.kit.signer, signer.did, one, ref, category)
        agent.post(agent.kit.auditor, "receipt", write(_cosigned(draft, signer)))
    return _act(stage, name, agent, f"{name} and {partner} file a receipt that is not what was traded: {trick}")


def _sold(stage: Stage, seller: str, buyer: str) -> list[str]:
    """The reference of the last purchase that this corrupt buyer was served under."""
    other = _participant(stage, buyer)
    orders = () if other is None or other.purchasing is None else other.purchasing.orders.values()
    return [order.ref for order in orders if order.seller == seller and order.receipt][-1:]


def spread_lie(stage: Stage, step: SpreadLie) -> StepResult:
    """A card that its owner never published, or withdrew."""
    acting = _acting(stage, step, "publisher")
    if acting is None:
        return _NOBODY
    name, agent = acting
    victim = _meant(stage, step, "victim")
    owner = _participant(stage, victim)
    if victim == name or owner is None:
        return skipped(f"{name} has nothing false to say of {victim}")
    lie, card = LIES[step.lie % len(LIES)], owner.card
    version, gone = card.version + (1000 if lie == "far ahead" else 1), lie.endswith("tombstone")
    false = evolve(card, version=version, tombstone=gone, endpoint=f"{name}'s")
    if lie == "older card":
        older = _kept(stage, name, agent, victim)
        if older is None:
            return skipped(f"{name} has no older card of {victim} yet")
        false = older
    elif lie.startswith("unsigned"):
        false = false.signed("")
    elif lie in ("tombstone", "far ahead"):
        false = false.signed(agent.kit.signer.sign(false.body()))
    if not _spread(stage, name, agent, (false,)):
        return skipped("this registry pushes no cards")
    return _act(stage, name, agent, f"{name} spreads a false card of {victim}: {lie}")


def _kept(stage: Stage, name: str, agent: Participant, victim: str) -> Card | None:
    """The card of a victim that this agent saw first, if it has looked before; else it keeps what it sees now."""
    kept = stage.parts.kept
    if (name, victim) in kept:
        card: Card = kept[name, victim]
        return card
    for card in agent.kit.registry.lookup(""):
        if card.publisher == victim:
            kept[name, victim] = card
    return None


def equivocate(stage: Stage, step: Equivocate) -> StepResult:
    """Two cards of one version."""
    acting = _acting(stage, step, "publisher")
    if acting is None:
        return _NOBODY
    name, agent = acting
    version = agent.card.version + 1
    one, other = (evolve(agent.card, version=version, endpoint=place, signature="") for place in ("here", "there"))
    agent.publish(one)
    other = other.signed(agent.kit.signer.sign(other.body()))
    payloads = [stage.parts.registries[name].announce(card) for card in (agent.card, other)]
    if not all(payloads):
        return _act(stage, name, agent, f"{name} publishes a card, and has no way to publish another one")
    stage.parts.registries[name].published(other)
    for place, to in enumerate(one for one in stage.population.names() if one != name):
        agent.send(to, "gossip", payloads[place % 2])
    return _act(stage, name, agent, f"{name} says one thing to half of the others, and another to the rest")


def republish(stage: Stage, step: Republish) -> StepResult:
    """A card of a much later version, and its next."""
    acting = _acting(stage, step, "publisher")
    if acting is None:
        return _NOBODY
    name, agent = acting
    first = agent.card.version + step.ahead
    for version in (first, first + 1):
        agent.publish(evolve(agent.card, version=version, tombstone=False, endpoint=f"v{version}", signature=""))
    return _act(stage, name, agent, f"{name} publishes version {agent.card.version} of its card")
