"""The published rules give the same counterexamples, whether they are ours or written for NEST.

Both break ties between circles of one size by the smallest key. NEST makes keys from names, we from the run's seed: so
these hunts take a seed whose keys stand in the same order as NEST's.
"""

from functools import cache
from itertools import count

import attrs
import pytest

from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats import scenario
from crosslayer.harness.formats.counterexample import Counterexample
from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, build
from crosslayer.properties.commerce import ALL
from crosslayer.strategies.hunt import Budget, hunt
from tests.systems.commerce.nest_plugins.published import did_of

RING = ("seller-0", "seller-1", "shill_seller-0", "shill_seller-1", "shill-0", "shill-1")
"""Who is in the circles of the counterexamples to come."""


@cache
def seed() -> int:
    """The first seed that sorts the ring as NEST does."""
    expected = sorted(RING, key=did_of)
    return next(one for one in count() if expected == sorted(RING, key=lambda name: Signer.from_seed(one, name).did))


@cache
def counterexample(trust: str, invariant: str, hunt_seed: int) -> Counterexample:
    """What a hunt finds in this rule, reduced."""
    judgement = Judgement(
        attrs.evolve(scenario.shipped(PRIVATE_COMMERCE, "hunt"), seed=seed()), build([f"trust={trust}"]), ALL
    )
    hunted = hunt(judgement.scenario, judgement.stack, ALL, Budget(seed=hunt_seed), wanted=(invariant,))
    return finish(judgement, invariant, hunted.cases[invariant], {"first": hunted.first[invariant]}).counterexample


@pytest.mark.parametrize("hunt_seed", [2, 7])
@pytest.mark.parametrize(
    ("native", "nest", "invariant"),
    [
        ("agent_receipts_largest_scc", "LargestCircleTrust", "commerce_delivery_rewarded"),
        ("agent_receipts_largest_scc", "LargestCircleTrust", "commerce_undelivered_penalized"),
        ("agent_receipts_shape", "ShapeTrust", "commerce_undelivered_penalized"),
    ],
)
def test_same_counterexample(native: str, nest: str, invariant: str, hunt_seed: int) -> None:
    """Found by the same example of the hunt; same population, same steps, same blame, verified as minimal."""
    ours = counterexample(native, invariant, hunt_seed)
    theirs = counterexample(f"nest:tests.systems.commerce.nest_plugins.published:{nest}", invariant, hunt_seed)

    assert ours.case == theirs.case
    assert (ours.invariant, ours.story, ours.why) == (theirs.invariant, theirs.story, theirs.why)
    assert (ours.blame, True, ours.found) == (theirs.blame, theirs.minimal, theirs.found)


def test_the_counterexamples_are_the_published_ones() -> None:
    """A ring larger than the honest one takes its place; and one delivery pays for one robbery."""
    ring = counterexample(
        "nest:tests.systems.commerce.nest_plugins.published:LargestCircleTrust", "commerce_delivery_rewarded", 2
    )
    robbery = counterexample(
        "nest:tests.systems.commerce.nest_plugins.published:ShapeTrust", "commerce_undelivered_penalized", 1
    )

    assert (Population(1, 2, 1, 2), (WashTrade(0, 1), WashTrade(1, 2), WashTrade(2, 0))) == (
        ring.case.population,
        ring.schedule,
    )
    assert (Population(2, 0, 1), (Withhold(0, 0),)) == (robbery.case.population, robbery.schedule)
    assert ("trust",) == ring.blame == robbery.blame
