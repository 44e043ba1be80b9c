"""How corrupt agents trade receipts: edges that build rings, stars, chains and tails.

Owns the shapes of collusion. A shape is nothing but wash trades, edge by edge, so that shrinking can take any of
them away.
"""

from itertools import pairwise

from hypothesis import strategies as st

from harness.steps import WashTrade

SHAPES = ("edge", "pair", "chain", "ring", "star", "tailed ring")
"""From the simplest on."""

CORRUPT = 8
"""The most corrupt agents of a drawn population."""


def collusion(shape: str, start: int, size: int) -> tuple[WashTrade, ...]:
    """The wash trades of a shape among `size` corrupt agents in a row from `start` on."""
    members = tuple(range(start, start + size))
    chain = tuple(WashTrade(issuer, partner) for issuer, partner in pairwise(members))
    match shape:
        case "edge":
            return (WashTrade(start, start + size - 1),)
        case "pair":
            return (WashTrade(start, start + size - 1), WashTrade(start + size - 1, start))
        case "chain":
            return chain
        case "ring":
            return (*chain, WashTrade(members[-1], start))
        case "star":
            return tuple(WashTrade(start, partner) for partner in members[1:])
        case "tailed ring":
            return (*chain, WashTrade(members[-1], start), WashTrade(start, start + size))
    raise ValueError(f"there is no shape {shape!r}")


def collusions() -> st.SearchStrategy[tuple[WashTrade, ...]]:
    """Any shape, from one edge to a ring of all corrupt agents with a tail."""
    return st.builds(
        collusion, shape=st.sampled_from(SHAPES), start=st.integers(0, CORRUPT - 1), size=st.integers(2, CORRUPT)
    )
