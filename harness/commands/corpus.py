"""`crosslayer corpus`: the folder of counterexamples that must stay true."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import click

from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.searches import interruptible
from crosslayer.harness.commands.shared import (
    allow_option,
    answering,
    isolating,
    json_option,
    print_json,
    system_option,
)
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
from crosslayer.harness.process.output import say, tell
from crosslayer.harness.search.judgement import Judgement, broken
from crosslayer.harness.systems.finding import find_system, in_files

FOLDER = Path("corpus")

folder_option = click.option("--corpus", "folder", type=PLACE, default=FOLDER, show_default=True, help="The folder.")


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
    say("\n".join(report.table(["entry", "stack", "steps", "story"], rows)))
    return report.EXIT_HOLDS


@corpus.command("verify")
@folder_option
@allow_option
@system_option
@json_option
@isolating
def verify_all(folder: Path, allowed: tuple[str, ...], system_name: str | None, as_json: bool) -> int:
    """Check that every entry is true: violated on its stack, in the same run, and kept by the reference.

    One that cannot be read does not keep the others from being judged; the exit status is 2 then, if all others are
    true.
    """
    files, find = entries(folder), _finder(system_name, allowed)
    unreadable: dict[str, str] = {}
    readable = [(path, entry) for path in files if (entry := _read(path, find, allowed, unreadable)) is not None]
    failed: dict[str, list[str]] = {}
    judged = 0
    with interruptible() as interrupted:
        for path, counterexample in readable:
            if interrupted():
                break
            wrong = verify_entry(counterexample, counterexample.system.properties, allowed, str(path))
            judged += 1
            if wrong:
                failed[str(path)] = list(wrong)
    if as_json:
        print_json({"entries": len(files), "judged": judged, "wrong": {**failed}, "unreadable": unreadable})
    else:
        _print_verified(len(files), judged, failed, unreadable)
    if judged < len(readable):
        tell(f"crosslayer: interrupted after {judged} of {len(files)} entries")
    if failed:
        return report.EXIT_VIOLATED
    if unreadable:
        return report.EXIT_BAD_INPUT
    return report.EXIT_VACUOUS if judged < len(readable) else report.EXIT_HOLDS


def _print_verified(
    entries: int, judged: int, failed: Mapping[str, Sequence[str]], unreadable: Mapping[str, str]
) -> None:
    for name, lines in failed.items():
        for said in lines:
            say(report.line(f"{name}: {said}"))
    for name, reason in unreadable.items():
        say(report.line(f"{name}: {reason}"))
    say(f"{judged - len(failed)} of {entries} entries are true")
    if unreadable:
        say(f"{len(unreadable)} of them cannot be judged")


def _finder(system_name: str | None, allowed: Sequence[str]) -> Find:
    """Finds the systems that entries name."""
    return in_files(None if system_name is None else find_system(system_name), allowed)


def _read(path: Path, find: Find, allowed: Sequence[str], unreadable: dict[str, str]) -> Counterexample | None:
    """An entry whose stack can be had; None if it cannot be judged, with the reason among the unreadable."""
    try:
        counterexample = load(path, find)
        stack_of(counterexample, (), allowed, str(path))
    except Stale as error:
        unreadable[str(path)] = f"{STALE}: {error.reason}"
    except BadInput as error:
        unreadable[str(path)] = str(error).removeprefix(f"{path}: ")
    else:
        return counterexample
    return None


@corpus.command("add")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=PLACE)
@folder_option
@allow_option
@system_option
@isolating
def add(files: tuple[Path, ...], folder: Path, allowed: tuple[str, ...], system_name: str | None) -> int:
    """Take counterexample FILEs into the corpus, each after it has been verified."""
    find = _finder(system_name, allowed)
    loaded = [(file, load(file, find)) for file in files]
    for file, counterexample in loaded:
        stack_of(counterexample, (), allowed, str(file))  # all of them, before anything is done
    for file, counterexample in loaded:
        if not counterexample.digest:
            raise BadInput(str(file), f"is a raw find: shrink it first, with crosslayer corpus minimise {file}")
        wrong = verify_entry(counterexample, counterexample.system.properties, allowed, str(file))
        if wrong:
            raise BadInput(str(file), wrong[0])
        say(report.line(str(save(counterexample, folder))))
    return report.EXIT_HOLDS


@corpus.command("minimise")
@click.argument("files", metavar="[FILE]…", nargs=-1, type=PLACE)
@folder_option
@allow_option
@system_option
@isolating
def minimise(files: tuple[Path, ...], folder: Path, allowed: tuple[str, ...], system_name: str | None) -> int:
    """Make entries (all, if none is named) minimal again, and bring their digests up to date."""
    chosen = files or entries(folder)
    find = _finder(system_name, allowed)
    loaded = [(file, load(file, find)) for file in chosen]
    for file, counterexample in loaded:
        stack_of(counterexample, (), allowed, str(file))  # all of them, before anything is done
    for file, counterexample in loaded:
        smaller = minimised(counterexample, allowed, str(file))
        if smaller is None:
            now = "no longer broken" if counterexample.expect == "violated" else "broken again"
            say(report.line(f"{file}: {now}; left as it is"))
        elif smaller.name == counterexample.name and smaller.digest == counterexample.digest:
            say(report.line(f"{file}: minimal"))
        else:
            path = file.with_name(f"{smaller.name}.json")
            write_to(path, smaller)
            if path != file:
                file.unlink()
            before, after = (len(one.schedule) for one in (counterexample, smaller))
            done = "brought up to date" if before == after else f"{before} steps became {after}"
            say(report.line(f"{path}: {done}"))
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
