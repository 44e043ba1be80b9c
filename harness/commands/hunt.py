"""`crosslayer hunt`: look for schedules that break promises."""

from pathlib import Path
from typing import Any

import attrs
import click

from harness import report
from harness.codec import schedule_json, unstructure
from harness.commands.shared import (
    DEFAULT_FOLDER,
    HUNT_SCENARIO,
    answering,
    chosen_properties,
    chosen_scenario,
    chosen_stack,
    json_option,
    print_json,
    require_folder,
    stack_option,
)
from harness.counterexample import FAULT
from harness.findings import Finding, finish
from harness.judgement import Judgement
from harness.progress import showing
from harness.scenario import Faults
from harness.verdicts import Outcome, Property, Verdict
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
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    default=HUNT_SCENARIO,
    help="Timing and terms; by default the compressed timeline of hunts.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="Where counterexamples are saved.",
)
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
    with showing(examples) as progress:
        hunted = search(scenario, stack, properties, Budget(examples, seconds, seed), progress=progress)
    judgement = Judgement(scenario, stack, properties)
    how = {"how": "hunt", "seed": seed, "examples": hunted.examples}
    findings = [
        finish(judgement, name, case, {**how, "first": hunted.first[name]}, save) for name, case in hunted.cases.items()
    ]
    verdicts = verdicts_of(hunted, properties, findings)
    if as_json:
        print_json(hunted_json(hunted, verdicts, findings))
    else:
        _print(hunted, verdicts, findings)
    return _status(verdicts, properties)


def verdicts_of(hunted: Hunted, properties: tuple[Property, ...], findings: list[Finding]) -> dict[str, Verdict]:
    """What a hunt says of each property: violated, survived, or never exercised."""
    found = {one.counterexample.invariant: one.counterexample for one in findings}
    verdicts = {}
    for one in properties:
        times = hunted.exercised[one.name]
        if one.name in found:
            verdicts[one.name] = Verdict(Outcome.VIOLATED, found[one.name].story)
        elif times:
            verdicts[one.name] = Verdict(
                Outcome.HOLDS, f"survived {hunted.examples} runs, in {times} of them put to the test"
            )
        else:
            verdicts[one.name] = Verdict(Outcome.VACUOUS, f"in none of {hunted.examples} runs put to the test")
    if FAULT in found:
        verdicts[FAULT] = Verdict(Outcome.VIOLATED, found[FAULT].story)
    return verdicts


def hunted_json(hunted: Hunted, verdicts: dict[str, Verdict], findings: list[Finding]) -> dict[str, Any]:
    """A hunt as a JSON value."""
    return {
        "examples": hunted.examples,
        "seconds": round(hunted.seconds, 3),
        "verdicts": report.verdicts_json(verdicts),
        "reached": hunted.reached,
        "unreached": list(unreached(hunted.reached)),
        "counterexamples": [
            {
                "invariant": one.counterexample.invariant,
                "population": unstructure(one.counterexample.scenario.population),
                "steps": schedule_json(one.counterexample.schedule),
                "story": one.story,
                "blame": list(one.counterexample.blame),
                "file": one.file,
                "first": one.counterexample.found["first"],
            }
            for one in findings
        ],
    }


def _print(hunted: Hunted, verdicts: dict[str, Verdict], findings: list[Finding]) -> None:
    for one in findings:
        click.echo(f"{one.story}\n")
    rate = hunted.examples / hunted.seconds if hunted.seconds else 0
    click.echo(
        f"{hunted.examples} runs of {hunted.steps / hunted.examples:.0f} steps in {hunted.seconds:.1f} s ({rate:.0f}/s)"
    )
    width = max(map(len, verdicts))
    for name, verdict in verdicts.items():
        click.echo(f"  {name:<{width}}  {verdict.outcome:<8}  {verdict.detail}")
    click.echo("reached, in so many runs")
    for name, count in hunted.reached.items():
        if count:
            click.echo(f"  {count:>6}  {name}")
    never = unreached(hunted.reached)
    if never:
        click.echo("never reached: " + "; ".join(never))


def _status(verdicts: dict[str, Verdict], properties: tuple[Property, ...]) -> int:
    if FAULT in verdicts:
        return report.EXIT_FAULT
    joint = {one.name: verdicts[one.name] for one in properties if one.joint}
    others = {one.name: verdicts[one.name] for one in properties if not one.joint}
    return report.exit_status(joint, others, None)
