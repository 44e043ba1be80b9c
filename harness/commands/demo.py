"""`crosslayer demo`: the whole product on one screen."""

import click

from crosslayer.harness.commands.completing import short_name
from crosslayer.harness.commands.printing import say_story
from crosslayer.harness.commands.shared import answering, chosen_system, system_option
from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.declarations import KnownBad
from crosslayer.harness.model.system import System
from crosslayer.harness.process.output import say
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.strategies.hunt import Budget, hunt


def _is_expected(system: System, bad: KnownBad | None, violated: tuple[str, ...]) -> bool:
    """Whether this is what must come of a stack: nothing, or what its bad plugin breaks."""
    if bad is None:
        return not violated
    return system.canary is None or (bad.breaks in violated and {bad.breaks, *bad.also}.issuperset(violated))


@click.command()
@system_option
@answering
def demo(system_name: str | None) -> int:
    """Run the system's scenario on the reference stack and on each known-bad one, then hunt in one of them."""
    system = chosen_system(system_name)
    chosen = shipped(system, "run")
    rows, expected = [], True
    for bad in (None, *system.known_bad):
        result = run_seeded(chosen, build(system, () if bad is None else (bad.assignment,)), system.properties)
        rows.append([bad.assignment if bad else "reference", *(str(one.outcome) for one in result.verdicts.values())])
        expected = expected and result.fault is None and _is_expected(system, bad, result.violated)
    names = [short_name(system, one.name) for one in system.joint]
    say(f"{chosen.name}, seed {chosen.seed}, {len(chosen.population.names())} agents")
    say("\n".join(report.table(["stack", *names], rows)))
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
