"""`crosslayer hunt`: look for schedules that break promises.

The engine is imported when it is known which one is asked for: a hunt in volume needs no Hypothesis.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import click

from crosslayer.harness.commands.hiring import Hiring, workers_options
from crosslayer.harness.commands.kinds import RUNS, SECONDS, SEED
from crosslayer.harness.commands.printing import say_line
from crosslayer.harness.commands.searched import hunt_report, hunt_summary
from crosslayer.harness.commands.searches import (
    CORES,
    QUIET,
    VERBOSE,
    Finds,
    believed,
    findings_json,
    interruptible,
    invariant_option,
    print_stories,
    print_verdicts,
    rate,
    save_option,
    scenario_option,
    status,
    summary,
    verbosity_options,
    verdicts_of,
)
from crosslayer.harness.commands.shared import (
    allow_option,
    chosen_properties,
    chosen_scenario,
    chosen_stack,
    isolating,
    json_option,
    print_json,
    property_option,
    require_folder,
    scenario_system,
    stack_option,
    system_option,
)
from crosslayer.harness.commands.showing import Outputs, outputs_options
from crosslayer.harness.explain import report
from crosslayer.harness.explain.exercise import idle
from crosslayer.harness.explain.findings import Finding
from crosslayer.harness.model.errors import BadInput, ProcessLost
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.model.system import without_properties
from crosslayer.harness.model.verdicts import Outcome, Verdict
from crosslayer.harness.picture.exhibit import exhibit
from crosslayer.harness.process.output import say, tell
from crosslayer.harness.search.canary import SELF_TEST_FAILED, canary
from crosslayer.harness.search.diagnosis import declared_in_vain
from crosslayer.harness.search.hunting import ENDLESS, EXAMPLES, Budget, Hunted, Progress, unreached
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.priorities import Scheduler, by_priority, in_time
from crosslayer.harness.search.progress import showing

ENGINES = {"hypothesis": "crosslayer.strategies.hunt", "volume": "crosslayer.harness.search.volume"}
"""What draws the runs: the module whose `hunt` does it."""


SCHEDULERS: Mapping[str, Scheduler] = {"time": in_time, "priority": by_priority}
"""What orders the events of a run."""


@click.command(epilog=report.EXIT_HELP)
@system_option
@stack_option
@invariant_option("Hunt")
@click.option(
    "--engine", type=click.Choice(list(ENGINES)), default="hypothesis", show_default=True, help="What draws the runs."
)
@click.option(
    "--examples",
    type=RUNS,
    help=f"Runs at the most; by default {EXAMPLES}, or in volume as many as the seconds allow, if these are given.",
)
@click.option("--seconds", type=SECONDS, help="Seconds at the most.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="The seed of the hunt's own choices.")
@click.option(
    "--scheduler",
    type=click.Choice(list(SCHEDULERS)),
    default="time",
    show_default=True,
    help="What orders events: the clock, or the priorities of links.",
)
@workers_options(CORES, "Processes of the volume engine; by default, one for each core.")
@click.option("-x", "--exitfirst", "first_only", is_flag=True, help="Stop at the first find.")
@scenario_option
@save_option
@allow_option
@property_option
@json_option
@verbosity_options
@isolating
@outputs_options
def hunt(
    system_name: str | None,
    assignments: tuple[str, ...],
    names: tuple[str, ...],
    engine: str,
    examples: int | None,
    seconds: float | None,
    seed: int,
    scheduler: str,
    first_only: bool,
    scenario_file: Path | None,
    save: Path,
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    as_json: bool,
    verbosity: int,
    hiring: Hiring,
    outputs: Outputs,
) -> int:
    """Hunt for schedules, partitions and adversaries that break a promise, and tell the shortest as a story."""
    system = scenario_system(scenario_file, system_name, allowed, property_paths)
    scenario, place = chosen_scenario(scenario_file, system, "hunt")
    stack = chosen_stack(system, scenario, place, assignments, allowed)
    scenario = attrs.evolve(scenario, faults=Faults(), adversary=(), stack=())  # all faults are the hunt's to draw
    properties = chosen_properties(system, names)
    require_folder(save)
    in_volume = engine == "volume"
    if hiring.flags() not in ("", "--jobs 1") and not in_volume:
        raise BadInput(hiring.flags(), "the Hypothesis engine runs in one process; add --engine volume")
    hiring.require()
    search = import_module(ENGINES[engine]).hunt
    declared = without_properties(system)
    missed = canary(declared, scenario, declared.properties, search)
    if missed:
        tell(f"crosslayer: {SELF_TEST_FAILED.format(missed)}")
        return report.EXIT_FAULT
    search = partial(search, scheduler=SCHEDULERS[scheduler])
    budget = Budget(examples or (ENDLESS if in_volume and seconds is not None else EXAMPLES), seconds, seed, first_only)
    judgement = Judgement(scenario, stack, properties)
    finds = Finds(judgement, save)
    how = {"how": "hunt", "engine": engine, "scheduler": scheduler, "seed": seed}
    with interruptible() as interrupted:
        with hiring.hired() as workers, showing(budget.examples, seconds=seconds) as progress:

            def see(now: Hunted) -> None:
                finds.note(now.cases, {**how, "first": now.examples})
                progress(now)

            if in_volume:
                search = partial(search, workers=workers)
            hunted, lost = _searched(partial(search, scenario, stack, properties, budget, stop=interrupted), see)
            stopped = interrupted()
        how["examples"] = hunted.examples
        finished = finds.finish(hunted.cases, lambda name: {**how, "first": hunted.first[name]})
    verdicts = verdicts_of(
        properties,
        finds.findings,
        hunted.cases,
        hunted.exercised,
        hunted.examples,
        lambda times: f"survived {hunted.examples} runs, exercised in {times} of them",
    )
    if as_json:
        print_json(hunted_json(hunted, verdicts, finds.findings))
    else:
        why = "interrupted" if stopped else "a process was lost" if lost is not None else hunted.why_done(budget)
        _print(hunted, verdicts, finds.findings, declared_in_vain(system, hunted), verbosity)
        less = "" if stopped or lost is not None else _less_than_usual(judgement, verdicts, seed)
        say_line(f"{summary(verdicts, properties)}. {hunted.examples} runs, {hunted.seconds:.1f} s, {why}.{less}")
    if outputs:
        exhibits = [exhibit(one.counterexample, stack, properties, one.file) for one in finds.findings]
        shown = hunt_summary(system, verdicts, exhibits, seed, hunted.examples)
        outputs.write(shown, lambda: hunt_report(stack, hunted, verdicts, exhibits, seed))
    answer = finds.status(status(verdicts, properties))
    if lost is not None:
        tell(f"crosslayer: {lost}; the results of {hunted.examples} runs are printed and saved")
        return answer if answer in (report.EXIT_VIOLATED, report.EXIT_OUTPUT) else report.EXIT_FAULT
    answer = believed(answer, judgement, seed)
    if not stopped and finished:
        return answer
    tell(f"crosslayer: interrupted after {hunted.examples} runs; results so far are printed and saved")
    return report.EXIT_VACUOUS if answer == report.EXIT_HOLDS else answer


def _less_than_usual(judgement: Judgement, verdicts: Mapping[str, Verdict], seed: int) -> str:
    """That a stack which broke nothing exercised some promise less often than the reference does, if it is so."""
    if any(one.outcome is Outcome.VIOLATED for one in verdicts.values()):
        return ""
    return "".join(f" Less than usual: {one}." for one in idle(judgement, seed))


def _searched(search: Callable[..., Hunted], progress: Progress) -> tuple[Hunted, ProcessLost | None]:
    """What a search found, even if it lost a process on the way, or was interrupted for the second time."""
    state: list[Hunted] = []

    def see(now: Hunted) -> None:
        state[:] = [now]
        progress(now)

    try:
        return search(progress=see), None
    except ProcessLost as lost:
        if not state:
            raise
        return state[0], lost


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


def _print(
    hunted: Hunted, verdicts: dict[str, Verdict], findings: list[Finding], hints: Sequence[str], verbosity: int
) -> None:
    """Verdicts and coverage first: the stories, and the line after them, are what a reader should still see."""
    print_verdicts(verdicts, verbosity)
    never, reached = unreached(hunted.reached), {name: count for name, count in hunted.reached.items() if count}
    if verbosity == VERBOSE:
        average = hunted.steps / max(1, hunted.examples)
        say(f"{average:.0f} steps a run on average, {rate(hunted.examples, hunted.seconds):.0f} runs a second")
        say("situations reached, and in how many runs")
        for name, count in reached.items():
            say(f"  {count:>6}  {name}")
        if never:
            say_line("never reached: " + "; ".join(never))
    elif verbosity != QUIET and hunted.reached:
        say(f"coverage: {len(reached)} of {len(hunted.reached)} situations reached (-v lists them)")
    if verbosity != QUIET:
        for line in hints:
            say_line(report.line(f"hint: {line}"))
    if findings and verbosity != QUIET:
        say()
    print_stories(findings, verbosity)
