"""Delegation: its claims, what must break each of them and nothing else, and all that the reference withstands."""

from pathlib import Path

import pytest

from crosslayer import Crash, Delay, Drop, Duplicate, Forget, Heal, Redirect, Restart, Run, RunUntil, Schedule
from crosslayer.harness.formats.counterexample import Counterexample, load
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import build, reference
from crosslayer.harness.search.hunting import Budget
from crosslayer.harness.search.volume import hunt
from crosslayer.harness.systems.delegation.acts import (
    PLANS,
    CallNow,
    ForgePrincipal,
    ForgeRevocation,
    HandOn,
    Leak,
    Overspend,
    PresentStolen,
    Replay,
    SkewClock,
    Splice,
    Widen,
    alone,
)
from crosslayer.harness.systems.delegation.nouns import DRIFT, Members
from crosslayer.harness.systems.delegation.system import ALL_AT_ONCE, POPULATION, SYSTEM
from crosslayer.harness.systems.finding import in_files
from crosslayer.testing import Run as Judged
from crosslayer.testing import machine, run
from tests.commands.invoking import answered
from tests.defects.delegation import DEFECTS

ROOT = Path(__file__).parents[3]
NAMES = tuple(one.name for one in SYSTEM.properties)
BAD = [(one.assignment, one.breaks) for one in SYSTEM.known_bad]
PLANTED = [(f"{one.part}={one.path}", one.caught_by) for one in DEFECTS]
ORCHESTRATOR, WORKER, REVOKED, THIEF, SERVER, AUDITOR = (
    POPULATION.names().index(f"{name}-0")
    for name in ("orchestrator", "worker", "revoked", "thief", "server", "auditor")
)


def broken(judged: Judged) -> list[str]:
    """The joint invariants that a run violates; a fault counts as well."""
    return [*judged.result.broken, *(["plugin_fault"] if judged.result.fault else [])]


def refused(judged: Judged) -> set[str]:
    """For what reasons the tool server refused something."""
    events = judged.result.events
    return {str(one.data["reason"]) for one in events if one.kind == "ignored" and one.agent == "server-0"}


def served(judged: Judged) -> int:
    """How many calls were served."""
    return len([one for one in judged.result.events if one.kind == "served"])


def test_a_day_exercises_every_claim() -> None:
    """With nothing done to it: what expires is refused, what is revoked is refused, and everything else is served."""
    judged = run(SYSTEM, population=Members())

    assert dict.fromkeys(NAMES, "holds") == {name: str(judged[name].outcome) for name in NAMES}
    assert ({"expired", "revoked"}, 11) == (refused(judged), served(judged))


@pytest.mark.parametrize(("assignment", "breaks"), BAD)
def test_each_swap_breaks_its_own_claim_and_no_other(assignment: str, breaks: str) -> None:
    """One schedule tells them all apart, and breaks nothing on the reference."""
    swapped, whole = (run(SYSTEM, ALL_AT_ONCE, stack=stack, population=POPULATION) for stack in (assignment, ()))

    assert ([breaks], []) == (broken(swapped), broken(whole))


def test_defects_are_many() -> None:
    """At least twelve, in every layer and in the agents, and at least three for each claim."""
    planted = [*((one.part, one.caught_by) for one in DEFECTS), *((one.part, one.breaks) for one in SYSTEM.known_bad)]

    assert {*(layer.name for layer in SYSTEM.layers), "agents"} == {part for part, _ in planted}
    assert len({one.path for one in DEFECTS}) == len(DEFECTS) >= 12
    assert [] == [name for name in NAMES if [breaks for _, breaks in planted].count(name) < 3]


@pytest.mark.parametrize(("assignment", "breaks"), PLANTED[::4])
def test_planted_defects_are_found_in_a_thousand_runs(assignment: str, breaks: str) -> None:
    """A hunt of all claims finds the one that this defect must break, and no other; all defects are `make power`."""
    found = hunt(
        shipped(SYSTEM, "hunt"), build(SYSTEM, [assignment]), SYSTEM.properties, Budget(1000), wanted=(breaks,)
    )

    assert {breaks} == found.cases.keys()


