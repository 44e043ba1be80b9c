"""What people and programs read: verdict tables as text, results as JSON values.

Owns the wording and layout of results. Knows nothing of how they came about.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import frozen

from crosslayer.harness.model.errors import PluginFault, plain, shortened
from crosslayer.harness.model.verdicts import Outcome, Verdict

EXIT_HOLDS, EXIT_VIOLATED, EXIT_BAD_INPUT, EXIT_VACUOUS, EXIT_FAULT = 0, 1, 2, 3, 4
EXIT_CRASH, EXIT_OUTPUT = 70, 74  # EX_SOFTWARE and EX_IOERR of sysexits.h
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143  # 128 and the number of the signal, as shells have it


@frozen
class Status:
    """One exit status: its number, its meaning in a few words, and in a sentence."""

    number: int
    short: str
    meaning: str


STATUSES = (
    Status(EXIT_HOLDS, "all hold", "Everything was judged, and everything holds."),
    Status(EXIT_VIOLATED, "something violated", "Something is violated; and nothing else ends with this status."),
    Status(EXIT_BAD_INPUT, "bad input", "A flag or a file cannot be used; one line says which, and why."),
    Status(
        EXIT_VACUOUS,
        "nothing violated but something vacuous",
        "Nothing is violated, but not everything was judged: a situation never arose, or a search was interrupted.",
    ),
    Status(
        EXIT_FAULT,
        "plugin fault, or a process lost",
        "A plugin or a property failed, ended its process, or made no progress; or a process was lost.",
    ),
    Status(EXIT_CRASH, "a bug in Crosslayer", "Crosslayer itself crashed; one line names a report file to attach."),
    Status(
        EXIT_OUTPUT,
        "output lost",
        "Something cannot be written (standard output, a trace, a counterexample), whatever the verdict was.",
    ),
    Status(EXIT_INTERRUPTED, "interrupted", "Ctrl-C (SIGINT), before there was anything to say."),
    Status(EXIT_TERMINATED, "terminated", "SIGTERM or SIGHUP, before there was anything to say."),
)
"""Every exit status there is."""

EXIT_HELP = "Exit status: " + ", ".join(f"{one.number} {one.short}" for one in STATUSES) + "."

LINE_BOUND = 1_000
"""Characters of one line that people read."""

NAME_BOUND = 200
"""Characters of a name in it."""

NO_CONTRACTS: Mapping[str, Verdict] = MappingProxyType({})


def exit_status(verdicts: Mapping[str, Verdict], contracts: Mapping[str, Verdict], fault: PluginFault | None) -> int:
    """The documented exit status. A contract that found nothing to look at is no cause for 3; a joint invariant is."""
    outcomes = {verdict.outcome for verdict in (*verdicts.values(), *contracts.values())}
    if fault is not None:
        return EXIT_FAULT
    if Outcome.VIOLATED in outcomes:
        return EXIT_VIOLATED
    if any(verdict.outcome is Outcome.VACUOUS for verdict in verdicts.values()):
        return EXIT_VACUOUS
    return EXIT_HOLDS


def named(text: str) -> str:
    """A name that a stranger gave to something: escaped, on one line, and not too long."""
    return shortened(plain(text), NAME_BOUND)


def line(text: str) -> str:
    """One line that may have a stranger's words in it: escaped, and not too long."""
    return shortened(plain(text), LINE_BOUND)


def verdicts_json(verdicts: Mapping[str, Verdict]) -> dict[str, Any]:
    """Verdicts as JSON values."""
    return {
        name: {"outcome": str(one.outcome), "detail": one.detail, "evidence": list(one.evidence)}
        for name, one in verdicts.items()
    }


def fault_json(fault: PluginFault | None) -> dict[str, str] | None:
    """A plugin fault as a JSON value, or None."""
    if fault is None:
        return None
    return {"part": fault.part, "agent": fault.agent, "operation": fault.operation, "reason": fault.reason}


def verdict_lines(verdicts: Mapping[str, Verdict], contracts: Mapping[str, Verdict] = NO_CONTRACTS) -> list[str]:
    """One line per joint invariant, then one per layer contract, if there are any."""
    width = max(len(name) for name in (*verdicts, *contracts))
    lines = [line(f"  {name:<{width}}  {one.outcome:<8}  {one.detail}") for name, one in verdicts.items()]
    if contracts:
        lines.append("layer contracts")
    lines.extend(line(f"  {name:<{width}}  {one.outcome:<8}  {one.detail}") for name, one in contracts.items())
    return lines


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under a header, in columns as wide as they need to be."""
    rows = [[line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
