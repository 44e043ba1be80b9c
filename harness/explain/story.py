"""The story of a counterexample, for a person at a terminal.

Owns the layout and the wording. Knows nothing of how the facts in it were found.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from crosslayer.harness.explain.causes import Entry, timeline
from crosslayer.harness.explain.reasons import Needed, Reason
from crosslayer.harness.explain.report import line
from crosslayer.harness.explain.sentences import words
from crosslayer.harness.formats.counterexample import FAULT, Counterexample
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import catalogue
from crosslayer.harness.model.steps import RUNNING_ON, Inject, Step
from crosslayer.harness.model.system import OTHER_PARTS, System, added_property
from crosslayer.harness.model.verdicts import Outcome, Property
from crosslayer.harness.search.judgement import verdict

ADVERSARY, ENVIRONMENT, SCHEDULE = "ADVERSARY", "ENVIRONMENT", "(schedule)"
"""Who does what no agent does: what the corrupt are made to do, what befalls the network, how long is waited."""

_LABEL = 16
"""Columns of a label."""


def headline(counterexample: Counterexample, result: Result) -> str:
    """What happened, in one line."""
    return verdict(result, counterexample.invariant).detail


def story(
    counterexample: Counterexample,
    result: Result,
    claim: Property | None,
    reasons: Sequence[Reason],
    file: str,
    *,
    agents: Sequence[Needed] = (),
    verbose: bool = False,
) -> str:
    """The whole story: title, what happened, culprit, smallest case and why it is the smallest, timeline, replay.

    `verbose` adds the numbers in a step that do not matter, weaker faults, the nearest run that is not a failure, and
    every event that led to this one. No line is broken here.
    """
    one = counterexample
    ran = result.header.stack
    lines = [title(one, claim, ran), ""]
    lines.append(_row("What happened", _with_corrupt_marked(one, headline(one, result))))
    if result.fault is not None and result.fault.place:
        lines.append(_row("Raised at", result.fault.place))
    lines.append(_row("Culprit", _culprit(one, ran)))
    lines.append(_row("Smallest case", _smallest(one)))
    lines += _rows("Why needed", _why(one, reasons, agents))
    if verbose:
        lines.append(_row("Stack", ", ".join(f"{part}={ran[part]}" for part in one.system.parts if part in ran)))
        lines += _rows("Details", _details(one, reasons))
    lines += ["", *_timeline(one, result, verbose=verbose)]
    if file:
        lines += ["", _row("Replay", replay_command(one, file))]
    return "\n".join(line(one) for one in lines)


UNRELIABLE = "broken in the search, but not when the same schedule was run again"
"""What is said of a find that cannot be had a second time."""


_SOURCES = "something keeps state between runs (a global, a class attribute, a cache), or follows chance or a clock"


def unreliable(one: Counterexample, claim: Property | None, ran: Mapping[str, str], file: str) -> str:
    """What is told in place of a story where a schedule that failed does not fail again."""
    what = f'"{_as_quoted(claim.claim)}" was' if claim is not None else "something was"
    lines = [
        f"UNRELIABLE  {_accused(one, ran)}: {what} {UNRELIABLE}   [{one.invariant}]",
        "",
        _row("Why", f"two runs of one schedule differ: {_SOURCES}; no verdict of its runs can be relied on"),
    ]
    if file:
        lines += ["", _row("Replay", replay_command(one, file))]
    return "\n".join(line(one) for one in lines)


def replay_command(counterexample: Counterexample, file: str) -> str:
    """What to type to see it again."""
    system = counterexample.system
    named = [(part, name) for part, name in counterexample.stack.items() if not _ships(system, part, name)]
    words_ = ["crosslayer", "replay", file, *(word for one in named for word in ("--stack", "=".join(one)))]
    path = added_property(system, counterexample.invariant)
    words_ += ["--property", path] if path else []
    source = system.source.partition("+")[0] or "module:SYSTEM"
    return shlex.join([*words_, "--system", source] if _is_foreign(system) else words_)


def _is_foreign(system: System) -> bool:
    """Whether a file's name for the system is not enough to find it."""
    return not system.source.startswith("crosslayer.")


