"""A buyer's own business: find sellers, and take one.

Owns discovery and choice. Knows nothing of how a purchase goes on; that is `purchasing`.
"""

from typing import ClassVar

from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint, Receiver, Waker
from crosslayer.harness.systems.commerce.agents.purchasing import Purchasing
from crosslayer.harness.systems.commerce.nouns import SELLER_ROLES


def bid_reference(buyer: str) -> str:
    """The reference under which a buyer makes its first purchase; anybody can guess it."""
    return f"bid-{buyer}"


class Buying:
    """Looks up sellers at intervals; buys when all are known or the deadline has passed, and when it is asked to."""

    durable: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint, purchasing: Purchasing) -> None:
        self._endpoint = endpoint
        self._purchasing = purchasing

    def start(self) -> None:
        """The first look comes at `discovery_start`."""
        self._endpoint.wake("look", self._endpoint.kit.timing.discovery_start)

    def resume(self) -> None:
        """An agent that has not bought yet looks again."""
        if not self._purchasing.orders:
            kit = self._endpoint.kit
            self._endpoint.wake("look", kit.timing.discovery_start - kit.clock.now)

    def receivers(self) -> dict[str, Receiver]:
        """None."""
        return {}

    def wakers(self) -> dict[str, Waker]:
        """Looking; at the deadline it takes whom it knows, or gives up."""
        return {"look": self._look}

    def _look(self, _rest: str) -> None:
        kit = self._endpoint.kit
        sellers = sorted(card.publisher for card in kit.registry.lookup("sell") if card.publisher != kit.name)
        remaining = kit.timing.bid_deadline - kit.clock.now
        if len(sellers) < len(kit.population.of(*SELLER_ROLES)) and remaining > 0:
            self._endpoint.wake("look", min(kit.timing.discovery_interval, remaining))
        elif sellers:
            number = int(kit.name.rpartition("-")[2])
            self._purchasing.order(sellers[number % len(sellers)], bid_reference(kit.name))

    def again(self, seller: str) -> bool:
        """Order once more, from this seller; False if the registry does not show it, or there is no money left."""
        kit = self._endpoint.kit
        known = any(card.publisher == seller for card in kit.registry.lookup("sell"))
        reference = f"{bid_reference(kit.name)}-{len(self._purchasing.orders) + 1}"
        return known and self._purchasing.order(seller, reference)
