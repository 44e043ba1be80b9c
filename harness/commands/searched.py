"""Whole hunts, matrices and corpora, as pages and as summaries.

Owns what is shown of each. Knows nothing of how it is laid out, and makes nothing that is not asked for.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from crosslayer.harness.commands.report import counterexamples_table, shown
from crosslayer.harness.commands.showing import verdict_lines
from crosslayer.harness.formats.naming import Find
from crosslayer.harness.kernel.stack import Stack, build
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Outcome, Verdict
from crosslayer.harness.picture.exhibit import Exhibit, exhibit
from crosslayer.harness.picture.page import DRAWN_MAX, Bars, Report, Table
from crosslayer.harness.picture.summary import Line, Summary
from crosslayer.harness.search.hunting import Hunted

if TYPE_CHECKING:  # a corpus is replayed where Hypothesis is not
    from crosslayer.harness.commands.trials import Row


def hunt_summary(
    system: System, verdicts: Mapping[str, Verdict], exhibits: Sequence[Exhibit], seed: int, runs: int
) -> Summary:
    """What a hunt found."""
    return Summary("hunt", _title(verdicts, runs), tuple(verdict_lines(system, verdicts, exhibits, str(seed))))


def hunt_report(
    stack: Stack, hunted: Hunted, verdicts: Mapping[str, Verdict], exhibits: Sequence[Exhibit], seed: int
) -> Report:
    """The page of a hunt: what it found, what it reached, and what its steps did."""
    found = any(one.outcome is Outcome.VIOLATED for one in verdicts.values())
    idle = any(one.outcome is Outcome.VACUOUS for one in verdicts.values())
    return Report(
        kind="hunt",
        title=_title(verdicts, hunted.examples),
        outcome="violated" if found else "vacuous" if idle else "holds",
        lede=(
            "Stack: " + ", ".join(f"{part}={name}" for part, name in stack.names().items()),
            f"{hunted.examples} runs of {hunted.steps / max(1, hunted.examples):.0f} steps, seed {seed}.",
        ),
        exhibits=exhibits,
        bars=tuple(_coverage(hunted)),
        tables=(_verdicts_table(verdicts), *([counterexamples_table(exhibits)] if exhibits else [])),
    )


def _coverage(hunted: Hunted) -> list[Bars]:
    runs = hunted.examples
    bars = [
        Bars("Situations reached, in how many runs", _counts(hunted.reached, runs)),
        Bars("Promises exercised, in how many runs", _counts(hunted.exercised, runs)),
        Bars(
            "Steps and moments: how often each was tried, and did something or came",
            tuple((what, did, f"{did} of {times}") for what, (times, did) in sorted(hunted.tried.items())),
        ),
        Bars(
            "Finds: the run in which each promise broke first",
            tuple(
                (name, run, f"run {run} of {runs}")
                for name, run in sorted(hunted.first.items(), key=lambda one: one[1])
            ),
            runs,
        ),
    ]
    return [one for one in bars if one.rows]


def _counts(counts: Mapping[str, int], runs: int) -> tuple[tuple[str, int, str], ...]:
    return tuple((name, count, f"{count} of {runs}" if count else "never") for name, count in counts.items())


def _verdicts_table(verdicts: Mapping[str, Verdict]) -> Table:
    rows = tuple((str(one.outcome), name, one.detail) for name, one in verdicts.items())
    return Table("Every promise", ("outcome", "promise", "detail"), rows)


def _title(verdicts: Mapping[str, Verdict], runs: int) -> str:
    broken = sum(one.outcome is Outcome.VIOLATED for one in verdicts.values())
    if not broken:
        return f"nothing broke in {runs} runs"
    return f"{broken} of {len(verdicts)} promises broken in {runs} runs"


# The matrix


def matrix_summary(rows: Sequence["Row"], seed: int) -> Summary:
    """Which known-bad stacks were caught; a line is red if one was not caught as it must be."""
    lines = tuple(
        Line(
            name=row.suspect.name,
            outcome="wrong" if row.wrong else "caught",
            detail="; ".join(row.wrong) or f"caught under {len(row.catches)} of {len(row.outcomes)} seeds",
            red=bool(row.wrong),
            seed=str(seed),
        )
        for row in rows
    )
    return Summary("matrix", _caught(rows), lines)


def _caught(rows: Sequence["Row"]) -> str:
    wrong = sum(bool(row.wrong) for row in rows)
    return f"{len(rows) - wrong} of {len(rows)} known-bad stacks were caught and blamed as they must be"


def matrix_report(
    system: System, rows: Sequence["Row"], header: Sequence[str], cells: Sequence[Sequence[str]]
) -> Report:
    """The page of a matrix: the table, how catches grow with runs and seeds, and one counterexample for each row."""
    exhibits = []
    for row in rows[:DRAWN_MAX]:
        breach = min(row.catches, key=lambda one: one.run, default=None)
        if breach is not None:
            stack = build(system, [row.suspect.assignment])
            exhibits.append(exhibit(breach.counterexample, stack, system.properties))
    return Report(
        kind="matrix",
        title=_caught(rows),
        outcome="violated" if any(row.wrong for row in rows) else "holds",
        lede=(
            "A cell: the steps of the counterexample (the run that found it, and the seconds until then).",
            *(line for row in rows for line in row.wrong),
        ),
        exhibits=exhibits,
        bars=_growth(rows),
        tables=(Table("Every stack against every promise", tuple(header), tuple(tuple(row) for row in cells)),),
    )


def _growth(rows: Sequence["Row"]) -> tuple[Bars, ...]:
    runs = sorted(one.run for row in rows for one in row.catches)
    total = sum(len(row.outcomes) for row in rows)
    within = [(bound, sum(run <= bound for run in runs)) for bound in _BOUNDS if not runs or bound < 2 * runs[-1]]
    grown = tuple((f"within {bound} runs", caught, f"{caught} of {total}") for bound, caught in within)
    outcomes = max((len(row.outcomes) for row in rows), default=0)
    by_seed = [[row.outcomes[number] for row in rows if number < len(row.outcomes)] for number in range(outcomes)]
    caught_by_seed = [sum(bool(one.breaches) for one in trials) for trials in by_seed]
    seeds = tuple(
        (f"after {number} seed{'' if number == 1 else 's'}", count, f"{count} of {number * len(rows)}")
        for number, count in enumerate(accumulate(caught_by_seed), 1)
    )
    return Bars("Hunts that had caught their stack", grown), Bars("Hunts that caught something, seed by seed", seeds)


_BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Runs at which the catches of a matrix are counted."""


