"""Runs of ours as NEST traces: they say what happened, and are judged alike."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from harness import scenario
from harness.counterexample import load
from harness.nest.export import lines
from harness.nest.lines import KINDS
from harness.replay import replay, stack_of
from harness.seeded import run_seeded
from harness.simulation import Result
from harness.stack import REFERENCE
from properties import JOINT
from tests.docs.reading import ROOT
from tests.nest.telling import SWAPS, Value, exported, judged, outcomes, ran

KEYS = {
    "start": {"agent", "kind", "ts"},
    "stop": {"agent", "kind", "ts"},
    "partition_started": {"agent", "kind", "ts"},
    "partition_healed": {"agent", "kind", "ts"},
    "broadcast": {"agent", "corr", "kind", "msg", "size", "ts"},
    "send": {"agent", "corr", "kind", "msg", "size", "to", "ts"},
    "receive": {"agent", "corr", "from", "kind", "msg", "size", "ts"},
    "dropped": {"agent", "corr", "from", "kind", "msg", "size", "ts"},
}
MARKERS = {
    r"discovered:buyer-\d:(shill_)?seller-\d": 25,
    r"bidmeta:buyer-\d:(shill_)?seller-\d:bid-buyer-\d:150": 5,
    r"stream:open:buyer-\d:(shill_)?seller-\d:bid-buyer-\d:10": 5,
    r"stream:close:buyer-\d:(shill_)?seller-\d:bid-buyer-\d:\d+": 5,
    r"fulfilled:seller-\d:buyer-\d:bid-buyer-\d": 4,
    r"negative:buyer-4:shill_seller-0:bid-buyer-4": 1,
    r"score:[a-z_]+-\d:\d\.\d{6}:\d\.\d{6}": 11,
}
LOST = {
    # Who can open an envelope: NEST's words have none for it.
    "commerce_bid_opacity-3bd821153173e603": "holds",
    "commerce_bid_opacity-48f0f19d49d64e83": "holds",
    "commerce_bid_opacity-75ad59f742ec85ba": "holds",
    "commerce_bid_opacity-9e8362b52de73812": "holds",
    # What a score would be without receipts.
    "commerce_delivery_rewarded-9f5cb3f632e16c12": "holds",
    "commerce_delivery_rewarded-edf1db1c0da7a12b": "holds",
    # Goods for a shill, whose own word on its payments proves nothing.
    "commerce_delivery_rewarded-827ccaa2c8a9835c": "vacuous",
    "commerce_delivery_rewarded-c0278d4d910f41ac": "holds",
    # That a buyer took what it had not ordered: only that it came can be seen.
    "commerce_delivery_rewarded-a40b35f0348aa7f3": "holds",
}
"""The corpus's counterexamples that NEST's words cannot carry, and what they look like there."""

CORPUS = sorted((ROOT / "corpus").glob("*.json"))


@cache
def replayed(file: Path) -> Result:
    """The run of a counterexample."""
    one = load(file)
    return replay(one, stack_of(one, (), ("tests.defects",), str(file)), JOINT).result


def values(result: Result) -> list[Value]:
    """A run as the lines of a NEST trace."""
    return [json.loads(line) for line in lines(result.header, result.events)]


def test_every_line_keeps_the_schema() -> None:
    """Every kind is used, with exactly the keys that NEST writes, as NEST writes them."""
    assert KINDS == {value["kind"] for value in exported()}
    for line in lines(ran().header, ran().events):
        value = json.loads(line)
        assert KEYS[value["kind"]] == value.keys()
        assert line == json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        assert isinstance(value["ts"], float)
        assert value.get("size", 0) == len(value.get("msg", "").encode())


def test_every_agent_starts_and_stops() -> None:
    """In the order of their names, at the beginning and at the end."""
    names = list(ran().header.scenario.population.names())
    ends = [(value["kind"], value["agent"]) for value in (*exported()[:12], *exported()[-12:])]

    assert ends == [("start", name) for name in names] + [("stop", name) for name in names]


def test_every_marker_is_broadcast_by_its_principal() -> None:
    """With the words of the schema, and no other broadcast beside them."""
    told = [(value["agent"], value["msg"]) for value in exported() if value["kind"] == "broadcast"]

    assert MARKERS == {form: sum(re.fullmatch(form, msg) is not None for _, msg in told) for form in MARKERS}
    assert len(told) == sum(MARKERS.values())
    assert all(msg.startswith("score:") or f":{agent}:" in msg for agent, msg in told)


def test_messages_are_said_in_nest_words() -> None:
    """Bids, goods, gossip, receipts and complaints; ours alone are told as they are."""
    words = {value["msg"].partition("{")[0][:9].partition(":")[0] for value in exported() if value["kind"] == "send"}

    assert {"bid", "ack", "GOSSIP|P[", "GOSSIP|D", "receipt", "negative", "draft|", "ack|"} >= {
        word if "|" not in word or word.startswith("GOSSIP") else word[: word.index("|") + 1] for word in words
    }


def test_what_is_delivered_was_sent() -> None:
    """Each message has one correlation id from hand to hand; nothing is both received and dropped."""
    sent = {value["corr"]: value["msg"] for value in exported() if value["kind"] == "send"}
    ends = [value for value in exported() if value["kind"] in ("receive", "dropped")]

    assert [value["msg"] for value in ends] == [sent[value["corr"]] for value in ends]
    assert len(ends) == len({value["corr"] for value in ends})


@pytest.mark.parametrize("swap", SWAPS)
def test_the_round_trip_keeps_every_verdict(swap: str) -> None:
    """The reference stack and each swap, exported and checked again: the very outcomes of the run."""
    assert {name: one.outcome for name, one in ran(swap).verdicts.items()} == outcomes(exported(swap))[0]


def test_the_published_rules_miss_the_shared_map() -> None:
    """Markers alone find what the others break, but take a leak across the partition for a discovery."""
    found = {swap: [name for name, one in outcomes(exported(swap))[1].items() if one == "violated"] for swap in SWAPS}

    assert {
        "reference": [],
        "in_memory": [],
        "noop": ["commerce_bid_opacity"],
        "score_average": ["commerce_undelivered_penalized"],
        "pay_on_close": ["commerce_delivery_rewarded"],
    } == found


@pytest.mark.parametrize("seed", range(8))
def test_the_round_trip_keeps_every_verdict_of_other_seeds(seed: int) -> None:
    """Other weather, the same outcomes."""
    chosen = scenario.from_value({"name": "x", "seed": seed, "faults": {"drop": 0.2}}, "x")
    result = run_seeded(chosen, REFERENCE, JOINT)

    assert {name: one.outcome for name, one in result.verdicts.items()} == outcomes(values(result))[0]


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_the_round_trip_keeps_the_corpus(file: Path) -> None:
    """Every counterexample is judged alike in NEST's words, but for those that the words cannot carry."""
    result = replayed(file)
    if result.fault is not None:
        return
    expected = {name: str(one.outcome) for name, one in result.verdicts.items()}
    if file.stem in LOST:
        expected[load(file).invariant] = LOST[file.stem]

    assert expected == {name: str(one.outcome) for name, one in judged(values(result)).items()}


def test_a_run_that_a_fault_ended_is_inconclusive() -> None:
    """It has no stop events, so nobody is accused of how it would have ended."""
    faulty = [replayed(file) for file in CORPUS if file.stem.startswith("plugin_fault")]

    assert len(faulty) > 0
    for result in faulty:
        told = values(result)
        assert "stop" not in {value["kind"] for value in told}
        assert "violated" not in outcomes(told)[0].values()
