"""`crosslayer corpus`: the folder of counterexamples that must stay true."""

from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from crosslayer.harness.commands.shared import answering, json_option, print_json, system_option
from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import finish
from crosslayer.harness.formats.counterexample import Counterexample, load, save, write_to
from crosslayer.harness.formats.naming import Find, Stale
from crosslayer.harness.formats.trace import trail
from crosslayer.harness.keep.corpus import entries
from crosslayer.harness.keep.corpus import verify as verify_entry
from crosslayer.harness.keep.replay import STALE, stack_of
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.search.judgement import Judgement, broken
from crosslayer.harness.systems.finding import find_system, in_files

FOLDER = Path("corpus")

folder_option = click.option(
    "--corpus", "folder", type=click.Path(path_type=Path), default=FOLDER, show_default=True, help="The folder."
)
allow_option = click.option(
    "--allow", "allowed", multiple=True, metavar="PACKAGE", help="Load plugins that entries name from this package."
)


@click.group()
def corpus() -> None:
    """List, verify, extend and minimise a corpus of counterexamples."""


@corpus.command("list")
@folder_option
@system_option
@json_option
@answering
def list_entries(folder: Path, system_name: str | None, as_json: bool) -> int:
    """One line per entry: name, stack, steps, story."""
    find = _finder(system_name, ())
    loaded = [(path, load(path, find)) for path in entries(folder)]
    if as_json:
        print_json(
            [
                {
                    "file": str(path),
                    "invariant": one.invariant,
                    "stack": dict(one.stack),
                    "steps": len(one.schedule),
                    "story": one.story,
                }
                for path, one in loaded
            ]
        )
        return report.EXIT_HOLDS
    rows = [[path.stem, swaps(one), str(len(one.schedule)), one.story] for path, one in loaded]
    click.echo("\n".join(report.table(["entry", "stack", "steps", "story"], rows)))
    return report.EXIT_HOLDS


@corpus.command("verify")
@folder_option
@allow_option
@system_option
@json_option
@answering
def verify_all(folder: Path, allowed: tuple[str, ...], system_name: str | None, as_json: bool) -> int:
    """Check that every entry is true: violated on its stack, in the same run, and kept by the reference."""
    find = _finder(system_name, allowed)
    wrong = {str(path): _wrong(path, find, allowed) for path in entries(folder)}
    failed = {path: lines for path, lines in wrong.items() if lines}
    if as_json:
        print_json({"entries": len(wrong), "wrong": failed})
    else:
        for path, lines in failed.items():
            for line in lines:
                click.echo(f"{path}: {line}")
        click.echo(f"{len(wrong) - len(failed)} of {len(wrong)} entries are true")
    return report.EXIT_VIOLATED if failed else report.EXIT_HOLDS


def _finder(system_name: str | None, allowed: Sequence[str]) -> Find:
    """Finds the systems that entries name."""
    return in_files(None if system_name is None else find_system(system_name), allowed)


def _wrong(path: Path, find: Find, allowed: Sequence[str]) -> list[str]:
    """What is not true of an entry; one that is stale does not keep the others from being looked at."""
    try:
        entry = load(path, find)
        return list(verify_entry(entry, entry.system.properties, allowed, str(path)))
    except Stale as error:
        return [f"{STALE}: {error.reason}"]


@corpus.command("add")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@folder_option
@allow_option
@system_option
@answering
def add(files: tuple[Path, ...], folder: Path, allowed: tuple[str, ...], system_name: str | None) -> int:
    """Take counterexample FILEs into the corpus, each after it has been verified."""
    find = _finder(system_name, allowed)
    for file in files:
        counterexample = load(file, find)
        wrong = verify_entry(counterexample, counterexample.system.properties, allowed, str(file))
        if wrong:
            raise BadInput(str(file), wrong[0])
        click.echo(save(counterexample, folder))
    return report.EXIT_HOLDS


@corpus.command("minimise")
@click.argument("files", metavar="[FILE]…", nargs=-1, type=click.Path(path_type=Path))
@folder_option
@allow_option
@system_option
@answering
def minimise(files: tuple[Path, ...], folder: Path, allowed: tuple[str, ...], system_name: str | None) -> int:
    """Make entries (all, if none is named) minimal again, and bring their digests up to date."""
    find = _finder(system_name, allowed)
    for file in files or entries(folder):
        counterexample = load(file, find)
        smaller = minimised(counterexample, allowed, str(file))
        if smaller is None:
            now = "no longer broken" if counterexample.expect == "violated" else "broken again"
            click.echo(f"{file}: {now}; left as it is")
        elif smaller.name == counterexample.name and smaller.digest == counterexample.digest:
            click.echo(f"{file}: minimal")
        else:
            path = file.with_name(f"{smaller.name}.json")
            write_to(path, smaller)
            if path != file:
                file.unlink()
            before, after = (len(one.schedule) for one in (counterexample, smaller))
            click.echo(f"{path}: {'brought up to date' if before == after else f'{before} steps became {after}'}")
    return report.EXIT_HOLDS


def minimised(counterexample: Counterexample, allowed: Sequence[str], place: str) -> Counterexample | None:
    """The counterexample, reduced and explained anew; None if it is not as it expects to be.

    What was once a false alarm keeps all its steps: there is no failure by which to tell which are needed.
    """
    one = counterexample
    judgement = Judgement(one.scenario, stack_of(one, (), allowed, place), one.system.properties)
    result = judgement.run(one.case)
    if broken(result, one.invariant) != (one.expect == "violated"):
        return None
    if one.expect == "holds":
        return attrs.evolve(one, digest=result.digest, trail=trail(result.header, result.events))
    return finish(judgement, one.invariant, one.case, one.found).counterexample


def swaps(counterexample: Counterexample) -> str:
    """What of its stack is not the reference."""
    names = reference(counterexample.system).names()
    return ", ".join(
        f"{part}={counterexample.stack[part]}"
        for part in counterexample.system.parts
        if part in counterexample.stack and counterexample.stack[part] != names.get(part)
    )
