"""Escrow: a stranger's system in all but its place, and everything that there is for commerce is there for it."""

from pathlib import Path

import pytest

from crosslayer import (
    Crash,
    Delay,
    Drop,
    Duplicate,
    Forget,
    Heal,
    Partition,
    Redirect,
    Restart,
    Run,
    RunUntil,
    Schedule,
    isolated,
)
from crosslayer.harness.formats.counterexample import Counterexample, load
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import build, reference
from crosslayer.harness.search.hunting import Budget
from crosslayer.harness.search.volume import hunt
from crosslayer.harness.systems.escrow.acts import (
    PLANS,
    ClaimAgain,
    ClaimWithoutKey,
    ForgeAcceptance,
    ForgeStatement,
    Peek,
    RaceRefund,
    ReplayAcceptance,
    RevealToNobody,
    SwapGoods,
    SwapTerms,
)
from crosslayer.harness.systems.escrow.nouns import Members
from crosslayer.harness.systems.escrow.system import ALL_AT_ONCE, POPULATION, SYSTEM
from crosslayer.harness.systems.finding import in_files
from crosslayer.testing import Run as Judged
from crosslayer.testing import Violation, check, machine, run
from tests.commands.invoking import answered
from tests.defects.escrow import DEFECTS

ROOT = Path(__file__).parents[3]
NAMES = tuple(one.name for one in SYSTEM.properties)
BUYER, SELLER, ESCROW, AUDITOR = range(4)
PAIR = Members(buyer=1, seller=1)
BAD = [(one.assignment, one.breaks) for one in SYSTEM.known_bad]
PLANTED = [(f"{one.part}={one.path}", one.caught_by) for one in DEFECTS]


def read(file: Path) -> Counterexample:
    """An entry of the corpus."""
    return load(file, in_files())


def broken(judged: Judged) -> list[str]:
    """The joint invariants that a run violates; a fault counts as well."""
    return [*judged.result.broken, *(["plugin_fault"] if judged.result.fault else [])]


def facts(judged: Judged, kind: str) -> list[str]:
    """The agents, or the ways, of all facts of a kind."""
    return [str(one.data.get("how", one.agent)) for one in judged.result.events if one.kind == kind]


def test_a_deal_exercises_every_claim() -> None:
    """With nothing done to it, the goods are opened, the money is paid, and the seller is well thought of."""
    judged = run(SYSTEM, population=PAIR)

    assert dict.fromkeys(NAMES, "holds") == {name: str(judged[name].outcome) for name in NAMES}
    assert (["release"], ["buyer-0"]) == (facts(judged, "hold_ended"), facts(judged, "opened"))


@pytest.mark.parametrize(("assignment", "breaks"), BAD)
def test_each_swap_breaks_its_own_claim_and_no_other(assignment: str, breaks: str) -> None:
    """One schedule tells the five apart, and breaks nothing on the reference."""
    swapped, whole = (run(SYSTEM, ALL_AT_ONCE, stack=stack, population=POPULATION) for stack in (assignment, ()))

    assert ([breaks], []) == (broken(swapped), broken(whole))


@pytest.mark.parametrize(("assignment", "breaks"), PLANTED)
def test_each_planted_defect_is_found_in_a_thousand_runs(assignment: str, breaks: str) -> None:
    """A hunt of all claims that ends with the first find finds the one that this defect must break, and no other."""
    found = hunt(
        shipped(SYSTEM, "hunt"), build(SYSTEM, [assignment]), SYSTEM.properties, Budget(1000), wanted=(breaks,)
    )

    assert {breaks} == found.cases.keys()


def test_defects_are_many() -> None:
    """At least twelve, in every layer and in the agents, and at least three for each claim."""
    planted = [*((one.part, one.caught_by) for one in DEFECTS), *((one.part, one.breaks) for one in SYSTEM.known_bad)]

    assert {"payments", "privacy", "terms", "trust", "agents"} == {part for part, _ in planted}
    assert len({one.path for one in DEFECTS}) == len(DEFECTS) >= 12
    assert [] == [name for name in NAMES if [breaks for _, breaks in planted].count(name) < 3]


@pytest.mark.parametrize("assignment", ["payments=journal", "privacy=aes_gcm"])
def test_other_correct_plugins_break_nothing(assignment: str) -> None:
    """They are as good as the reference: in a hunt, and in the case that tells the bad ones apart."""
    found = hunt(shipped(SYSTEM, "hunt"), build(SYSTEM, [assignment]), SYSTEM.properties, Budget(150))

    assert {} == found.cases
    assert [] == broken(run(SYSTEM, ALL_AT_ONCE, stack=assignment, population=POPULATION))


