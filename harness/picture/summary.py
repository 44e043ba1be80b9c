"""What a command found, line by line, for programs that show it: job summaries, annotations, JUnit, SARIF.

Owns these formats and their limits. Knows nothing of commands, and writes no file.
"""

import json
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from attrs import frozen
from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from crosslayer.harness.model.errors import plain
from crosslayer.harness.picture.markup import shortened

ANNOTATIONS_MAX = 10
"""Annotations of one kind that GitHub shows of a step."""

SUMMARY_MAX = 1 << 20
"""Bytes of a job summary that GitHub shows: of more, it shows nothing."""

_RESERVED = 1 << 12


@frozen(kw_only=True)
class Line:
    """One promise, entry or stack, and what came of it.

    `outcome` is a word; `red` says that it makes the job red, `vacuous` that nothing was tested. `file` and `line` say
    where the blamed plugin's code is, if that is known. `diagram` is a Mermaid diagram.
    """

    name: str
    outcome: str
    detail: str
    red: bool
    vacuous: bool = False
    fault: bool = False
    claim: str = ""
    blame: str = ""
    command: str = ""
    seed: str = ""
    saved: str = ""
    file: str = ""
    line: int = 0
    diagram: str = ""


@frozen
class Summary:
    """All lines of one command. `kind` names the command, `title` says what came of it."""

    kind: str
    title: str
    lines: tuple[Line, ...]


# Markdown


def markdown(summary: Summary, bound: int = SUMMARY_MAX) -> str:
    """A job summary of at most this number of bytes; what does not fit is counted."""
    title = f"## Crosslayer {md(summary.kind)}: {md(summary.title)}\n\n"
    head = title + "| | promise | outcome | detail |\n|---|---|---|---|\n"
    rows = [
        f"| {_sign(one)} | {md(one.name)} | {md(one.outcome)} | {md(shortened(one.detail, 300))} |\n"
        for one in summary.lines
    ]
    red = [one for one in summary.lines if one.red]
    text, left = _fitting(head, rows, bound - _RESERVED, "rows")
    if left:
        return text
    text, left = _fitting(f"{text}\n", [_section(one) for one in red], bound - _RESERVED, "counterexamples")
    return text


def md(text: str) -> str:
    """A text that says nothing to Markdown, in a table or elsewhere, and mentions nobody."""
    return re.sub(
        r"([\\`*_{}\[\]()#+!|~$@:-])",
        r"\\\1",
        plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    )


def _fitting(text: str, parts: Sequence[str], bound: int, what: str) -> tuple[str, int]:
    size = len(text.encode())
    for number, part in enumerate(parts):
        size += len(part.encode())
        if size > bound:
            left = len(parts) - number
            return f"{text}\n{left} more {what}.\n", left
        text += part
    return text, 0


def _sign(one: Line) -> str:
    return "❌" if one.red else "⚪" if one.vacuous else "✅"


def _section(one: Line) -> str:
    told = [f"### {md(one.detail)}", ""]
    if one.claim:
        told += [f"**Promise** {md(one.claim)}", ""]
    if one.blame:
        told += [f"**Whose fault** {md(one.blame)}", ""]
    if one.command:
        told += ["```console", f"$ {plain(one.command).replace('```', '')}", "```", ""]
    if one.diagram:
        told += [
            "<details><summary>Space-time diagram</summary>",
            "",
            f"```mermaid\n{one.diagram}```",
            "",
            "</details>",
            "",
        ]
    return "\n".join(told) + "\n"


# Annotations


def annotations(summary: Summary) -> list[str]:
    """Workflow commands that GitHub turns into annotations: ten at the most, the last one counting the rest."""
    red = [one for one in summary.lines if one.red]
    shown = red if len(red) <= ANNOTATIONS_MAX else red[: ANNOTATIONS_MAX - 1]
    lines = [_annotation(one) for one in shown]
    if len(red) > len(shown):
        lines.append(f"::error title=Crosslayer::{len(red) - len(shown)} more; see the job summary")
    return lines


def _annotation(one: Line) -> str:
    where = f"file={_property(one.file)},line={one.line}," if one.file else ""
    told = " ".join(
        part for part in (one.detail, f"Whose fault: {one.blame}" if one.blame else "", one.command) if part
    )
    return f"::error {where}title={_property(f'Crosslayer: {one.name}')}::{_data(told)}"


def _data(text: str) -> str:
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# JUnit


def junit(summary: Summary) -> bytes:
    """A JUnit file: one case a line, with seed, blame and replay command as its properties."""
    suite = TestSuite(f"crosslayer {plain(summary.kind)}")  # type: ignore[no-untyped-call]
    for one in summary.lines:
        case = TestCase(plain(one.name), classname=f"crosslayer.{plain(summary.kind)}")
        if one.red:
            problem = (Error if one.fault else Failure)(plain(one.detail), one.outcome)
            problem.text = "\n".join(plain(part) for part in (one.detail, one.claim, one.blame, one.command) if part)
            case.result = [problem]
        elif one.vacuous:
            case.result = [Skipped(plain(one.detail))]
        for name in ("seed", "blame", "command", "saved"):
            value = getattr(one, name)
            if value:
                case.add_property("replay" if name == "command" else name, plain(value))
        suite.add_testcase(case)
    xml = JUnitXml("crosslayer")
    xml.add_testsuite(suite)
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call]
    return text


# SARIF


def sarif(summary: Summary) -> bytes:
    """A SARIF file: one rule a promise, one result for each that is broken."""
    rules = {one.name: one for one in summary.lines}
    value = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Crosslayer",
                        "version": version("crosslayer"),
                        "rules": [
                            {"id": name, "shortDescription": {"text": one.claim or name}} for name, one in rules.items()
                        ],
                    }
                },
                "results": list(_results(summary)),
            }
        ],
    }
    return (json.dumps(value, indent=1) + "\n").encode()


def _results(summary: Summary) -> Iterator[dict[str, Any]]:
    for one in summary.lines:
        if one.red:
            told = "\n".join(plain(part) for part in (one.detail, one.blame, one.command) if part)
            result: dict[str, Any] = {"ruleId": one.name, "level": "error", "message": {"text": told}}
            if one.file:
                place = {"artifactLocation": {"uri": one.file}, "region": {"startLine": one.line}}
                result["locations"] = [{"physicalLocation": place}]
            yield result
