"""NEST's markers: what agents broadcast about themselves, in words and back.

Owns the words. Reading needs to know who broadcast, because a marker has one principal, the agent whose doing it
states: from anybody else it is no evidence, and reads as nothing. So nobody can state, deny or forestall another's
doing. Junk reads as nothing, too.
"""

import re
from typing import NamedTuple

from crosslayer.harness.systems.commerce.nouns import CORRUPT_ROLES

BID_PREFIX, ACK_PREFIX, SCORE_PREFIX, BID_MARKER = "bid:", "ack:", "score:", "bidmeta:"
RECEIPT_PREFIX = "receipt:"
PUSH_PREFIX, DIGEST_PREFIX = "GOSSIP|P", "GOSSIP|D"

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|[-+]?(?:nan|inf|infinity)", re.IGNORECASE | re.ASCII)
_DIGITS_BOUND = 18
"""Digits of an amount; more is junk."""


class Deal(NamedTuple):
    """A purchase: who buys from whom, under which reference."""

    buyer: str
    seller: str
    ref: str


class Discovered(NamedTuple):
    """The buyer says: I found this seller."""

    buyer: str
    seller: str


class Bid(NamedTuple):
    """The buyer says: I bid so much. `amount` is as written."""

    deal: Deal
    amount: str


class Opened(NamedTuple):
    """The buyer says: I opened a stream."""

    deal: Deal


class Closed(NamedTuple):
    """The buyer says: my stream is closed, and has paid `total` credits."""

    deal: Deal
    total: int


class Fulfilled(NamedTuple):
    """The seller says: I delivered."""

    deal: Deal


class Scored(NamedTuple):
    """Somebody says: this agent's score is so much. Numbers may be nan or infinite."""

    about: str
    score: float
    confidence: float


Marker = Discovered | Bid | Opened | Closed | Fulfilled


def role(name: str) -> str:
    """The role in an agent's name: `shill_seller-1` is a `shill_seller`, `auditor` an `auditor`."""
    stem, _, number = name.rpartition("-")
    return stem if stem and number.isdigit() else name


def is_corrupt(name: str) -> bool:
    """Whether this agent is the adversary's: nothing was promised to it, and its word about itself proves nothing."""
    return role(name) in CORRUPT_ROLES


def read(agent: str, msg: str) -> Marker | None:
    """The marker that an agent broadcast about itself; None if it is another's, junk, or none at all."""
    word, _, rest = msg.partition(":")
    if word == "stream":
        act, _, rest = rest.partition(":")
        word = f"{word}:{act}"
    if word not in _PRINCIPAL_FIRST or not rest.startswith(f"{agent}:"):
        return None
    said = rest[len(agent) + 1 :].split(":")
    if not all(said):
        return None
    if word == "discovered":
        return Discovered(agent, ":".join(said))
    if word == "fulfilled":
        return Fulfilled(Deal(said[0], agent, ":".join(said[1:]))) if len(said) > 1 else None
    if len(said) < 3:  # noqa: PLR2004 - the other agent, a reference, a number
        return None
    return _of_buyer(word, Deal(agent, said[0], ":".join(said[1:-1])), said[-1])


_PRINCIPAL_FIRST = ("discovered", "bidmeta", "stream:open", "stream:close", "fulfilled")


def _of_buyer(word: str, deal: Deal, last: str) -> Marker | None:
    if word == "stream:open":
        return Opened(deal)
    if word == "bidmeta":
        return Bid(deal, last)
    whole = last.isascii() and last.isdigit() and len(last) <= _DIGITS_BOUND
    return Closed(deal, int(last)) if whole else None


def read_score(msg: str) -> Scored | None:
    """A `score:` marker, broadcast by any agent; None if it is junk or none at all."""
    if not msg.startswith(SCORE_PREFIX):
        return None
    about, _, numbers = msg.removeprefix(SCORE_PREFIX).rpartition(":")
    about, _, score = about.rpartition(":")
    if not about or not _NUMBER.fullmatch(score) or not _NUMBER.fullmatch(numbers):
        return None
    return Scored(about, float(score), float(numbers))


def plaintext(amount: int | str, buyer: str, ref: str) -> str:
    """A bid before it is sealed."""
    return f"bidamount:{amount}:from:{buyer}:ref:{ref}"


def said_discovered(buyer: str, seller: str) -> str:
    """The buyer's word that it found a seller."""
    return f"discovered:{buyer}:{seller}"


def said_bid(deal: Deal, amount: int) -> str:
    """The buyer's word of what it bids."""
    return f"bidmeta:{':'.join(deal)}:{amount}"


def said_opened(deal: Deal, rate: int) -> str:
    """The buyer's word that a stream pays from now on."""
    return f"stream:open:{':'.join(deal)}:{rate}"


def said_closed(deal: Deal, total: int) -> str:
    """The buyer's word of what a stream has paid."""
    return f"stream:close:{':'.join(deal)}:{total}"


def said_fulfilled(deal: Deal) -> str:
    """The seller's word that it delivered."""
    return f"fulfilled:{deal.seller}:{deal.buyer}:{deal.ref}"


def said_negative(deal: Deal) -> str:
    """The buyer's word that it paid and got nothing."""
    return f"negative:{':'.join(deal)}"


def said_score(about: str, score: float, confidence: float) -> str:
    """The auditor's word of an agent's score."""
    return f"score:{about}:{score:.6f}:{confidence:.6f}"
