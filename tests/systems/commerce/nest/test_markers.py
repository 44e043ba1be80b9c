"""NEST's words, and whose they are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslayer.harness.systems.commerce.nest import markers
from crosslayer.harness.systems.commerce.nest.markers import (
    Bid,
    Closed,
    Deal,
    Discovered,
    Fulfilled,
    Opened,
    Scored,
    read,
    read_score,
)

NAMES = st.text(st.characters(exclude_characters=":"), min_size=1)
DEALS = st.builds(Deal, NAMES, NAMES, st.text(min_size=1).filter(lambda ref: all(ref.split(":"))))
COUNTS = st.integers(0, 10**12)


@given(DEALS, COUNTS)
def test_what_is_said_is_read(deal: Deal, count: int) -> None:
    """Every marker is read from its principal, and from nobody else."""
    buyer, seller, _ = deal
    told = {
        markers.said_discovered(buyer, seller): (buyer, Discovered(buyer, seller)),
        markers.said_bid(deal, count): (buyer, Bid(deal, str(count))),
        markers.said_opened(deal, count): (buyer, Opened(deal)),
        markers.said_closed(deal, count): (buyer, Closed(deal, count)),
        markers.said_fulfilled(deal): (seller, Fulfilled(deal)),
    }
    for msg, (principal, marker) in told.items():
        assert marker == read(principal, msg)
        assert read("somebody-else", msg) is None


@pytest.mark.parametrize(
    "msg",
    [
        "",
        "x",
        "discovered",
        "discovered:b",
        "discovered:b:",
        "bidmeta:b:s:r",
        "bidmeta:b:s::150",
        "stream:b:s:r:1",
        "stream:open:b:s:1",
        "stream:close:b:s:r:ten",
        "stream:close:b:s:r:-1",
        "stream:close:b:s:r:" + "9" * 5000,
        "fulfilled:b:s",
        "negative:b:s:r",
    ],
)
def test_junk_reads_as_nothing(msg: str) -> None:
    """Even from the principal."""
    assert read("b", msg) is None


@pytest.mark.parametrize(
    "msg", ["score:", "score:a", "score:a:1", "score::1:1", "score:a:x:1", "score:a:1_0:1", "a:1:1"]
)
def test_junk_is_no_score(msg: str) -> None:
    """A score has an agent, a score and a confidence, and both are numbers."""
    assert read_score(msg) is None


@given(st.text(min_size=1), st.floats(), st.floats())
def test_scores_are_read(about: str, score: float, confidence: float) -> None:
    """Whatever the agent is called, and even if they are no numbers."""
    found = read_score(markers.said_score(about, score, confidence))

    assert isinstance(found, Scored)
    assert about == found.about
    assert (math.isnan(score), math.isnan(confidence)) == (math.isnan(found.score), math.isnan(found.confidence))


def test_roles_are_in_names() -> None:
    """With or without a number."""
    assert ["shill_seller", "auditor", "auditor", "x-y"] == [
        markers.role(name) for name in ("shill_seller-12", "auditor-0", "auditor", "x-y")
    ]
    assert [True, True, False] == [markers.is_corrupt(name) for name in ("shill_seller-0", "shill-1", "seller-0")]
