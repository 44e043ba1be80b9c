"""The canary: before a session is believed, it must catch what is known to be bad.

Owns the order of what it asks. Which plugins are known to be bad, and what each must show, the system declares. A
harness whose monitors, engine or kernel have gone blind fails here, before it can report a hollow success.
"""

from collections.abc import Callable, Sequence

from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.hunting import Budget, Hunted
from crosslayer.harness.search.judgement import Judgement

SELF_TEST_FAILED = "self-test failed: {}; results are not trustworthy"
"""What is said where a known-bad plugin was not caught."""

WITHIN = 400
"""Runs within which a hunt must find a known-bad plugin, where the system has no canary case and says nothing else."""

Hunt = Callable[..., Hunted]
"""The engine that is to be believed."""


def canary(system: System, scenario: Scenario, properties: Sequence[Property], hunt: Hunt) -> str:
    """An empty text if everything that is known to be bad is caught; otherwise, what was missed.

    Where the system declares a canary case, each known-bad plugin must break in it its own property and no other joint
    one, and a hunt must find those that say within how many runs. Where it does not, a hunt must find each.
    """
    for one in system.known_bad:
        stack = build(system, [one.assignment])
        if system.canary is not None:
            violated = Judgement(scenario, stack, properties).run(Case(*system.canary)).violated
            own = tuple(name for name in violated if name not in one.also)
            if own != (one.breaks,):
                return f"{one.assignment} must violate {one.breaks} alone, not {', '.join(own) or 'nothing'}"
    for one in system.known_bad:
        if one.within or system.canary is None:
            budget, stack = Budget(one.within or WITHIN), build(system, [one.assignment])
            hunted = hunt(scenario, stack, properties, budget, wanted=(one.breaks,))
            if one.breaks not in hunted.cases:
                if _fails_anyway(Judgement(scenario, build(system), properties), hunted):
                    return ""
                return f"{hunted.examples} runs of the hunt did not see {one.assignment} break {one.breaks}"
    return ""


def _fails_anyway(reference: Judgement, hunted: Hunted) -> bool:
    """Whether the first run ended in a fault, and does on the reference: then any hunt meets it and tells it better."""
    return hunted.first.get(FAULT) == 1 and reference.run(hunted.cases[FAULT]).fault is not None