def test_the_journal_decides_as_the_books_do() -> None:
    """Two payments plugins that share no code make the same run, to the byte."""
    books, journal = (
        run(SYSTEM, ALL_AT_ONCE, stack=stack, population=POPULATION).result.events for stack in ((), "payments=journal")
    )
    kinds = ("hold_opened", "claimed", "cancelled", "expired", "hold_ended", "opened", "score")

    assert [one for one in books if one.kind in kinds] == [one for one in journal if one.kind in kinds]


def test_the_reference_is_clean() -> None:
    """Six hundred schedules in volume break nothing, and each claim is exercised in most of them."""
    hunted = hunt(shipped(SYSTEM, "hunt"), reference(SYSTEM), SYSTEM.properties, Budget(600, seed=5))

    assert {} == hunted.cases
    assert [] == [name for name in NAMES if hunted.exercised[name] < 450]
    assert len(SYSTEM.probes) == len(hunted.reached)


def test_the_hypothesis_engine_finds_a_swap() -> None:
    """In one line, with the story in the assertion."""
    with pytest.raises(Violation, match="the trust layer: with bargains"):
        check(SYSTEM, stack="trust=refund_is_sale", examples=200)


def test_a_machine_has_a_rule_for_every_act_and_plan() -> None:
    """Plans are named by identifiers, so that Hypothesis can have them as rules."""
    wanted = {"reveal_to_nobody", "claim_again", "swap_terms", "peek", *(plan.name for plan in PLANS)}

    assert wanted <= set(vars(machine(SYSTEM)))


def test_every_schedule_with_one_deviation_keeps_every_claim() -> None:
    """In the smallest world: complete, everything exercised, exit status 0."""
    words = ("explore", "--system", "escrow", "--population", "buyer=1,seller=1,corrupt_buyer=0,corrupt_seller=0")
    status, said = answered(*words, "--jobs", "1")

    assert (0, True, []) == (status, said["complete"], said["counterexamples"])
    assert dict.fromkeys(NAMES, "holds") == {name: one["outcome"] for name, one in said["verdicts"].items()}


def test_its_corpus_is_true() -> None:
    """For every swap and every planted defect there is a case that breaks on its stack, again and to the byte."""
    status, said = answered("corpus", "verify", "--corpus", ROOT / "corpus" / "escrow", "--allow", "tests.defects")

    assert (0, {}, len(BAD) + len(PLANTED)) == (status, said["wrong"], said["entries"])


ENTRIES = sorted((ROOT / "corpus" / "escrow").glob("*.json"))


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


LONE = Partition(isolated(ESCROW, 4))

