"""Two runs of one schedule are compared, and what tells the story of a run that cannot be repeated says so."""

from itertools import count
from typing import Any

import attrs

from crosslayer.harness.explain.determinism import difference
from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population, Score
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import ALL
from tests.play import scenario

HAPPY = Case(Population(1, 1), ())


def _moody() -> Choice:
    moods = count()

    class Moody:
        def report(self, *_: Any) -> None:
            """Listen, and forget."""

        def score(self, _agent: str) -> Score:
            """Each time another score, none of them above the threshold."""
            return Score(0.2 / (1 + next(moods)), 1.0)

    return Choice("moody", lambda roster: {name: Moody() for name in roster.names()})


def test_two_runs_of_the_reference_are_the_same() -> None:
    """The reference stack repeats itself to the last event."""
    judgement = Judgement(scenario(), REFERENCE, ALL)

    assert "" == difference(judgement.run(HAPPY), judgement.run(HAPPY))


def test_the_first_difference_is_named() -> None:
    """A plugin with a memory beyond its run differs at the first score, and the event is told."""
    judgement = Judgement(scenario(), REFERENCE.replace("trust", _moody()), ALL)
    told = difference(judgement.run(HAPPY), judgement.run(HAPPY))

    assert told.startswith("two runs of this schedule differ from event ")
    assert "gives buyer-0 the score" in told


def test_a_shorter_run_differs_at_its_end() -> None:
    """Where one run goes on and the other does not, that is the difference."""
    result = Judgement(scenario(), REFERENCE, ALL).run(HAPPY)
    shorter = attrs.evolve(result, events=result.events[:-1])

    assert "the run is over against nothing more" in difference(result, shorter)


def test_the_story_warns() -> None:
    """The story of a counterexample that cannot be repeated says so before anything else."""
    judgement = Judgement(scenario(), REFERENCE.replace("trust", _moody()), ALL)
    finding = finish(judgement, "commerce_delivery_rewarded", HAPPY, {})

    assert finding.story.startswith("warning: not deterministic: two runs of this schedule differ")
    assert "not deterministic" in str(finding.counterexample.found["not_deterministic"])
