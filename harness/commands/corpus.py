"""`crosslayer corpus`: the folder of counterexamples that must stay true."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import click
from attrs import frozen

from crosslayer.harness.commands import completing
from crosslayer.harness.commands.hiring import Hiring, workers_options
from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.printing import say_story
from crosslayer.harness.commands.searched import corpus_report, corpus_summary
from crosslayer.harness.commands.searches import interruptible
from crosslayer.harness.commands.shared import (
    allow_option,
    answering,
    chosen_system,
    isolating,
    json_option,
    print_json,
    property_option,
    system_option,
    with_own,
    with_own_found,
)
from crosslayer.harness.commands.showing import Outputs, outputs_options
from crosslayer.harness.explain import report
from crosslayer.harness.explain.findings import claim, finish
from crosslayer.harness.explain.story import story
from crosslayer.harness.formats.counterexample import FIXED, HOLDS, VIOLATED, Counterexample, load, save, write_to
from crosslayer.harness.formats.naming import Find, Stale
from crosslayer.harness.formats.trace import trail
from crosslayer.harness.keep.corpus import (
    CORPUS,
    FALSE_ALARM,
    KINDS,
    KNOWN_BAD,
    REGRESSION,
    entries,
    groundless,
    has_own_plugin,
    judge,
    kind_of,
)
from crosslayer.harness.keep.replay import STALE, require_property, stack_of
from crosslayer.harness.kernel.stack import Stack, build, reference
from crosslayer.harness.model.errors import BadInput, NotInstalled
from crosslayer.harness.process.output import say, tell
from crosslayer.harness.search.judgement import Judgement, broken
from crosslayer.harness.search.workers import Task, plugin_code, system_code
from crosslayer.harness.systems.finding import find_system, in_files

folder_option = click.option("--corpus", "folder", type=PLACE, default=CORPUS, show_default=True, help="The folder.")
today_option = click.option(
    "--stack",
    "assignments",
    multiple=True,
    metavar="LAYER=PLUGIN",
    shell_complete=completing.of_system(completing.assignments),
    help="A plugin that is run today, in place of the reference; repeatable.",
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
    """One line per entry: name, kind, stack, steps, story."""
    find = _finder(system_name, ())
    loaded = [(path, load(path, find)) for path in entries(folder)]
    if as_json:
        print_json(
            {
                "entries": [
                    {
                        "file": str(path),
                        "kind": kind_of(one),
                        "invariant": one.invariant,
                        "stack": dict(one.stack),
                        "steps": len(one.schedule),
                        "story": one.story,
                    }
                    for path, one in loaded
                ]
            }
        )
        return report.EXIT_HOLDS
    rows = [[path.stem, kind_of(one), swaps(one), str(len(one.schedule)), one.story] for path, one in loaded]
    say("\n".join(report.table(["entry", "kind", "stack", "steps", "story"], rows)))
    return report.EXIT_HOLDS


@corpus.command("verify")
@folder_option
@today_option
@allow_option
@property_option
@system_option
@workers_options(1, "Processes; by default, one.")
@json_option
@isolating
@outputs_options
def verify_all(
    folder: Path,
    assignments: tuple[str, ...],
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    system_name: str | None,
    as_json: bool,
    hiring: Hiring,
    outputs: Outputs,
) -> int:
    """Check that every entry is true.

    A known bad entry is violated on its stack, in the same run, and kept by the reference. A regression is kept by
    today's stack: that of --stack, or else the plugins that the entry names, as they are now. With --stack, today's
    stack must keep all entries. One that cannot be read does not keep the others from being judged; the exit status is
    2 then, if all others are true.
    """
    files, find = entries(folder), _finder(system_name, allowed, property_paths)
    unreadable: dict[str, str] = {}
    left_out: dict[str, str] = {}
    readable = [(path, entry) for path in files if (entry := _read(path, find, unreadable, left_out)) is not None]
    hiring.require()
    asked = _Today(system_name, assignments, property_paths, allowed)
    checked: dict[str, _Checked] = {}
    with interruptible() as interrupted, hiring.hired() as workers:
        for (path, _), found in workers.spread(_task(asked, readable), readable):
            if isinstance(found, BadInput):
                unreadable[str(path)] = str(found).removeprefix(f"{path}: ")
            else:
                checked[str(path)] = found
            if interrupted():
                break
    failed = {path: one.lines for path, one in checked.items() if one.lines}
    if as_json:
        kinds = {path: one.kind for path, one in checked.items()}
        print_json(
            {
                "entries": len(files),
                "judged": len(checked),
                "kinds": kinds,
                "wrong": failed,
                "unreadable": unreadable,
                "left_out": left_out,
            }
        )
    else:
        _print_verified(len(files), checked, unreadable, left_out)
    known = len(checked) + len(unreadable) + len(left_out)
    if known < len(files):
        tell(f"crosslayer: interrupted after {len(checked)} of {len(files)} entries")
    if outputs:
        told = {path: (one.kind, one.lines) for path, one in checked.items()}
        told |= {path: (STALE, [reason]) for path, reason in unreadable.items()}
        outputs.write(corpus_summary(told), lambda: corpus_report(told, find, assignments, allowed))
    if failed:
        return report.EXIT_VIOLATED
    if unreadable:
        return report.EXIT_BAD_INPUT
    return report.EXIT_VACUOUS if known < len(files) or (left_out and not checked) else report.EXIT_HOLDS


def _print_verified(
    entries: int, checked: "Mapping[str, _Checked]", unreadable: Mapping[str, str], left_out: Mapping[str, str]
) -> None:
    for name, one in checked.items():
        for said in one.lines:
            say(report.line(f"{name}: {one.kind}: {said}"))
        if one.story:
            say_story(f"\n{one.story}\n")
    for name, reason in unreadable.items():
        say(report.line(f"{name}: {reason}"))
    true = sum(not one.lines for one in checked.values())
    kinds = [one.kind for one in checked.values()]
    counts = ", ".join(_counted(number, kind) for kind in KINDS if (number := kinds.count(kind)))
    say(f"{true} of {entries} entries are true{f' ({counts})' if counts else ''}")
    if unreadable:
        say(f"{len(unreadable)} of them cannot be judged")
    for reason in dict.fromkeys(left_out.values()):
        say(report.line(f"{list(left_out.values()).count(reason)} of them left out: {reason}"))


def _counted(number: int, kind: str) -> str:
    return f"{number} {kind}{'s' if number > 1 and kind != KNOWN_BAD else ''}"


def _finder(system_name: str | None, allowed: Sequence[str], paths: Sequence[str] = ()) -> Find:
    """Finds the systems that entries name, each with the properties at these paths as well."""
    return with_own_found(in_files(None if system_name is None else find_system(system_name), allowed), paths)


def _today(system_name: str | None, assignments: Sequence[str], paths: Sequence[str]) -> Stack | None:
    """The stack that is run today, if any of its plugins is named."""
    return build(with_own(chosen_system(system_name), paths), assignments) if assignments else None


@frozen
class _Checked:
    """What came of an entry: its kind, what is not true of it, and the story if today's stack breaks its promise."""

    kind: str
    lines: list[str]
    story: str = ""


