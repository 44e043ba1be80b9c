"""Which bids and which goods arrived, and which bids are known to be lost.

Owns that. Only the simulator writes what was received, so nobody can forge it; but anybody can send anything, and so a
bid is known by the bytes that its bidder sent after saying that it bids, and goods by who sent them to whom.
"""

import hashlib

from crosslayer.harness.systems.commerce.nest.lines import DROPPED, RECEIVED, SENT, Line
from crosslayer.harness.systems.commerce.nest.markers import ACK_PREFIX, BID_PREFIX, Deal, is_corrupt

ORPHANS_MAX = 64
"""Distinct bids that are remembered of a sender to a receiver before it has said that it bids."""

_Copy = tuple[str, str, str]
"""Sender, receiver and digest of a bid's envelope."""


class Deliveries:
    """The fate of bids and goods, so far."""

    def __init__(self) -> None:
        self.goods: dict[Deal, int] = {}
        """The line in which the goods of a deal arrived first; only of deals that the buyer had made by then."""
        self.sent_goods: dict[Deal, None] = {}
        self._deals: dict[Deal, None] = {}
        self._current: dict[tuple[str, str], Deal] = {}
        self._envelopes: dict[Deal, dict[_Copy, None]] = {}
        self._orphans: dict[tuple[str, str], dict[_Copy, None]] = {}
        self._arrived: dict[_Copy, None] = {}
        self._under_way: dict[_Copy, dict[str, bool]] = {}

    def stated(self, deal: Deal) -> None:
        """The buyer says that it makes this deal, and what bid it sends from now on."""
        self._deals[deal] = None
        pair = deal[:2]
        if self._current.get(pair) != deal:
            self._current[pair] = deal
            self._envelopes.setdefault(deal, {}).update(self._orphans.pop(pair, {}))

    def message(self, line: Line) -> None:
        """A message was sent to somebody, received or dropped."""
        if line.msg.startswith(BID_PREFIX):
            self._bid(line)
        elif line.msg.startswith(ACK_PREFIX):
            self._goods(line)

    def arrived(self, deal: Deal) -> bool:
        """Whether a copy of the deal's bid arrived as it was sent."""
        return any(copy in self._arrived for copy in self._envelopes.get(deal, ()))

    def lost(self, deal: Deal) -> bool:
        """Whether the trace shows that every copy of the deal's bid was dropped."""
        fates = [lost for copy in self._envelopes.get(deal, ()) for lost in self._under_way.get(copy, {}).values()]
        return bool(fates) and all(fates) and not self.arrived(deal)

    def _bid(self, line: Line) -> None:
        sender, receiver = (line.agent, line.peer) if line.kind == SENT else (line.peer, line.agent)
        if is_corrupt(sender):
            return
        copy = (sender, receiver, hashlib.sha256(line.msg.encode("utf-8", "surrogatepass")).hexdigest())
        if line.kind == SENT:
            self._send(copy, line.corr)
        elif copy not in self._under_way:
            return  # changed on its way, so no agent's bid
        elif line.kind == DROPPED:
            self._under_way[copy][line.corr] = True
        else:
            self._arrived[copy] = None

    def _send(self, copy: _Copy, corr: str) -> None:
        if copy not in self._under_way:
            pair = copy[:2]
            deal = self._current.get(pair)
            copies = self._orphans.setdefault(pair, {}) if deal is None else self._envelopes[deal]
            if deal is None and len(copies) >= ORPHANS_MAX:
                return
            copies[copy] = None
            self._under_way[copy] = {}
        self._under_way[copy].setdefault(corr, False)

    def _goods(self, line: Line) -> None:
        ref = line.msg.removeprefix(ACK_PREFIX)
        if line.kind == SENT:
            deal = Deal(line.peer, line.agent, ref)
            if deal in self._deals:
                self.sent_goods[deal] = None
        elif line.kind == RECEIVED:
            deal = Deal(line.agent, line.peer, ref)
            if deal in self._deals:
                self.goods.setdefault(deal, line.number)
