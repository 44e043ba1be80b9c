"""Known-bad stacks on trial: are they caught whatever the seed, how soon, how shortly, and on whom is it blamed?

Owns the trial of one stack under one seed, and what all trials of a stack say together. Knows nothing of printing.

The first trial of a stack spends its whole budget, so that it also says which joint promises survive. The others are
over as soon as the stack is caught.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from attrs import frozen

from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats import scenario
from crosslayer.harness.formats.counterexample import FAULT, Counterexample
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.system import System
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.workers import Task, Workers, plugin_code, system_code
from crosslayer.strategies.hunt import Budget, Hunted, hunt


@frozen
class Suspect:
    """The reference stack but for one part, which is known to be bad.

    `caught_by` is the property that must catch it (empty: any may); with `alone`, no other joint invariant may break
    but those in `also`.
    """

    system: System
    name: str
    part: str
    plugin: str
    caught_by: str = ""
    alone: bool = False
    also: tuple[str, ...] = ()

    @property
    def joint(self) -> tuple[str, ...]:
        """The names of the system's joint invariants."""
        return tuple(one.name for one in self.system.joint)

    @property
    def assignment(self) -> str:
        """As on the command line."""
        return f"{self.part}={self.plugin}"


@frozen
class Trial:
    """What is to be done: hunt in this stack under this seed."""

    suspect: Suspect
    seed: int
    examples: int
    whole: bool


@frozen
class Breach:
    """A property that broke: in which run, after how many seconds, and what came of it in `finishing` seconds.

    Seconds are those of one core, so that they do not depend on what else the machine has to do.
    """

    run: int
    seconds: float
    finishing: float
    counterexample: Counterexample


@frozen
class Outcome:
    """What a trial found, by property, in this number of runs."""

    seed: int
    examples: int
    breaches: Mapping[str, Breach]


@frozen
class Row:
    """All trials of one stack, that of the whole budget first."""

    suspect: Suspect
    outcomes: Sequence[Outcome]

    @property
    def whole(self) -> Outcome:
        """The trial that spent its whole budget."""
        return self.outcomes[0]

    @property
    def catches(self) -> tuple[Breach, ...]:
        """What caught the stack, in each trial that did."""
        return tuple(breach for one in self.outcomes if (breach := self._catch(one)) is not None)

    @property
    def contract_only(self) -> bool:
        """Whether no joint promise broke in the whole budget, but something else did."""
        return bool(self.whole.breaches) and not any(
            name in self.whole.breaches for name in (*self.suspect.joint, FAULT)
        )

    @property
    def wrong(self) -> tuple[str, ...]:
        """Why this stack was not caught as it must be, a line each; empty if it was."""
        return tuple(line for one in self.outcomes for line in self._wrong(one))

    def _catch(self, outcome: Outcome) -> Breach | None:
        if self.suspect.caught_by:
            return outcome.breaches.get(self.suspect.caught_by)
        return min(outcome.breaches.values(), key=lambda breach: breach.run, default=None)

    def _wrong(self, outcome: Outcome) -> Iterator[str]:
        here = f"{self.suspect.name}, seed {outcome.seed}"
        if self._catch(outcome) is None:
            yield f"{here}: {self.suspect.caught_by or 'nothing'} broke in none of {outcome.examples} runs"
        expected = (self.suspect.caught_by, *self.suspect.also)
        for name, breach in outcome.breaches.items():
            one = breach.counterexample
            if one.blame != (self.suspect.part,):
                yield f"{here}: {name} is blamed on {' and '.join(one.blame) or 'nobody'}, not on {self.suspect.part}"
            if not one.minimal:
                yield f"{here}: the counterexample of {name} is not minimal"
            if self.suspect.alone and name in self.suspect.joint and name not in expected:
                yield f"{here}: {name} broke as well"


def rows(suspects: Sequence[Suspect], examples: int, seed: int, seeds: int, workers: Workers) -> Iterator[Row]:
    """Each suspect after `seeds` trials, from `seed` on; the same whatever the workers, but for seconds."""
    trials = (
        Trial(suspect, seed + number, examples, whole=not number) for suspect in suspects for number in range(seeds)
    )
    code = {name for one in suspects for name in (*system_code(one.system), *plugin_code({one.part: one.plugin}))}
    task = Task(judged, code=tuple(sorted(code)))
    for suspect, tried in groupby(workers.spread(task, trials), key=lambda pair: pair[0].suspect):
        yield Row(suspect, tuple(outcome for _, outcome in tried))


def judged(trial: Trial) -> Outcome:
    """Hunt, and finish whatever was found."""
    system = trial.suspect.system
    stack = build(system, [trial.suspect.assignment])
    judgement = Judgement(scenario.shipped(system, "hunt"), stack, system.properties)
    after: dict[str, float] = {}

    def note(state: Hunted) -> None:
        for name in state.first:
            after.setdefault(name, time.process_time() - start)

    budget = Budget(trial.examples, None, trial.seed)
    start = time.process_time()
    hunted = hunt(judgement.scenario, stack, system.properties, budget, wanted=_wanted(trial), progress=note)
    breaches = {}
    for name, case in hunted.cases.items():
        began = time.process_time()
        how = {"how": "matrix", "seed": trial.seed, "examples": hunted.examples, "first": hunted.first[name]}
        counterexample = finish(judgement, name, case, how).counterexample
        breaches[name] = Breach(hunted.first[name], after[name], time.process_time() - began, counterexample)
    return Outcome(trial.seed, hunted.examples, breaches)


def _wanted(trial: Trial) -> tuple[str, ...]:
    """What ends a trial before its budget is spent. Where every run ends in a fault, no promise can be looked at."""
    caught_by = trial.suspect.caught_by
    if trial.whole and caught_by != FAULT:
        return trial.suspect.joint
    return (caught_by,) if caught_by else ()