@frozen
class _Today:
    """What is run today, in names, and the packages from which entries may load plugins."""

    system_name: str | None
    assignments: tuple[str, ...]
    property_paths: tuple[str, ...]
    allowed: tuple[str, ...]


_present: list[tuple[Stack | None, tuple[str, ...]]] = []
"""Today's stack in this process, and the allowed packages."""


def _task(asked: _Today, entries: Sequence[tuple[Path, Counterexample]]) -> "Task[Any, _Checked | BadInput]":
    """The judging of these entries. Plugins are loaded here first, where it is known whether that may be done."""
    today = _today(asked.system_name, asked.assignments, asked.property_paths)
    code: set[str] = set()
    if today is not None:
        code |= {*system_code(today.system), *plugin_code(today.names())}
    for path, one in entries:
        code |= {*system_code(one.system), *plugin_code(one.stack)}
        with suppress(BadInput):  # told when it is judged, if it has to be run
            stack_of(one, (), asked.allowed, str(path))
    return Task(_checked, partial(_begin, asked), tuple(sorted(code)))


def _begin(asked: _Today) -> None:
    today = _today(asked.system_name, asked.assignments, asked.property_paths)
    _present[:] = [(today, asked.allowed)]


def _checked(entry: tuple[Path, Counterexample]) -> _Checked | BadInput:
    """What is not true of an entry, or why it cannot be judged."""
    (path, one), (today, allowed) = entry, _present[0]
    properties = one.system.properties
    try:
        judged = judge(one, properties, allowed, str(path), today)
    except BadInput as error:
        return error
    told = "" if judged.back is None else story(one, judged.back, claim(properties, one.invariant), (), str(path))
    return _Checked(judged.kind, list(judged.wrong), told)