def _ships(system: System, part: str, name: str) -> bool:
    return any(choice.name == name for choice in catalogue(system)[part])


def _row(label: str, text: str) -> str:
    return f"  {label:<{_LABEL - 2}}  {text}"


def _rows(label: str, texts: Sequence[str]) -> Iterator[str]:
    return (_row("" if number else label, text) for number, text in enumerate(texts))


def title(one: Counterexample, claim: Property | None, ran: Mapping[str, str]) -> str:
    """FAIL, who of the stack that ran broke what, in the words of the claim, and the name of the property."""
    who = _accused(one, ran)
    if one.invariant == FAULT:
        return f"FAIL  {who} raises an error, ends the process or gives no usable answer   [{FAULT}]"
    if claim is None:
        return f"FAIL  {who} breaks {one.invariant}"
    what = "" if claim.joint else f"the contract of {_part(one.system, claim.parts[0])} " if claim.parts else ""
    return f'FAIL  {who} breaks {what}"{_as_quoted(claim.claim)}"   [{one.invariant}]'


def _as_quoted(claim: str) -> str:
    text = claim.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _accused(one: Counterexample, ran: Mapping[str, str]) -> str:
    """The plugins to blame, as they are named on the command line; or those that were replaced; or the system."""
    if one.blame and _is_examined(one, ran):
        return " and ".join(f"{part}={ran.get(part, part)}" for part in one.blame)
    replaced = _replaced(one, ran)
    if replaced:
        return f"the stack with {', '.join(replaced)}"
    return f"the reference stack of {one.system.name}" if one.system.layers else one.system.name


def _is_examined(one: Counterexample, ran: Mapping[str, str]) -> bool:
    """Whether what is known of the blame is known of the stack that ran."""
    return all(ran.get(part) == name for part, name in one.stack.items())


def _replaced(one: Counterexample, ran: Mapping[str, str]) -> list[str]:
    """The plugins that are not the reference's."""
    usual = {part: choices[0].name for part, choices in catalogue(one.system).items()}
    return [f"{part}={name}" for part, name in ran.items() if name != usual.get(part)]


def _part(system: System, part: str) -> str:
    """A part of the stack in words."""
    return f"the {part}" if part in OTHER_PARTS or part not in system.parts else f"the {part} layer"


def _corrupt(one: Counterexample) -> tuple[str, ...]:
    return one.scenario.population.corrupt()


def _with_corrupt_marked(one: Counterexample, text: str) -> str:
    """The text with "(corrupt)" behind the first mention of every agent that the adversary controls."""
    for name in _corrupt(one):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"{name} (corrupt)", text, count=1)
    return text


def _culprit(one: Counterexample, ran: Mapping[str, str]) -> str:
    references = {part: choices[0].name for part, choices in catalogue(one.system).items()}
    if not _replaced(one, ran):
        return "no replaced plugin: this is the reference stack"
    if not _is_examined(one, ran) or (not one.blame and not one.minimal):
        return "not examined on this stack"
    if not one.blame:
        return "no replaced plugin: the reference stack fails in the same case, too"
    if len(one.blame) == 1:
        part = one.blame[0]
        return (
            f"{_part(one.system, part)}: with {references[part]} (the reference) instead of "
            f"{one.stack.get(part, part)}, the same case does not fail"
        )
    names = " and ".join(_part(one.system, part) for part in one.blame)
    usual = " and ".join(references[part] for part in one.blame)
    return f"{names} have a share in it: with {usual} (the references), the same case does not fail"


