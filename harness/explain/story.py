"""The story of a counterexample, for a person at a terminal.

Owns the layout and the wording. Knows nothing of how the facts in it were found.
"""

import shlex
from collections.abc import Sequence

from crosslayer.harness.explain.reasons import Reason
from crosslayer.harness.explain.report import line
from crosslayer.harness.explain.sentences import sentence
from crosslayer.harness.formats.counterexample import Counterexample
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import catalogue
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.search.judgement import verdict

FACTS_MAX = 8
"""So many facts prove a violation to a reader; more only hide it."""


def headline(counterexample: Counterexample, result: Result) -> str:
    """The story in one line."""
    return verdict(result, counterexample.invariant).detail


def story(
    counterexample: Counterexample, result: Result, claim: Property | None, reasons: Sequence[Reason], file: str
) -> str:
    """The whole story: promise, population, steps, proof, reasons, blame, file, and what to type next."""
    one = counterexample
    lines = [_title(one, claim), ""]
    if claim is not None:
        lines.append(f"Promise    {claim.claim}")
    lines.append(f"Broken     {headline(one, result)}")
    lines.append(f"Among      {_population(one)}")
    lines.append(f"Stack      {_stack(one)}")
    lines += ["", *_steps(one, result), "", *_proof(one, result)]
    if reasons:
        lines += ["", *_reasons(reasons)]
    if one.passing is not None and "change" in one.passing:
        lines += ["", f"Nearest run that passes: {one.passing['change']}"]
    lines += ["", f"Blame      {_blame(one)}"]
    if file:
        lines += [f"Saved      {file}", f"Replay     {replay_command(one, file)}"]
    return "\n".join(line(one) for one in lines)


def replay_command(counterexample: Counterexample, file: str) -> str:
    """What to type to see it again."""
    system = counterexample.system
    named = [(part, name) for part, name in counterexample.stack.items() if not _ships(system, part, name)]
    words = ["crosslayer", "replay", file, *(word for one in named for word in ("--stack", "=".join(one)))]
    return shlex.join([*words, "--system", system.source or "module:SYSTEM"] if _is_foreign(system) else words)


def _is_foreign(system: System) -> bool:
    """Whether a file's name for the system is not enough to find it."""
    return not system.source.startswith("crosslayer.")


def _ships(system: System, part: str, name: str) -> bool:
    return any(choice.name == name for choice in catalogue(system)[part])


def _title(one: Counterexample, claim: Property | None) -> str:
    parts = f" ({' and '.join(claim.parts)})" if claim is not None else ""
    count = len(one.schedule)
    steps = "no step at all: the happy path" if not count else f"{count} step{'' if count == 1 else 's'}"
    minimal = "" if not one.minimal or not count else ", and it is needed" if count == 1 else ", each of them needed"
    return f"{one.invariant} is violated{parts} by {steps}{minimal}"


def _population(one: Counterexample) -> str:
    population = one.scenario.population
    counts = ((getattr(population, role), role) for role in population.roles())
    return ", ".join(f"{count} {role}{'' if count == 1 else 's'}" for count, role in counts if count)


def _stack(one: Counterexample) -> str:
    return ", ".join(f"{part}={one.stack[part]}" for part in one.system.parts if part in one.stack)


def _steps(one: Counterexample, result: Result) -> list[str]:
    if not one.schedule:
        return ["Nothing needs to go wrong: every message arrives in order, and everybody is honest."]
    ticks = [event.tick for event in result.events if event.kind == "step"]
    lines = ["Steps"]
    for number, (tick, done) in enumerate(zip(ticks, result.done, strict=False), 1):
        lines.append(f"  {number}. tick {tick}: {done.note}")
    return lines


def _proof(one: Counterexample, result: Result) -> list[str]:
    evidence = sorted(set(verdict(result, one.invariant).evidence))[:FACTS_MAX]
    return [
        "Proof",
        *(f"  {sentence(result.system, result.events[seq])}" for seq in evidence if seq < len(result.events)),
    ]


def _reasons(reasons: Sequence[Reason]) -> list[str]:
    lines = ["Why each step"]
    for number, reason in enumerate(reasons, 1):
        marks = ["needed" if reason.needed else "not needed"]
        if reason.order:
            marks.append(f"its order against step {number + 1} {'matters' if reason.order == 'matters' else 'is free'}")
        marks.extend(f"{name} may as well be {_ranges(values)}" for name, values in reason.free.items())
        marks.extend(f"{weaker} would do" for weaker in reason.weaker)
        lines += [f"  {number}. {'; '.join(marks)}", f"     without it: {reason.without}"]
    return lines


def _ranges(values: Sequence[int]) -> str:
    """`0, 2 to 5`."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _blame(one: Counterexample) -> str:
    if not one.blame:
        return "no plugin: the reference stack breaks it, too"
    if len(one.blame) == 1:
        return f"{one.blame[0]}: the promise is kept once the reference replaces it"
    return f"{' and '.join(one.blame)}: each has its share in it"
