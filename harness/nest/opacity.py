"""Whether the bids of honest bidders can be read by whoever sees their messages.

Owns which messages are searched for what. What a leak looks like is handed in.

The plaintext of a bid is looked for in every message of its bidder, except in the marker that states it. Others may
say what they like: the marker has told everybody, so their words betray no secret of the privacy layer. In the bid
itself its amount alone is looked for, too. A message may come before the marker that states its bid; so bids, and
whatever has the beginning of a plaintext in it, are remembered for a while.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from harness.nest.lines import Line
from harness.nest.markers import BID_PREFIX, Bid, plaintext

Finder = Callable[[bytes, str], str | None]
"""In which encoding a message shows a text (or an amount), or None."""

BEGINNING = "bidamount:"
"""How every plaintext begins."""

REMEMBERED_MAX = 64
"""Messages that are remembered of a bidder."""


class Leak(NamedTuple):
    """A message in which a bid can be read: its line, and what it shows, in words."""

    line: int
    told: str


class _Message(NamedTuple):
    line: int
    ts: float
    to: str
    data: bytes
    is_bid: bool


class Opacity:
    """The first leak so far, and how many bids went over the wire."""

    def __init__(self, shown: Finder, shown_amount: Finder) -> None:
        self.leak: Leak | None = None
        """The first message in which any common encoding of a bid was found."""
        self.literal: Leak | None = None
        """The first wire bid that has a plaintext in it, literally: the published rule sees no other."""
        self.searched: dict[str, int] = {}
        """A line for each bidder whose bids went over the wire."""
        self._shown, self._shown_amount = shown, shown_amount
        self._bids: dict[str, list[Bid]] = {}
        self._remembered: dict[str, deque[_Message]] = {}

    def stated(self, bid: Bid) -> None:
        """An honest bidder says what it bids."""
        bids = self._bids.setdefault(bid.deal.buyer, [])
        if bid not in bids:
            bids.append(bid)
            for message in self._remembered.get(bid.deal.buyer, ()):
                self._search(message, bid)

    def message(self, line: Line, to: str) -> None:
        """An honest agent's message to `to`, or to everybody; not the marker of its bid."""
        is_bid = line.msg.startswith(BID_PREFIX)
        data = line.msg.encode("utf-8", "surrogatepass")
        if not is_bid and self._shown(data, BEGINNING) is None:
            return
        bidder = line.sender
        if is_bid:
            self.searched.setdefault(bidder, line.number)
        message = _Message(line.number, line.ts, to, data, is_bid)
        remembered = self._remembered.setdefault(bidder, deque(maxlen=REMEMBERED_MAX))
        if not any(message[2:] == one[2:] for one in remembered):
            remembered.append(message)
            for bid in self._bids.get(bidder, ()):
                self._search(message, bid)

    def _search(self, message: _Message, bid: Bid) -> None:
        deal, data = bid.deal, message.data
        text = plaintext(bid.amount, deal.buyer, deal.ref)
        what = "message" if not message.is_bid else "bid message"
        told = (
            f"a {what} of {deal.buyer}{f' to {message.to}' if message.to else ''} at tick {message.ts:g} shows its bid"
        )
        if self.literal is None and message.is_bid and text.encode("utf-8", "surrogatepass") in data:
            self.literal = Leak(message.line, f"{told}, in clear")
        if self.leak is None:
            how = self._shown(data, text)
            if how is None and message.is_bid and message.to == deal.seller:
                how = self._shown_amount(data[len(BID_PREFIX) :], bid.amount)
            if how is not None:
                self.leak = Leak(message.line, f"{told}, {how}")
