"""The command line: the one place that sees everything, and that nothing imports.

Owns flags, output and exit status. What a command does is done elsewhere.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import attrs
import click

from harness import report, scenario, trace
from harness.errors import BadInput
from harness.events import Event
from harness.journal import handlers_by_kind
from harness.nouns import LAYERS, PARTS
from harness.seeded import run_seeded
from harness.simulation import Result
from harness.stack import CATALOGUE, REFERENCE, Stack, build
from harness.verdicts import Verdict
from properties import ALL, JOINT

SWAPS = ("registry=in_memory", "privacy=noop", "trust=score_average", "payments=pay_on_close")
"""The four single-layer swaps, each of which breaks exactly one joint invariant."""

stack_option = click.option(
    "--stack", "assignments", multiple=True, metavar="LAYER=PLUGIN", help="Replace one layer's plugin; repeatable."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def command(function: Callable[..., int]) -> Callable[..., None]:
    """A command whose answer is its exit status, and whose bad input is one clear line and exit status 2."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            status = function(*args, **kwargs)
        except BadInput as error:
            click.echo(f"crosslayer: {error}", err=True)
            status = report.EXIT_BAD_INPUT
        except BrokenPipeError:
            status = 0
        sys.exit(status)

    return wrapper


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=report.EXIT_HELP)
@click.version_option(package_name="crosslayer")
def main() -> None:
    """Find the bugs that live between the layers of multi-agent protocol stacks."""


@main.command(epilog=report.EXIT_HELP)
@click.argument("scenario_file", metavar="[SCENARIO]", required=False, type=click.Path(path_type=Path))
@click.option("--seed", type=int, help="The run's seed, instead of the scenario's.")
@stack_option
@click.option("--trace", "trace_file", type=click.Path(path_type=Path), help="Write the trace here, as JSON Lines.")
@json_option
@command
def run(
    scenario_file: Path | None, seed: int | None, assignments: tuple[str, ...], trace_file: Path | None, as_json: bool
) -> int:
    """Run SCENARIO (by default private_commerce) under its seed, and judge it."""
    chosen, stack = _scenario(scenario_file, seed, assignments)
    began = time.perf_counter()
    result = run_seeded(chosen, stack, ALL)
    seconds = time.perf_counter() - began
    if trace_file is not None:
        trace.write(trace_file, result.header, result.events)
    if as_json:
        click.echo(json.dumps(_result_json(result, seconds)))
    else:
        _print_result(result, seconds)
        if trace_file is not None:
            click.echo(f"trace: {trace_file}")
    return report.exit_status(result.verdicts, result.contracts, result.fault)


@main.command(epilog=report.EXIT_HELP)
@click.argument("trace_file", metavar="TRACE", type=click.Path(path_type=Path))
@json_option
@command
def check(trace_file: Path, as_json: bool) -> int:
    """Judge a stored TRACE: the same verdicts as the run that wrote it."""
    began = time.perf_counter()
    header, events = trace.read(trace_file)
    monitors = [(one, one.watch(header.scenario.population)) for one in ALL]
    handlers = handlers_by_kind(monitor for _, monitor in monitors)
    hasher = hashlib.sha256()
    count = 0
    fault: dict[str, Any] | None = None

    def judged(seq: int, event: Event) -> Event:
        nonlocal count, fault
        for handle in handlers.get(event.kind, ()):
            handle(seq, event)
        if event.kind == "fault":
            fault = {"agent": event.agent, **event.data}
        count += 1
        return event

    for line in trace.lines(header, (judged(seq, event) for seq, event in events)):
        hasher.update(line)
    verdicts: dict[bool, dict[str, Verdict]] = {True: {}, False: {}}
    for one, monitor in monitors:
        verdicts[one.joint][one.name] = monitor.conclude()
    seconds = time.perf_counter() - began
    joint, contracts = verdicts[True], verdicts[False]
    if as_json:
        value = {
            "stack": dict(header.stack),
            "seed": header.scenario.seed,
            "digest": hasher.hexdigest(),
            "events": count,
            "seconds": round(seconds, 3),
            "verdicts": report.verdicts_json(joint),
            "contracts": report.verdicts_json(contracts),
            "fault": fault,
        }
        click.echo(json.dumps(value))
    else:
        click.echo(f"{trace_file}: {count} events of {header.scenario.name}, seed {header.scenario.seed}")
        click.echo(f"digest {hasher.hexdigest()}")
        click.echo("\n".join(report.verdict_lines(joint, contracts)))
        if fault is not None:
            click.echo(f"plugin fault: {fault.get('part')} of {fault['agent']}: {fault.get('reason')}")
    return report.EXIT_FAULT if fault is not None else report.exit_status(joint, contracts, None)


