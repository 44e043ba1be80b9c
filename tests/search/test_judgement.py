from typing import Any

from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.search.judgement import Judgement, broken, verdict
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL, JOINT
from tests.play import HONEST, scenario, with_operations

UNDELIVERED = "commerce_undelivered_penalized"
ROBBED = Case(Population(2, 0, 1), (Withhold(),))


def _judgement(stack: Stack = REFERENCE) -> Judgement:
    return Judgement(scenario(), stack, ALL)


def _raises(*_args: Any) -> Any:
    raise RuntimeError("out of order")


def test_case_replaces_the_population() -> None:
    """A case is run among its own agents, no matter who is in the scenario."""
    assert HONEST == _judgement().run(Case(HONEST, ())).header.scenario.population


def test_breaking_is_told_by_stack() -> None:
    """The same case breaks the promise on one stack and keeps it on another."""
    judgement = _judgement(build(["trust=score_average"]))

    assert [True, False] == [one.breaks(UNDELIVERED, ROBBED) for one in (judgement, judgement.on(REFERENCE))]


def test_judging_one_property_watches_no_other() -> None:
    """`about` leaves one property; the run itself stays the same to the byte."""
    judgement = _judgement()
    all_of_them, only = judgement.run(ROBBED), judgement.about(UNDELIVERED).run(ROBBED)

    assert ({UNDELIVERED}, {}) == (set(only.verdicts), dict(only.contracts))
    assert all_of_them.digest == only.digest


def test_fault_breaks_nothing_but_itself() -> None:
    """A run that a plugin ended says nothing of promises: it breaks `plugin_fault` and no property."""
    judgement = _judgement(with_operations("privacy", encrypt=_raises))
    result = judgement.run(ROBBED)

    assert [True, *(False for _ in JOINT)] == [broken(result, name) for name in (FAULT, *(one.name for one in JOINT))]
    assert Outcome.VIOLATED is verdict(result, FAULT).outcome
    assert "out of order" in verdict(result, FAULT).detail
    assert (len(result.events) - 1,) == verdict(result, FAULT).evidence


def test_no_fault_is_a_verdict_too() -> None:
    """Where no plugin failed, `plugin_fault` holds."""
    assert Outcome.HOLDS is verdict(_judgement().run(ROBBED), FAULT).outcome


def test_what_was_not_watched_is_vacuous() -> None:
    """Of a property that nobody watched nothing is known, which is neither a pass nor a violation."""
    result = _judgement().about(UNDELIVERED).run(ROBBED)

    assert Outcome.VACUOUS is verdict(result, "commerce_bid_opacity").outcome
    assert not broken(result, "commerce_bid_opacity")
