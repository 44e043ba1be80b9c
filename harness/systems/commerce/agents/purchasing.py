"""Buying: open a stream, bid in secret, check, complain or co-sign.

Owns an agent's orders from the opening of the stream to the goods. Knows nothing of how a seller was found or
chosen: buyers do that, and shills buy when the adversary says so.
"""

from attrs import define

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.agents.drafts import cosign
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint, Receiver, Waker
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.agents.wire import Bid, read_goods, write
from crosslayer.harness.systems.commerce.nouns import Complaint, Receipt


@define
class Order:
    """One purchase. `receipt` is the co-signed receipt, once the goods are here."""

    seller: str
    ref: str
    receipt: Receipt | None = None


def pays(kit: Kit, payee: str, ref: str) -> bool:
    """Open a stream on the scenario's terms; False if there is no money or no such reference left."""
    try:
        kit.payments.open_stream(payee, kit.terms.rate, kit.terms.cap, ref)
    except Refused:
        return False
    return True


class Purchasing:
    """The paying side of commerce; keeps all the rules, for any agent."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.orders: dict[tuple[str, str], Order] = {}

    def start(self) -> None:
        """Nothing to do."""

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
        self.orders[seller, ref] = Order(seller, ref)
        self.bid(seller, ref)
        self._endpoint.wake(f"check|{seller}|{ref}", self._endpoint.kit.timing.check_delay)
        return True

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
        order.receipt = cosign(kit, draft)
        kit.payments.close_stream(kit.name, goods.ref)
        filed = write(order.receipt)
        self._endpoint.post(source, "receipt", filed)
        self._endpoint.post(kit.auditor, "receipt", filed)