@pytest.mark.parametrize("assignment", ["communication=signed", "payments=tally"])
def test_other_correct_plugins_break_nothing(assignment: str) -> None:
    """They are as good as the reference: in a hunt, and in the case that tells the bad ones apart."""
    found = hunt(shipped(SYSTEM, "hunt"), build(SYSTEM, [assignment]), SYSTEM.properties, Budget(100))

    assert {} == found.cases
    assert [] == broken(run(SYSTEM, ALL_AT_ONCE, stack=assignment, population=POPULATION))


def test_the_reference_is_clean() -> None:
    """A hundred and twenty schedules in volume break nothing, exercise each claim, and reach every situation."""
    hunted = hunt(shipped(SYSTEM, "hunt"), reference(SYSTEM), SYSTEM.properties, Budget(120, seed=5))

    assert {} == hunted.cases
    assert [] == [name for name in NAMES if hunted.exercised[name] < 40]
    assert len(SYSTEM.probes) == len(hunted.reached)


def test_a_machine_has_a_rule_for_every_act_and_plan() -> None:
    """Plans are named by identifiers, so that Hypothesis can have them as rules."""
    assert {"widen", "splice", "leak", "replay", *(plan.name for plan in PLANS)} <= set(vars(machine(SYSTEM)))


def test_every_lost_message_in_the_smallest_world_keeps_every_claim() -> None:
    """Complete, everything exercised, exit status 0; all other kinds of deviation are those of `make prove`."""
    words = ("--population", "worker=2,revoked=1,thief=0", "--kind", "Drop", "--jobs", "1")
    status, said = answered("explore", "--system", "delegation", *words)

    assert (0, True, []) == (status, said["complete"], said["counterexamples"])
    assert dict.fromkeys(NAMES, "holds") == {name: one["outcome"] for name, one in said["verdicts"].items()}


def read(file: Path) -> Counterexample:
    """An entry of the corpus."""
    return load(file, in_files())


ENTRIES = sorted((ROOT / "corpus" / "delegation").glob("*.json"))


@pytest.mark.parametrize("file", ENTRIES, ids=lambda file: file.stem)
def test_each_entry_breaks_one_claim_and_the_reference_keeps_it(file: Path) -> None:
    """On the stack with the one bad part its own claim breaks and no other; on the reference, none."""
    one = read(file)
    stack = [f"{part}={name}" for part, name in one.stack.items()]
    bad, good = (run(SYSTEM, one.schedule, stack=stack_, population=one.scenario.population) for stack_ in (stack, ()))

    assert ([one.invariant], []) == (broken(bad), broken(good))
    assert (1, True) == (len(one.blame), one.minimal)


def test_every_bad_part_has_an_entry() -> None:
    """The swaps that ship and the planted defects, each with the claim that it must break."""
    known = [(f"{part}={name}", one.invariant) for one in map(read, ENTRIES) for part, name in one.stack.items()]

    assert set() == {*BAD, *PLANTED} - {*known}


def test_its_corpus_is_true() -> None:
    """Every case breaks on its stack, again and to the byte."""
    status, said = answered("corpus", "verify", "--corpus", ROOT / "corpus" / "delegation", "--allow", "tests.defects")

    assert (0, {}, len(BAD) + len(PLANTED)) == (status, said["wrong"], said["entries"])