def _read(path: Path, find: Find, unreadable: dict[str, str], left_out: dict[str, str]) -> Counterexample | None:
    """An entry; None if it cannot be read, with the reason among the unreadable or those that are left out."""
    try:
        counterexample = load(path, find)
    except NotInstalled as error:
        left_out[str(path)] = error.reason
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
@click.option(
    "--as",
    "kind",
    type=click.Choice(["known-bad", REGRESSION]),
    help="What FILE is from now on. Otherwise a regression if a plugin of its stack is not one that ships with "
    "Crosslayer, or if --stack is named; else known bad.",
)
@today_option
@allow_option
@property_option
@system_option
@isolating
def add(
    files: tuple[Path, ...],
    folder: Path,
    kind: str | None,
    assignments: tuple[str, ...],
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    system_name: str | None,
) -> int:
    """Take counterexample FILEs into the corpus, each after it has been verified.

    A bug of your own plugin becomes a regression, before it is repaired or afterwards: from then on today's stack must
    keep its promise. A plugin that is meant to be bad, so that checks can be checked, becomes known bad.
    """
    find, today = _finder(system_name, allowed, property_paths), _today(system_name, assignments, property_paths)
    loaded = [(file, load(file, find)) for file in files]
    for file, counterexample in loaded:
        if not counterexample.digest:
            raise BadInput(str(file), f"is a raw find: shrink it first, with crosslayer corpus minimise {file}")
        entry, state = _entry(counterexample, str(file), (kind or "").replace("-", " "), today, allowed)
        say(report.line(f"{save(entry, folder)}: {state}"))
    return report.EXIT_HOLDS


def _entry(
    one: Counterexample, place: str, wanted: str, today: Stack | None, allowed: Sequence[str]
) -> tuple[Counterexample, str]:
    """The entry that is made of a counterexample, and what is to be said of it; `BadInput` if it is not true."""
    kind = wanted or _kind(one, today)
    if one.expect == HOLDS and kind != FALSE_ALARM:
        raise BadInput(place, "it expects that its promise holds, so it cannot be a record of a failure")
    if kind != REGRESSION:
        entry = attrs.evolve(one, expect=HOLDS if kind == FALSE_ALARM else VIOLATED)
        _require(place, judge(entry, one.system.properties, allowed, place).wrong)
        return entry, kind
    _require(place, groundless(one, one.system.properties))
    entry = attrs.evolve(one, expect=FIXED)
    judged = judge(entry, one.system.properties, allowed, place, today)
    if judged.back is not None:
        return entry, f"{kind}, not repaired yet: {judged.said}"
    _require(place, judged.wrong)
    return entry, f"{kind}, {judged.said}"


def _kind(one: Counterexample, today: Stack | None) -> str:
    if kind_of(one) != KNOWN_BAD:
        return kind_of(one)
    return REGRESSION if today is not None or has_own_plugin(one) else KNOWN_BAD


def _require(place: str, wrong: Sequence[str]) -> None:
    if wrong:
        raise BadInput(place, wrong[0])


@corpus.command("minimise")
@click.argument("files", metavar="[FILE]…", nargs=-1, type=PLACE)
@folder_option
@allow_option
@property_option
@system_option
@isolating
def minimise(
    files: tuple[Path, ...],
    folder: Path,
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    system_name: str | None,
) -> int:
    """Make entries (all, if none is named) minimal again, and bring their digests up to date."""
    chosen = files or entries(folder)
    find = _finder(system_name, allowed, property_paths)
    loaded = [(file, load(file, find)) for file in chosen]
    for file, counterexample in loaded:
        require_property(counterexample, str(file))
        stack_of(counterexample, (), allowed, str(file))  # all of them, before anything is done
    for file, counterexample in loaded:
        if counterexample.expect == FIXED and counterexample.digest:
            say(report.line(f"{file}: {REGRESSION}: the record of a failure; left as it is"))
            continue
        smaller = minimised(counterexample, allowed, str(file))
        if smaller is None:
            now = "no longer broken" if counterexample.breaks else "broken again"
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
    if broken(result, one.invariant) != one.breaks:
        return None
    if one.expect == HOLDS:
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
