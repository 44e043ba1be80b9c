"""Does it take that many deviations? What the reducer leaves, against all that is one deviation from the happy path.

Owns that comparison. The reducer takes steps away and makes them plainer; it does not see that quite another step
would do alone what two or three do together. An exhaustive search of the first level sees that, and in the small
populations that reducing ends in it takes a second or two.
"""

from collections.abc import Iterator

import attrs

from crosslayer.harness.explain.reduce import reduce
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.steps import deviations
from crosslayer.harness.search.explore import TAIL, Scope, extensions
from crosslayer.harness.search.judgement import Judgement

SEARCHED_MAX = 2500
"""Where there are more schedules with one deviation than that, none of them is tried."""


def fewest(judgement: Judgement, name: str, case: Case) -> Case:
    """The simplest case found that breaks the property of this name; `case` itself must break it."""

    def fails(candidate: Case) -> bool:
        return judgement.breaks(name, candidate)

    system = judgement.stack.system
    small = reduce(system, case, fails)
    if deviations(small.schedule) <= 1:
        return small
    return next((reduce(system, one, fails) for one in _nearest(judgement, small.population) if fails(one)), small)


def _nearest(judgement: Judgement, population: Population) -> Iterator[Case]:
    """Every case of a population that has one deviation, if there are not too many."""
    here = attrs.evolve(judgement, scenario=attrs.evolve(judgement.scenario, population=population))
    found = extensions(here, Scope(1), ())
    if len(found) <= SEARCHED_MAX:
        yield from (Case(population, (*one, TAIL)) for one in found)