@main.command()
@json_option
@command
def plugins(as_json: bool) -> int:
    """List the layers and their plugins, the reference first."""
    if as_json:
        click.echo(
            json.dumps({part: [{"name": one.name, "about": one.about} for one in CATALOGUE[part]] for part in PARTS})
        )
        return report.EXIT_HOLDS
    for part in PARTS:
        click.echo(part)
        for choice in CATALOGUE[part]:
            click.echo(f"  {choice.name:<28} {choice.about}")
    return report.EXIT_HOLDS


@main.command()
@command
def demo() -> int:
    """Run the scenario on the reference stack and on four swapped ones: one table of verdict vectors."""
    chosen = scenario.load(scenario.default_path())
    rows, expected = [], True
    for assignments in ((), *((swap,) for swap in SWAPS)):
        result = run_seeded(chosen, build(assignments), ALL)
        rows.append([assignments[0] if assignments else "reference", *(str(one.outcome) for one in result.verdicts.values())])
        expected = expected and len(result.violated) == len(assignments)
    names = [one.name.removeprefix("commerce_") for one in JOINT]
    click.echo(f"{chosen.name}, seed {chosen.seed}, {len(chosen.population.names())} agents")
    click.echo("\n".join(report.table(["stack", *names], rows)))
    return report.EXIT_HOLDS if expected else report.EXIT_VIOLATED


def _scenario(path: Path | None, seed: int | None, assignments: tuple[str, ...]) -> tuple[scenario.Scenario, Stack]:
    file = path or scenario.default_path()
    chosen = scenario.load(file)
    if seed is not None:
        chosen = attrs.evolve(chosen, seed=seed)
    stack = build((f"{part}={name}" for part, name in chosen.stack), f"{file}: stack")
    overrides = build(assignments)
    for part in PARTS:
        if overrides.choices[part] != REFERENCE.choices[part] or any(one.startswith(f"{part}=") for one in assignments):
            stack = stack.replace(part, overrides.choices[part])
    return chosen, stack


def _result_json(result: Result, seconds: float) -> dict[str, Any]:
    return {
        "scenario": result.header.scenario.name,
        "stack": dict(result.header.stack),
        "seed": result.header.scenario.seed,
        "digest": result.digest,
        "events": len(result.events),
        "seconds": round(seconds, 3),
        "verdicts": report.verdicts_json(result.verdicts),
        "contracts": report.verdicts_json(result.contracts),
        "fault": report.fault_json(result.fault),
    }


def _print_result(result: Result, seconds: float) -> None:
    chosen = result.header.scenario
    agents = len(chosen.population.names())
    click.echo(f"{chosen.name}, seed {chosen.seed}, {agents} agents: {len(result.events)} events in {seconds:.2f} s")
    click.echo("stack: " + ", ".join(f"{part}={result.header.stack[part]}" for part in LAYERS))
    click.echo(f"digest {result.digest}")
    click.echo("\n".join(report.verdict_lines(result.verdicts, result.contracts)))
    if result.fault is not None:
        click.echo(f"plugin fault: {result.fault}")
