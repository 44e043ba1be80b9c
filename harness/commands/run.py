"""`crosslayer run`: one seeded run of a scenario, judged."""

import time
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.commands.kinds import PLACE, SEED
from crosslayer.harness.commands.shared import (
    allow_option,
    chosen_scenario,
    chosen_stack,
    format_option,
    isolating,
    json_option,
    print_json,
    property_option,
    require_trace,
    scenario_system,
    stack_option,
    system_option,
    write_trace,
)
from crosslayer.harness.explain import report
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.errors import plain
from crosslayer.harness.process.output import say
from crosslayer.harness.search.seeded import run_seeded


@click.command(epilog=report.EXIT_HELP)
@click.argument("scenario_file", metavar="[SCENARIO]", required=False, type=PLACE)
@system_option
@click.option("--seed", type=SEED, help="The run's seed, instead of the scenario's.")
@stack_option
@click.option("--trace", "trace_file", type=PLACE, help="Write the trace here, as JSON Lines.")
@format_option
@allow_option
@property_option
@json_option
@isolating
def run(
    scenario_file: Path | None,
    system_name: str | None,
    seed: int | None,
    assignments: tuple[str, ...],
    trace_file: Path | None,
    trace_format: str,
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    as_json: bool,
) -> int:
    """Run SCENARIO (by default, the one that the system ships) under its seed, and judge it."""
    system = scenario_system(scenario_file, system_name, allowed, property_paths)
    chosen, place = chosen_scenario(scenario_file, system, "run", seed)
    stack = chosen_stack(system, chosen, place, assignments, allowed)
    if trace_file is not None:
        require_trace(trace_file, trace_format, system)
    began = time.perf_counter()
    result = run_seeded(chosen, stack, system.properties)
    seconds = time.perf_counter() - began
    if as_json:
        print_json(_result_json(result, seconds))
    else:
        _print_result(result, seconds)
    if trace_file is not None:
        write_trace(trace_file, trace_format, result)
        if not as_json:
            say(f"trace: {trace_file}")
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
    say(plain(told))
    say("stack: " + ", ".join(f"{part}={name}" for part, name in result.header.stack.items()))
    say(f"digest {result.digest}")
    say("\n".join(report.verdict_lines(result.verdicts, result.contracts)))
    if result.fault is not None:
        place = f" (raised at {result.fault.place})" if result.fault.place else ""
        say(plain(f"plugin fault: {result.fault}{place}"))
