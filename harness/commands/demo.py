"""`crosslayer demo`: the whole product on one screen."""

import click

from crosslayer.harness.commands.shared import HUNT_SCENARIO, answering
from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats import scenario
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.process.output import say
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.properties import ALL, JOINT
from crosslayer.strategies.canary import KNOWN_BAD
from crosslayer.strategies.hunt import Budget, hunt


@click.command()
@answering
def demo() -> int:
    """Run the scenario on the reference stack and on four swapped ones, then hunt in one of them."""
    chosen = scenario.load(scenario.default_path())
    rows, expected = [], True
    for assignments in ((), *((swap,) for swap in KNOWN_BAD)):
        result = run_seeded(chosen, build(assignments), ALL)
        name = assignments[0] if assignments else "reference"
        rows.append([name, *(str(one.outcome) for one in result.verdicts.values())])
        expected = expected and len(result.violated) == len(assignments) and result.fault is None
    names = [one.name.removeprefix("commerce_") for one in JOINT]
    say(f"{chosen.name}, seed {chosen.seed}, {len(chosen.population.names())} agents")
    say("\n".join(report.table(["stack", *names], rows)))
    swap, wanted = "trust=score_average", "commerce_undelivered_penalized"
    say(f"\ncrosslayer hunt --stack {swap} --invariant {wanted}\n")
    judgement = Judgement(scenario.load(HUNT_SCENARIO), build([swap]), ALL)
    hunted = hunt(judgement.scenario, judgement.stack, JOINT, Budget(), wanted=(wanted,))
    found = wanted in hunted.cases
    if found:
        say(finish(judgement, wanted, hunted.cases[wanted], {}).story)
    return report.EXIT_HOLDS if expected and found else report.EXIT_VIOLATED
