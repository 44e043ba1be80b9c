"""`crosslayer hunt`: look for schedules that break promises."""

from pathlib import Path
from typing import Any

import attrs
import click

from harness import report
from harness.commands.searches import (
    findings_json,
    print_stories,
    print_verdicts,
    rate,
    save_option,
    scenario_option,
    status,
    verdicts_of,
)
from harness.commands.shared import (
    answering,
    chosen_properties,
    chosen_scenario,
    chosen_stack,
    json_option,
    print_json,
    require_folder,
    stack_option,
)
from harness.findings import Finding, finish
from harness.judgement import Judgement
from harness.progress import showing
from harness.scenario import Faults
from harness.verdicts import Verdict
from properties import ALL
from strategies.canary import canary
from strategies.hunt import EXAMPLES, Budget, Hunted, unreached
from strategies.hunt import hunt as search


@click.command(epilog=report.EXIT_HELP)
@stack_option
@click.option("--invariant", "names", multiple=True, metavar="NAME", help="Hunt for this one only; repeatable.")
@click.option("--examples", type=click.IntRange(1), default=EXAMPLES, show_default=True, help="Runs at the most.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Seconds at the most.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of the hunt's own choices.")
@scenario_option
@save_option
@json_option
@answering
def hunt(
    assignments: tuple[str, ...],
    names: tuple[str, ...],
    examples: int,
    seconds: float | None,
    seed: int,
    scenario_file: Path,
    save: Path,
    as_json: bool,
) -> int:
    """Hunt for schedules, partitions and adversaries that break a promise, and tell the shortest as a story."""
    scenario = chosen_scenario(scenario_file)
    stack = chosen_stack(scenario, str(scenario_file), assignments)
    scenario = attrs.evolve(scenario, faults=Faults(), adversary=(), stack=())  # all faults are the hunt's to draw
    properties = chosen_properties(names)
    require_folder(save)
    missed = canary(scenario, ALL)
    if missed:
        click.echo(f"crosslayer: the canary is silent: {missed}. Do not trust this installation.", err=True)
        return report.EXIT_FAULT
    with showing(examples, seconds=seconds) as progress:
        hunted = search(scenario, stack, properties, Budget(examples, seconds, seed), progress=progress)
    judgement = Judgement(scenario, stack, properties)
    how = {"how": "hunt", "seed": seed, "examples": hunted.examples}
    findings = [
        finish(judgement, name, case, {**how, "first": hunted.first[name]}, save) for name, case in hunted.cases.items()
    ]
    verdicts = verdicts_of(
        properties,
        findings,
        hunted.exercised,
        hunted.examples,
        lambda times: f"survived {hunted.examples} runs, in {times} of them put to the test",
    )
    if as_json:
        print_json(hunted_json(hunted, verdicts, findings))
    else:
        _print(hunted, verdicts, findings)
    return status(verdicts, properties)


def hunted_json(hunted: Hunted, verdicts: dict[str, Verdict], findings: list[Finding]) -> dict[str, Any]:
    """A hunt as a JSON value."""
    return {
        "examples": hunted.examples,
        "seconds": round(hunted.seconds, 3),
        "verdicts": report.verdicts_json(verdicts),
        "reached": hunted.reached,
        "unreached": list(unreached(hunted.reached)),
        "counterexamples": findings_json(findings, "first"),
    }


def _print(hunted: Hunted, verdicts: dict[str, Verdict], findings: list[Finding]) -> None:
    print_stories(findings)
    click.echo(
        f"{hunted.examples} runs of {hunted.steps / hunted.examples:.0f} steps in {hunted.seconds:.1f} s "
        f"({rate(hunted.examples, hunted.seconds):.0f}/s)"
    )
    print_verdicts(verdicts)
    click.echo("reached, in so many runs")
    for name, count in hunted.reached.items():
        if count:
            click.echo(f"  {count:>6}  {name}")
    never = unreached(hunted.reached)
    if never:
        click.echo("never reached: " + "; ".join(never))
