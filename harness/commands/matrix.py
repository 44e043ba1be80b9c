"""`crosslayer matrix`: every swap and every known defect against every invariant."""

from collections.abc import Sequence
from typing import Any

import click

from crosslayer.harness.commands.completing import short_name
from crosslayer.harness.commands.hiring import ONE_FOR_EACH_CORE, Hiring, workers_options
from crosslayer.harness.commands.kinds import RUNS, SEED, SEEDS
from crosslayer.harness.commands.searched import matrix_report, matrix_summary
from crosslayer.harness.commands.searches import CORES
from crosslayer.harness.commands.shared import (
    chosen_system,
    isolating,
    json_option,
    print_json,
    system_option,
)
from crosslayer.harness.commands.showing import Outputs, outputs_options
from crosslayer.harness.commands.trials import Breach, Row, Suspect, rows
from crosslayer.harness.explain import report
from crosslayer.harness.formats.codec import schedule_json, unstructure
from crosslayer.harness.formats.counterexample import FAULT
from crosslayer.harness.kernel.foreign import found
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import deviations
from crosslayer.harness.model.system import System
from crosslayer.harness.process.output import say
from crosslayer.strategies.hunt import EXAMPLES


@click.command()
@system_option
@click.option(
    "--defects",
    metavar="MODULE:TABLE",
    help="More known-bad plugins: values with `name`, `part`, `path`, and `caught_by` if one property must catch it.",
)
@click.option("--examples", type=RUNS, default=EXAMPLES, show_default=True, help="Runs for each seed.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="The first seed of the hunts' own choices.")
@click.option("--seeds", type=SEEDS, default=1, show_default=True, help="How many seeds are tried for each stack.")
@workers_options(CORES, ONE_FOR_EACH_CORE)
@json_option
@isolating
@outputs_options
def matrix(
    system_name: str | None,
    defects: str | None,
    examples: int,
    seed: int,
    seeds: int,
    as_json: bool,
    hiring: Hiring,
    outputs: Outputs,
) -> int:
    """Hunt in every swapped stack (and every defect of a table): what breaks, how soon, how shortly, whose fault.

    Under the first seed the whole budget of runs is spent; under the others each hunt ends with the catch. Exit
    status 1 if a stack was not caught under some seed, or was blamed on the wrong layer.
    """
    system = chosen_system(system_name)
    suspects = [*_shipped(system), *_table(system, defects)]
    if not suspects:
        raise BadInput(f"--system {system.name}", "declares no known-bad plugin; name some with --defects module:TABLE")
    for one in suspects:
        build(system, [one.assignment])
    hiring.require()
    tried = []
    if not as_json:
        say(_line(_header(system), suspects))
    with hiring.hired() as workers:
        for row in rows(suspects, examples, seed, seeds, workers):
            tried.append(row)
            if not as_json:
                say(_line(_cells(row), suspects))
    if as_json:
        print_json({"rows": [_json(row) for row in tried]})
    else:
        _print_summary(tried, examples, seeds)
    if outputs:
        outputs.write(
            matrix_summary(tried, seed),
            lambda: matrix_report(system, tried, _header(system), [_cells(row) for row in tried]),
        )
    return report.EXIT_VIOLATED if any(row.wrong for row in tried) else report.EXIT_HOLDS


def _shipped(system: System) -> list[Suspect]:
    return [
        Suspect(
            system,
            one.assignment,
            one.part,
            one.plugin,
            one.breaks,
            alone=one.alone and system.canary is not None,
            also=one.also,
        )
        for one in (*system.known_bad, *system.suspects)
    ]


def _table(system: System, path: str | None) -> list[Suspect]:
    if path is None:
        return []
    table = found(path, f"--defects {path}")
    try:
        return [
            Suspect(system, f"{one.part}:{one.name}", str(one.part), str(one.path), str(getattr(one, "caught_by", "")))
            for one in table
        ]
    except (AttributeError, TypeError):
        raise BadInput(f"--defects {path}", "is no sequence of values with name, part and path") from None


def _json(row: Row) -> dict[str, Any]:
    whole = row.whole
    return {
        "name": row.suspect.name,
        "stack": row.suspect.assignment,
        "verdicts": {name: _verdict(row, name) for name in row.suspect.joint},
        "broken": {name: _breach_json(breach) for name, breach in whole.breaches.items()},
        "contract_only": row.contract_only,
        "examples": whole.examples,
        "caught_by": row.suspect.caught_by,
        "seeds": len(row.outcomes),
        "caught": len(row.catches),
        "catches": [_catch_json(breach) for breach in row.catches],
        "most": {
            "runs": max((one.run for one in row.catches), default=None),
            "seconds": round(max((one.seconds for one in row.catches), default=0.0), 2),
            "finishing": round(_finishing(row), 2),
        },
        "wrong": list(row.wrong),
    }


def _verdict(row: Row, name: str) -> str:
    """A promise survives only if the whole budget was spent on it, which a plugin fault prevents."""
    breaches = row.whole.breaches
    return "violated" if name in breaches else "not judged" if FAULT in breaches else "survived"


def _breach_json(breach: Breach) -> dict[str, Any]:
    one = breach.counterexample
    return {
        "steps": schedule_json(one.schedule),
        "deviations": deviations(one.schedule),
        "first": breach.run,
        "seconds": round(breach.seconds, 2),
        "blame": list(one.blame),
    }


def _catch_json(breach: Breach) -> dict[str, Any]:
    one = breach.counterexample
    return {
        "run": breach.run,
        "population": unstructure(one.case.population),
        "deviations": deviations(one.schedule),
    }


def _finishing(row: Row) -> float:
    return max((breach.finishing for one in row.outcomes for breach in one.breaches.values()), default=0.0)


_BESIDE = ("caught", "most runs", "most s", "story s", "blame", "contracts")
"""The columns beside those of the joint invariants."""


def _header(system: System) -> tuple[str, ...]:
    return ("stack", *(short_name(system, one.name) for one in system.joint), *_BESIDE)


def _line(cells: Sequence[str], suspects: Sequence[Suspect]) -> str:
    """One line of the table. Widths are known from the start, for a line is printed as soon as it is known."""
    widths = [
        max(len(one.name) for one in suspects),
        *(len(title) for title in _header(suspects[0].system)[1:-2]),
        len("registry"),
        0,
    ]
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cells(row: Row) -> list[str]:
    broken = row.whole.breaches
    catches = row.catches
    blamed = dict.fromkeys(
        " and ".join(breach.counterexample.blame) or "nobody"
        for one in row.outcomes
        for breach in one.breaches.values()
    )
    return [
        row.suspect.name,
        *(_cell(broken[name]) if name in broken else "-" for name in row.suspect.joint),
        f"{len(catches)} of {len(row.outcomes)}",
        str(max((one.run for one in catches), default="-")),
        f"{max((one.seconds for one in catches), default=0.0):.1f}",
        f"{_finishing(row):.1f}",
        ", ".join(blamed) or "-",
        ", ".join(f"{name} {_cell(breach)}" for name, breach in broken.items() if name not in row.suspect.joint) or "-",
    ]


def _cell(breach: Breach) -> str:
    return f"{len(breach.counterexample.schedule)} ({breach.run}, {breach.seconds:.1f} s)"


def _print_summary(tried: Sequence[Row], examples: int, seeds: int) -> None:
    say(
        "\nA cell: the steps of the counterexample (the run that found it, and the seconds of one core until then), "
        f"under the first of {seeds} seed{'' if seeds == 1 else 's'}, in at most {examples} runs."
    )
    only = [row.suspect.name for row in tried if row.contract_only]
    if only:
        say(f"No joint promise broke, only a contract of the part itself: {', '.join(only)}.")
    wrong = [line for row in tried for line in row.wrong]
    for line in wrong:
        say(f"Wrong: {line}.")
    if not wrong:
        say(f"All {len(tried)} were caught by what must catch them, and blamed on the right part.")
