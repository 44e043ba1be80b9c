"""`crosslayer run`: one seeded run of a scenario, judged."""

import time
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.commands.shared import (
    answering,
    chosen_scenario,
    chosen_stack,
    format_option,
    json_option,
    print_json,
    scenario_system,
    stack_option,
    system_option,
    write_trace,
)
from crosslayer.harness.explain import report
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.search.seeded import run_seeded


@click.command(epilog=report.EXIT_HELP)
@click.argument("scenario_file", metavar="[SCENARIO]", required=False, type=click.Path(path_type=Path))
@system_option
@click.option("--seed", type=int, help="The run's seed, instead of the scenario's.")
@stack_option
@click.option("--trace", "trace_file", type=click.Path(path_type=Path), help="Write the trace here, as JSON Lines.")
@format_option
@json_option
@answering
def run(
    scenario_file: Path | None,
    system_name: str | None,
    seed: int | None,
    assignments: tuple[str, ...],
    trace_file: Path | None,
    trace_format: str,
    as_json: bool,
) -> int:
    """Run SCENARIO (by default, the one that the system ships) under its seed, and judge it."""
    system = scenario_system(scenario_file, system_name)
    chosen, place = chosen_scenario(scenario_file, system, "run", seed)
    stack = chosen_stack(system, chosen, place, assignments)
    began = time.perf_counter()
    result = run_seeded(chosen, stack, system.properties)
    seconds = time.perf_counter() - began
    if trace_file is not None:
        write_trace(trace_file, trace_format, result)
    if as_json:
        print_json(_result_json(result, seconds))
    else:
        _print_result(result, seconds)
        if trace_file is not None:
            click.echo(f"trace: {trace_file}")
    return report.exit_status(result.verdicts, result.contracts, result.fault)


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
    told = f"{chosen.name}, seed {chosen.seed}, {agents} agents: {len(result.events)} events in {seconds:.2f} s"
    click.echo(report.plain(told))
    click.echo("stack: " + ", ".join(f"{part}={name}" for part, name in result.header.stack.items()))
    click.echo(f"digest {result.digest}")
    click.echo("\n".join(report.verdict_lines(result.verdicts, result.contracts)))
    if result.fault is not None:
        click.echo(report.plain(f"plugin fault: {result.fault}"))
