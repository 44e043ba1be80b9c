import re
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from crosslayer.cli import main
from crosslayer.harness.explain.findings import finish
from crosslayer.harness.explain.layout import fitted
from crosslayer.harness.explain.reasons import Reason
from crosslayer.harness.explain.story import headline, replay_command, story
from crosslayer.harness.formats.counterexample import FAULT, Case, Counterexample
from crosslayer.harness.keep.replay import replay
from crosslayer.harness.model.steps import Drop, Heal, Partition, RunUntil
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from crosslayer.properties.commerce.undelivered_penalized import PROPERTY
from tests.play import HONEST, scenario, with_operations

RAW = Case(Population(3, 1, 1, 2), (Drop("ack"), Withhold(0, 4), WashTrade(0, 1), Heal(), Withhold(0, 0)))

GOLDEN = """\
FAIL  trust=score_average breaks "a seller that took an honest buyer's money and
      never delivered ends below the trust threshold"
      [commerce_undelivered_penalized]

  What happened   shill_seller-0 (corrupt) took 100 credits from buyer-0 under
                  bid-buyer-0 and never delivered, but ended with score 0.5, not
                  below 0.3
  Culprit         the trust layer: with paid_receipts (the reference) instead of
                  score_average, the same case does not fail
  Smallest case   2 buyers, 1 shill_seller (corrupt: controlled by the
                  adversary), 1 auditor; 1 adversary action; verified: it is
                  needed
  Why needed      without the adversary action: not exercised (vacuous): nobody
                  withheld: every honest buyer that paid got its goods
                  without buyer-1: holds: shill_seller-0 took money, did not
                  deliver, and ended below 0.3

  tick   0  ADVERSARY  shill_seller-0 will withhold the goods of buyer-0
  tick  20  buyer-0    discovers shill_seller-0
  tick  20  buyer-0    opens a stream to shill_seller-0 under bid-buyer-0 [*]
  tick  20  buyer-0    bids 150 to shill_seller-0 under bid-buyer-0
  tick  20  buyer-1    opens a stream to shill_seller-0 under bid-buyer-1
  tick  23  auditor-0  reports a receipt about shill_seller-0
  tick  40  buyer-0    closes bid-buyer-0: 100 credits
  tick  40  buyer-0    complains of shill_seller-0 over bid-buyer-0
  tick  41  auditor-0  reports a complaint about shill_seller-0
  tick 320  auditor-0  gives buyer-0 the score 0.5
  tick 320  auditor-0  gives shill_seller-0 the score 0.5 [*]
  tick 320  -          the ledger says: 100 credits have gone from buyer-0 to
                       shill_seller-0 under bid-buyer-0; 30 credits have gone
                       from buyer-1 to shill_seller-0 under bid-buyer-1 [*]
  [*] the verdict rests on this

  Replay          crosslayer replay FILE"""


def _judgement(*swaps: str) -> Judgement:
    return Judgement(scenario(), build(swaps), ALL)


def _told(counterexample: Counterexample, *reasons: Reason) -> list[str]:
    result = replay(counterexample, build(["trust=score_average"]), ALL).result
    return story(counterexample, result, None, reasons, "").splitlines()


@cache
def _found() -> Counterexample:
    return finish(_judgement("trust=score_average"), PROPERTY.name, RAW, {}).counterexample


def _counterexample(**changes: Any) -> Counterexample:
    return attrs.evolve(_found(), **changes)


def test_golden_story(tmp_path: Path) -> None:
    """The whole story of a robbery under averaged scores, as a person reads it."""
    finding = finish(_judgement("trust=score_average"), PROPERTY.name, RAW, {}, tmp_path)

    assert GOLDEN == fitted(finding.story.replace(finding.file, "FILE"))


def test_replay_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the story says to type, typed in: the violation is reproduced, even with a foreign plugin."""
    stack = "trust=tests.defects.trust:ignores_complaints"
    finding = finish(_judgement(stack), PROPERTY.name, RAW, {}, tmp_path / "a folder")
    command = finding.story.splitlines()[-1].removeprefix("  Replay          crosslayer ")

    answer = CliRunner().invoke(main, ["replay", finding.file, "--stack", stack])

    assert f"replay '{finding.file}' --stack {stack}" == command
    assert (1, True) == (answer.exit_code, ": reproduced: " in answer.output)


def test_replay_command_names_what_does_not_ship() -> None:
    """A plugin from an entry point is named like one by dotted path; what ships with Crosslayer needs no name."""
    one = _counterexample(stack={"registry": "gossip", "privacy": "a b", "trust": "mine"})

    assert "crosslayer replay it.json --stack 'privacy=a b' --stack trust=mine" == replay_command(one, "it.json")


def test_headline_is_what_the_property_says() -> None:
    """The story in one line is the verdict's own."""
    one = _counterexample()
    result = _judgement("trust=score_average").run(one.case)

    assert result.verdicts[PROPERTY.name].detail == headline(one, result) == one.story


