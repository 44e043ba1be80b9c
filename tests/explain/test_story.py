from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from crosslayer.cli import main
from crosslayer.harness.explain.findings import finish
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
commerce_undelivered_penalized is violated (payments and trust) by 1 step, and it is needed

Promise    A seller that took an honest buyer's money and never delivered ends below the trust threshold.
Broken     shill_seller-0 took 100 credits from buyer-0 under bid-buyer-0 and never delivered, \
but ended with score 0.5, not below 0.3
Among      2 buyers, 1 shill_seller, 1 auditor
Stack      registry=gossip, payments=streaming, privacy=hybrid_x25519, trust=score_average

Steps
  1. tick 0: shill_seller-0 will withhold the goods of buyer-0

Proof
  tick 20: buyer-0 opens a stream to shill_seller-0 under bid-buyer-0
  tick 320: auditor-0 gives shill_seller-0 the score 0.5
  tick 320: the ledger says: 100 credits have gone from buyer-0 to shill_seller-0 under bid-buyer-0; \
30 credits have gone from buyer-1 to shill_seller-0 under bid-buyer-1

Why each step
  1. needed; seller may as well be 1 to 8; buyer may as well be 1 to 8
     without it: vacuous: nobody withheld: every honest buyer that paid got its goods

Nearest run that passes: step 1 (shill_seller-0 will withhold the goods of buyer-0): left out

Blame      trust: the promise is kept once the reference replaces it
Saved      FILE
Replay     crosslayer replay FILE"""


def _judgement(*swaps: str) -> Judgement:
    return Judgement(scenario(), build(swaps), ALL)


def _told(counterexample: Counterexample, *reasons: Reason) -> list[str]:
    result = replay(counterexample, REFERENCE, ALL).result
    return story(counterexample, result, None, reasons, "").splitlines()


@cache
def _found() -> Counterexample:
    return finish(_judgement("trust=score_average"), PROPERTY.name, RAW, {}).counterexample


def _counterexample(**changes: Any) -> Counterexample:
    return attrs.evolve(_found(), **changes)


def test_golden_story(tmp_path: Path) -> None:
    """The whole story of a robbery under averaged scores, as a person reads it."""
    finding = finish(_judgement("trust=score_average"), PROPERTY.name, RAW, {}, tmp_path)

    assert GOLDEN == finding.story.replace(finding.file, "FILE")


def test_replay_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the story says to type, typed in: the violation is reproduced, even with a foreign plugin."""
    stack = "trust=tests.defects.trust:ignores_complaints"
    finding = finish(_judgement(stack), PROPERTY.name, RAW, {}, tmp_path / "a folder")
    command = finding.story.splitlines()[-1].removeprefix("Replay     crosslayer ")

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

    assert told[0].endswith("by no step at all: the happy path")
    assert "Nothing needs to go wrong: every message arrives in order, and everybody is honest." in told
    assert "Why each step" not in told


def test_fault_is_a_story_too() -> None:
    """A plugin that fails is told like a broken promise, with the fault as its proof."""

    def fail(*_args: object) -> None:
        raise RuntimeError("out of order")

    judgement = Judgement(scenario(), with_operations("privacy", encrypt=fail), ALL)
    told = finish(judgement, FAULT, Case(HONEST, (Heal(),)), {}).story.splitlines()

    assert told[0].startswith("plugin_fault is violated")
    assert "Blame      privacy: the promise is kept once the reference replaces it" in told
    assert any("the privacy plugin of buyer-0 fails in encrypt" in line for line in told[told.index("Proof") :])


def test_several_to_blame_share_it() -> None:
    """Where several layers are to blame, each of them is said to have its share; where none is, that is said."""
    assert "Blame      payments and trust: each has its share in it" in _told(
        _counterexample(blame=("payments", "trust"))
    )
    assert "Blame      no plugin: the reference stack breaks it, too" in _told(_counterexample(blame=()))


def test_reasons_are_told() -> None:
    """Ranges are told as ranges, a free order as free, and weaker faults by name."""
    reason = Reason("", "holds: fine", needed=False, order="free", free={"nth": [0, 2, 3, 4, 7]}, weaker=("Delay",))
    told = _told(_counterexample(), reason)

    expected = "  1. not needed; its order against step 2 is free; nth may as well be 0, 2 to 4, 7; Delay would do"
    assert [expected, "     without it: holds: fine"] == told[told.index("Why each step") + 1 :][:2]


def test_unverified_minimum_is_not_called_minimal() -> None:
    """Only what was verified step by step is said to be needed."""
    two = (Partition((0, 1)), RunUntil("bid sent"))

    assert [True, False] == [
        _told(_counterexample(schedule=two, minimal=minimal))[0].endswith("by 2 steps, each of them needed")
        for minimal in (True, False)
    ]
