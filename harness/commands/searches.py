"""What the searching commands, hunt and explore, share: their options, and how they tell what they found.

Owns the verdicts of a whole search, their lines, its exit status, and how it is interrupted. Knows nothing of how
anything was found.
"""

import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.commands import completing
from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.printing import say_line, say_story
from crosslayer.harness.explain import report
from crosslayer.harness.explain.determinism import doubt
from crosslayer.harness.explain.findings import Finding, finish, keep_raw
from crosslayer.harness.explain.report import named
from crosslayer.harness.explain.story import UNRELIABLE
from crosslayer.harness.formats.codec import schedule_json, unstructure
from crosslayer.harness.formats.counterexample import FAULT, Case
from crosslayer.harness.keep.corpus import FOUND
from crosslayer.harness.model.errors import BadInput, OutputLost, Terminated
from crosslayer.harness.model.verdicts import Outcome, Property, Verdict
from crosslayer.harness.process.output import tell
from crosslayer.harness.search.judgement import Judgement

scenario_option = click.option(
    "--scenario",
    "scenario_file",
    type=PLACE,
    help="Timing, and what else a scenario fixes; by default what the system has for hunts.",
)


def invariant_option(doing: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """--invariant, of a command that does this (`Hunt`) for what it names."""
    return click.option(
        "--invariant",
        "names",
        multiple=True,
        metavar="NAME",
        shell_complete=completing.of_system(completing.property_names),
        help=f"{doing} for this one only; repeatable.",
    )


save_option = click.option(
    "--save",
    type=PLACE,
    default=FOUND,
    show_default=True,
    help="Where counterexamples are saved.",
)
QUIET, NORMAL, VERBOSE = -1, 0, 1


def verbosity_options(function: Callable[..., int]) -> Callable[..., int]:
    """-q and -v."""
    quiet = click.option("-q", "--quiet", is_flag=True, help="Only what failed, how to replay it, and the last line.")
    verbose = click.option("-v", "--verbose", is_flag=True, help="All verdicts, the coverage, and stories in detail.")

    @verbose
    @quiet
    @wraps(function)
    def wrapper(*args: Any, quiet: bool, verbose: bool, **kwargs: Any) -> int:
        if quiet and verbose:
            raise click.UsageError("-q and -v exclude each other")
        return function(*args, verbosity=QUIET if quiet else VERBOSE if verbose else NORMAL, **kwargs)

    return wrapper


CORES = os.cpu_count() or 1
"""Processes of a search, unless told otherwise."""


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, or SIGTERM came; nothing is cut in two by it. A second one ends what is under way."""
    came: list[int] = []

    def come(number: int, _frame: object) -> None:
        came.append(number)
        if len(came) > 1:
            raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.signal(number, come) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Finds:
    """What a search has found: on disk from the moment it is known, and again, shrunk, once it is finished."""

    def __init__(self, judgement: Judgement, folder: Path) -> None:
        self.findings: list[Finding] = []
        self.unsaved = ""
        self._judgement = judgement
        self._folder = folder
        self._raw: dict[str, Path | None] = {}

    def note(self, cases: Mapping[str, Case], found: Mapping[str, Any]) -> None:
        """Save what is new of these cases, as it is, and say so."""
        for name in [one for one in cases if one not in self._raw] if len(cases) > len(self._raw) else ():
            self._raw[name] = None
            try:
                self._raw[name] = keep_raw(self._judgement, name, cases[name], found, self._folder)
            except (BadInput, OutputLost) as error:
                self._lose(str(error))
            else:
                tell(f"crosslayer: {named(name)} is broken; kept as {self._raw[name]} until it is shrunk")

    def finish(self, cases: Mapping[str, Case], how: Callable[[str], Mapping[str, Any]]) -> bool:
        """Shrink, explain and save all of them; False if a second interrupt came between.

        What is left then is on disk as it was found.
        """
        self.note(cases, {})
        try:
            names = [one.name for one in self._judgement.properties]
            for name in sorted(cases, key=lambda name: names.index(name) if name in names else -1):
                case = cases[name]
                finding = finish(self._judgement, name, case, how(name), self._folder)
                self.findings.append(finding)
                if finding.unsaved:
                    self._lose(finding.unsaved)
                else:
                    self._forget(name)
        except KeyboardInterrupt:
            return False
        return True

    def _forget(self, name: str) -> None:
        """The raw case is not needed any more."""
        raw = self._raw.get(name)
        if raw is not None:
            raw.unlink(missing_ok=True)

    def _lose(self, why: str) -> None:
        self.unsaved = self.unsaved or why

    def status(self, answer: int) -> int:
        """The exit status of the search, if what was found could be saved; that it could not is told."""
        if not self.unsaved:
            is_pass = answer in (report.EXIT_HOLDS, report.EXIT_VACUOUS)
            return report.EXIT_FAULT if is_pass and any(one.unreliable for one in self.findings) else answer
        tell(f"crosslayer: {self.unsaved}; what was found is told above, but not saved")
        return report.EXIT_OUTPUT


_UNFINISHED = "broken; interrupted before the case was shrunk"


def verdicts_of(
    properties: Sequence[Property],
    findings: Sequence[Finding],
    cases: Collection[str],
    exercised: Mapping[str, int],
    runs: int,
    kept: Callable[[int], str],
) -> dict[str, Verdict]:
    """What a search of this number of runs says of each property: violated, kept, or never exercised.

    `cases` names what was broken, of which `findings` are finished. `exercised` counts the runs that exercised a
    property; `kept` tells that number of one that nothing broke.
    """
    found = {
        one.counterexample.invariant: Verdict(Outcome.VACUOUS, UNRELIABLE)
        if one.unreliable
        else Verdict(Outcome.VIOLATED, one.counterexample.story, one.evidence)
        for one in findings
    }
    verdicts = {}
    for one in properties:
        times = exercised.get(one.name, 0)
        if one.name in found:
            verdicts[one.name] = found[one.name]
        elif one.name in cases:
            verdicts[one.name] = Verdict(Outcome.VIOLATED, _UNFINISHED)
        elif times:
            verdicts[one.name] = Verdict(Outcome.HOLDS, kept(times))
        else:
            verdicts[one.name] = Verdict(Outcome.VACUOUS, f"exercised in none of {runs} runs")
    if FAULT in cases:
        verdicts[FAULT] = found.get(FAULT, Verdict(Outcome.VIOLATED, _UNFINISHED))
    return verdicts


def findings_json(findings: Sequence[Finding], how: str) -> list[dict[str, Any]]:
    """Findings as JSON values; `how` names what is told of how each was found."""
    return [
        {
            "invariant": one.counterexample.invariant,
            "population": unstructure(one.counterexample.scenario.population),
            "steps": schedule_json(one.counterexample.schedule),
            "story": one.story,
            "blame": list(one.counterexample.blame),
            "file": one.file,
            how: one.counterexample.found[how],
        }
        for one in findings
    ]


def print_stories(findings: Sequence[Finding], verbosity: int = NORMAL) -> None:
    """Every story, and a blank line after each; quietly, only its first line, an error, and how to replay it."""
    for one in findings:
        if verbosity == QUIET:
            faulty = one.counterexample.invariant == FAULT
            kept = ("FAIL", "UNRELIABLE", "  Replay", *(("  What happened", "  Raised at") if faulty else ()))
            say_story("\n".join(line for line in one.story.split("\n") if line.startswith(kept)))
        else:
            say_story(f"{one.details if verbosity == VERBOSE else one.story}\n")


def print_verdicts(verdicts: Mapping[str, Verdict], verbosity: int = VERBOSE) -> None:
    """One line for each property; where something is broken, which its story says, only for those not exercised."""
    broken = any(one.outcome is Outcome.VIOLATED for one in verdicts.values())
    shown = {
        name: one for name, one in verdicts.items() if verbosity == VERBOSE or not broken or _is_news(one)
    }  # fmt: skip
    if verbosity == QUIET or not shown or (FAULT in verdicts and verbosity != VERBOSE):
        return
    width = max(map(len, shown))
    for name, verdict in shown.items():
        say_line(report.line(f"  {name:<{width}}  {verdict.outcome:<8}  {verdict.detail}"))


def _is_news(verdict: Verdict) -> bool:
    """Whether no story tells of it, and it does not simply hold."""
    return verdict.outcome is Outcome.VACUOUS or verdict.detail == _UNFINISHED


def summary(verdicts: Mapping[str, Verdict], properties: Sequence[Property]) -> str:
    """How many joint invariants and contracts are broken, hold, or were not exercised, in one line."""
    groups = (
        ("joint invariant", [one.name for one in properties if one.joint]),
        ("contract", [one.name for one in properties if not one.joint]),
    )
    parts = ["a plugin failed"] if FAULT in verdicts else []
    parts += [_counts(what, {name: verdicts[name] for name in names}) for what, names in groups if names]
    return "; ".join(parts)


def _counts(what: str, verdicts: Mapping[str, Verdict]) -> str:
    whole = f"{len(verdicts)} {what}{'' if len(verdicts) == 1 else 's'}"
    by_outcome = {
        outcome: [name for name, one in verdicts.items() if one.outcome is outcome]
        for outcome in (Outcome.VIOLATED, Outcome.VACUOUS, Outcome.HOLDS)
    }
    if len(by_outcome[Outcome.HOLDS]) == len(verdicts):
        return f"all {whole} hold" if len(verdicts) > 1 else f"{whole} holds"
    words = {Outcome.VIOLATED: "broken", Outcome.VACUOUS: "not exercised (vacuous)"}
    said = [(len(by_outcome[one]), word) for one, word in words.items() if by_outcome[one]]
    kept = len(by_outcome[Outcome.HOLDS])
    said += [(kept, "holds" if kept == 1 else "hold")] if kept else []
    (first, word), *more = said
    return ", ".join([f"{first} of {whole} {word}", *(f"{number} {word}" for number, word in more)])


def rate(runs: int, seconds: float) -> float:
    """Runs a second; nought before any time has passed."""
    return runs / seconds if seconds else 0.0


def status(verdicts: Mapping[str, Verdict], properties: Sequence[Property]) -> int:
    """The documented exit status of a search."""
    if FAULT in verdicts:
        return report.EXIT_FAULT
    joint = {one.name: verdicts[one.name] for one in properties if one.joint}
    others = {one.name: verdicts[one.name] for one in properties if not one.joint}
    return report.exit_status(joint, others, None)


def believed(answer: int, judgement: Judgement, seed: int = 0) -> int:
    """The status of a search that broke nothing, unless its runs cannot be relied on."""
    unsure = doubt(judgement, seed) if answer in (report.EXIT_HOLDS, report.EXIT_VACUOUS) else ""
    if unsure:
        tell(f"crosslayer: {unsure}; no verdict of its runs can be relied on")
    return report.EXIT_FAULT if unsure else answer
