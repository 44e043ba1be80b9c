from collections.abc import Callable
from typing import Any

import attrs
import pytest

from crosslayer.harness.explain.blame import blame
from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.steps import Partition, RunUntil
from crosslayer.harness.model.verdicts import Handler, Outcome, Property, Verdict
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population, Score
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.play import scenario, with_operations

DISCOVERY = "commerce_discovery_precedes_bid"
OPACITY = "commerce_bid_opacity"
UNDELIVERED = "commerce_undelivered_penalized"
REWARDED = "commerce_delivery_rewarded"

HAPPY = Case(Population(1, 1), ())
ROBBED = Case(Population(2, 0, 1), (Withhold(),))
SPLIT = Case(Population(1, 1), (Partition((0, 1)), RunUntil("bid sent")))

ODD_RATE = 11


def _blamed(stack: Stack, name: str, case: Case) -> tuple[str, ...]:
    judgement = Judgement(scenario(), stack, ALL)
    assert not stack.swapped() or judgement.breaks(name, case)
    return blame(judgement, name, case)


@pytest.mark.parametrize(
    ("swap", "name", "case"),
    [
        ("registry=in_memory", DISCOVERY, SPLIT),
        ("privacy=noop", OPACITY, HAPPY),
        ("trust=score_average", UNDELIVERED, ROBBED),
        ("payments=pay_on_close", REWARDED, HAPPY),
    ],
)
def test_swap_is_blamed_on_its_layer(swap: str, name: str, case: Case) -> None:
    """A single swap that breaks its promise is the one to blame."""
    assert (swap.partition("=")[0],) == _blamed(build([swap]), name, case)


@pytest.mark.parametrize(
    ("innocent", "guilty", "name", "case"),
    [
        ("registry=in_memory", "trust=score_average", UNDELIVERED, ROBBED),
        ("trust=score_average", "registry=in_memory", DISCOVERY, SPLIT),
        ("privacy=noop", "payments=pay_on_close", REWARDED, HAPPY),
        ("payments=pay_on_close", "privacy=noop", OPACITY, HAPPY),
    ],
)
def test_bystander_is_not_blamed(innocent: str, guilty: str, name: str, case: Case) -> None:
    """Of two layers that are not the reference, only the one that breaks this promise is blamed for it."""
    assert (guilty.partition("=")[0],) == _blamed(build([innocent, guilty]), name, case)


def test_either_of_two_suffices() -> None:
    """Where each of two parts breaks the promise by itself, no single replacement cures it, and both are blamed."""
    stack = build(
        ["trust=tests.defects.trust:ignores_complaints", "kernel=tests.defects.kernel:complaints_never_arrive"]
    )

    assert ("trust", "kernel") == _blamed(stack, UNDELIVERED, ROBBED)


def _odd_rate(real: Any, payer: str, ref: str) -> Any:
    stream = real.verify_payment(payer, ref)
    return stream and attrs.evolve(stream, rate=ODD_RATE)


def _forgiving(*, without_odd_rate: Callable[[Score], Score]) -> Stack:
    """A trust plugin that forgives everything where the ledger shows an odd rate; else it does this to the score."""

    def make(roster: Any) -> dict[str, Any]:
        real = REFERENCE.factory("trust")(roster)

        class Forgiving:
            def report(self, agent: str, evidence: Any) -> None:
                real["auditor-0"].report(agent, evidence)

            def score(self, agent: str) -> Score:
                score: Score = real["auditor-0"].score(agent)
                streams = [roster.ledger(payer, f"bid-{payer}") for payer in roster.names()]
                odd = any(stream is not None and stream.rate == ODD_RATE for stream in streams)
                return Score(0.9, score.confidence) if odd else without_odd_rate(score)

        return {name: Forgiving() for name in roster.names()}

    return REFERENCE.replace("trust", Choice("forgiving", make))


def _with_odd_rate(stack: Stack) -> Stack:
    return with_operations("payments", stack, verify_payment=_odd_rate)


def test_pair_that_is_guilty_together() -> None:
    """Where two layers break the promise only together, both are blamed, not whichever is looked at first."""
    forgiving = _forgiving(without_odd_rate=lambda score: score)
    alone = [Judgement(scenario(), stack, ALL) for stack in (forgiving, _with_odd_rate(REFERENCE))]

    assert [False, False] == [judgement.breaks(UNDELIVERED, ROBBED) for judgement in alone]
    assert ("payments", "trust") == _blamed(_with_odd_rate(forgiving), UNDELIVERED, ROBBED)


def test_fault_is_no_cure() -> None:
    """A replacement under which another plugin fails has kept no promise."""

    def fail(_score: Score) -> Score:
        raise RuntimeError("this rate is too even")

    assert ("trust",) == _blamed(_with_odd_rate(_forgiving(without_odd_rate=fail)), UNDELIVERED, ROBBED)


def test_fault_is_blamed_on_its_part() -> None:
    """A plugin that fails is to blame for `plugin_fault`."""

    def fail(*_args: Any) -> Any:
        raise RuntimeError("out of order")

    assert ("privacy",) == _blamed(with_operations("privacy", encrypt=fail), FAULT, HAPPY)


def test_reference_is_never_blamed() -> None:
    """Where nothing is swapped, nobody is blamed."""
    assert () == _blamed(REFERENCE, UNDELIVERED, ROBBED)


class _Broken:
    violation = None

    def handlers(self) -> dict[str, Handler]:
        return {}

    def conclude(self) -> Verdict:
        return Verdict(Outcome.VIOLATED, "nothing keeps this")


def test_innocent_swaps_are_not_blamed() -> None:
    """If even the reference stack breaks a promise, no plugin is to blame, whatever was swapped."""
    impossible = Property("impossible", "Nothing keeps this.", (), lambda _: _Broken())
    judgement = Judgement(scenario(), build(["privacy=noop"]), (impossible,))

    assert () == blame(judgement, "impossible", HAPPY)
