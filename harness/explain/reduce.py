"""Making a counterexample minimal: a deterministic pass over plain steps.

Owns the reducer. Knows steps and populations, and of a failure only whether a case still has it.

It deletes chunks, single steps and pairs, lowers populations and numbers, simplifies kinds, and repeats until
nothing can go. The result is *1-minimal*: without any one of its steps, the failure is gone. Every candidate is
tried once (results are remembered), simplest first, so equal failures have equal minima.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import combinations, product
from typing import Any

import attrs

from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.arguments import Agents, Groups, Kinds, Moments, Numbers, argument_of
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.steps import RUNNING_ON, Partition, Run, RunUntil, Schedule, Step, altered
from crosslayer.harness.model.system import System

PAIRS_MAX = 14
"""Up to this number of steps, deleting two at once is tried as well."""

SUBSETS_MAX = 5
"""Up to this number of steps, all their subsets are tried on small populations, and other kinds in their places."""

TRIES_MAX = 4000
"""Runs after which the reducer stops trying; some two orders of magnitude above what real cases need."""

Fails = Callable[[Case], bool]


def reduce(system: System, case: Case, fails: Fails) -> Case:
    """The simplest case of a system found that still fails; `case` itself must fail."""
    return _Reducer(_Simpler(system), fails).reduce(case)


def is_one_minimal(case: Case, fails: Fails) -> bool:
    """Whether the case fails, and no longer does without any one of its steps."""
    return fails(case) and not any(
        fails(Case(case.population, without(case.schedule, index))) for index in range(len(case.schedule))
    )


def without(schedule: Schedule, *indices: int) -> Schedule:
    """The schedule without the steps at these indices."""
    return tuple(step for index, step in enumerate(schedule) if index not in indices)


def with_step(case: Case, index: int, step: Step) -> Case:
    """The case with another step at this index."""
    return Case(case.population, (*case.schedule[:index], step, *case.schedule[index + 1 :]))


class _Reducer:
    def __init__(self, simpler: "_Simpler", fails: Fails) -> None:
        self._simpler = simpler
        self._fails = fails
        self._known: dict[Case, bool] = {}

    def reduce(self, case: Case) -> Case:
        simpler = self._simpler
        passes = (
            simpler.fewer_agents,
            _shorter,
            simpler.plainer,
            simpler.lower,
            _fewer_pairs,
            simpler.elsewhere,
            simpler.other_kinds,
            _moved,
        )
        while True:
            before = case
            for candidates in passes:
                case = self._exhaust(case, candidates)
            if case == before:
                return case

    def _exhaust(self, case: Case, candidates: Callable[[Case], Iterator[Case]]) -> Case:
        """Take the first candidate that fails, and begin again with it, until none does."""
        while True:
            for candidate in candidates(case):
                if self._still_fails(candidate):
                    case = candidate
                    break
            else:
                return case

    def _still_fails(self, case: Case) -> bool:
        if case not in self._known:
            if len(self._known) >= TRIES_MAX:
                return False
            self._known[case] = self._fails(case)
        return self._known[case]


POPULATIONS_MAX = 8
"""How many of the smallest populations are tried first."""


@cache
def smallest(system: System) -> tuple[Population, ...]:
    """The populations that are tried first, in this order: those that the system names, or those with fewest agents."""
    if system.smallest:
        return system.smallest
    roles = system.population.roles()
    ranges = [range(one.least, min(one.most, one.least + 1) + 1) for one in roles.values()]
    found = []
    for counts in sorted(product(*ranges), key=lambda counts: (sum(counts), counts)):
        with suppress(ValueError):
            found.append(system.population(**dict(zip(roles, counts, strict=True))))
    return tuple(found[:POPULATIONS_MAX])


class _Simpler:
    """Simpler cases of one system: what depends on its roles, steps, message kinds and moments."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._smallest = smallest(system)
        self._kinds = tuple(system.kinds)
        self._moments = tuple(system.all_moments)
        self._fewer = system.population.fewer or tuple(reversed(tuple(system.population.roles())))

    def fewer_agents(self, case: Case) -> Iterator[Case]:
        """Smaller populations: the smallest at first, then one role less by half, then by one."""
        for population in self._smaller(case.population):
            yield Case(population, case.schedule)
            yield Case(population, tuple(following(step, case.population, population) for step in case.schedule))

    def _smaller(self, now: Population) -> Iterator[Population]:
        for population in self._smallest:
            if self._rank_population(population) < self._rank_population(now):
                yield population
        for role in self._fewer:
            count = getattr(now, role)
            for fewer in dict.fromkeys((0, count // 2, count - 1)):
                if 0 <= fewer < count:
                    with suppress(ValueError):
                        yield attrs.evolve(now, **{role: fewer})

    def _rank_population(self, population: Population) -> tuple[int, int]:
        """Fewer agents are simpler, and among as many, the smallest ones in their order."""
        place = self._smallest.index(population) if population in self._smallest else len(self._smallest)
        return len(population.names()), place

    def elsewhere(self, case: Case) -> Iterator[Case]:
        """Fewer steps among other agents, even a few more: the shortest list of deviations is what counts."""
        length = len(case.schedule)
        if not 0 < length <= SUBSETS_MAX:
            return
        for size in range(length):
            for kept in combinations(case.schedule, size):
                for population in (*self._smallest, case.population):
                    yield Case(population, kept)

    def other_kinds(self, case: Case) -> Iterator[Case]:
        """A step replaced by one of a kind that stands before it in the vocabulary, with small arguments.

        It makes no case smaller, but different triggers of one bug alike, so that a corpus has one entry for it.
        """
        if len(case.schedule) > SUBSETS_MAX:
            return
        known = self._system.vocabulary
        for index, step in enumerate(case.schedule):
            if not isinstance(step, RUNNING_ON):
                for kind in known[: known.index(type(step))]:
                    if kind not in RUNNING_ON:
                        for other in self._small(kind):
                            yield with_step(case, index, other)

    def _small(self, kind: type[Step]) -> Iterator[Step]:
        """Steps of a kind: the simplest, and those with one number 1 instead of 0."""
        simplest = self._system.simplest(kind)
        yield simplest
        for field in attrs.fields(kind):
            if field.default == 0:
                yield altered(simplest, **{field.name: 1})

    def plainer(self, case: Case) -> Iterator[Case]:
        """A step replaced by one that does less."""
        for index, step in enumerate(case.schedule):
            for plainer in self._plainer_steps(step):
                yield with_step(case, index, plainer)

    def _plainer_steps(self, step: Step) -> Iterator[Step]:
        match step:
            case RunUntil():
                for events in _FEW:
                    yield Run(events)
            case Run(events=events) if events > max(_FEW):
                for moment in self._moments:
                    yield RunUntil(moment)
            case Partition(groups=groups):
                alone = sorted(set(range(len(groups))), key=lambda agent: (groups[agent] == groups[0], agent))
                for agent in alone:
                    simpler = tuple(int(one == agent) for one in range(len(groups)))
                    if sum(groups) > 1 and simpler != groups:
                        yield Partition(simpler)
            case _ if type(step) in self._system.acts_by_step:
                yield from self._system.acts_by_step[type(step)].simpler(step)

    def lower(self, case: Case) -> Iterator[Case]:
        """Numbers lowered and kinds put further to the front; at first, all indices as if none had wrapped around."""
        plain = tuple(_unwrapped(step, case.population) for step in case.schedule)
        if plain != case.schedule:
            yield Case(case.population, plain)
        for index, step in enumerate(case.schedule):
            for lower in self._lower_steps(step, case.population):
                yield with_step(case, index, lower)

    def _lower_steps(self, step: Step, population: Population) -> Iterator[Step]:
        agents = len(population.names())
        for field in attrs.fields(type(step)):
            value: Any = getattr(step, field.name)
            candidates: Iterable[Any] = ()
            match argument_of(field):
                case Agents() | Numbers():
                    lower = dict.fromkeys((0, 1, value // 2, value % agents, value - 1))
                    candidates = (one for one in lower if 0 <= one < value)
                case Kinds():
                    candidates = self._kinds[: self._kinds.index(value)]
                case Moments():
                    candidates = self._moments[: self._moments.index(value)]
                case Groups():
                    candidates = _lower_groups(value, agents)
            for one in candidates:
                yield altered(step, **{field.name: one})


_FEW = (1, 2, 4)
"""A number of events is plainer than a moment, and a moment is plainer than more."""


def _unwrapped(step: Step, population: Population) -> Step:
    """The same step, each index the least that means the same agent."""
    fields = {}
    for one in attrs.fields(type(step)):
        argument = argument_of(one)
        count = len(argument.names(population)) if isinstance(argument, Agents) else 0
        if count:
            fields[one.name] = getattr(step, one.name) % count
    return altered(step, **fields)


def following(step: Step, before: Population, after: Population) -> Step:
    """The step that means the same agents in a smaller population, as far as they are still there."""
    old, new = before.names(), after.names()
    if isinstance(step, Partition):
        group = {name: step.groups[index % len(step.groups)] for index, name in enumerate(old)}
        return Partition(tuple(group.get(name, 0) for name in new))
    places = {index: new.index(name) for index, name in enumerate(old) if name in new}
    declared = ((one.name, argument_of(one)) for one in attrs.fields(type(step)))
    anyone = (name for name, argument in declared if isinstance(argument, Agents) and argument.anyone)
    fields = {name: getattr(step, name) for name in anyone}
    return altered(step, **{name: places.get(index % len(old), index) for name, index in fields.items()})


def _shorter(case: Case) -> Iterator[Case]:
    """Chunks left out, the largest first, from the end on, down to single steps."""
    length = len(case.schedule)
    size = length
    while size >= 1:
        for start in range(length - size, -1, -max(1, size // 2)):
            yield Case(case.population, case.schedule[:start] + case.schedule[start + size :])
        if size > 1 and (length - size) % max(1, size // 2):
            yield Case(case.population, case.schedule[size:])
        size //= 2


def _fewer_pairs(case: Case) -> Iterator[Case]:
    """Two steps left out at once."""
    if len(case.schedule) <= PAIRS_MAX:
        for pair in combinations(range(len(case.schedule)), 2):
            yield Case(case.population, without(case.schedule, *pair))


def _lower_groups(groups: tuple[int, ...], agents: int) -> Iterator[tuple[int, ...]]:
    if len(groups) > agents:
        yield groups[:agents]
    if len(groups) > 1:
        yield groups[:-1]
    for index, group in enumerate(groups):
        if group:
            yield (*groups[:index], group - 1, *groups[index + 1 :])


def _moved(case: Case) -> Iterator[Case]:
    """Neighbours swapped, so that what is done first, stands first: deviations before running on."""
    for index in range(len(case.schedule) - 1):
        first, second = case.schedule[index : index + 2]
        if _rank(second) < _rank(first):
            yield Case(case.population, (*case.schedule[:index], second, first, *case.schedule[index + 2 :]))


def _rank(step: Step) -> tuple[bool, str, str]:
    return isinstance(step, RUNNING_ON), type(step).__name__, repr(step)
