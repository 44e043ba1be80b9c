"""The canary: before a session is believed, it must catch what is known to be bad.

Owns the known-bad stacks and what each must show. A harness whose monitors, engine or kernel have gone blind
fails here, before it can report a hollow success.
"""

from collections.abc import Callable, Sequence

from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.formats.scenario import Scenario
from crosslayer.harness.kernel.stack import Stack, build
from crosslayer.harness.model.steps import WashTrade, Withhold
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.hunting import Budget, Hunted
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population

KNOWN_BAD = {
    "registry=in_memory": "commerce_discovery_precedes_bid",
    "privacy=noop": "commerce_bid_opacity",
    "trust=score_average": "commerce_undelivered_penalized",
    "payments=pay_on_close": "commerce_delivery_rewarded",
}
"""Each single-layer swap, and the one promise that it breaks."""

CASE = Case(Population(2, 1, 1, 1), (Withhold(0, 1), WashTrade(0, 1), WashTrade(0, 1), WashTrade(0, 1)))
"""A robbery with three bought receipts: under it each swap breaks its own promise and no other."""

EXAMPLES = 5
"""Runs in which a hunt must find plaintext on the wire; it is there in almost every one."""

Hunt = Callable[[Scenario, Stack, Sequence[Property], Budget], Hunted]
"""The engine that is to be believed."""


def canary(scenario: Scenario, properties: Sequence[Property], hunt: Hunt) -> str:
    """An empty text if everything that is known to be bad is caught; otherwise, what was missed."""
    for assignment, expected in KNOWN_BAD.items():
        violated = Judgement(scenario, build([assignment]), properties).run(CASE).violated
        if violated != (expected,):
            return f"{assignment} must violate {expected} alone, not {', '.join(violated) or 'nothing'}"
    hunted = hunt(scenario, build(["privacy=noop"]), properties, Budget(EXAMPLES))
    if "commerce_bid_opacity" not in hunted.cases:
        return f"{hunted.examples} runs of the hunt did not see a bid in clear"
    return ""
