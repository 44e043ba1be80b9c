"""Whether the bids of honest bidders can be read by anyone who sees their messages.

Owns which messages are searched for what. What a leak looks like is handed in.

The plaintext of a bid is looked for in every message of its bidder, except in the marker that states it. Others may
say what they like: the marker has told everybody, so their words betray no secret of the privacy layer. In the bid
itself its amount alone is looked for, too. A message may come before the marker that states its bid; so bids, and
whatever has the beginning of a plaintext in it, are remembered for a while.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from crosslayer.harness.systems.commerce.nest.lines import Line
from crosslayer.harness.systems.commerce.nest.markers import BID_PREFIX, Bid, plaintext

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
    is_suspicious: bool


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
        self._texts: dict[str, dict[str, None]] = {}
        self._amounts: dict[tuple[str, str], dict[str, None]] = {}
        self._remembered: dict[str, deque[_Message]] = {}

    def stated(self, bid: Bid) -> None:
        """An honest bidder says what it bids."""
        buyer, seller, ref = bid.deal
        text = plaintext(bid.amount, buyer, ref)
        self._texts.setdefault(buyer, {})[text] = None
        amounts = self._amounts.setdefault((buyer, seller), {})
        news = (bid.amount,) if bid.amount not in amounts else ()
        amounts[bid.amount] = None
        for message in self._remembered.get(buyer, ()):
            self._search(message, buyer, (text,), news if message.to == seller else ())

    def message(self, line: Line, to: str) -> None:
        """An honest agent's message to `to`, or to everybody; not the marker of its bid."""
        is_bid = line.msg.startswith(BID_PREFIX)
        data = line.msg.encode("utf-8", "surrogatepass")
        is_suspicious = self._shown(data, BEGINNING) is not None
        if not is_bid and not is_suspicious:
            return
        bidder = line.sender
        if is_bid:
            self.searched.setdefault(bidder, line.number)
        message = _Message(line.number, line.ts, to, data, is_bid, is_suspicious)
        remembered = self._remembered.setdefault(bidder, deque(maxlen=REMEMBERED_MAX))
        if not any(message[2:] == one[2:] for one in remembered):
            remembered.append(message)
            self._search(message, bidder, self._texts.get(bidder, ()), self._amounts.get((bidder, to), ()))

    def _search(self, message: _Message, bidder: str, texts: Iterable[str], amounts: Iterable[str]) -> None:
        """Look for whole plaintexts where one begins, and for amounts in a bid."""
        data = message.data
        if message.is_suspicious and (self.leak is None or self.literal is None):
            for text in texts:
                if self.literal is None and message.is_bid and text.encode("utf-8", "surrogatepass") in data:
                    self.literal = self._found(message, bidder, "in clear")
                self._leaks(message, bidder, self._shown(data, text))
        if message.is_bid and self.leak is None:
            for amount in amounts:
                self._leaks(message, bidder, self._shown_amount(data[len(BID_PREFIX) :], amount))

    def _leaks(self, message: _Message, bidder: str, how: str | None) -> None:
        if how is not None and self.leak is None:
            self.leak = self._found(message, bidder, how)

    def _found(self, message: _Message, bidder: str, how: str) -> Leak:
        what = "bid message" if message.is_bid else "message"
        to = f" to {message.to}" if message.to else ""
        return Leak(message.line, f"a {what} of {bidder}{to} at tick {message.ts:g} shows its bid, {how}")