CALAMITIES: dict[str, tuple[Schedule, str, int]] = {
    "a wider scope": ((RunUntil("answered"), Widen(0, 0)), "wider than what came before", 11),
    "a longer life": ((RunUntil("answered"), Widen(0, 1)), "wider than what came before", 12),
    "a spliced chain": ((RunUntil("answered"), Splice(0)), "issued by somebody else", 11),
    "a tool that is not in the scope": ((RunUntil("answered"), CallNow(0, 1)), "not in its scope", 11),
    "all at once": ((RunUntil("answered"), CallNow(0, 2)), "not enough left", 11),
    "the token of a child": ((RunUntil("answered"), CallNow(0, 0)), "the token of somebody else", 12),
    "a token that is shown": ((RunUntil("answered"), Leak(0), PresentStolen(0)), "the token of somebody else", 11),
    "a token under a false name": (
        (RunUntil("answered"), Leak(0), PresentStolen(0, 1)),
        "not sealed by its sender",
        11,
    ),
    "a call that is repeated by a thief": (
        (RunUntil("call sent"), Redirect("call", 0, THIEF), Run(16), Replay(0)),
        "revoked",
        11,
    ),
    "a budget that is spent by two children": ((RunUntil("answered"), Overspend(0, 0)), "not enough left", 11),
    "a child with less than nothing": ((RunUntil("answered"), Overspend(0, 1)), "less than nothing", 12),
    "more calls than there are": ((RunUntil("answered"), Overspend(0, 3)), "not enough left", 13),
    "calls that cost less than nothing": ((RunUntil("answered"), Overspend(0, 2)), "no amount", 12),
    "a link that is left out": ((RunUntil("answered"), Widen(0, 2)), "made of another link", 12),
    "no token at all": ((ForgePrincipal(0, 2),), "no token", 11),
    "a forged principal": ((ForgePrincipal(1, 0),), "not signed by the issuer", 11),
    "another principal": ((ForgePrincipal(0, 1),), "issued by somebody else", 11),
    "a forged revocation": ((RunUntil("answered"), ForgeRevocation(0)), "not signed by the issuer", 11),
    "a token that is made before the revocation": ((RunUntil("answered"), HandOn(0, 1)), "revoked", 12),
    "a token that is made after the revocation": (
        (RunUntil("revocation delivered"), Run(1), HandOn(0, 1)),
        "revoked",
        11,
    ),
    "a revocation that comes by the auditor alone": (
        (RunUntil("revocation sent"), Drop("revocation", 0), Forget(ORCHESTRATOR)),
        "revoked",
        11,
    ),
    "a tool server without memory": (
        (RunUntil("revocation delivered"), Forget(SERVER), Restart(SERVER)),
        "revoked",
        11,
    ),
    "an auditor without memory": ((RunUntil("revocation delivered"), Forget(AUDITOR)), "revoked", 11),
    "a worker without memory": ((RunUntil("call sent"), Forget(WORKER), Restart(WORKER)), "revoked", 11),
    "a revoked worker that is down": (
        (RunUntil("answered"), Crash(REVOKED), RunUntil("revocation delivered")),
        "expired",
        10,
    ),
    "a tool server that is cut off": ((RunUntil("call sent"), alone(POPULATION), Run(64), Heal()), "expired", 10),
    "a clock that is slow": ((SkewClock(0, DRIFT, 0),), "expired", 11),
    "a call that is late, and a copy of it": (
        (RunUntil("call sent"), Duplicate("call", 0), Delay("call", 0, 32)),
        "revoked",
        11,
    ),
}


@pytest.mark.parametrize("what", CALAMITIES)
def test_the_reference_withstands(what: str) -> None:
    """Each thing that can be done to it is really done, is refused for its own reason, and breaks no claim."""
    schedule, reason, calls = CALAMITIES[what]
    judged = run(SYSTEM, schedule, population=POPULATION)

    assert [] == [one.note for one in judged.result.done if not one.applied]
    assert ([], calls) == (broken(judged), served(judged))
    assert reason in refused(judged)


def test_a_corrupt_agent_that_is_down_or_absent_does_nothing() -> None:
    """Nor is there anything to steal from nobody."""
    steps = (Widen(0), Splice(0), CallNow(0), HandOn(0), Overspend(0), Leak(0), PresentStolen(0), Replay(0))
    absent = run(SYSTEM, (*steps, ForgePrincipal(0)), population=Members(revoked=0))
    down = run(SYSTEM, (Crash(SERVER), SkewClock(0)), population=POPULATION)

    assert [False] * 9 == [one.applied for one in absent.result.done]
    assert [True, False] == [one.applied for one in down.result.done]


def test_a_thief_reads_the_wire_only_where_it_is_in_clear() -> None:
    """A copy of a box gives it a token if boxes are signed, and nothing if they are sealed; and it helps it nothing."""
    steps = (RunUntil("given sent"), Redirect("given", 0, THIEF), Run(16), PresentStolen(0))
    clear, sealed = (
        run(SYSTEM, steps, stack=f"communication={one}", population=POPULATION) for one in ("signed", "sealed")
    )

    assert [True, False] == [one.result.done[-1].applied for one in (clear, sealed)]
    assert ([], []) == (broken(clear), broken(sealed))


@pytest.mark.parametrize("counts", [{"worker": 1}, {"server": 0}, {"principal": 0}])
def test_a_world_in_which_nothing_can_be_promised_is_refused(counts: dict[str, int]) -> None:
    """Two workers, and one of each of the others that are honest."""
    with pytest.raises(ValueError, match="a population needs"):
        Members(**counts)