def _smallest(one: Counterexample) -> str:
    """Who takes part, and how much the adversary and the environment do."""
    population, corrupt = one.scenario.population, one.scenario.population.corrupt_roles()
    counts = [(getattr(population, role), role) for role in population.roles()]
    who = ", ".join(
        f"{_count(count, role)}{' (corrupt)' if role in corrupt else ''}" for count, role in counts if count
    )
    explained = " (corrupt: controlled by the adversary)"
    who = who.replace(" (corrupt)", explained, 1)
    done = [_doer(one.system, step) for step in one.schedule]
    parts = [
        _count(number, what)
        for what, number in (
            ("adversary action", done.count(ADVERSARY)),
            ("environment fault", done.count(ENVIRONMENT)),
            ("wait", done.count(SCHEDULE)),
        )
        if number
    ]
    if not parts:
        return f"{who}; nothing has to go wrong: no fault, no adversary action"
    needed = "" if not one.minimal else "; verified: it is needed" if len(done) == 1 else "; verified: each is needed"
    return f"{who}; {', '.join(parts)}{needed}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _doer(system: System, step: Step) -> str:
    if isinstance(step, RUNNING_ON):
        return SCHEDULE
    return ADVERSARY if isinstance(step, Inject) or type(step) in system.acts_by_step else ENVIRONMENT


def _why(one: Counterexample, reasons: Sequence[Reason], agents: Sequence[Needed]) -> list[str]:
    """What happens without each step, and without each agent that is needed."""
    several = len(reasons) > 1
    left_out: dict[str, list[str]] = {}
    for number, reason in enumerate(reasons, 1):
        step = f"step {number}" if several else f"the {_noun(one, number)}"
        text = f"{'' if reason.needed else 'still broken; '}{_outcome(reason.without)}"
        left_out.setdefault(text, []).append(step)
    for needed in agents:
        left_out.setdefault(_outcome(needed.without), []).append(needed.agent)
    return [f"without {' or '.join(names)}: {text}" for text, names in left_out.items()]


def _noun(one: Counterexample, number: int) -> str:
    nouns = {ADVERSARY: "adversary action", ENVIRONMENT: "fault", SCHEDULE: "wait"}
    return nouns[_doer(one.system, one.schedule[number - 1])] if number <= len(one.schedule) else "step"


def _outcome(text: str) -> str:
    """What a property says, with its outcome in plain words."""
    outcome, _, detail = text.partition(": ")
    if outcome == Outcome.VACUOUS:
        return f"not exercised (vacuous): {detail}"
    return text


def _details(one: Counterexample, reasons: Sequence[Reason]) -> list[str]:
    """What of each step does not matter, and the nearest run that does not fail."""
    lines = []
    for number, reason in enumerate(reasons, 1):
        marks = [] if reason.needed else ["not needed"]
        if reason.order:
            order = "matters" if reason.order == "matters" else "does not matter"
            marks.append(f"order with step {number + 1} {order}")
        marks.extend(f"{name} can also be {_ranges(values)}" for name, values in reason.free.items())
        marks.extend(f"a weaker {weaker} also fails" for weaker in reason.weaker)
        if marks:
            lines.append(f"step {number}: {'; '.join(marks)}")
    if one.passing is not None and "change" in one.passing:
        lines.append(f"nearest case that does not fail: {one.passing['change']}")
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


def _timeline(one: Counterexample, result: Result, *, verbose: bool) -> list[str]:
    """When, who, what; steps and what the verdict rests on are marked."""
    entries, left_out = timeline(result, verdict(result, one.invariant).evidence, verbose=verbose)
    rows = [(str(entry.event.tick), *_who_and_what(one, result, entry), entry.evidence) for entry in entries]
    ticks = max((len(tick) for tick, *_ in rows), default=1)
    width = max((len(who) for _, who, *_ in rows), default=1)
    lines = [
        f"  tick {tick:>{ticks}}  {who:<{width}}  {what}{' [*]' if proof else ''}" for tick, who, what, proof in rows
    ]
    if any(proof for *_, proof in rows):
        lines.append("  [*] the verdict rests on this")
    if left_out:
        lines.append(f"  {_count(left_out, 'event')} that led to it left out; -v shows more")
    return lines


def _who_and_what(one: Counterexample, result: Result, entry: Entry) -> tuple[str, str]:
    event, system = entry.event, result.system
    what = words(system, event)
    if event.kind == "step":
        index = event.data["index"]
        step = one.schedule[index] if index < len(one.schedule) else None
        mark = f"{index + 1}. " if len(one.schedule) > 1 else ""
        return ("" if step is None else _doer(system, step)), f"{mark}{what}"
    who = event.agent or (event.message.source if event.message is not None else "-")
    return who, what.removeprefix(f"{event.agent} ") if event.agent else what
