"""Runs of ours as NEST traces: they say what happened, and are judged alike."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from crosslayer.harness.formats.counterexample import Counterexample
from crosslayer.harness.keep.replay import replay, stack_of
from crosslayer.harness.kernel.simulation import Result, run
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.commerce.nest.export import lines
from crosslayer.harness.systems.commerce.nest.lines import KINDS
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import FulfilUnpaid
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import PUBLISHED
from tests import play
from tests.commerce import load, scenario_of
from tests.docs.reading import ROOT
from tests.systems.commerce.nest.telling import SWAPS, Value, exported, judged, outcomes, ran

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
    "derives_keys_from_names": "holds",
    "wraps_to_everybody": "holds",
    "keeps_keys_in_escrow": "holds",
    "has_one_key_for_all": "holds",
    # What a score would be without receipts.
    "scores_by_name": "holds",
    "scores_a_constant": "holds",
    # Goods for a shill, whose own word on its payments proves nothing.
    "keys_bids_by_reference_alone": "vacuous",
    "serves_without_looking_at_the_stream": "holds",
    # That a buyer took what it had not ordered: only that it came can be seen.
    "accepts_what_it_never_ordered": "holds",
}
"""The defects whose counterexample NEST's words cannot carry, and what its verdict looks like there."""

CORPUS = sorted(file for file in (ROOT / "corpus").glob("*.json") if load(file).expect == "violated")


@cache
def replayed(file: Path) -> Result:
    """The run of a counterexample."""
    one = load(file)
    return replay(one, stack_of(one, (), ("tests.defects",), str(file)), PUBLISHED).result


def _defect(one: Counterexample) -> str:
    """The name of the plugin that a counterexample puts in place of a reference."""
    (swapped,) = (name for part, name in one.stack.items() if name != REFERENCE.names().get(part))
    return swapped.rpartition(":")[2]


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
    chosen = scenario_of({"name": "x", "seed": seed, "faults": {"drop": 0.2}}, "x")
    result = run_seeded(chosen, REFERENCE, PUBLISHED)

    assert {name: one.outcome for name, one in result.verdicts.items()} == outcomes(values(result))[0]


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_the_round_trip_keeps_the_corpus(file: Path) -> None:
    """Every counterexample is judged alike in NEST's words, but for those that the words cannot carry."""
    result = replayed(file)
    if result.fault is not None:
        return
    expected = {name: str(one.outcome) for name, one in result.verdicts.items()}
    one = load(file)
    if one.invariant in expected:
        expected[one.invariant] = LOST.get(_defect(one), expected[one.invariant])

    assert expected == {name: str(one.outcome) for name, one in judged(values(result)).items()}


def test_a_run_that_a_fault_ended_is_inconclusive() -> None:
    """It has no stop events, so nobody is accused of how it would have ended."""
    faulty = [replayed(file) for file in CORPUS if file.stem.startswith("plugin_fault")]

    assert len(faulty) > 0
    for result in faulty:
        told = values(result)
        assert "stop" not in {value["kind"] for value in told}
        assert "violated" not in outcomes(told)[0].values()


def test_the_page_counts_right() -> None:
    """docs/nest.md says how many of the corpus's counterexamples to joint invariants survive."""
    joint = [one for one in map(load, CORPUS) if one.invariant in ran().verdicts]
    lost = [one for one in joint if _defect(one) in LOST]
    page = " ".join((ROOT / "docs" / "nest.md").read_text().split())

    assert len(lost) == len(LOST)
    assert f"{len(joint) - len(lost)} of the {len(joint)} counterexamples to joint invariants" in page


def test_goods_that_were_refused_are_no_goods() -> None:
    """What nobody ordered arrives, but as the bytes that it was."""
    result = run(play.scenario(Population(1, 1, 1)), REFERENCE, (FulfilUnpaid(0, 0),), PUBLISHED)
    told = [value["msg"] for value in values(result) if value.get("from") == "shill_seller-0"]

    assert ["goods"] == sorted({msg.partition("|")[0] for msg in told if msg.startswith(("ack:", "goods"))})


def test_no_part_of_a_good_trace_accuses_anybody() -> None:
    """Wherever the trace of a good run is cut, what is left before or after breaks nothing, on either basis."""
    told = exported()
    for length in range(1, len(told), 19):
        for part in (told[:length], told[length:]):
            assert all("violated" not in one.values() for one in outcomes(part))
