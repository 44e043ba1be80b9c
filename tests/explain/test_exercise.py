"""A stack that exercises less than the reference says so, for it passes more easily."""

from typing import Any

from crosslayer.harness.explain.exercise import CASES, idle
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.commands.invoking import crosslayer
from tests.commerce import HUNT_SCENARIO
from tests.play import with_operations


def refuses(*_: Any) -> None:
    """No stream is ever opened."""
    raise Refused("not today")


def timid(roster: Any) -> Any:
    """Payments that open no stream."""
    return with_operations("payments", open_stream=refuses).factory("payments")(roster)


def test_a_stack_without_trade_exercises_less() -> None:
    """Where no stream is opened, hardly any bid is placed, and the promises about bids are named with both numbers."""
    stack = build([f"payments={__name__}:timid"])
    found = {one.name: one for one in idle(Judgement(HUNT_SCENARIO, stack, ALL), 0)}

    assert {"commerce_discovery_precedes_bid", "commerce_trade_completes", "commerce_delivery_rewarded"} <= found.keys()
    assert all(one.here * 2 < one.reference <= CASES for one in found.values())


def test_the_reference_is_not_compared_with_itself() -> None:
    """Neither is a stack that exercises as much."""
    assert [] == [*idle(Judgement(HUNT_SCENARIO, REFERENCE, ALL), 0)]
    assert [] == [*idle(Judgement(HUNT_SCENARIO, build(["payments=pay_on_close"]), ALL), 0)]


def test_the_last_line_of_a_hunt_says_so() -> None:
    """It stands behind the verdict, where nothing is broken."""
    words = ("--stack", f"payments={__name__}:timid", "--invariant", "bid_opacity", "--examples", 10, "--in-process")
    line = crosslayer("hunt", *words).stdout.splitlines()[-1]

    assert "Less than usual: commerce_bid_opacity was exercised in " in line
    assert line.endswith(f" of {CASES} cases, and in {CASES} by the reference.")
