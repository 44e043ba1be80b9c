"""Replaying a counterexample: does it still break its promise, and is it still the same run?

Owns the four words of the answer. Needs no Hypothesis.

`reproduced`: as expected, and the trace is the same to the byte. `fixed`: its stack no longer breaks the promise.
`drifted`: as expected, but the trace differs; or neither, because a plugin failed, or a promise that was kept is broken
again. `stale`: written for another format or vocabulary.
"""

from collections.abc import Sequence

from attrs import frozen

from crosslayer.harness.formats.counterexample import FAULT, Counterexample
from crosslayer.harness.formats.trace import trail
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, allowed_stack, catalogue, resolve
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.judgement import Judgement, broken, verdict

REPRODUCED, FIXED, DRIFTED, STALE = "reproduced", "fixed", "drifted", "stale"


@frozen(eq=False)
class Replayed:
    """What came of a replay. `stale_steps` are those that no longer find anything to do."""

    outcome: str
    detail: str
    digest_matches: bool
    stale_steps: tuple[str, ...]
    result: Result


def replay(counterexample: Counterexample, stack: Stack, properties: Sequence[Property]) -> Replayed:
    """Run the counterexample's schedule on this stack, which is its own unless another was asked for."""
    one = counterexample
    result = Judgement(one.scenario, stack, properties).run(one.case)
    matches = result.digest == one.digest
    stale = tuple(
        f"step {number}: {done.note}" for number, done in enumerate(result.done, 1) if one.minimal and not done.applied
    )
    outcome, detail = _answer(one, result, matches=matches)
    return Replayed(outcome, detail, matches, stale, result)


def _answer(one: Counterexample, result: Result, *, matches: bool) -> tuple[str, str]:
    said = verdict(result, one.invariant)
    if result.fault is not None and one.invariant != FAULT:
        return DRIFTED, f"the run ended in a plugin fault: {result.fault}"
    if broken(result, one.invariant) != one.breaks:
        return FIXED if one.breaks else DRIFTED, f"{said.outcome}: {said.detail}"
    if matches or not one.digest:
        return REPRODUCED, said.detail
    if one.system.libraries:
        versions = ", ".join(one.system.libraries)
        return REPRODUCED, f"{said.detail} (in another run: of another version of {versions}?)"
    return DRIFTED, f"{_where(one, result)}; {said.detail}"


def require_property(counterexample: Counterexample, place: str) -> None:
    """`BadInput` if nothing judges what the counterexample breaks: that must not pass for a promise that is kept."""
    one = counterexample
    if one.invariant != FAULT and all(known.name != one.invariant for known in one.system.properties):
        raise BadInput(
            place,
            f"breaks {brief(one.invariant)}, which is no property of {one.system.name}; name your own as "
            "--property MODULE:PROPERTY",
        )


def stack_of(counterexample: Counterexample, assignments: Sequence[str], allowed: Sequence[str], place: str) -> Stack:
    """The stack to replay on: these assignments first, then the plugins that the file names.

    A file's dotted path is loaded only if its module is, or lies in, one of the `allowed` packages: code is named
    by the person who runs it. `BadInput` if a plugin cannot be had.
    """
    system = counterexample.system
    given = dict(_assignment(system, one) for one in assignments)
    unknown = sorted(counterexample.stack.keys() - set(system.parts))
    if unknown:
        raise BadInput(place, f"stack: there is no layer {brief(unknown[0])}")
    named = [
        (part, counterexample.stack[part])
        for part in system.parts
        if part in counterexample.stack and part not in given
    ]
    stack = allowed_stack(system, named, allowed, place)
    for part, name in given.items():
        stack = stack.replace(part, resolve(system, part, name, f"--stack {part}={name}"))
    return stack


def is_shipped(system: System, part: str, name: str) -> bool:
    """Whether the plugin of this name is one of the system's own, so that its code changes with the version only."""
    return any(choice.name == name for choice in catalogue(system)[part])


def _assignment(system: System, text: str) -> tuple[str, str]:
    part, equals, name = text.partition("=")
    if part not in system.parts or not equals or not name:
        raise BadInput(f"--stack {text}", f"write it as layer=plugin, with a layer of {', '.join(system.parts)}")
    return part, name


def _where(one: Counterexample, result: Result) -> str:
    """From which step on the trace is another one, and what may be the cause."""
    causes = "another version of a plugin or of Crosslayer, or a plugin that is not deterministic"
    for number, (then, now) in enumerate(zip(one.trail, trail(result.header, result.events), strict=False), 1):
        if then != now:
            place = f"from step {number} on" if number <= len(one.schedule) else "after the last step"
            return f"the trace differs {place} ({causes})"
    return f"the trace differs in its header ({causes})"
