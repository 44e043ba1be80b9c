"""Selling: open the bid, see that it is paid for, send the goods with a receipt to co-sign.

Owns what was sold to whom. Whether a sale goes ahead is `Misbehaviour`: an honest seller has none, the adversary
gives its sellers some.
"""

from typing import ClassVar

from attrs import define, field

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.agents.drafts import Drafts
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint, Receiver, Waker
from crosslayer.harness.systems.commerce.agents.wire import Goods, read_bid, write

_SOLD = "sold"
"""How the keys begin under which sales are stored."""


def sale_id(buyer: str, ref: str) -> str:
    """The id of the receipt for a sale; anybody can guess it, so squatting on it must change nothing."""
    return f"sale:{buyer}:{ref}"


@define
class Misbehaviour:
    """What a corrupt seller does to which buyers."""

    withhold: set[str] = field(factory=set)
    late: set[str] = field(factory=set)


class Selling:
    """The serving side of commerce."""

    durable: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint, drafts: Drafts) -> None:
        self._endpoint = endpoint
        self._drafts = drafts
        self._sold: set[tuple[str, str]] = set()
        self.misbehaviour = Misbehaviour()

    def start(self) -> None:
        """Nothing to do."""

    def resume(self) -> None:
        """What was sold is not sold again. What a corrupt seller was told to do, and held back, is forgotten."""
        for key in self._endpoint.store:
            what, _, rest = key.partition(" ")
            if what == _SOLD:
                buyer, _, ref = rest.partition(" ")
                self._sold.add((buyer, ref))

    def receivers(self) -> dict[str, Receiver]:
        """Bids come in."""
        return {"bid": self._on_bid}

    def wakers(self) -> dict[str, Waker]:
        """Goods that were held back."""
        return {"late": self._deliver_late}

    def deliver(self, buyer: str, ref: str) -> None:
        """Send the goods of a purchase and a draft of its receipt."""
        kit = self._endpoint.kit
        draft = self._drafts.issue(sale_id(buyer, ref), buyer, "purchase", ref)
        kit.record("goods_sent", {"buyer": buyer, "ref": ref})
        self._endpoint.post(buyer, "goods", write(Goods(ref, draft)))

    def _on_bid(self, source: str, payload: bytes) -> None:
        kit = self._endpoint.kit
        bid = read_bid(kit.privacy.decrypt(payload))
        if bid.buyer != source:
            raise Refused("a bid in somebody else's name")
        stream = kit.payments.verify_payment(source, bid.ref)
        if stream is None or stream.payee != kit.name or not (stream.open or stream.moved > 0):
            raise Refused("a bid without a stream")
        if (source, bid.ref) in self._sold:
            raise Refused("a bid that was served before")
        self._sold.add((source, bid.ref))
        self._endpoint.store.put(f"{_SOLD} {source} {bid.ref}", value=True)
        if source in self.misbehaviour.withhold:
            return
        if source in self.misbehaviour.late:
            # After the buyer's check, whatever the message took to come here.
            self._endpoint.wake(f"late|{source}|{bid.ref}", kit.timing.check_delay * 3 // 2)
        else:
            self.deliver(source, bid.ref)

    def _deliver_late(self, rest: str) -> None:
        buyer, _, ref = rest.partition("|")
        self.deliver(buyer, ref)
