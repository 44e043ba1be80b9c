"""`crosslayer demo`: the whole product on one screen."""

from collections.abc import Iterator
from contextlib import suppress

import click

from crosslayer.harness.commands.completing import short_name
from crosslayer.harness.commands.printing import say_story
from crosslayer.harness.commands.shared import answering, chosen_system, system_option
from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.declarations import KnownBad
from crosslayer.harness.model.errors import NotInstalled
from crosslayer.harness.model.system import System
from crosslayer.harness.process.output import say
from crosslayer.harness.search import volume
from crosslayer.harness.search.canary import WITHIN
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.finding import SHIPPED, find_system
from crosslayer.strategies.hunt import Budget, hunt

Row = tuple[KnownBad | None, Result]
"""A known-bad plugin (None: the reference stack), and the run of the system's scenario with it."""


@click.command()
@system_option
@answering
def demo(system_name: str | None) -> int:
    """Run each system's scenario on its reference stack and on each known-bad one, then hunt in one of them.

    With --system, one system's verdicts, promise by promise.
    """
    system = chosen_system(system_name)
    if system_name is None:
        expected = _all_systems()
    else:
        rows = list(_rows(system))
        expected = all(_as_expected(system, *row) for row in rows)
        _say_verdicts(system, rows)
    if not system.known_bad:
        return report.EXIT_HOLDS if expected else report.EXIT_VIOLATED
    shown = next((one for one in system.known_bad if one.assignment == system.demo), system.known_bad[0])
    say(f"\ncrosslayer hunt --stack {shown.assignment} --invariant {shown.breaks}\n")
    judgement = Judgement(shipped(system, "hunt"), build(system, [shown.assignment]), system.properties)
    hunted = hunt(judgement.scenario, judgement.stack, system.joint, Budget(), wanted=(shown.breaks,))
    found = shown.breaks in hunted.cases
    if found:
        say_story(finish(judgement, shown.breaks, hunted.cases[shown.breaks], {}).story)
    return report.EXIT_HOLDS if expected and found else report.EXIT_VIOLATED


def _rows(system: System) -> Iterator[Row]:
    """The scenario of `crosslayer run` on the reference stack, then with each known-bad plugin."""
    chosen = shipped(system, "run")
    for bad in (None, *system.known_bad):
        assignments = () if bad is None else (bad.assignment,)
        yield bad, run_seeded(chosen, build(system, assignments), system.properties)


def _as_expected(system: System, bad: KnownBad | None, result: Result) -> bool:
    """Whether nothing breaks on the reference, and elsewhere what must, if the system promises that of one run."""
    if bad is None:
        return not result.violated and result.fault is None
    own = {bad.breaks, *bad.also}
    alone = bad.breaks in result.violated and own.issuperset(result.violated)
    return (alone or system.canary is None) and result.fault is None


def _say_verdicts(system: System, rows: list[Row]) -> None:
    """One system: a column for each promise."""
    chosen = shipped(system, "run")
    names = [short_name(system, one.name) for one in system.joint]
    cells = [[_stack(bad), *(str(one.outcome) for one in result.verdicts.values())] for bad, result in rows]
    say(f"{chosen.name}, seed {chosen.seed}, {len(chosen.population.names())} agents")
    say("\n".join(report.table(["stack", *names], cells)))


def _without_libraries() -> Iterator[System]:
    """The systems that ship, but for those of real programs, which need libraries that may not be there."""
    for name in SHIPPED:
        with suppress(NotInstalled):
            system = find_system(name)
            if not system.libraries:
                yield system


def _all_systems() -> bool:
    """All systems that ship in one table: what breaks on which stack. Whether everything is as it should be."""
    cells, expected = [], True
    for system in _without_libraries():
        for bad, result in _rows(system):
            broken, how = result.violated, "one run"
            if bad is not None and not broken and system.canary is None:
                broken, how = _hunted(system, bad)
            expected = expected and _as_expected(system, bad, result) and bool(broken) == (bad is not None)
            told = ", ".join(short_name(system, name) for name in broken) or f"nothing of {len(system.joint)}"
            cells.append([system.name, _stack(bad), told, how])
    say("\n".join(report.table(["system", "stack", "breaks", "seen in"], cells)))
    return expected


def _hunted(system: System, bad: KnownBad) -> tuple[tuple[str, ...], str]:
    """What a hunt breaks, for a system of which no one run shows all; and after how many runs."""
    stack = build(system, [bad.assignment])
    budget = Budget(bad.within or WITHIN)
    hunted = volume.hunt(shipped(system, "hunt"), stack, system.joint, budget, wanted=(bad.breaks,))
    return tuple(hunted.cases), f"run {hunted.examples} of a hunt"


def _stack(bad: KnownBad | None) -> str:
    return "reference" if bad is None else bad.assignment