# A corpus

Checked = Mapping[str, tuple[str, Sequence[str]]]
"""By file, an entry's kind and what is not true of it."""


def corpus_summary(checked: Checked) -> Summary:
    """Which entries of a corpus are true."""
    lines = tuple(
        Line(
            name=path,
            outcome="wrong" if wrong else "true",
            detail="; ".join(wrong) or kind,
            red=bool(wrong),
            command=f"crosslayer replay {path}" if wrong else "",
        )
        for path, (kind, wrong) in checked.items()
    )
    return Summary("corpus", _true(checked), lines)


def _true(checked: Checked) -> str:
    wrong = sum(bool(lines) for _, lines in checked.values())
    return f"{len(checked) - wrong} of {len(checked)} entries are true"


def corpus_report(checked: Checked, find: Find, assignments: Sequence[str], allowed: Sequence[str]) -> Report:
    """The page of a corpus: every entry in a table, and those drawn that are not true, or else the first ones."""
    wrong = [path for path, (_, lines) in checked.items() if lines]
    exhibits: list[Exhibit] = []
    for path in (wrong or list(checked))[:DRAWN_MAX]:
        try:
            exhibits += shown((Path(path),), find, assignments, allowed)
        except BadInput:
            continue  # it is in the table, with the reason
    rows = tuple(
        ("violated" if lines else "holds", Path(path).stem, kind, "; ".join(lines) or "true")
        for path, (kind, lines) in checked.items()
    )
    return Report(
        kind="corpus",
        title=_true(checked),
        outcome="violated" if wrong else "holds",
        exhibits=exhibits,
        tables=(Table("Every entry", ("", "entry", "kind", "what is said of it"), rows),),
    )


def session_report(exhibits: Sequence[Exhibit], failed: int, passed: int) -> Report:
    """The page of a pytest session."""
    return Report(
        kind="pytest",
        title=f"{failed} of {failed + passed} tests failed" if failed else f"{passed} tests passed",
        outcome="violated" if failed else "holds",
        exhibits=exhibits,
        tables=(counterexamples_table(exhibits),) if exhibits else (),
    )
