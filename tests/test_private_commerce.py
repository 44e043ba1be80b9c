"""The original scenario: its promises, the reference stack that keeps them, and four swaps that break one each.

The normal run takes a slice of the seeds; `CROSSLAYER_SEEDS=200 pytest tests/test_private_commerce.py` takes all.

Determinism is claimed for the running interpreter and for every other one that is at hand (`tests/processes.py`).
"""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.formats import trace
from crosslayer.harness.kernel.journal import judge
from crosslayer.harness.kernel.simulation import Result, run
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.events import WIRE, Event
from crosslayer.harness.model.steps import Drop, Partition, Run
from crosslayer.harness.model.verdicts import Outcome, Verdict
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.plugins.registry_gossip import GossipRegistry
from crosslayer.harness.systems.commerce.ports import Roster
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL, JOINT
from tests.commerce import RUN_FILE, read_trace
from tests.commerce import load_scenario as load
from tests.play import EVERYBODY, HONEST, facts, played, scenario
from tests.processes import HASH_SEEDS, PYTHONS, elsewhere

ORIGINAL = load(RUN_FILE)
SLICE = 12
SEEDS = tuple(dict.fromkeys((42, 7, *range(0, 200, max(1, 200 // int(os.environ.get("CROSSLAYER_SEEDS", SLICE)))))))

DISCOVERY, OPACITY, PENALISED, REWARDED, COMPLETES, EARNED = (one.name for one in JOINT)
SWAPS = {
    "registry=in_memory": DISCOVERY,
    "privacy=noop": OPACITY,
    "trust=score_average": PENALISED,
    "payments=pay_on_close": REWARDED,
}
GOLDEN = {
    "trust=agent_receipts": "7cb41a8e54f8012ac54ec83a60a4b5cdc613b753b30193cb819780c7d74ec525",
    "trust=paid_receipts": "51960fc1b62d278a54499d98ec0f473bb4ebece9caa1f0c17bfecb3c5a6fbc01",
}
"""Of seed 42, under the trust rule of the original run and under the reference's. If one changes, so does every stored
counterexample: say so in the change log."""


def seeded(seed: int, stack: Stack = REFERENCE) -> Result:
    """The original scenario under another seed."""
    return run_seeded(attrs.evolve(ORIGINAL, seed=seed), stack, ALL)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_stack_keeps_every_promise(seed: int) -> None:
    """All joint promises hold, none of them vacuously, and no part breaks its contract."""
    result = seeded(seed)

    assert {Outcome.HOLDS} == {verdict.outcome for verdict in result.verdicts.values()}
    assert {Outcome.HOLDS} == {verdict.outcome for verdict in result.contracts.values()}
    assert result.fault is None


@pytest.mark.parametrize("seed", SEEDS[:6])
@pytest.mark.parametrize("swap", SWAPS)
def test_each_swap_breaks_its_own_promise_alone(swap: str, seed: int) -> None:
    """Replacing one layer breaks exactly one of the four published promises; to believe every word lifts the unpaid."""
    broken = seeded(seed, build([swap])).violated

    assert (SWAPS[swap],) == tuple(name for name in broken if name != EARNED)
    assert (swap == "trust=score_average") == (EARNED in broken)


@pytest.mark.parametrize("rule", GOLDEN)
def test_the_golden_run(rule: str) -> None:
    """Seed 42 always leaves the same bytes, under today's trust rule and under that of the first day."""
    assert GOLDEN[rule] == seeded(42, build([rule])).digest


def test_other_seeds_leave_other_traces() -> None:
    """No two seeds give the same trace."""
    assert 6 == len({seeded(seed).digest for seed in SEEDS[:6]})


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("hash_seed", HASH_SEEDS)
def test_a_run_does_not_depend_on_its_process(python: str, hash_seed: str) -> None:
    """Under any hash seed, and on any Python at hand, another process leaves the same bytes."""
    program = "from tests.test_private_commerce import seeded; print(seeded(7).digest)"

    done = elsewhere(program, hash_seed=hash_seed, python=python)

    assert (0, f"{seeded(7).digest}\n") == (done.returncode, done.stdout)


# What the promises mean


def shared(roster: Roster) -> dict[str, GossipRegistry]:
    """A registry in which all agents share one map: what one registers, all can see at once."""
    one: dict[str, GossipRegistry] = REFERENCE.factory("registry")(roster)
    views = list(one.values())

    class Shared:
        def __init__(self, own: GossipRegistry) -> None:
            self.own = own

        def lookup(self, capability: str) -> tuple[object, ...]:
            found = {card.publisher: card for view in views for card in view.lookup(capability)}
            return tuple(found[name] for name in sorted(found))

        def __getattr__(self, name: str) -> object:
            return getattr(self.own, name)

    return {name: Shared(own) for name, own in one.items()}  # type: ignore[misc]


def test_a_map_shared_across_a_partition_is_caught() -> None:
    """A discovery that no message can have brought breaks the first promise, although it comes before the bid."""
    stack = REFERENCE.replace("registry", Choice("shared", shared))
    result = played(Partition((0, 1)), Run(10_000), population=HONEST, stack=stack)
    order = [event.kind for event in result.events if event.kind in ("discovered", "bid_placed")]

    assert ["discovered", "bid_placed"] == order
    assert Outcome.VIOLATED is result.verdicts[DISCOVERY].outcome
    assert "no message had brought" in result.verdicts[DISCOVERY].detail


def forms(text: str) -> Iterator[bytes]:
    """The text in every common encoding, without what depends on its neighbours."""
    data = text.encode()
    yield from (data, data.hex().encode(), data.hex().upper().encode(), data[::-1])
    yield from (text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("utf-32-le"))
    yield json.dumps(text)[1:-1].encode()
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(shift) + data)[4:-4]
    yield base64.b32encode(data)[:-8]
    yield base64.b85encode(data)[:-5]


def leaks(result: Result) -> set[str]:
    """The kinds of message on the wire that show a bid's plaintext, or its amount beside its name."""
    plaintexts = {said["plaintext"] for said in facts(result.events, "sealed")}
    needles = {form for text in (*plaintexts, '"amount":150') for form in forms(text) if len(form) >= 8}
    return {
        event.message.kind
        for event in result.events
        if event.kind in WIRE and event.message and any(needle in event.message.payload for needle in needles)
    }


def test_no_message_of_any_kind_carries_a_bid() -> None:
    """On the reference stack no payload, sent, delivered or dropped, shows a bid in any common encoding."""
    assert set() == leaks(seeded(42))


def test_without_privacy_the_same_search_finds_the_bids() -> None:
    """The search that finds nothing on the reference stack finds every bid where privacy is off."""
    assert {"bid"} == leaks(seeded(42, build(["privacy=noop"])))


# Nothing is passed by default


def test_a_run_in_which_nobody_withheld_says_so() -> None:
    """Where every buyer got its goods, and nobody signed for nothing, two promises are vacuous, and the others hold."""
    outcomes = {name: verdict.outcome for name, verdict in played(population=HONEST).verdicts.items()}

    assert {
        **dict.fromkeys((DISCOVERY, OPACITY, REWARDED, COMPLETES), "holds"),
        **dict.fromkeys((PENALISED, EARNED), "vacuous"),
    } == outcomes


def judged(result: Result, *without: str) -> dict[str, Verdict]:
    """What is said of a run's events, some kinds left out."""
    kept = [event for event in result.events if event.kind not in without]
    monitors = {one.name: one.watch(EVERYBODY) for one in JOINT}
    judge(enumerate(kept), monitors.values())
    return {name: monitor.conclude() for name, monitor in monitors.items()}


def bidless(result: Result) -> Result:
    """The same run without its bids."""
    events = [
        event
        for event in result.events
        if event.kind not in ("bid_placed", "sealed") and not (event.message and event.message.kind == "bid")
    ]
    return attrs.evolve(result, events=events)


def test_a_trace_without_bids_says_so() -> None:
    """Without bids there is nothing to discover first, and nothing to keep secret."""
    verdicts = judged(bidless(played(Withhold(0, 0))))

    assert "no honest buyer placed a bid" == verdicts[DISCOVERY].detail
    assert {Outcome.VACUOUS} == {verdicts[name].outcome for name in (DISCOVERY, OPACITY)}


def test_a_trace_without_deliveries_says_so() -> None:
    """Where nobody delivered there is no reward to be just or unjust."""
    verdict = judged(played(), "goods_sent", "goods_accepted")[REWARDED]

    assert (Outcome.VACUOUS, "nobody delivered") == (verdict.outcome, verdict.detail)


def test_a_trace_that_did_not_end_says_so() -> None:
    """Without scores and an end, the two promises about scores are vacuous, never kept."""
    verdicts = judged(played(Withhold(0, 0)), "scored", "counterfactual", "end")

    assert {Outcome.VACUOUS} == {verdicts[name].outcome for name in (PENALISED, REWARDED)}


def test_a_run_without_any_purchase_is_vacuous_throughout() -> None:
    """Where no buyer finds a seller, not one of the four promises counts as kept."""
    result = played(Partition((0, 1)), Run(10_000), population=HONEST)

    assert {Outcome.VACUOUS} == {verdict.outcome for verdict in result.verdicts.values()}


# Stored traces


@pytest.mark.parametrize("swap", [None, *SWAPS])
def test_a_stored_trace_is_judged_like_its_run(swap: str | None, tmp_path: Path) -> None:
    """Written and read again, a trace gets the very verdicts of its run, evidence included."""
    result = seeded(42, build([swap] if swap else []))
    trace.write(tmp_path / "trace.jsonl", result.header, result.events)
    header, events = read_trace(tmp_path / "trace.jsonl")
    monitors = {one.name: one.watch(header.scenario.population) for one in ALL}
    judge(events, monitors.values())

    assert {**result.verdicts, **result.contracts} == {name: monitor.conclude() for name, monitor in monitors.items()}


SMALL = run(scenario(Population(1, 1, 1)), build(["trust=score_average"]), (Withhold(), Drop("bid"), Run(30)), ALL)
SMALL_LINES = tuple(trace.lines(SMALL.header, SMALL.events))


def verdicts_of(path: Path) -> dict[str, Verdict]:
    """What is said of a stored trace; nothing if it is bad input, told in one line that begins with the file."""
    try:
        return _verdicts_of(path)
    except BadInput as error:
        told = str(error)
    assert told.startswith(str(path))
    assert "\n" not in told
    return {}


def _verdicts_of(path: Path) -> dict[str, Verdict]:
    header, events = read_trace(path)
    monitors = {one.name: one.watch(header.scenario.population) for one in ALL}
    judge(events, monitors.values())
    return {name: monitor.conclude() for name, monitor in monitors.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the traces of generated examples."""
    return tmp_path_factory.mktemp("traces")


@settings(max_examples=25)
@given(counts=st.lists(st.integers(1, 4), min_size=1, max_size=40), late=st.lists(st.integers(1, len(SMALL_LINES) - 1)))
def test_repeated_lines_change_no_verdict(folder: Path, counts: list[int], late: list[int]) -> None:
    """Lines that come twice, at once or much later, are as good as lines that come once."""
    body = [line for number, line in enumerate(SMALL_LINES[1:]) for _ in range(counts[number % len(counts)])]
    path = folder / "repeated.jsonl"
    path.write_bytes(b"".join([SMALL_LINES[0], *body, *(SMALL_LINES[number] for number in late)]))

    assert {**SMALL.verdicts, **SMALL.contracts} == verdicts_of(path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60)
@given(data=st.data())
def test_junk_in_facts_never_crashes_the_judges(folder: Path, data: st.DataObject) -> None:
    """Whatever a line says in place of what it should, judging ends in verdicts or in one clear line."""
    lines = list(SMALL_LINES)
    for number in data.draw(st.lists(st.integers(1, len(lines) - 1), min_size=1, max_size=8)):
        line = json.loads(lines[number])
        line[data.draw(st.sampled_from(sorted(line)))] = data.draw(values)
        lines[number] = json.dumps(line).encode() + b"\n"
    path = folder / "junk.jsonl"
    path.write_bytes(b"".join(lines))

    assert {one.name for one in ALL} >= set(verdicts_of(path))


@settings(max_examples=60)
@given(junk=st.lists(st.binary(max_size=30), max_size=4), place=st.integers(0, len(SMALL_LINES)))
def test_junk_lines_never_crash_the_reader(folder: Path, junk: list[bytes], place: int) -> None:
    """A line that is no event is named by its number, and never anything worse."""
    lines = [*SMALL_LINES[:place], *(line + b"\n" for line in junk), *SMALL_LINES[place:]]
    path = folder / "junk.jsonl"
    path.write_bytes(b"".join(lines))

    assert {one.name for one in ALL} >= set(verdicts_of(path))


def test_facts_stand_in_the_trace_and_not_on_the_wire() -> None:
    """Only wire events carry messages: no agent can read or forge a fact."""
    events: list[Event] = list(seeded(42).events)

    assert {event.kind for event in events if event.message is not None} <= set(WIRE)
    assert all(event.message is not None for event in events if event.kind in WIRE)
