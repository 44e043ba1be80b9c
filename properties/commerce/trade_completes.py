"""A bid of an honest buyer to an honest seller ends in goods: whatever went wrong on the way comes to an end.

Joins all layers: a registry that shows nobody, money that does not open, an envelope that its reader cannot open, or an
agent that gives up, each stops a trade, and a world in which nobody trades breaks no other promise. Owns what is due,
and the words for where a trade stands still. Settlement ends all faults and carries what was lost once more, so there
is nothing else to blame.
"""

from collections.abc import Mapping

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.watcher import NOT_ENDED, Watcher, holds, vacuous, violated

IDLE_STEPS = ("Run", "RunUntil")
"""Steps that only let time pass: a run of nothing else has no fault and no adversary in it."""


class _Trade:
    """One bid: when it was placed, how far it came, and the latest event that brought it on."""

    __slots__ = ("done", "latest", "placed", "stage", "tick")

    def __init__(self, placed: int, tick: int, stage: str) -> None:
        self.placed = self.latest = placed
        self.tick = tick
        self.stage = stage
        self.done = False


_Key = tuple[str, str, str]
"""Buyer, seller and reference."""


class _TradeCompletes(Watcher):
    def __init__(self, population: Population) -> None:
        super().__init__()
        self._buyers = population.of("buyer")
        self._sellers = frozenset(population.of("seller"))
        self._trades: dict[_Key, _Trade] = {}
        self._sealed: dict[str, _Key] = {}
        self._bidders: set[str] = set()
        self._known: dict[str, tuple[str, int]] = {}
        self._disturbed = False
        self._end: int | None = None

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "step": self._step,
            "discovered": self._discover,
            "sealed": self._seal,
            "bid_placed": self._bid_placed,
            "opened": self._opened,
            "goods_sent": self._goods_sent,
            "goods_accepted": self._goods_accepted,
            "end": self._ended,
        }

    def _step(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"step": str() as step, "applied": True} if step not in IDLE_STEPS:
                self._disturbed = True

    def _discover(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller} if seller in self._sellers:
                self._known.setdefault(event.agent, (seller, seq))

    def _seal(self, _seq: int, event: Event) -> None:
        """The envelope of the bid that its sender is about to place."""
        match event.data:
            case {"envelope": str() as envelope, "audience": [str() as seller]}:
                self._sealed[envelope] = (event.agent, seller, "")

    def _bid_placed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref} if event.agent in self._buyers:
                self._bidders.add(event.agent)
                if seller in self._sellers:
                    waits = f"{seller} never opened it"
                    self._trades.setdefault((event.agent, seller, ref), _Trade(seq, event.tick, waits))

    def _opened(self, seq: int, event: Event) -> None:
        match event.data:
            case {"envelope": str() as envelope}:
                buyer, seller, _ = self._sealed.get(envelope, ("", "", ""))
                for key, trade in self._trades.items():
                    if key[:2] == (buyer, seller) == (buyer, event.agent) and not trade.done:
                        trade.stage, trade.latest = f"{seller} opened it and never sent the goods", seq

    def _goods_sent(self, seq: int, event: Event) -> None:
        match event.data:
            case {"buyer": str() as buyer, "ref": str() as ref}:
                trade = self._trades.get((buyer, event.agent, ref))
                if trade is not None:
                    trade.stage, trade.latest = f"{event.agent} sent the goods, and {buyer} never accepted them", seq

    def _goods_accepted(self, seq: int, event: Event) -> None:
        match event.data:
            case {"seller": str() as seller, "ref": str() as ref}:
                trade = self._trades.get((event.agent, seller, ref))
                if trade is not None:
                    trade.done, trade.latest = True, seq

    def _ended(self, seq: int, _event: Event) -> None:
        self._end = seq

    def verdict(self) -> Verdict:
        if self._end is None:
            return vacuous(NOT_ENDED)
        for (buyer, seller, ref), trade in self._trades.items():
            if not trade.done:
                what = f"{buyer} bid to {seller} under {ref} at tick {trade.tick}, and {trade.stage}"
                return violated(what, *dict.fromkeys((trade.placed, trade.latest)), self._end)
        for buyer, (seller, seq) in () if self._disturbed else self._known.items():
            if buyer in self._buyers and buyer not in self._bidders:
                return violated(
                    f"nothing went wrong, and {buyer}, which had discovered {seller}, never bid", seq, self._end
                )
        if not self._trades:
            return vacuous("no honest buyer bid to an honest seller")
        return holds(f"{len(self._trades)} bid(s), each ended in goods", *(one.latest for one in self._trades.values()))


PROPERTY = Property(
    name="commerce_trade_completes",
    claim="A bid of an honest buyer to an honest seller ends in goods; in a quiet run, a buyer that finds one bids.",
    parts=("registry", "payments", "privacy", "trust"),
    watch=_TradeCompletes,
)