def test_happy_path_needs_no_steps(tmp_path: Path) -> None:
    """A promise that is broken without any deviation is told as such, without reasons."""
    told = finish(_judgement("privacy=noop"), "commerce_bid_opacity", Case(HONEST, ()), {}).story.splitlines()

    assert any(line.endswith("; nothing has to go wrong: no fault, no adversary action") for line in told)
    assert not any("without step" in line or "ADVERSARY" in line for line in told)


def test_fault_is_a_story_too() -> None:
    """A plugin that fails is told like a broken promise, with the fault as its proof."""

    def fail(*_args: object) -> None:
        raise RuntimeError("out of order")

    judgement = Judgement(scenario(), with_operations("privacy", encrypt=fail), ALL)
    told = finish(judgement, FAULT, Case(HONEST, (Heal(),)), {}).story.splitlines()

    assert told[0].startswith("FAIL  privacy=")
    assert any(
        line.startswith("  Culprit         the privacy layer: with hybrid_x25519 (the reference)") for line in told
    )
    assert any("the privacy plugin of buyer-0 fails in encrypt" in line and line.endswith("[*]") for line in told)


def test_blame_of_another_stack_is_not_told() -> None:
    """On a stack of which the blame was never examined, its plugins are named, and nobody is called the culprit."""
    result = replay(_counterexample(), build(["payments=pay_on_close", "trust=score_average"]), ALL).result
    told = story(_counterexample(), result, PROPERTY, (), "")

    assert told.startswith("FAIL  the stack with payments=pay_on_close, trust=score_average breaks ")
    assert "  Culprit         not examined on this stack" in told.splitlines()


def test_several_to_blame_share_it() -> None:
    """Where several layers are to blame, each of them is said to have its share; where none is, that is said."""
    both, nobody = _told(_counterexample(blame=("payments", "trust"))), _told(_counterexample(blame=()))

    assert any("the payments layer and the trust layer have a share in it" in line for line in both)
    assert any("no replaced plugin: the reference stack fails in the same case, too" in line for line in nobody)


def test_reasons_are_told() -> None:
    """Ranges are told as ranges, a free order as free, and weaker faults by name."""
    reason = Reason("", "holds: fine", needed=False, order="free", free={"nth": [0, 2, 3, 4, 7]}, weaker=("Delay",))
    result = replay(_counterexample(), REFERENCE, ALL).result
    told = story(_counterexample(), result, None, [reason, reason], "", verbose=True).splitlines()
    marks = "not needed; order with step 2 does not matter; nth can also be 0, 2 to 4, 7; a weaker Delay also fails"

    assert f"  Details         step 1: {marks}" in told
    assert "  Why needed      without step 1 or step 2: still broken; holds: fine" in told


def test_numbers_that_do_not_matter_are_told_on_request_only() -> None:
    """By default, nothing is said of the other numbers that a step may have."""
    reason = Reason("", "holds: fine", needed=True, order="", free={"nth": [0]}, weaker=("Delay",))

    assert not any("can also be" in line or "Delay" in line for line in _told(_counterexample(), reason))


def test_unverified_minimum_is_not_called_minimal() -> None:
    """Only what was verified step by step is said to be needed."""
    two = (Partition((0, 1)), RunUntil("bid sent"))

    assert [True, False] == [
        any("verified: each is needed" in line for line in _told(_counterexample(schedule=two, minimal=minimal)))
        for minimal in (True, False)
    ]


def test_who_does_what_is_marked() -> None:
    """What befalls the network and how long is waited is told apart from what the adversary does."""
    told = _told(_counterexample(schedule=(Partition((0, 1)), RunUntil("bid sent"), Withhold())))

    assert ["ENVIRONMENT", "(schedule)", "ADVERSARY"] == [
        line.split()[2] for line in told if re.search(r" \d\. ", line)
    ]


def test_contract_is_called_a_contract() -> None:
    """A part's own contract is not told like a joint invariant."""
    told = finish(_judgement("registry=in_memory"), "registry", Case(HONEST, ()), {}).story

    assert told.startswith('FAIL  registry=in_memory breaks the contract of the registry layer "a view changes')
