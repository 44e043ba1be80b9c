"""The corpus: a folder of counterexamples, each of which must stay true.

Owns the listing and the verification of entries, of which there are three kinds, told apart by what an entry expects.

A *known bad* entry (`violated`) is true if its own stack still breaks the promise, in the very same run, and the
reference stack keeps it under the same schedule. A *regression* (`fixed`) was broken by a plugin before that was
repaired; it is true if the stack that is run today keeps the promise under the same schedule. A *false alarm* (`holds`)
is true if its promise is exercised and nothing at all is broken, on its stack in the very same run, and on the
reference.

Today's stack is the one that is named by who verifies; if none is, that of the entry itself, whose plugins may have
changed since. Where one is named, it must keep the promises of all three kinds.
"""

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from crosslayer.harness.formats.counterexample import FAULT, FIXED, HOLDS, Counterexample
from crosslayer.harness.keep.replay import REPRODUCED, is_shipped, replay, stack_of
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, reference
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.verdicts import Outcome, Property
from crosslayer.harness.search.judgement import Judgement, broken, verdict

FOUND = Path("counterexamples")
"""Where finds are saved, unless another folder is named."""

CORPUS = Path("corpus")
"""Where entries are kept, unless another folder is named."""

KINDS = KNOWN_BAD, REGRESSION, FALSE_ALARM = ("known bad", "regression", "false alarm")


@frozen(eq=False)
class Judged:
    """What is not true of an entry, a line each.

    `said` is what today's stack was found to do, if it was run; `back` is the run in which it broke the promise.
    """

    kind: str
    wrong: tuple[str, ...]
    said: str = ""
    back: Result | None = None


def entries(folder: Path) -> tuple[Path, ...]:
    """The files of a corpus, sorted by name, in all its folders; `BadInput` if there is no such folder."""
    if not folder.is_dir():
        raise BadInput(str(folder), "there is no such folder")
    return tuple(sorted(folder.rglob("*.json")))


def kind_of(counterexample: Counterexample, today: Stack | None = None) -> str:
    """The kind of an entry.

    One that accuses the very plugin that is run today, by its own name, is a regression whatever it expects: once that
    plugin is repaired, no stack is left that could break the promise.
    """
    one = counterexample
    if one.expect == HOLDS:
        return FALSE_ALARM
    if one.expect == FIXED or (today is not None and any(_accuses(one, part, today) for part in one.system.parts)):
        return REGRESSION
    return KNOWN_BAD


def _accuses(one: Counterexample, part: str, today: Stack) -> bool:
    name = one.stack.get(part, "")
    return today.system is one.system and name == today.choices[part].name and not is_shipped(one.system, part, name)


def has_own_plugin(counterexample: Counterexample) -> bool:
    """Whether some plugin of its stack is not one of ours, and may be repaired one day."""
    system = counterexample.system
    return any(
        part in system.parts and not is_shipped(system, part, name) for part, name in counterexample.stack.items()
    )


def judge(
    counterexample: Counterexample,
    properties: Sequence[Property],
    allowed: Sequence[str],
    place: str,
    today: Stack | None = None,
) -> Judged:
    """What is true of an entry, under today's stack if one is named; `BadInput` if a plugin cannot be had."""
    one, kind = counterexample, kind_of(counterexample, today)
    if today is not None and today.system is not one.system:
        return Judged(kind, (f"is of the system {one.system.name}, not of the one under test",))
    if one.invariant != FAULT and all(known.name != one.invariant for known in properties):
        return Judged(kind, (f"there is no property {one.invariant!r}",))
    if kind == REGRESSION:
        return _kept(one, kind, stack_of(one, (), allowed, place) if today is None else today, properties)
    wrong = verify(one, properties, allowed, place)
    return Judged(kind, wrong) if wrong or today is None else _kept(one, kind, today, properties)


def groundless(counterexample: Counterexample, properties: Sequence[Property]) -> tuple[str, ...]:
    """Why a record of a failure accuses nobody, a line each. Says nothing of today's plugins, and loads none."""
    one, usual = counterexample, reference(counterexample.system)
    if all(one.stack.get(part, choice.name) == choice.name for part, choice in usual.choices.items()):
        return ("it blames the reference stack",)
    result = Judgement(one.scenario, usual, properties).run(one.case)
    if broken(result, one.invariant):
        return (f"the reference stack breaks it, too: {verdict(result, one.invariant).detail}",)
    return ()


def _kept(one: Counterexample, kind: str, stack: Stack, properties: Sequence[Property]) -> Judged:
    """Whether this stack keeps the promise of an entry. That its situation no longer arises is as good."""
    result = replay(one, stack, properties).result
    if result.fault is not None and one.invariant != FAULT:
        return Judged(kind, (f"the run ended in a plugin fault: {result.fault}",))
    said = verdict(result, one.invariant)
    if not broken(result, one.invariant):
        return Judged(kind, (), f"{said.outcome}: {said.detail}")
    again = "is back" if kind == REGRESSION else "is broken by the stack under test, too"
    return Judged(kind, (f"{again}: {said.detail}",), f"{said.outcome}: {said.detail}", result)


def verify(
    counterexample: Counterexample, properties: Sequence[Property], allowed: Sequence[str], place: str
) -> tuple[str, ...]:
    """What is not true of an entry by itself, known bad or false alarm, a line each; empty if all is."""
    stack = stack_of(counterexample, (), allowed, place)
    return (*_on_its_stack(counterexample, stack, properties), *_on_the_reference(counterexample, stack, properties))


def _on_its_stack(one: Counterexample, stack: Stack, properties: Sequence[Property]) -> tuple[str, ...]:
    replayed = replay(one, stack, properties)
    wrong = () if replayed.outcome == REPRODUCED else (f"{replayed.outcome}: {replayed.detail}",)
    return (*wrong, *(f"stale {step}" for step in replayed.stale_steps), *_false_alarms(one, replayed.result))


def _on_the_reference(one: Counterexample, stack: Stack, properties: Sequence[Property]) -> tuple[str, ...]:
    if not stack.swapped():
        return () if one.expect == HOLDS else ("it blames the reference stack",)
    result = Judgement(one.scenario, reference(one.system), properties).run(one.case)
    if broken(result, one.invariant):
        return (f"the reference stack breaks it, too: {verdict(result, one.invariant).detail}",)
    return _false_alarms(one, result)


def _false_alarms(one: Counterexample, result: Result) -> tuple[str, ...]:
    """What is said against a run of which everything should hold, beside the entry's own property."""
    if one.expect != HOLDS:
        return ()
    said = verdict(result, one.invariant)
    idle = (f"{said.outcome}: {said.detail}",) if said.outcome is Outcome.VACUOUS else ()
    others = (name for name in result.broken if name != one.invariant)
    return (*idle, *(f"{name} is broken, too: {verdict(result, name).detail}" for name in others))
