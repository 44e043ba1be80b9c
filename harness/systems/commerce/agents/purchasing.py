"""Buying: open a stream, bid in secret, check, complain or co-sign.

Owns an agent's orders from the opening of the stream to the goods. Knows nothing of how a seller was found or
chosen: buyers do that, and shills buy when the adversary says so.
"""

from typing import ClassVar

from attrs import define, evolve

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.agents.drafts import cosign
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint, Receiver, Waker
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.agents.wire import Bid, read_goods, read_receipt, write
from crosslayer.harness.systems.commerce.nouns import Complaint, Receipt


@define
class Order:
    """One purchase. `receipt` is the co-signed receipt, once the goods are here; `due` is the tick of the check."""

    seller: str
    ref: str
    receipt: Receipt | None = None
    due: int = 0
    complained: bool = False


_ORDER = "order "
"""How the keys begin under which orders are stored."""


def pays(kit: Kit, payee: str, ref: str) -> bool:
    """Open a stream on the scenario's terms; False if there is no money or no such reference left."""
    try:
        kit.payments.open_stream(payee, kit.terms.rate, kit.terms.cap, ref)
    except Refused:
        return False
    return True


class Purchasing:
    """The paying side of commerce; keeps all the rules, for any agent."""

    durable: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.orders: dict[tuple[str, str], Order] = {}

    def start(self) -> None:
        """Nothing to do."""

    def resume(self) -> None:
        """The orders are what they were; each that is open is checked when it is due."""
        endpoint = self._endpoint
        for key in endpoint.store:
            if key.startswith(_ORDER):
                seller, ref, receipt, due, complained = endpoint.store.get(key)
                known = read_receipt(receipt) if receipt else None
                self.orders[seller, ref] = Order(seller, ref, known, due, complained)
                if not receipt and not complained:
                    endpoint.wake(f"check|{seller}|{ref}", due - endpoint.kit.clock.now)

    def receivers(self) -> dict[str, Receiver]:
        """Goods come in."""
        return {"goods": self._on_goods}

    def wakers(self) -> dict[str, Waker]:
        """Each order is checked once."""
        return {"check": self._check}

    def order(self, seller: str, ref: str) -> bool:
        """Open the stream and bid; False if there is no money or no such reference left."""
        if not pays(self._endpoint.kit, seller, ref):
            return False
        kit = self._endpoint.kit
        self._keep(Order(seller, ref, due=kit.clock.now + kit.timing.check_delay))
        self.bid(seller, ref)
        self._endpoint.wake(f"check|{seller}|{ref}", kit.timing.check_delay)
        return True

    def _keep(self, order: Order) -> None:
        self.orders[order.seller, order.ref] = order
        receipt = b"" if order.receipt is None else write(order.receipt)
        value = (order.seller, order.ref, receipt, order.due, order.complained)
        self._endpoint.store.put(f"{_ORDER}{order.seller} {order.ref}", value)

    def bid(self, seller: str, ref: str) -> None:
        """Seal a bid and send it."""
        kit = self._endpoint.kit
        envelope = kit.privacy.encrypt(write(Bid(kit.terms.bid, kit.name, ref)), (seller,))
        kit.record("bid_placed", {"seller": seller, "ref": ref, "amount": kit.terms.bid})
        self._endpoint.post(seller, "bid", envelope)

    def complain(self, seller: str, ref: str) -> None:
        """Tell the auditor that the money went and nothing came."""
        kit = self._endpoint.kit
        complaint = Complaint(kit.signer.did, kit.dids[seller], ref)
        signed = Complaint(kit.signer.did, kit.dids[seller], ref, kit.signer.sign(complaint.body()))
        kit.record("complained", {"seller": seller, "ref": ref})
        self._endpoint.post(kit.auditor, "complaint", write(signed))

    def _check(self, rest: str) -> None:
        seller, _, ref = rest.partition("|")
        if self.orders[seller, ref].receipt is None:
            self._endpoint.kit.payments.close_stream(self._endpoint.kit.name, ref)
            self._keep(evolve(self.orders[seller, ref], complained=True))
            self.complain(seller, ref)

    def _on_goods(self, source: str, payload: bytes) -> None:
        kit = self._endpoint.kit
        goods = read_goods(payload)
        order = self.orders.get((source, goods.ref))
        if order is None:
            raise Refused("goods that were not ordered")
        draft = goods.draft
        expected = (kit.dids[source], kit.signer.did, "purchase", goods.ref)
        if (draft.issuer, draft.counterparty, draft.category, draft.ref) != expected:
            raise Refused("goods with somebody else's receipt")
        if not verify(draft.issuer, draft.body(), draft.signature):
            raise Refused("goods with a receipt that is not signed")
        if order.receipt is not None:
            raise Refused("goods that came before")
        kit.record("goods_accepted", {"seller": source, "ref": goods.ref})
        receipt = cosign(kit, draft)
        self._keep(evolve(order, receipt=receipt))
        kit.payments.close_stream(kit.name, goods.ref)
        filed = write(receipt)
        self._endpoint.post(source, "receipt", filed)
        self._endpoint.post(kit.auditor, "receipt", filed)
