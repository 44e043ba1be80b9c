from typing import Any

import pytest

from crosslayer.harness.explain.reasons import Explanation, explain
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.steps import Crash, Drop, Partition, RunUntil, Step, deviations
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.commerce import schedule_from
from tests.play import HONEST, TIMING, scenario
from tests.watching import never

ROBBERY = Population(2, 0, 1)
BID = RunUntil("bid sent")


def _late_or_lost(event: Event) -> bool:
    late = event.tick > TIMING.discovery_start + TIMING.resend_interval
    return event.message is not None and event.message.kind == "bid" and (late or event.kind == "drop")


COMPLAINT = never("complaint", "complained")
COMPLAINT_OF_FIRST = never("complaint_of_first", "complained", test=lambda event: event.agent == "buyer-0")
LATE_BID = never("late_bid", "deliver", "drop", test=_late_or_lost)
UNDELIVERED = "commerce_undelivered_penalized"


def _explained(name: str, population: Population, *steps: Step, stack: str = "") -> Explanation:
    judgement = Judgement(scenario(), build([stack] if stack else []), (*ALL, COMPLAINT, COMPLAINT_OF_FIRST, LATE_BID))
    case = Case(population, steps)
    assert judgement.breaks(name, case)
    return explain(judgement, name, case)


def test_removal_tells_what_would_happen() -> None:
    """Of every step it is said what the property says without it, and that it is needed."""
    (reason,) = _explained(UNDELIVERED, ROBBERY, Withhold(), stack="trust=score_average").reasons

    assert "shill_seller-0 will withhold the goods of buyer-0" == reason.step
    assert "vacuous: nobody withheld: every honest buyer that paid got its goods" == reason.without
    assert reason.needed


def test_superfluous_step_is_not_needed() -> None:
    """A step without which the promise breaks all the same is not called needed."""
    reasons = _explained("complaint", ROBBERY, WashTrade(), Withhold()).reasons

    assert [False, True] == [reason.needed for reason in reasons]
    assert reasons[0].without.startswith("violated: ")


def test_order_matters_or_is_free() -> None:
    """Each step is swapped with the next: that shows whether their order matters; the last has no next."""
    reasons = _explained("late_bid", HONEST, BID, Drop("bid")).reasons
    independent = _explained("complaint", ROBBERY, Withhold(0, 0), Withhold(0, 1)).reasons

    assert ["matters", ""] == [reason.order for reason in reasons]
    assert ["free", ""] == [reason.order for reason in independent]


def test_free_numbers_are_listed() -> None:
    """Of every number, the other values that do as well are listed, and no others."""
    (reason,) = _explained("complaint_of_first", ROBBERY, Withhold()).reasons

    assert {"seller": [1, 2, 3, 4, 5, 6, 7, 8], "buyer": [2, 4, 6, 8]} == reason.free


@pytest.mark.parametrize(
    ("name", "population", "steps", "weaker"),
    [
        ("late_bid", HONEST, (BID, Drop("bid"), RunUntil("complaint sent")), ("Delay",)),
        ("late_bid", HONEST, (BID, Partition((0, 1)), RunUntil("complaint sent")), ("Cut",)),
        ("complaint", HONEST, (BID, Crash(1), RunUntil("complaint sent")), ("Cut",)),
        ("complaint", ROBBERY, (Withhold(),), ("DeliverLate",)),
    ],
    ids=["delay-for-drop", "cut-for-partition", "cut-for-crash", "late-for-never"],
)
def test_weaker_fault_is_named(name: str, population: Population, steps: tuple[Step, ...], weaker: Any) -> None:
    """Where a fault that does less breaks the promise, too, it is named."""
    reasons = _explained(name, population, *steps).reasons

    assert weaker == next(reason.weaker for reason, step in zip(reasons, steps, strict=True) if deviations((step,)))


def test_weaker_fault_that_does_not_do_is_not_named() -> None:
    """Late goods do reach the buyer: they are no substitute for goods that never come."""
    (reason,) = _explained(UNDELIVERED, ROBBERY, Withhold(), stack="trust=score_average").reasons

    assert () == reason.weaker


@pytest.mark.parametrize(
    ("name", "population", "steps", "change"),
    [
        ("complaint_of_first", ROBBERY, (Withhold(),), "buyer 1 instead of 0"),
        ("late_bid", HONEST, (BID, Drop("bid")), "left out"),
    ],
    ids=["one-number", "one-step"],
)
def test_nearest_passing_run_passes(name: str, population: Population, steps: tuple[Step, ...], change: str) -> None:
    """The nearest run that passes differs in one number or one step, and does keep the promise."""
    passing = _explained(name, population, *steps).passing

    assert passing is not None
    assert passing["change"].endswith(f": {change}")
    judgement = Judgement(scenario(), REFERENCE, (COMPLAINT_OF_FIRST, LATE_BID))
    assert not judgement.breaks(name, Case(population, schedule_from(passing["schedule"], "passing")))


def test_happy_path_has_nothing_to_explain() -> None:
    """Where no step is needed, there is no reason and no nearer run that passes."""
    explanation = _explained("commerce_bid_opacity", HONEST, stack="privacy=noop")

    assert Explanation((), None) == explanation


def test_reason_as_json() -> None:
    """A reason's JSON has the keys that the files document."""
    (reason,) = _explained(UNDELIVERED, ROBBERY, Withhold(), stack="trust=score_average").reasons

    assert ["step", "needed", "without", "order", "free", "weaker"] == list(reason.to_json())
