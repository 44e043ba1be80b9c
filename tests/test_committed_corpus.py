"""What is true of the entries in `corpus/` beyond their replay, which the pytest plugin makes a test of each.

Looked at with as little of the harness as can be: each schedule is run, and the verdicts are read.
"""

from functools import cache
from pathlib import Path

import pytest

from crosslayer.harness.formats.counterexample import FAULT, Counterexample
from crosslayer.harness.kernel.simulation import Result, run
from crosslayer.harness.model.steps import Run, RunUntil, Schedule
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.nouns import PARTS
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.commerce import KNOWN_BAD, load, schedule_from
from tests.defects.catalogue import DEFECTS
from tests.processes import HASH_SEEDS, PYTHONS, WITHOUT_HYPOTHESIS, elsewhere

FILES = sorted((Path(__file__).parent.parent / "corpus").glob("*.json"))
VIOLATED = [file.stem for file in FILES if load(file).expect == "violated"]
HOLDS = [file.stem for file in FILES if load(file).expect == "holds"]
EVERY = [load(file).expect for file in FILES[0].parent.rglob("*.json")]
"""What all entries expect, those of other systems included, which have folders of their own."""

KINDS = f"{EVERY.count('violated')} known bad, {EVERY.count('holds')} false alarms"


@cache
def _entry(stem: str) -> Counterexample:
    return load(FILES[0].with_name(f"{stem}.json"))


def _accused(one: Counterexample) -> tuple[str, ...]:
    """The parts of an entry's stack that are not the reference's."""
    reference = REFERENCE.names()
    return tuple(part for part in PARTS if part in one.stack and one.stack[part] != reference.get(part))


def _result(one: Counterexample, schedule: Schedule) -> Result:
    return run(one.scenario, build(f"{part}={name}" for part, name in one.stack.items()), schedule, ALL)


def _breaks(one: Counterexample, schedule: Schedule) -> bool:
    result = _result(one, schedule)
    if one.invariant == FAULT or result.fault is not None:
        return one.invariant == FAULT and result.fault is not None
    return {**result.verdicts, **result.contracts}[one.invariant].outcome is Outcome.VIOLATED


@pytest.mark.parametrize("stem", VIOLATED)
def test_every_step_is_needed(stem: str) -> None:
    """With all its steps an entry breaks its promise, and without any one of them it does not."""
    one = _entry(stem)
    schedule = one.schedule
    shorter = [schedule[:index] + schedule[index + 1 :] for index in range(len(schedule))]

    assert [True, *[False] * len(schedule)] == [_breaks(one, each) for each in (schedule, *shorter)]
    assert one.minimal


@pytest.mark.parametrize("stem", VIOLATED)
def test_the_right_part_is_blamed(stem: str) -> None:
    """An entry blames the one part of its stack in which something was planted, and no other."""
    one = _entry(stem)

    assert 1 == len(one.blame)
    assert _accused(one) == one.blame


@pytest.mark.parametrize("stem", VIOLATED)
def test_nearest_run_passes(stem: str) -> None:
    """An entry keeps the reason of each step and, if there are any, a schedule one change away that breaks nothing."""
    one = _entry(stem)
    assert [True] * len(one.schedule) == [reason["needed"] for reason in one.why]
    assert (one.passing is None) == (one.schedule == ())

    nearest = () if one.passing is None else schedule_from(one.passing["schedule"], stem)
    changed = sum(before != after for before, after in zip(one.schedule, nearest, strict=False))

    assert one.passing is None or not _breaks(one, nearest)
    assert len(one.schedule) - len(nearest) == 1 or changed <= 1


@pytest.mark.parametrize("stem", HOLDS)
def test_false_alarm_is_about_something(stem: str) -> None:
    """An entry that must hold accuses nobody, and really does something beside running on."""
    one = _entry(stem)
    result = _result(one, one.schedule)
    applied = [done.applied for step, done in zip(one.schedule, result.done, strict=True) if not _runs_on(step)]

    assert ((), True, True) == (_accused(one), any(applied), one.story != "")


def _runs_on(step: object) -> bool:
    return isinstance(step, Run | RunUntil)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("hash_seed", HASH_SEEDS)
def test_every_entry_replays_in_other_processes(python: str, hash_seed: str) -> None:
    """In another process, under any order of hashes, on any Python, without Hypothesis: the same digests."""
    words = ("corpus", "verify", "--allow", "tests.defects")

    done = elsewhere(WITHOUT_HYPOTHESIS, *words, hash_seed=hash_seed, python=python)

    assert (0, f"{len(EVERY)} of {len(EVERY)} entries are true ({KINDS})\n", "") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )


def test_every_defect_has_an_entry() -> None:
    """There is an entry for each planted defect and each swap, about the property that must catch it."""
    entries = {(part, one.stack[part], one.invariant) for one in map(_entry, VIOLATED) for part in _accused(one)}
    # Two of the defects are published rules, which ship under a name of their own.
    shipped = {
        one.path: one.path.removeprefix("crosslayer.harness.systems.commerce.plugins.trust_").removesuffix(":make")
        for one in DEFECTS
    }
    wanted = {(one.part, shipped[one.path], one.caught_by) for one in DEFECTS}
    wanted |= {(swap.partition("=")[0], swap.partition("=")[2], caught_by) for swap, caught_by in KNOWN_BAD.items()}

    assert set() == wanted - entries


def test_swaps_need_few_steps() -> None:
    """No swap's counterexample has more than three steps; that of the largest component at most five deviations."""
    steps = {assignment: _steps(assignment, name) for assignment, name in KNOWN_BAD.items()}
    ring = _steps("trust=agent_receipts_largest_scc", "commerce_delivery_rewarded")

    assert [] == [assignment for assignment, schedule in steps.items() if len(schedule) > 3]
    assert len([step for step in ring if not _runs_on(step)]) <= 5


def _steps(assignment: str, invariant: str) -> Schedule:
    part, _, name = assignment.partition("=")
    (found,) = (
        one.schedule
        for one in map(_entry, VIOLATED)
        if one.invariant == invariant and one.stack[part] == name and _accused(one) == (part,)
    )
    return found


def test_entries_are_named_by_their_content() -> None:
    """Every file has the name that its content gives it, so that no bug is kept twice."""
    assert [file.stem for file in FILES] == [load(file).name for file in FILES]


def test_one_entry_for_each_failure() -> None:
    """No entry is another version of a second one: of one stack and one property there is one."""
    keys = [(one.invariant, tuple(sorted(one.stack.items()))) for one in map(_entry, VIOLATED)]

    assert len(keys) == len(set(keys))
