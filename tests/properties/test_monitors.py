"""What is true of every property alike: its name, its verdicts, and that nothing in a trace upsets it."""

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer import properties
from crosslayer.harness.model.events import MARKS, WIRE, Event, Message
from crosslayer.harness.model.verdicts import Outcome, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import PARTS
from crosslayer.properties.commerce import ALL, CONTRACTS, JOINT
from crosslayer.properties.watcher import violated
from tests.commerce import FACTS, KINDS
from tests.properties.story import HAPPY, NOTHING, POPULATION, ROBBED, Story, fact, ledger

each = pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)


def test_the_joint_invariants_begin_with_the_published_four() -> None:
    """Their names and order are fixed; what came later stands behind them."""
    assert [one.name for one in JOINT] == [
        "commerce_discovery_precedes_bid",
        "commerce_bid_opacity",
        "commerce_undelivered_penalized",
        "commerce_delivery_rewarded",
        "commerce_trade_completes",
        "commerce_reputation_earned",
    ]
    assert all(one.joint and len(one.parts) > 1 for one in JOINT)


def test_every_part_has_one_contract() -> None:
    """Contracts are named after their part, and are never joint."""
    assert tuple(one.name for one in CONTRACTS) == PARTS
    assert all(one.parts == (one.name,) and not one.joint for one in CONTRACTS)


def test_all_is_both() -> None:
    """Nothing is left out of `ALL`, and no name is given twice."""
    assert (*JOINT, *CONTRACTS) == ALL
    assert len({one.name for one in ALL}) == len(ALL)


@each
def test_parts_are_known(one: Property) -> None:
    """A property joins parts that can be swapped, and claims something in one sentence."""
    assert set(one.parts) <= set(PARTS)
    assert one.claim.endswith(".")
    assert set(one.watch(POPULATION).handlers()) <= {*KINDS, "*"}


@each
def test_the_happy_path_is_never_violated(one: Property) -> None:
    """Nothing is violated when everybody keeps all promises; only robbery and bought receipts do not arise."""
    never = ("commerce_undelivered_penalized", "commerce_reputation_earned")
    expected = Outcome.VACUOUS if one.name in never else Outcome.HOLDS

    assert HAPPY.judged(one).outcome is expected


@each
def test_a_run_without_events_is_vacuous(one: Property) -> None:
    """Nothing happened: no promise was exercised."""
    assert NOTHING.judged(one).outcome is Outcome.VACUOUS


STORIES = {
    "happy": HAPPY,
    "robbed": ROBBED,
    "lenient": ROBBED.changed("scored", to={"score": 0.9}),
    "opened twice": HAPPY.before("settlement", fact(1003, "opened", "seller-0", plaintext="x", envelope="e1")),
    "minted": HAPPY.before("end", ledger(16000, 30, is_open=False, seller=6000)),
    "unsent": HAPPY.without("send"),
    "undiscovered": HAPPY.without("discovered"),
}


@each
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_events_that_come_twice_change_nothing(one: Property, story: Story) -> None:
    """An event repeated under its sequence number leaves the verdict as it is."""
    once, twice = story.judged(one), story.judged(one, times=2)

    assert (twice.outcome, twice.evidence) == (once.outcome, once.evidence)


@each
def test_a_verdict_can_be_asked_again(one: Property) -> None:
    """`conclude` changes nothing."""
    monitor = one.watch(POPULATION)
    for seq, event in enumerate(ROBBED.events):
        if event.kind in monitor.handlers():
            monitor.handlers()[event.kind](seq, event)

    assert monitor.conclude() == monitor.conclude()


@each
def test_two_runs_are_judged_apart(one: Property) -> None:
    """Each `watch` begins afresh."""
    before = HAPPY.judged(one)
    ROBBED.without("send").judged(one)

    assert HAPPY.judged(one) == before


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda one: one.name)
def test_a_failed_audit_violates_its_own_contract_only(contract: Property) -> None:
    """An audit with ok false breaks the contract of its part, names the check, and concerns nobody else."""
    data = {"layer": contract.name, "check": "some check", "ok": False, "detail": "it did not"}
    story = HAPPY.before("end", fact(16000, "audit", "buyer-0", **data))

    verdicts = {one.name: story.judged(one) for one in CONTRACTS}

    assert [name for name, verdict in verdicts.items() if verdict.outcome is Outcome.VIOLATED] == [contract.name]
    assert verdicts[contract.name].detail == "the audit 'some check' of buyer-0 failed: it did not"
    assert verdicts[contract.name].evidence == (story.seq("audit", ok=False),)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda one: one.name)
