"""`crosslayer explore`: every schedule with at most N deviations, and what that proves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import click

from crosslayer.harness.commands import completing
from crosslayer.harness.commands.hiring import ONE_FOR_EACH_CORE, Hiring, workers_options
from crosslayer.harness.commands.kinds import DEVIATIONS, PLACE, SIDES
from crosslayer.harness.commands.opening import opened, port_option
from crosslayer.harness.commands.populations import read_population
from crosslayer.harness.commands.printing import say_line
from crosslayer.harness.commands.searches import (
    CORES,
    QUIET,
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
from crosslayer.harness.commands.whatif import Base
from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import Finding
from crosslayer.harness.formats.files import require_writable
from crosslayer.harness.model.brief import guess
from crosslayer.harness.model.errors import BadInput, OutputLost, ProcessLost
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.model.steps import RUNNING_ON, Partition
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Verdict
from crosslayer.harness.process.output import say, tell
from crosslayer.harness.search import exploration
from crosslayer.harness.search.explore import Explored, Scope, look
from crosslayer.harness.search.explore import explore as search
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.progress import showing
from crosslayer.harness.search.workers import Workers, together

SAVE_SECONDS = 30.0
"""Between two savings of an exploration that has a file to be resumed from."""

INTERRUPTED = Path("exploration.json")
"""Where an interrupted exploration is left, if no file was named."""


@click.command(epilog=report.EXIT_HELP)
@system_option
@stack_option
@invariant_option("Explore")
@click.option(
    "--population",
    "counts",
    metavar="ROLE=N,…",
    help="Agents of each role, for instance worker=2,server=1, or the numbers alone in the order of the roles; by "
    "default, a small world in which every role has an agent.",
)
@click.option("--deviations", type=DEVIATIONS, default=1, show_default=True, help="Deviations at the most.")
@click.option("--sides", type=SIDES, default=2, show_default=True, help="Sides of a split network at the most.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="STEP",
    shell_complete=completing.of_system(completing.deviations),
    help="Only deviations of this kind, for instance Drop; repeatable.",
)
@click.option("--every-point", is_flag=True, help="Leave no point out and merge nothing: many more runs.")
@click.option(
    "--share",
    default="1/1",
    show_default=True,
    metavar="I/N",
    help="Of the schedules with most deviations, only the Ith of N equal shares.",
)
@workers_options(CORES, ONE_FOR_EACH_CORE)
@click.option("--resume", type=PLACE, help="Go on from this file if it is there; it is kept current.")
@click.option("--ui", "by_hand", is_flag=True, help="Explore by hand: open the empty schedule in a browser.")
@port_option
@scenario_option
@save_option
@allow_option
@property_option
@json_option
@verbosity_options
@isolating
def explore(
    system_name: str | None,
    assignments: tuple[str, ...],
    names: tuple[str, ...],
    counts: str | None,
    deviations: int,
    sides: int,
    kinds: tuple[str, ...],
    every_point: bool,
    share: str,
    resume: Path | None,
    by_hand: bool,
    port: int,
    scenario_file: Path | None,
    save: Path,
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    as_json: bool,
    verbosity: int,
    hiring: Hiring,
) -> int:
    """Run every schedule with at most --deviations deviations from the happy path; what is found has the fewest."""
    if by_hand:
        base = Base(
            system=system_name or "",
            assignments=assignments,
            allowed=allowed,
            properties=property_paths,
            scenario=str(scenario_file or ""),
            population=counts or "",
            save=str(save),
        )
        return opened(base, port)
    system = scenario_system(scenario_file, system_name, allowed, property_paths)
    scenario, place = chosen_scenario(scenario_file, system, "hunt")
    stack = chosen_stack(system, scenario, place, assignments, allowed)
    kinds = read_kinds(system, kinds)
    scenario = attrs.evolve(
        scenario, population=read_population(system, counts), faults=Faults(), adversary=(), stack=()
    )
    properties = chosen_properties(system, names)
    require_folder(save)
    hiring.require()
    if resume is not None:
        require_writable(resume)
    judgement = Judgement(scenario, stack, properties)
    wanted = tuple(one.name for one in properties) if names else ()
    scope = Scope(deviations, sides, every_point, tuple(sorted(set(kinds))), *read_share(share))
    about = exploration.subject(judgement, scope, wanted)
    state = exploration.load(resume, about, judgement) if resume is not None and resume.exists() else Explored()
    finds = Finds(judgement, save)
    with interruptible() as interrupted:
        run = _Run(state, finds, resume, about, interrupted)
        with hiring.hired() as workers:
            run.search(judgement, scope, wanted, workers)
        found = {"how": "explore", "deviations": state.levels[-1].deviations if state.levels else 0}
        finds.finish(state.cases, lambda _: found)
    done = state.covers(scope)
    kept = f"kept by {'every schedule' if complete(state, scope) else 'what was run'}"
    verdicts = verdicts_of(
        properties,
        finds.findings,
        state.cases,
        state.reached,
        state.examples,
        lambda times: f"{kept}, exercised in {times} runs",
    )
    if as_json:
        print_json(explored_json(state, scope, verdicts, finds.findings))
    else:
        _print(state, scope, verdicts, finds.findings, verbosity)
        say_line(f"{summary(verdicts, properties)}. {state.examples} runs, {state.seconds:.1f} s.")
    answer = believed(finds.status(status(verdicts, properties)), judgement)
    if run.unsaved:
        tell(f"crosslayer: {run.unsaved}; it cannot be gone on with")
        answer = report.EXIT_OUTPUT
    elif run.lost is not None or run.stopped:
        why = "interrupted" if run.lost is None else str(run.lost)
        tell(f"crosslayer: {why}; go on with --resume {resume or INTERRUPTED}")
    if run.lost is not None and answer not in (report.EXIT_VIOLATED, report.EXIT_OUTPUT):
        return report.EXIT_FAULT
    return report.EXIT_VACUOUS if answer == report.EXIT_HOLDS and not done else answer


_SHARE_DIGITS = 12
"""Digits of the number of a share."""


def read_share(text: str) -> tuple[int, int]:
    """The number of a share and how many there are; `BadInput` if the text names none."""
    number, slash, of = text.partition("/")
    digits = slash and number.isdecimal() and of.isdecimal() and len(of) <= _SHARE_DIGITS >= len(number)
    if not digits or not 1 <= int(number) <= int(of):
        raise BadInput(f"--share {text}", "write I/N, for instance 3/144: the third of 144 equal shares")
    return int(number), int(of)


def read_kinds(system: System, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The names of steps, whatever their case; `BadInput` for one that is no deviation of this system."""
    known = {one.__name__.lower(): one.__name__ for one in system.vocabulary if one not in RUNNING_ON}
    for kind in kinds:
        if kind.lower() not in known:
            raise BadInput(
                f"--kind {kind}", f"choose one of {', '.join(sorted(known.values()))}{guess(kind, known.values())}"
            )
    return tuple(known[kind.lower()] for kind in kinds)


