"""Every bid of an honest buyer follows an honest discovery of that seller: news of its registration got there.

Joins registry and privacy. Owns what a discovery is worth. An order of two markers is not enough: a shared
map shows a seller to a buyer whom no message could have told, so the discovery must lie in the causal
future of the registration.
"""

from collections.abc import Mapping
from typing import NamedTuple

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.causality import Causality
from crosslayer.properties.watcher import Watcher, holds, vacuous


class _Discovery(NamedTuple):
    seq: int
    tick: int
    honest: bool


class _DiscoveryPrecedesBid(Watcher):
    def __init__(self, population: Population) -> None:
        super().__init__()
        self._buyers = frozenset(population.of("buyer"))
        self._causality = Causality(population.names())
        self._discoveries: dict[tuple[str, str], _Discovery] = {}
        self._bids: list[int] = []

    def handlers(self) -> Mapping[str, Handler]:
        return {**self._causality.handlers(), "discovered": self._discovered, "bid_placed": self._bid_placed}

    def _discovered(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller} if event.agent in self._buyers:
                honest = self._causality.reaches(seller, event.agent)
                self._discoveries.setdefault((event.agent, seller), _Discovery(seq, event.tick, honest))

    def _bid_placed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller} if event.agent in self._buyers:
                self._bids.append(seq)
                self._judge(seq, event, seller)

    def _judge(self, seq: int, event: Event, seller: str) -> None:
        buyer = event.agent
        bid = f"{buyer} bid to {seller} at tick {event.tick}"
        discovery = self._discoveries.get((buyer, seller))
        if discovery is None:
            self.breaks(f"{bid} without having discovered it", seq)
        elif not discovery.honest:
            self.breaks(
                f"{bid}, but when it discovered {seller} at tick {discovery.tick} "
                f"no message had brought {buyer} news of that registration",
                discovery.seq,
                seq,
            )

    def verdict(self) -> Verdict:
        if not self._bids:
            return vacuous("no honest buyer placed a bid")
        return holds(f"{len(set(self._bids))} bid(s), each after an honest discovery", *self._bids)


PROPERTY = Property(
    name="commerce_discovery_precedes_bid",
    claim="Every bid of an honest buyer follows a discovery of that seller, told by messages really delivered.",
    parts=("registry", "privacy"),
    watch=_DiscoveryPrecedesBid,
)
