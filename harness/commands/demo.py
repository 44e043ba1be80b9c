"""`crosslayer demo`: the whole product on one screen."""

import click

from crosslayer.harness.commands.completing import short_name
from crosslayer.harness.commands.printing import say_story
from crosslayer.harness.commands.shared import answering, chosen_system, system_option
from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.process.output import say
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.strategies.hunt import Budget, hunt


@click.command()
@system_option
@answering
def demo(system_name: str | None) -> int:
    """Run the system's scenario on the reference stack and on each known-bad one, then hunt in one of them."""
    system = chosen_system(system_name)
    chosen = shipped(system, "run")
    rows, expected = [], True
    for assignments in ((), *((one.assignment,) for one in system.known_bad)):
        result = run_seeded(chosen, build(system, assignments), system.properties)
        name = assignments[0] if assignments else "reference"
        rows.append([name, *(str(one.outcome) for one in result.verdicts.values())])
        alone = len(result.violated) == len(assignments) or (system.canary is None and bool(assignments))
        expected = expected and alone and result.fault is None
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
