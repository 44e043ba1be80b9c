"""Agents with one thing wrong each: the reference roles with one class exchanged, and a factory for every defect."""

import json
from collections.abc import Sequence

from crosslayer.harness.model.effects import Effect
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.model.events import Message
from crosslayer.harness.systems.commerce.agents.auditing import Auditing
from crosslayer.harness.systems.commerce.agents.buying import Buying, bid_reference
from crosslayer.harness.systems.commerce.agents.drafts import Drafts, cosign
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint
from crosslayer.harness.systems.commerce.agents.guild import Guild
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.agents.purchasing import Order, Purchasing
from crosslayer.harness.systems.commerce.agents.roles import Participant, Roles
from crosslayer.harness.systems.commerce.agents.selling import Selling
from crosslayer.harness.systems.commerce.agents.wire import Bid, read_bid, read_goods, read_receipt, write
from crosslayer.harness.systems.commerce.nouns import SELLER_ROLES, Evidence


def _roles(
    participant: type[Participant] = Participant,
    purchasing: type[Purchasing] = Purchasing,
    buying: type[Buying] = Buying,
    selling: type[Selling] = Selling,
    auditing: type[Auditing] = Auditing,
) -> Roles:
    """The reference roles, made of these classes; corrupt agents are left as they are, but for `participant`."""

    def buyer(kit: Kit) -> Participant:
        agent = participant(kit)
        orders = purchasing(agent)
        agent.behave(orders, buying(agent, orders))
        return agent

    def seller(kit: Kit) -> Participant:
        agent = participant(kit)
        drafts = Drafts(agent)
        agent.behave(drafts, selling(agent, drafts), Guild(agent, drafts))
        return agent

    def shill_seller(kit: Kit) -> Participant:
        agent = participant(kit)
        drafts = Drafts(agent)
        agent.purchasing, agent.selling = Purchasing(agent), Selling(agent, drafts)
        agent.behave(drafts, agent.selling, agent.purchasing)
        return agent

    def shill(kit: Kit) -> Participant:
        agent = participant(kit)
        agent.purchasing = Purchasing(agent)
        agent.behave(agent.purchasing)
        return agent

    def auditor(kit: Kit) -> Participant:
        agent = participant(kit)
        agent.behave(auditing(agent))
        return agent

    return {"buyer": buyer, "seller": seller, "shill_seller": shill_seller, "shill": shill, "auditor": auditor}


class _ThreeCopies(Participant):
    def post(self, to: str, kind: str, payload: bytes) -> None:
        for _ in range(3):
            self.send(to, kind, payload)


def sends_three_copies() -> Roles:
    """Redundancy in place of acknowledgement. Caught by delivery_rewarded: all three may be lost."""
    return _roles(participant=_ThreeCopies)


class _TakesAnyAcknowledgement(Participant):
    def on_message(self, message: Message) -> Sequence[Effect]:
        if message.kind == "ack":
            self._outbox.forget(message.source)
        return super().on_message(message)


def takes_any_acknowledgement() -> Roles:
    """An acknowledgement of anything counts for everything that was sent there.

    Caught by undelivered_penalized: a changed complaint is acknowledged, and the true one never sent again.
    """
    return _roles(participant=_TakesAnyAcknowledgement)


class _ServesUnpaid(Selling):
    def _on_bid(self, source: str, payload: bytes) -> None:
        bid = read_bid(self._endpoint.kit.privacy.decrypt(payload))
        if (source, bid.ref) in self._sold:
            raise Refused("a bid that was served before")
        self._sold.add((source, bid.ref))
        self.deliver(source, bid.ref)


def serves_without_looking_at_the_stream() -> Roles:
    """The seller believes every bid. Caught by delivery_rewarded: goods move without money."""
    return _roles(selling=_ServesUnpaid)


class _KeyedByReference(Selling):
    def __init__(self, endpoint: Endpoint, drafts: Drafts) -> None:
        super().__init__(endpoint, drafts)
        self._first: dict[str, str] = {}

    def _on_bid(self, source: str, payload: bytes) -> None:
        kit = self._endpoint.kit
        bid = read_bid(kit.privacy.decrypt(payload))
        bidder = self._first.setdefault(bid.ref, source)
        stream = kit.payments.verify_payment(source, bid.ref)
        if stream is None or stream.payee != kit.name:
            raise Refused("a bid without a stream")
        if (bidder, bid.ref) not in self._sold:
            self._sold.add((bidder, bid.ref))
            self.deliver(bidder, bid.ref)


