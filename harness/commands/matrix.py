"""`crosslayer matrix`: every swap and every known defect against every invariant."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import click
from attrs import frozen

from harness import report, scenario
from harness.codec import schedule_json
from harness.commands.shared import HUNT_SCENARIO, answering, json_option, print_json
from harness.errors import BadInput
from harness.findings import finish
from harness.judgement import Judgement
from harness.stack import build, find
from harness.steps import deviations
from properties import ALL, JOINT
from strategies.canary import KNOWN_BAD
from strategies.hunt import EXAMPLES, Budget, hunt

PUBLISHED = ("trust=agent_receipts_largest_scc", "trust=agent_receipts_shape")
"""The two published trust rules, each of which was believed to be right."""


@frozen
class Row:
    """What was found of one stack: the steps of the shortest counterexample by property, and who is to blame."""

    name: str
    assignment: str
    found: dict[str, int]
    first: dict[str, int]
    blame: dict[str, list[str]]
    steps: dict[str, list[dict[str, Any]]]
    examples: int
    seconds: float


@click.command()
@click.option(
    "--defects", metavar="MODULE:TABLE", help="More known-bad plugins: values with `name`, `part` and `path`."
)
@click.option("--examples", type=click.IntRange(1), default=EXAMPLES, show_default=True, help="Runs for each stack.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of the hunts' own choices.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@json_option
@answering
def matrix(defects: str | None, examples: int, seed: int, jobs: int, as_json: bool) -> int:
    """Hunt in every swapped stack (and every defect of a table): what breaks, how soon, how shortly, whose fault."""
    stacks = [(one, one) for one in (*KNOWN_BAD, *PUBLISHED)]
    stacks += [(name, f"{part}={path}") for name, part, path in _table(defects)]
    for _, assignment in stacks:
        build([assignment])
    work = [(name, assignment, examples, seed) for name, assignment in stacks]
    if jobs == 1:
        rows = [_row(*one) for one in work]
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            rows = list(pool.map(_row, *zip(*work, strict=True)))
    if as_json:
        print_json({"rows": [_json(row) for row in rows]})
    else:
        _print(rows)
    return report.EXIT_HOLDS if all(row.found for row in rows) else report.EXIT_VIOLATED


def _table(path: str | None) -> list[tuple[str, str, str]]:
    if path is None:
        return []
    found = find(path, f"--defects {path}")
    try:
        return [(str(one.name), str(one.part), str(one.path)) for one in found]
    except (AttributeError, TypeError):
        raise BadInput(f"--defects {path}", "is no sequence of values with name, part and path") from None


def _row(name: str, assignment: str, examples: int, seed: int) -> Row:
    chosen = scenario.load(HUNT_SCENARIO)
    judgement = Judgement(chosen, build([assignment]), ALL)
    began = time.perf_counter()
    hunted = hunt(chosen, judgement.stack, ALL, Budget(examples, None, seed))
    findings = {one: finish(judgement, one, case, {}).counterexample for one, case in hunted.cases.items()}
    return Row(
        name=name,
        assignment=assignment,
        found={one: deviations(found.schedule) for one, found in findings.items()},
        first=hunted.first,
        blame={one: list(found.blame) for one, found in findings.items()},
        steps={one: schedule_json(found.schedule) for one, found in findings.items()},
        examples=hunted.examples,
        seconds=time.perf_counter() - began,
    )


def _json(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "stack": row.assignment,
        "verdicts": {one.name: "violated" if one.name in row.found else "survived" for one in JOINT},
        "broken": {
            name: {"deviations": count, "first": row.first[name], "blame": row.blame[name], "steps": row.steps[name]}
            for name, count in row.found.items()
        },
        "examples": row.examples,
        "seconds": round(row.seconds, 2),
    }


def _print(rows: Sequence[Row]) -> None:
    header = ["stack", *(one.name.removeprefix("commerce_") for one in JOINT), "contracts", "runs", "seconds", "blame"]
    joint = [one.name for one in JOINT]
    table = []
    for row in rows:
        contracts = ", ".join(_cell(row, name, f"{name} ") for name in row.found if name not in joint)
        blamed = sorted({" and ".join(parts) for parts in row.blame.values()})
        cells = [_cell(row, name, "") for name in joint]
        runs = str(min(row.first.values(), default=row.examples))
        table.append([row.name, *cells, contracts or "-", runs, f"{row.seconds:.1f}", ", ".join(blamed)])
    click.echo("\n".join(report.table(header, table)))
    click.echo("A number is how many deviations from the happy path the shortest counterexample needs.")


def _cell(row: Row, name: str, label: str) -> str:
    return f"{label}{row.found[name]}" if name in row.found else "-"
