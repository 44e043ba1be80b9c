"""Everything that there is to show of one counterexample: its run, and the runs that it is compared with.

Owns which runs are made for a report. Knows nothing of how they are shown.
"""

from collections.abc import Sequence
from typing import Any

import attrs
from attrs import frozen

from crosslayer.harness.explain.findings import claim
from crosslayer.harness.explain.story import replay_command
from crosslayer.harness.formats.codec import schedule_from
from crosslayer.harness.formats.counterexample import Case, Counterexample
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack, reference
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.verdicts import Property, Verdict
from crosslayer.harness.picture.chart import Chart, chart
from crosslayer.harness.picture.divergence import Divergence, divergence
from crosslayer.harness.search.judgement import Judgement, broken, verdict


@frozen
class Removal:
    """What is known of one step: what it did, and what happens without it."""

    number: int
    tick: int
    told: str
    needed: str
    without: str
    notes: tuple[str, ...]


@frozen(kw_only=True, eq=False)
class Exhibit:
    """A counterexample, its run as it is today, and another run beside it (None if there is none that passes).

    `beside_how` says what is different about that one. `file` is where it was saved, if it was.
    """

    counterexample: Counterexample
    stack: Stack
    result: Result
    claim: Property | None
    file: str
    beside: Result | None
    beside_how: str
    divergence: Divergence | None

    @property
    def verdict(self) -> Verdict:
        """What its run says of the promise."""
        return verdict(self.result, self.counterexample.invariant)

    @property
    def is_broken(self) -> bool:
        """Whether its run breaks the promise."""
        return broken(self.result, self.counterexample.invariant)

    @property
    def headline(self) -> str:
        """What happened, in one line."""
        return self.verdict.detail

    @property
    def promise(self) -> str:
        """The claim, or the property's name if no claim is known."""
        return self.counterexample.invariant if self.claim is None else self.claim.claim

    @property
    def command(self) -> str:
        """What to type to see it again; empty if it was not saved."""
        return replay_command(self.counterexample, self.file) if self.file else ""

    @property
    def swapped(self) -> tuple[str, ...]:
        """The assignments of the stack that are not the reference's."""
        usual = reference(self.counterexample.system).names()
        stack = self.result.header.stack
        return tuple(f"{part}={name}" for part, name in stack.items() if usual.get(part) != name)

    @property
    def blame(self) -> str:
        """Whose fault it is, in one sentence."""
        one = self.counterexample
        if not self.is_broken:
            return "no part's: this run keeps the promise."
        if not one.blame:
            return "no plugin's: the reference stack breaks it, too."
        usual = reference(one.system).names()
        named = " and ".join(one.blame)
        instead = ", ".join(f"{part}={usual[part]}" for part in one.blame if part in usual)
        if len(one.blame) == 1:
            return f"{named}: with {instead} in its place (the reference) the same steps keep the promise."
        return f"{named}: each has its share in it; the references are {instead}."

    @property
    def members(self) -> str:
        """Who takes part, in one line."""
        population = self.counterexample.scenario.population
        corrupt = population.corrupt_roles()
        counts = ((getattr(population, role), role) for role in population.roles())
        return ", ".join(
            f"{count} {role}{'' if count == 1 else 's'}{' (corrupt)' if role in corrupt else ''}"
            for count, role in counts
            if count
        )

    @property
    def steps(self) -> tuple[Removal, ...]:
        """Every step with what is known of it."""
        ticks = [event.tick for event in self.result.events if event.kind == "step"]
        why = self.counterexample.why
        found = []
        for number, done in enumerate(self.result.done):
            reason = why[number] if number < len(why) else {}
            found.append(
                Removal(
                    number + 1,
                    ticks[number] if number < len(ticks) else 0,
                    done.note,
                    _needed(reason),
                    str(reason.get("without", "")),
                    tuple(_notes(reason, number + 1)),
                )
            )
        return tuple(found)

    @property
    def passing(self) -> str:
        """The nearest run that passes, in one line; empty if none is known."""
        return "" if self.counterexample.passing is None else str(self.counterexample.passing.get("change", ""))

    def chart(self, room: int, *, whole: bool = False) -> Chart:
        """The chart of its run."""
        told = f"{self.promise} — {self.headline}" if self.is_broken else ""
        return chart(self.result, self.verdict.evidence, told, room, whole=whole)


def exhibit(one: Counterexample, stack: Stack, properties: Sequence[Property], file: str = "") -> Exhibit:
    """Run a counterexample again, and beside it the run with the blamed parts replaced, or else the nearest passing."""
    judgement = Judgement(one.scenario, stack, properties)
    result = judgement.run(one.case)
    beside, how = _beside(judgement, one)
    return Exhibit(
        counterexample=one,
        stack=stack,
        result=result,
        claim=claim(properties, one.invariant),
        file=file,
        beside=beside,
        beside_how=how,
        divergence=None if beside is None else divergence(one.system, result.events, beside.events),
    )


def _beside(judgement: Judgement, one: Counterexample) -> tuple[Result | None, str]:
    usual = reference(one.system)
    parts = [part for part in one.blame if part in usual.choices]
    if parts:
        stack = judgement.stack
        for part in parts:
            stack = stack.replace(part, usual.choices[part])
        return judgement.on(stack).run(one.case), ", ".join(f"{part}={usual.choices[part].name}" for part in parts)
    if one.passing is not None and "schedule" in one.passing:
        try:
            schedule = schedule_from(one.passing["schedule"], "passing", one.system)
        except BadInput:
            return None, ""
        case: Case = attrs.evolve(one.case, schedule=schedule)
        return judgement.run(case), str(one.passing.get("change", ""))
    return None, ""


def _needed(reason: Any) -> str:
    if "needed" not in reason:
        return "not asked"
    return "needed" if reason["needed"] else "not needed"


def _notes(reason: Any, number: int) -> list[str]:
    notes = []
    if reason.get("order"):
        notes.append(f"its order against step {number + 1} {'matters' if reason['order'] == 'matters' else 'is free'}")
    free = reason.get("free")
    if isinstance(free, dict):
        lists = ((name, values) for name, values in free.items() if isinstance(values, list) and values)
        notes += [f"{name} can also be {', '.join(map(str, values))}" for name, values in lists]
    weaker = reason.get("weaker")
    if isinstance(weaker, list):
        notes += [f"{one} would do" for one in weaker]
    return notes