def keys_bids_by_reference_alone() -> Roles:
    """Anyone who bids first under a reference gets what its payer paid for.

    Caught by delivery_rewarded: the goods go to a squatter that paid nothing.
    """
    return _roles(selling=_KeyedByReference)


class _BareIds(Auditing):
    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._ids: set[str] = set()

    def _on_receipt(self, source: str, payload: bytes) -> None:
        receipt = read_receipt(payload)
        if receipt.id not in self._ids:
            self._ids.add(receipt.id)
            self._report(receipt.issuer, receipt)


def audits_by_bare_receipt_id() -> Roles:
    """The auditor takes the first receipt under each id. Caught by delivery_rewarded: junk hides the honest ones."""
    return _roles(auditing=_BareIds)


class _Expects(Buying):
    def _look(self, _rest: str) -> None:
        kit = self._endpoint.kit
        sellers = kit.population.of(*SELLER_ROLES)
        self._purchasing.order(sellers[int(kit.name.rpartition("-")[2]) % len(sellers)], bid_reference(kit.name))


def bids_without_discovery() -> Roles:
    """The buyer knows by heart who sells, and never looks. Caught by discovery_precedes_bid."""
    return _roles(buying=_Expects)


class _Impatient(_Expects):
    def _look(self, rest: str) -> None:
        if self._endpoint.kit.registry.lookup("sell"):
            super()._look(rest)
        else:
            self._endpoint.wake("look", self._endpoint.kit.timing.discovery_interval)


def bids_to_whom_it_expects() -> Roles:
    """Having seen one seller, the buyer chooses among all that there should be. Caught by discovery_precedes_bid."""
    return _roles(buying=_Impatient)


class _Chatters(Purchasing):
    def bid(self, seller: str, ref: str) -> None:
        super().bid(seller, ref)
        kit = self._endpoint.kit
        self._endpoint.send(kit.auditor, "bid", write(Bid(kit.terms.bid, kit.name, ref)))


def bids_in_clear_to_the_side() -> Roles:
    """Beside the sealed bid to the seller, the auditor gets one in clear. Caught by bid_opacity."""
    return _roles(purchasing=_Chatters)


class _SkipsTheLast(Auditing):
    def _score(self, _rest: str) -> None:
        kit = self._endpoint.kit
        for name in [name for name in kit.population.names() if name != kit.name][:-1]:
            kit.trust.score(name)


def never_scores_the_last() -> Roles:
    """Off by one at the end of the list. Caught by delivery_rewarded where the last one delivered."""
    return _roles(auditing=_SkipsTheLast)


class _ScoresSellers(Auditing):
    def _score(self, _rest: str) -> None:
        kit = self._endpoint.kit
        for name in kit.population.of(*SELLER_ROLES):
            kit.trust.score(name)


def never_scores_buyers() -> Roles:
    """Only sellers are scored. Caught by the agents' contract: no joint promise speaks of a buyer's score."""
    return _roles(auditing=_ScoresSellers)


class _Careless(Auditing):
    def _on_receipt(self, source: str, payload: bytes) -> None:
        json.loads(payload)
        super()._on_receipt(source, payload)


def falls_over_junk() -> Roles:
    """One malformed receipt raises in the auditor. Caught as a plugin fault of the agents, which ends the run."""
    return _roles(auditing=_Careless)


class _Multiplies(Participant):
    def on_wake(self, tag: str) -> Sequence[Effect]:
        name, _, path = tag.partition("|")
        if name != "again":
            return super().on_wake(tag)
        for turn in "ab":
            self.wake(f"again|{path}{turn}", 1)
        return self.flush()

    def post(self, to: str, kind: str, payload: bytes) -> None:
        super().post(to, kind, payload)
        self.wake("again|", 1)


def retries_without_end() -> Roles:
    """Each retry plans two more. Caught as a plugin fault of the agents: a run has a bound on its events."""
    return _roles(participant=_Multiplies)


class _AlwaysComplains(Purchasing):
    def _check(self, rest: str) -> None:
        seller, _, ref = rest.partition("|")
        self.complain(seller, ref)


