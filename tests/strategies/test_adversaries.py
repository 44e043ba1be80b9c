import networkx as nx
import pytest
from hypothesis import find, given

from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.plans import CORRUPT, SHAPES, collusion
from crosslayer.harness.systems.commerce.steps import WashTrade
from tests.commerce import plans
from tests.play import facts, played


@pytest.mark.parametrize(
    ("shape", "edges"),
    [
        ("edge", [(1, 3)]),
        ("pair", [(1, 3), (3, 1)]),
        ("chain", [(1, 2), (2, 3)]),
        ("ring", [(1, 2), (2, 3), (3, 1)]),
        ("star", [(1, 2), (1, 3)]),
        ("tailed ring", [(1, 2), (2, 3), (3, 1), (1, 4)]),
    ],
)
def test_shape(shape: str, edges: list[tuple[int, int]]) -> None:
    """A shape among three agents in a row is these wash trades."""
    assert edges == [(trade.issuer, trade.counterparty) for trade in collusion(shape, 1, 3)]


def test_every_shape_is_tested() -> None:
    """There are no other shapes, and a misspelt one is refused."""
    assert ("edge", "pair", "chain", "ring", "star", "tailed ring") == SHAPES
    with pytest.raises(ValueError, match="there is no shape 'square'"):
        collusion("square", 0, 3)


@given(plans("collude"))
def test_collusion_is_nothing_but_wash_trades(trades: tuple[WashTrade, ...]) -> None:
    """Whatever its shape, a collusion is a schedule of wash trades, at most one per agent and one more."""
    assert all(isinstance(trade, WashTrade) for trade in trades)
    assert len(trades) <= CORRUPT + 1


def test_large_rings_are_drawn() -> None:
    """Rings of all corrupt agents are among the collusions."""

    def is_ring(trades: tuple[WashTrade, ...]) -> bool:
        graph: nx.DiGraph[int] = nx.DiGraph(
            [(trade.issuer % CORRUPT, trade.counterparty % CORRUPT) for trade in trades]
        )
        return len(graph) == CORRUPT and nx.is_strongly_connected(graph)

    assert CORRUPT <= len(find(plans("collude"), is_ring))


def test_ring_reaches_the_auditor() -> None:
    """A ring of three is three reported receipts, each from one corrupt agent about the next."""
    ring = collusion("ring", 0, 3)

    reported = facts(played(*ring, population=Population(1, 1, 1, 2)).events, "reported")

    edges = {(one["about"], one["partner"]) for one in reported if one["id"].startswith("wash:")}
    assert {("shill_seller-0", "shill-0"), ("shill-0", "shill-1"), ("shill-1", "shill_seller-0")} == edges