def test_a_contract_is_tested_by_its_facts_alone(contract: Property) -> None:
    """Without any audit, the happy path still exercises every contract."""
    assert HAPPY.without("audit").judged(contract).outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("payments", "stream_opened"),
        ("payments", "stream_closed"),
        ("payments", "ledger"),
        ("privacy", "sealed"),
        ("privacy", "opened"),
    ],
)
def test_one_fact_of_a_part_puts_its_contract_to_the_test(part: str, kind: str) -> None:
    """A single fact that keeps the contract is enough for `holds`."""
    story = Story((HAPPY.events[HAPPY.seq(kind)],))

    assert story.judged(CONTRACTS[PARTS.index(part)]).outcome is Outcome.HOLDS


@each
@pytest.mark.parametrize("kind", WIRE)
def test_a_wire_event_without_a_message_is_absent(one: Property, kind: str) -> None:
    """It says nothing about any message."""
    story = HAPPY.before("goods_sent", fact(1001, kind, "buyer-0", of=1))

    assert story.judged(one).outcome is HAPPY.judged(one).outcome


def test_an_audit_that_is_fine_counts_as_seen() -> None:
    """A part of which only a good audit was seen kept its contract."""
    story = Story((fact(0, "audit", layer="trust", check="x", ok=True),))

    assert story.judged(CONTRACTS[PARTS.index("trust")]).outcome is Outcome.HOLDS


@pytest.mark.parametrize("data", [{}, {"layer": "trust", "check": "x", "ok": "no"}, {"layer": "trust", "ok": False}])
def test_a_malformed_audit_is_absent(data: dict[str, Any]) -> None:
    """An audit that does not say what was checked, and with which result, says nothing."""
    assert Story((fact(0, "audit", **data),)).judged(CONTRACTS[PARTS.index("trust")]).outcome is Outcome.VACUOUS


def test_a_detail_is_one_printable_line() -> None:
    """Names from a trace that anybody may have written cannot break up a report."""
    verdict = violated("a\nname\r\nwith \ud800", 3, 1, 3)

    assert verdict == Verdict(Outcome.VIOLATED, "a name with \\ud800", (1, 3))


TEXTS = st.sampled_from(
    ["buyer-0", "seller-0", "shill-0", "order-1", "e1", "nan", "crashed", "trust", "\ud800", "?" * 9]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
JUNK = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=3))
KEYS = sorted({key for event in HAPPY.events for key in event.data} | {"of", "groups", "cut", "state", "sender"})
AGENTS = st.sampled_from([*POPULATION.names(), "nobody", "", "-"])
MESSAGES = st.builds(Message, st.integers(0, 3), AGENTS, AGENTS, st.sampled_from(["bid", "goods", "?"]), st.binary())
DATA = st.dictionaries(st.sampled_from(KEYS), JUNK)
EVENTS = st.one_of(
    st.builds(Event, st.integers(0, 9), st.sampled_from((*FACTS, *MARKS)), AGENTS, DATA),
    st.builds(Event, st.integers(0, 9), st.sampled_from(WIRE), AGENTS, DATA, st.none() | MESSAGES),
)


@settings(max_examples=60, deadline=None)
@given(events=st.lists(EVENTS, max_size=12))
def test_junk_never_raises(events: list[Event]) -> None:
    """Whatever a stored trace holds in its data, every property answers with a verdict."""
    for one in ALL:
        assert isinstance(Story(events).judged(one), Verdict)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_corrupted_run_never_raises(data: st.DataObject) -> None:
    """A run in which some values were replaced by junk is judged as calmly as any other."""
    events = list(HAPPY.events)
    for seq in data.draw(st.lists(st.sampled_from(range(len(events))), min_size=1, max_size=4)):
        if events[seq].data:
            key = data.draw(st.sampled_from(sorted(events[seq].data)))
            events[seq] = events[seq]._replace(data={**events[seq].data, key: data.draw(JUNK)})
    for one in ALL:
        assert isinstance(Story(events).judged(one), Verdict)


@pytest.mark.parametrize("path", sorted(Path(properties.__file__).parent.rglob("*.py")), ids=lambda path: path.stem)
def test_properties_know_nouns_events_and_verdicts_only(path: Path) -> None:
    """Of the harness, the package imports three modules; a monitor cannot reach anything but events."""
    tree = ast.parse(path.read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert {name for name in imported if name and name.startswith("crosslayer.harness")} <= {
        "crosslayer.harness.model.events",
        "crosslayer.harness.model.population",
        "crosslayer.harness.systems.commerce.nouns",
        "crosslayer.harness.model.verdicts",
    }
    assert not {name for name in imported if name and name.startswith(("hypothesis", "crosslayer.strategies"))}
