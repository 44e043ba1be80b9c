"""What must be true of every run: six joint invariants, and beside them the contract of each part.

One module for each claim. They see events and nothing else, so a stored trace is judged exactly like a
live run.

Facts are read with patterns such as `str() as name`, never `str(name)`: Python asks the class for its match
arguments in the second form, which takes six times as long, and a run has thousands of facts.
"""

from crosslayer.harness.model.verdicts import Property
from crosslayer.properties.commerce import (
    bid_opacity,
    delivery_rewarded,
    discovery_precedes_bid,
    reputation_earned,
    trade_completes,
    undelivered_penalized,
)
from crosslayer.properties.commerce.contracts import CONTRACTS

__all__ = ["ALL", "CONTRACTS", "JOINT", "PUBLISHED"]

PUBLISHED: tuple[Property, ...] = (
    discovery_precedes_bid.PROPERTY,
    bid_opacity.PROPERTY,
    undelivered_penalized.PROPERTY,
    delivery_rewarded.PROPERTY,
)
"""The four of the original scenario, by which foreign traces of it can be judged, too."""

JOINT: tuple[Property, ...] = (*PUBLISHED, trade_completes.PROPERTY, reputation_earned.PROPERTY)
"""The promises that no layer makes alone."""

ALL: tuple[Property, ...] = (*JOINT, *CONTRACTS)
"""Everything there is to watch."""
