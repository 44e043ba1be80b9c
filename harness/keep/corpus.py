"""The corpus: a folder of counterexamples, each of which must stay true.

Owns the listing and the verification of entries. An entry is true if its own stack still breaks the promise, in
the very same run, and the reference stack keeps it under the same schedule. An entry that was once a false alarm (it
expects that the promise holds) is true if that promise is put to the test and nothing at all is broken, on its stack in
the very same run, and on the reference.
"""

from collections.abc import Sequence
from pathlib import Path

from crosslayer.harness.formats.counterexample import Counterexample
from crosslayer.harness.keep.replay import REPRODUCED, replay, stack_of
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, reference
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.verdicts import Outcome, Property
from crosslayer.harness.search.judgement import Judgement, broken, verdict


def entries(folder: Path) -> tuple[Path, ...]:
    """The files of a corpus, sorted by name, in all its folders; `BadInput` if there is no such folder."""
    if not folder.is_dir():
        raise BadInput(str(folder), "there is no such folder")
    return tuple(sorted(folder.rglob("*.json")))


def verify(
    counterexample: Counterexample, properties: Sequence[Property], allowed: Sequence[str], place: str
) -> tuple[str, ...]:
    """What is not true of an entry, a line each; empty if all is."""
    stack = stack_of(counterexample, (), allowed, place)
    return (*_on_its_stack(counterexample, stack, properties), *_on_the_reference(counterexample, stack, properties))


def _on_its_stack(one: Counterexample, stack: Stack, properties: Sequence[Property]) -> tuple[str, ...]:
    replayed = replay(one, stack, properties)
    wrong = () if replayed.outcome == REPRODUCED else (f"{replayed.outcome}: {replayed.detail}",)
    return (*wrong, *(f"stale {step}" for step in replayed.stale_steps), *_false_alarms(one, replayed.result))


def _on_the_reference(one: Counterexample, stack: Stack, properties: Sequence[Property]) -> tuple[str, ...]:
    if not stack.swapped():
        return () if one.expect == "holds" else ("it blames the reference stack",)
    result = Judgement(one.scenario, reference(one.system), properties).run(one.case)
    if broken(result, one.invariant):
        return (f"the reference stack breaks it, too: {verdict(result, one.invariant).detail}",)
    return _false_alarms(one, result)


def _false_alarms(one: Counterexample, result: Result) -> tuple[str, ...]:
    """What is said against a run of which everything should hold, beside the entry's own property."""
    if one.expect != "holds":
        return ()
    said = verdict(result, one.invariant)
    idle = (f"{said.outcome}: {said.detail}",) if said.outcome is Outcome.VACUOUS else ()
    others = (name for name in result.broken if name != one.invariant)
    return (*idle, *(f"{name} is broken, too: {verdict(result, name).detail}" for name in others))
