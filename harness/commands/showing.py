"""What commands write beside their text: a page, JUnit, SARIF, and what GitHub shows of a job.

Owns those options, the files they name and where a plugin's code is. Nothing is made where nothing is asked for.
"""

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.formats.counterexample import FAULT
from crosslayer.harness.formats.files import require_writable, write_atomically
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Outcome, Verdict
from crosslayer.harness.picture.chart import ROOM
from crosslayer.harness.picture.exhibit import Exhibit
from crosslayer.harness.picture.mermaid import mermaid
from crosslayer.harness.picture.page import Report, html
from crosslayer.harness.picture.summary import SUMMARY_MAX, Line, Summary, annotations, junit, markdown, sarif
from crosslayer.harness.process.output import tell

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file of the job summary, in a job of GitHub's; where it is set, annotations are written, too."""


@frozen
class Outputs:
    """What is to be written beside the text of a command; None where nothing is asked for."""

    html: Path | None = None
    junit: Path | None = None
    sarif: Path | None = None
    summary: Path | None = None

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return any((self.html, self.junit, self.sarif, self.summary))

    def require(self) -> None:
        """`BadInput` if a file could not be written: that must be known before a hunt."""
        for path in (self.html, self.junit, self.sarif):
            if path is not None:
                require_writable(path)

    def write(self, summary: Summary, report: Callable[[], Report]) -> None:
        """Write all that is asked for. `report` makes the page's contents, if there is to be one."""
        if self.junit is not None:
            write_atomically(self.junit, [junit(summary)])
        if self.sarif is not None:
            write_atomically(self.sarif, [sarif(summary)])
        if self.html is not None:
            write_atomically(self.html, [html(report()).encode()])
        if self.summary is not None:
            self._append(self.summary, summary)

    def _append(self, path: Path, summary: Summary) -> None:
        """Add to the job summary (other steps of a job may have written there), and print the annotations."""
        try:
            room = SUMMARY_MAX - (path.stat().st_size if path.exists() else 0)
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\n{markdown(summary, room)}" if room > 1 << 13 else "")
        except OSError as error:
            tell(f"crosslayer: the job summary cannot be written: {error.strerror}")
        for line in annotations(summary):
            tell(line)


def outputs_options(function: Callable[..., int]) -> Callable[..., int]:
    """`--html`, `--junit` and `--sarif`, handed over as one `outputs`."""

    @wraps(function)
    def wrapper(*args: Any, html: Path | None, junit: Path | None, sarif: Path | None, **kwargs: Any) -> int:
        variable = os.environ.get(SUMMARY_VARIABLE)
        outputs = Outputs(html, junit, sarif, Path(variable) if variable else None)
        outputs.require()
        return function(*args, outputs=outputs, **kwargs)

    file = PLACE
    for name, text in (
        ("sarif", "Write what is violated here, as SARIF."),
        ("junit", "Write a JUnit XML file here: one case for each line."),
        ("html", "Write a page here that shows everything, diagrams included; it needs no network."),
    ):
        wrapper = click.option(f"--{name}", name, type=file, metavar="FILE", help=text)(wrapper)
    return wrapper


def line_of(one: Exhibit, name: str = "", outcome: str = "") -> Line:
    """What is to be said of one counterexample."""
    counterexample = one.counterexample
    file, number = code_of(one.stack, counterexample.blame or list(one.stack.swapped()))
    seed = counterexample.found.get("seed")
    return Line(
        name=name or counterexample.invariant,
        outcome=outcome or ("violated" if one.is_broken else "holds"),
        detail=one.headline,
        red=one.is_broken,
        fault=counterexample.invariant == FAULT,
        claim=one.promise,
        blame=one.blame,
        command=one.command,
        seed="" if seed is None else str(seed),
        saved=one.file,
        file=file,
        line=number,
        diagram=mermaid(one.chart(ROOM)),
    )


def verdict_lines(
    system: System, verdicts: Mapping[str, Verdict], exhibits: Sequence[Exhibit], seed: str = ""
) -> Iterable[Line]:
    """One line for each verdict; those of the exhibits with all that is known of them."""
    shown = {one.counterexample.invariant: one for one in exhibits}
    claims = {one.name: one.claim for one in system.properties}
    joint = {one.name for one in system.joint}
    for name, verdict in verdicts.items():
        if name in shown and verdict.outcome is Outcome.VIOLATED:
            yield line_of(shown[name])
            continue
        yield Line(
            name=name,
            outcome=str(verdict.outcome),
            detail=verdict.detail,
            red=verdict.outcome is Outcome.VIOLATED,
            vacuous=verdict.outcome is Outcome.VACUOUS and name in joint,
            fault=name == FAULT,
            claim=claims.get(name, ""),
            seed=seed,
        )


def code_of(stack: Stack, parts: Iterable[str]) -> tuple[str, int]:
    """The file, below the working folder, and the line where the first of these parts' plugin is made; or nothing."""
    for part in parts:
        try:
            factory = inspect.unwrap(stack.factory(part))
            path = Path(inspect.getsourcefile(factory) or "").resolve().relative_to(Path.cwd())
            number = inspect.getsourcelines(factory)[1]
        except (OSError, TypeError, ValueError, AttributeError, LookupError):
            continue
        return str(path), max(1, number)
    return "", 0
