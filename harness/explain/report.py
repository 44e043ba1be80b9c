"""What people and programs read: verdict tables as text, results as JSON values.

Owns the wording and layout of results. Knows nothing of how they came about.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from crosslayer.harness.model.errors import PluginFault
from crosslayer.harness.model.verdicts import Outcome, Verdict

EXIT_HOLDS, EXIT_VIOLATED, EXIT_BAD_INPUT, EXIT_VACUOUS, EXIT_FAULT = 0, 1, 2, 3, 4

EXIT_HELP = (
    "Exit status: 0 all hold, 1 something violated, 2 bad input, "
    "3 nothing violated but something vacuous, 4 plugin fault, or a process lost."
)

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


def plain(text: str) -> str:
    """The text with an escape in place of every character that a terminal would act upon or could not show."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


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
    lines = [f"  {name:<{width}}  {one.outcome:<8}  {one.detail}" for name, one in verdicts.items()]
    if contracts:
        lines.append("layer contracts")
    lines.extend(f"  {name:<{width}}  {one.outcome:<8}  {one.detail}" for name, one in contracts.items())
    return lines


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under a header, in columns as wide as they need to be."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
