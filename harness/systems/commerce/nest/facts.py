"""What a trace says, line by line: the markers of those whose doing they state, and what the simulator saw.

Owns whose word counts. A marker counts from its principal alone, a score from the auditor alone; where no auditor takes
part, from the first who scored somebody that trades, unless it trades itself. What came first of a principal's own
words stays (a repetition is no news), except that the auditor's last word on a score is its word.
"""

from typing import NamedTuple

from crosslayer.harness.systems.commerce.nest.deliveries import Deliveries
from crosslayer.harness.systems.commerce.nest.gossip import Knowledge
from crosslayer.harness.systems.commerce.nest.lines import BROADCAST, DROPPED, RECEIVED, SENT, START, STOP, Line
from crosslayer.harness.systems.commerce.nest.markers import (
    BID_MARKER,
    RECEIPT_PREFIX,
    SCORE_PREFIX,
    Bid,
    Closed,
    Deal,
    Discovered,
    Fulfilled,
    Opened,
    is_corrupt,
    read,
    read_score,
    role,
)
from crosslayer.harness.systems.commerce.nest.opacity import Finder, Opacity

AUDITOR = "auditor"


class Found(NamedTuple):
    """A buyer's discovery: where it says so, and whether by then word of the seller had reached it."""

    line: int
    ts: float
    told: bool


class Stated(NamedTuple):
    """A bid, where its bidder says so."""

    line: int
    ts: float


class Opinion(NamedTuple):
    """A score, and where it is told."""

    line: int
    score: float
    confidence: float


class Facts:
    """Everything that matters of the lines so far. Only honest buyers' deals are kept: nobody else was promised any."""

    def __init__(self, shown: Finder, shown_amount: Finder) -> None:
        self.started: dict[str, None] = {}
        self.stopped = False
        self.received = False
        """Whether the trace tells what arrived at all."""
        self.discovered: dict[tuple[str, str], Found] = {}
        self.bids: dict[Deal, Stated] = {}
        self.opened: dict[Deal, int] = {}
        self.closed: dict[Deal, tuple[int, int]] = {}
        """Of each stream that was closed, the line and the total of its payer's last word."""
        self.fulfilled: dict[Deal, int] = {}
        self.issuers: dict[str, None] = {}
        """Who filed a receipt of its own."""
        self.deliveries = Deliveries()
        self.opacity = Opacity(shown, shown_amount)
        self._knowledge = Knowledge()
        self._agents: dict[str, None] = {}
        self._scores: dict[str, dict[str, Opinion]] = {}
        self._score_corrs: dict[tuple[str, str, str], None] = {}

    def take(self, line: Line) -> None:
        """Take in the next line."""
        kind = line.kind
        if line.agent not in self._agents:
            self._agents[line.agent] = None
        if kind == RECEIVED:
            self.received = True
            self._knowledge.received(line)
            self._message(line, line.agent)
        elif kind == DROPPED:
            self._message(line, line.agent)
        elif kind == SENT:
            self._knowledge.sent(line)
            self._receipt(line)
            self._message(line, line.peer)
        elif kind == BROADCAST:
            self._broadcast(line)
        elif kind == START:
            self.started[line.agent] = None
        elif kind == STOP:
            self.stopped = True

    def _message(self, line: Line, to: str) -> None:
        self.deliveries.message(line)
        sender = line.sender
        if not is_corrupt(sender) and not _states_bid(sender, line.msg):
            self.opacity.message(line, to)

    def _receipt(self, line: Line) -> None:
        if line.msg.startswith(RECEIPT_PREFIX) and line.msg.startswith(f"{RECEIPT_PREFIX}{line.agent}:"):
            self.issuers[line.agent] = None

    def _broadcast(self, line: Line) -> None:
        agent, msg = line.agent, line.msg
        self._receipt(line)
        if msg.startswith(SCORE_PREFIX):
            self._scored(line)
        if is_corrupt(agent):
            return
        marker = read(agent, msg)
        if not isinstance(marker, Bid):
            self.opacity.message(line, "")
        match marker:
            case Discovered(buyer, seller):
                told = self._knowledge.knows(buyer, seller)
                self.discovered.setdefault((buyer, seller), Found(line.number, line.ts, told))
            case Bid(deal):
                self.bids.setdefault(deal, Stated(line.number, line.ts))
                self.deliveries.stated(deal)
                self.opacity.stated(marker)
            case Opened(deal):
                self.opened.setdefault(deal, line.number)
                self.deliveries.stated(deal)
            case Closed(deal, total):
                self.closed[deal] = (line.number, total)
            case Fulfilled(deal):
                self.fulfilled.setdefault(deal, line.number)

    # Who takes part

    def participants(self) -> dict[str, None]:
        """The agents that started; where the trace does not tell, all that do anything in it."""
        return self.started or self._agents

    def trades(self, name: str) -> bool:
        """Whether this agent takes part in trade: an agent of the run, and no auditor; or a party to an honest deal."""
        parties = (party for deal in (*self.bids, *self.opened) for party in deal[:2])
        return (name in self.participants() and role(name) != AUDITOR) or name in parties

    # Scores

    def _scored(self, line: Line) -> None:
        scored = read_score(line.msg)
        # Once an auditor is known to take part, nobody else's scores will ever count.
        if scored is None or (role(line.agent) != AUDITOR and any(role(name) == AUDITOR for name in self.started)):
            return
        key = (line.agent, line.corr, scored.about)
        if line.corr and key in self._score_corrs:
            return
        self._score_corrs[key] = None
        opinions = self._scores.setdefault(line.agent, {})
        opinions[scored.about] = Opinion(line.number, scored.score, scored.confidence)

    def scores(self) -> dict[str, Opinion]:
        """The scores that count, by agent."""
        participants = self.participants()
        if any(role(name) == AUDITOR for name in participants):
            judges = [name for name in self._scores if role(name) == AUDITOR and name in participants]
        else:
            judges = [
                name
                for name, opinions in self._scores.items()
                if not self.trades(name) and any(self.trades(about) for about in opinions)
            ]
            judges = judges[:1]
        scores: dict[str, Opinion] = {}
        for opinions in (self._scores[judge] for judge in judges):
            for about, opinion in opinions.items():
                if about not in scores or scores[about].line < opinion.line:
                    scores[about] = opinion
        return scores


def _states_bid(agent: str, msg: str) -> bool:
    """Whether a message is the marker of its sender's bid, on its way to others."""
    return msg.startswith(BID_MARKER) and isinstance(read(agent, msg), Bid)