class _Run:
    """One exploration, and the file that is kept current.

    Afterwards it is known whether it was stopped, what was lost, and what cannot be saved.
    """

    def __init__(
        self, state: Explored, finds: Finds, resume: Path | None, about: str, interrupted: Callable[[], bool]
    ) -> None:
        self.stopped = False
        self.lost: ProcessLost | None = None
        self.unsaved = ""
        self._state = state
        self._finds = finds
        self._resume = resume
        self._about = about
        self._interrupted = interrupted

    def search(self, judgement: Judgement, scope: Scope, wanted: tuple[str, ...], workers: Workers) -> None:
        """Explore until it is done, stopped, or lost."""
        saved = self._state.seconds
        with showing(1, "exploring") as show:

            def see(now: Explored) -> None:
                nonlocal saved
                show(now)
                self._finds.note(now.cases, {"how": "explore"})
                if self._resume is not None and now.seconds - saved >= SAVE_SECONDS:
                    saved = now.seconds
                    self._save(self._resume)
                if self._interrupted():
                    raise _Stopped

            try:
                search(judgement, scope, together(judgement, workers, look), self._state, wanted=wanted, progress=see)
            except _Stopped:
                self.stopped = True
            except ProcessLost as lost:
                self.lost = lost
        file = self._resume or (INTERRUPTED if self.stopped or self.lost is not None else None)
        if file is not None:
            self._save(file)

    def _save(self, file: Path) -> None:
        try:
            exploration.save(file, self._about, self._state)
            self.unsaved = ""
        except (BadInput, OutputLost) as error:
            self.unsaved = str(error)


class _Stopped(Exception):
    """Somebody wants the exploration to end."""


def complete(state: Explored, scope: Scope) -> bool:
    """Whether every schedule with this number of deviations was run: a share of them is not the whole."""
    return state.covers(scope) and scope.whole(scope.deviations)


def covered(state: Explored, scope: Scope) -> str:
    """Exactly what was covered, in one line."""
    whole = [one.deviations for one in state.levels if one.complete and scope.whole(one.deviations)]
    told = f"every schedule with at most {max(whole)} deviations" if whole else "no level completed"
    last = state.levels[-1] if state.levels else None
    if last is not None and last.deviations not in whole:
        told += f", and {last.schedules} schedules with {last.deviations}"
        if not scope.whole(last.deviations):
            told += f" ({'' if last.complete else 'not all of '}share {scope.share} of {scope.shares})"
    points = "every point" if scope.everywhere else "every distinguishable point"
    split = f", splits into at most {scope.sides} sides" if Partition() in scope else ""
    kinds = f", of no other kind than {', '.join(scope.kinds)}" if scope.kinds else ""
    return f"{told}, at {points}{split}{kinds}"


def explored_json(
    state: Explored, scope: Scope, verdicts: dict[str, Verdict], findings: list[Finding]
) -> dict[str, Any]:
    """An exploration as a JSON value."""
    return {
        "complete": complete(state, scope),
        "covered": covered(state, scope),
        "share": {"number": scope.share, "of": scope.shares, "complete": state.covers(scope)},
        "runs": state.examples,
        "seconds": round(state.seconds, 3),
        "levels": [attrs.asdict(level) for level in state.levels],
        "verdicts": report.verdicts_json(verdicts),
        "reached": state.reached,
        "counterexamples": findings_json(findings, "deviations"),
    }


def _print(
    state: Explored, scope: Scope, verdicts: dict[str, Verdict], findings: list[Finding], verbosity: int
) -> None:
    """What was covered and the verdicts first: the stories are what a reader should still see."""
    if verbosity != QUIET:
        _print_levels(state)
    print_verdicts(verdicts, verbosity)
    done = "complete" if state.covers(scope) else "not complete"
    part = "" if scope.shares == 1 else f"share {scope.share} of {scope.shares} "
    say_line(f"{part}{done}: {covered(state, scope)}")
    if findings and verbosity != QUIET:
        say()
    print_stories(findings, verbosity)


def _print_levels(state: Explored) -> None:
    say(f"{state.examples} runs in {state.seconds:.1f} s ({rate(state.examples, state.seconds):.0f}/s)")
    for level in state.levels:
        plural = "" if level.deviations == 1 else "s"
        say(
            f"  {level.deviations} deviation{plural}: {level.schedules} schedules, {level.idle} without effect, "
            f"{level.merged} like an earlier one{'' if level.complete else '; not all of them'}"
        )
