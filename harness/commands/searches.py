"""What the searching commands, hunt and explore, share: their options, and how they tell what they found.

Owns the verdicts of a whole search, their lines, its exit status, and how it is interrupted. Knows nothing of how
anything was found.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import Finding
from crosslayer.harness.formats.codec import schedule_json, unstructure
from crosslayer.harness.formats.counterexample import FAULT
from crosslayer.harness.keep.corpus import FOUND
from crosslayer.harness.model.verdicts import Outcome, Property, Verdict

scenario_option = click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    help="Timing, and what else a scenario fixes; by default what the system has for hunts.",
)
save_option = click.option(
    "--save",
    type=click.Path(path_type=Path),
    default=FOUND,
    show_default=True,
    help="Where counterexamples are saved.",
)
CORES = os.cpu_count() or 1
"""Processes of a search, unless told otherwise."""


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; nothing is cut in two by it. Pressed a second time, it ends the program as usual."""
    pressed: list[int] = []

    def press(number: int, _frame: object) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def verdicts_of(
    properties: Sequence[Property],
    findings: Sequence[Finding],
    exercised: Mapping[str, int],
    runs: int,
    kept: Callable[[int], str],
) -> dict[str, Verdict]:
    """What a search of so many runs says of each property: violated, kept, or never put to the test.

    `exercised` counts the runs that put a property to the test; `kept` tells that number of one that nothing broke.
    """
    found = {one.counterexample.invariant: one.counterexample for one in findings}
    verdicts = {}
    for one in properties:
        times = exercised.get(one.name, 0)
        if one.name in found:
            verdicts[one.name] = Verdict(Outcome.VIOLATED, found[one.name].story)
        elif times:
            verdicts[one.name] = Verdict(Outcome.HOLDS, kept(times))
        else:
            verdicts[one.name] = Verdict(Outcome.VACUOUS, f"in none of {runs} runs put to the test")
    if FAULT in found:
        verdicts[FAULT] = Verdict(Outcome.VIOLATED, found[FAULT].story)
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


def print_stories(findings: Sequence[Finding]) -> None:
    """Every story, and a blank line after each."""
    for one in findings:
        click.echo(f"{one.story}\n")


def print_verdicts(verdicts: Mapping[str, Verdict]) -> None:
    """One line for each property."""
    width = max(map(len, verdicts))
    for name, verdict in verdicts.items():
        click.echo(f"  {name:<{width}}  {verdict.outcome:<8}  {verdict.detail}")


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