def complains_although_served() -> Roles:
    """The check does not look whether goods came. Caught by the agents' contract: the receipt answers the complaint."""
    return _roles(purchasing=_AlwaysComplains)


class _AcceptsAnything(Purchasing):
    def _on_goods(self, source: str, payload: bytes) -> None:
        goods = read_goods(payload)
        order = self.orders.setdefault((source, goods.ref), Order(source, goods.ref))
        if order.receipt is None:
            self._endpoint.kit.record("goods_accepted", {"seller": source, "ref": goods.ref})
            order.receipt = cosign(self._endpoint.kit, goods.draft)
            self._endpoint.kit.payments.close_stream(self._endpoint.kit.name, goods.ref)
            self._endpoint.post(source, "receipt", write(order.receipt))


def accepts_what_it_never_ordered() -> Roles:
    """The buyer takes any goods. Caught by delivery_rewarded: no money moved for them."""
    return _roles(purchasing=_AcceptsAnything)


class _ReportsOnce(Auditing):
    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._heard: set[str] = set()

    def _report(self, did: str, evidence: Evidence) -> None:
        if did not in self._heard:
            self._heard.add(did)
            super()._report(did, evidence)


def reports_once_of_each() -> Roles:
    """The auditor passes on the first evidence about each agent only.

    Caught by the agents' contract: the receipt of the guild comes before that of the sale, which is never told.
    """
    return _roles(auditing=_ReportsOnce)


class _TooLate(Purchasing):
    def _on_goods(self, source: str, payload: bytes) -> None:
        kit, goods = self._endpoint.kit, read_goods(payload)
        stream = kit.payments.verify_payment(kit.name, goods.ref)
        if stream is not None and not stream.open:
            raise Refused("too late")
        super()._on_goods(source, payload)


def refuses_late_goods() -> Roles:
    """A buyer that has complained takes no goods any more. Caught by trade_completes."""
    return _roles(purchasing=_TooLate)


class _PaysOn(Purchasing):
    def _check(self, rest: str) -> None:
        seller, _, ref = rest.partition("|")
        if self.orders[seller, ref].receipt is None:
            self.complain(seller, ref)


def goes_on_paying() -> Roles:
    """A buyer complains and leaves the stream open. Caught by the agents' contract."""
    return _roles(purchasing=_PaysOn)


class _NeverServes(Selling):
    def deliver(self, buyer: str, ref: str) -> None:
        """Nothing."""


def never_delivers() -> Roles:
    """An honest seller takes the money and does nothing. Caught by trade_completes: it is punished justly."""
    return _roles(selling=_NeverServes)


class _HearsNoComplaints(Auditing):
    def _on_complaint(self, source: str, payload: bytes) -> None:
        """Nothing."""


def hears_no_complaints() -> Roles:
    """The auditor passes no complaint on. Caught by undelivered_penalized."""
    return _roles(auditing=_HearsNoComplaints)


class _LooksOnce(Buying):
    def _look(self, _rest: str) -> None:
        kit = self._endpoint.kit
        sellers = sorted(card.publisher for card in kit.registry.lookup("sell"))
        if len(sellers) == len(kit.population.of(*SELLER_ROLES)):
            super()._look(_rest)


def looks_only_once() -> Roles:
    """A buyer that does not see all sellers at once never looks again. Caught by the agents' contract."""
    return _roles(buying=_LooksOnce)


class _PaysMore(Purchasing):
    def order(self, seller: str, ref: str) -> bool:
        kit = self._endpoint.kit
        try:
            kit.payments.open_stream(seller, kit.terms.rate, kit.terms.cap + 1, ref)
        except Refused:
            return False
        self.orders[seller, ref] = Order(seller, ref)
        self.bid(seller, ref)
        self._endpoint.wake(f"check|{seller}|{ref}", kit.timing.check_delay)
        return True


def pays_on_other_terms() -> Roles:
    """A buyer promises more than the terms say. Caught by the agents' contract."""
    return _roles(purchasing=_PaysMore)


class _ForgetsOrders(Purchasing):
    durable = True

    def resume(self) -> None:
        """Nothing is left."""


def forgets_its_orders() -> Roles:
    """A buyer that lost its memory does not know what it ordered. Caught by trade_completes: it refuses the goods."""
    return _roles(purchasing=_ForgetsOrders)