CALAMITIES: dict[str, tuple[Members, Schedule, str]] = {
    "a claim without the key": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (RunUntil("hold_opened"), ClaimWithoutKey(0)),
        "release",
    ),
    "a claim that is made twice": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (RunUntil("hold_ended"), ClaimAgain(0)),
        "release",
    ),
    "a key that is revealed to nobody": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (RevealToNobody(0),),
        "refund",
    ),
    "a late claim that says it is early": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (RevealToNobody(0), RunUntil("lapsed"), ClaimAgain(0)),
        "refund",
    ),
    "an old acceptance": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (RunUntil("hold_ended"), ReplayAcceptance(0)),
        "release",
    ),
    "a forged acceptance": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (ForgeAcceptance(0),),
        "release",
    ),
    "other goods than were signed": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (SwapGoods(0),),
        "release",
    ),
    "a forged statement": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (RevealToNobody(0), RunUntil("held delivered"), ForgeStatement(0)),
        "refund",
    ),
    "a refund that the seller asks for": (
        Members(buyer=1, seller=0, corrupt_seller=1),
        (RunUntil("hold_opened"), RaceRefund(0)),
        "release",
    ),
    "a refund that comes first": (
        Members(buyer=0, seller=1, corrupt_buyer=1),
        (RunUntil("hold_opened"), RaceRefund(0)),
        "refund",
    ),
    "a refund that comes second": (
        Members(buyer=0, seller=1, corrupt_buyer=1),
        (RunUntil("claimed"), RaceRefund(0)),
        "release",
    ),
    "a look without a key": (
        Members(buyer=0, seller=1, corrupt_buyer=1),
        (RunUntil("offer delivered"), Peek(0)),
        "release",
    ),
    "a smaller amount": (Members(buyer=0, seller=1, corrupt_buyer=1), (SwapTerms(0, 0),), ""),
    "another payee": (Members(buyer=0, seller=1, corrupt_buyer=1), (SwapTerms(0, 1),), ""),
    "other terms": (Members(buyer=0, seller=1, corrupt_buyer=1), (SwapTerms(0, 2),), ""),
    "an arbiter without memory": (PAIR, (RunUntil("claimed"), Forget(ESCROW), Restart(ESCROW)), "release"),
    "a seller without memory": (PAIR, (RunUntil("claim sent"), Forget(SELLER), Restart(SELLER)), "release"),
    "a buyer without memory": (PAIR, (RunUntil("deposit sent"), Forget(BUYER), Restart(BUYER)), "release"),
    "an auditor without memory": (PAIR, (RunUntil("hold_ended"), Run(4), Forget(AUDITOR)), "release"),
    "an arbiter that is cut off at the deadline": (
        PAIR,
        (RunUntil("held sent"), LONE, RunUntil("lapsed"), Heal()),
        "refund",
    ),
    "an arbiter that sleeps over the deadline": (
        PAIR,
        (RunUntil("held sent"), Crash(ESCROW), RunUntil("lapsed"), Restart(ESCROW)),
        "refund",
    ),
    "a claim that is lost, copied and held back": (
        PAIR,
        (
            RunUntil("claim sent"),
            Duplicate("claim", 0),
            Delay("claim", 0, 64),
            Redirect("claim", 0, 0),
            Drop("claim", 1),
        ),
        "release",
    ),
}


@pytest.mark.parametrize("what", CALAMITIES)
def test_the_reference_withstands(what: str) -> None:
    """Each thing that can be done to it is really done, ends as it should, and breaks no claim."""
    population, schedule, ends = CALAMITIES[what]
    judged = run(SYSTEM, schedule, population=population)

    assert [] == [one.note for one in judged.result.done if not one.applied]
    assert ([], [ends] if ends else []) == (broken(judged), facts(judged, "hold_ended"))


def test_a_corrupt_agent_that_is_down_does_nothing() -> None:
    """Nor does one that is not there."""
    down = run(SYSTEM, (Crash(SELLER), RevealToNobody(0)), population=Members(buyer=1, seller=0, corrupt_seller=1))
    absent = run(SYSTEM, (RevealToNobody(0), Peek(0), SwapTerms(0, 0), ClaimAgain(0)), population=PAIR)

    assert [True, False] == [one.applied for one in down.result.done]
    assert [False] * 4 == [one.applied for one in absent.result.done]


def test_the_trust_layer_is_commerces_own() -> None:
    """A seller that sold has the score of one paid receipt; one that let a hold expire has nothing left."""
    kept, broke = (
        next(
            one.data["value"] for one in run(SYSTEM, steps, population=population).result.events if one.kind == "score"
        )
        for steps, population in (((), PAIR), ((RevealToNobody(0),), Members(buyer=1, seller=0, corrupt_seller=1)))
    )

    assert (0.696735, 0.0) == (kept, broke)


@pytest.mark.parametrize("counts", [{"buyer": 0}, {"seller": 0}, {"buyer": 1, "escrow": 0}])
def test_a_world_in_which_nothing_can_be_promised_is_refused(counts: dict[str, int]) -> None:
    """One buyer, one seller, corrupt or not, an arbiter and an auditor."""
    with pytest.raises(ValueError, match="a population needs"):
        Members(**counts)


def test_the_protocol_is_short() -> None:
    """Values, agents and composition have at most 500 lines of code; adversary and claims not more than that."""
    folder = ROOT / "harness" / "systems" / "escrow"
    protocol = sum(map(lines, (folder / f"{name}.py" for name in ("nouns", "agents", "system"))))

    assert protocol <= 500
    assert sum(map(lines, [folder / "acts.py", *folder.glob("claims/*.py")])) <= 500


def lines(file: Path) -> int:
    """Lines that are neither blank nor of a docstring or comment."""
    text, inside, count = file.read_text().splitlines(), False, 0
    for line in text:
        quotes = line.count('"""')
        count += not (inside or quotes or not line.strip() or line.strip().startswith("#"))
        inside ^= quotes == 1
    return count
