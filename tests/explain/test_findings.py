from pathlib import Path

import pytest

from crosslayer.harness.explain import reduce as reducing
from crosslayer.harness.explain.findings import Finding, claim, finish
from crosslayer.harness.explain.reduce import without
from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.keep.replay import REPRODUCED, replay
from crosslayer.harness.model.steps import Crash, Drop, Heal, Partition, Run, RunUntil, Schedule
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Buy, DeliverLate, WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import ALL
from crosslayer.strategies.hunt import Budget, hunt
from tests.commerce import load, populations
from tests.play import scenario

UNDELIVERED = "commerce_undelivered_penalized"
CROWD = Population(4, 2, 2, 4)

RAW: tuple[Case, ...] = (
    Case(CROWD, (Drop("ack"), Withhold(1, 3), Buy(2, 3), Run(8))),
    Case(Population(2, 0, 1), (Heal(), Withhold(3, 5), Crash(7), RunUntil("goods sent"))),
    Case(Population(1, 0, 1, 2), (Withhold(0, 0), WashTrade(0, 1), WashTrade(0, 2), WashTrade(0, 1))),
    Case(Population(1, 0, 1, 1), (Buy(1, 0), DeliverLate(0, 0), Withhold(0, 0), Partition((0, 1, 0)))),
)
"""One robbery in four disguises."""


def _finished(case: Case, folder: Path | None = None, name: str = UNDELIVERED, *swaps: str) -> Finding:
    judgement = Judgement(scenario(), build(swaps or ["trust=score_average"]), ALL)
    assert judgement.breaks(name, case)
    return finish(judgement, name, case, {"how": "test"}, folder)


def test_finding_is_complete(tmp_path: Path) -> None:
    """What is saved is minimal and verified, blamed, explained, told, and replays to the byte."""
    one = load(Path(_finished(RAW[0], tmp_path).file))

    assert (Population(2, 0, 1), (Withhold(),), True) == (one.scenario.population, one.schedule, one.minimal)
    assert (("trust",), {"how": "test"}, 1, 2) == (one.blame, one.found, len(one.why), len(one.trail))
    assert REPRODUCED == replay(one, build(["trust=score_average"]), ALL).outcome


def test_finding_needs_no_folder() -> None:
    """Without a folder nothing is saved, and the story names no file."""
    finding = _finished(RAW[0])

    assert "" == finding.file
    assert not any(line.startswith(("  Replay",)) for line in finding.story.splitlines())


def test_one_bug_leaves_one_file(tmp_path: Path) -> None:
    """Cases that break a promise in the same way end in the same file, however different they were."""
    files = {_finished(case, tmp_path).file for case in RAW}

    assert files == {str(path) for path in tmp_path.iterdir()}
    assert 1 == len(files)


@pytest.mark.parametrize("swap", ["trust=score_average", "trust=agent_receipts_shape"])
def test_two_shards_leave_one_file(swap: str) -> None:
    """What two hunts with other seeds find first of one bug is not the same, but what is left of it is."""
    stack, base, drawn = build([swap]), scenario(), populations(buyer=3, seller=1, shill_seller=1, shill=1)
    raw = [
        hunt(base, stack, ALL, Budget(300, None, seed), wanted=(UNDELIVERED,), population=drawn).cases[UNDELIVERED]
        for seed in (1, 2)
    ]

    assert raw[0] != raw[1]
    assert 1 == len({_finished(case, None, UNDELIVERED, swap).counterexample.name for case in raw})


def test_minimum_is_verified_on_the_kernel() -> None:
    """Without any of its steps, a finished counterexample breaks nothing: checked by running, not by believing."""
    stack = "registry=tests.defects.registry:knows_beforehand"
    name = "commerce_discovery_precedes_bid"
    schedule: Schedule = (Drop("ack"), Partition((0, 1)), RunUntil("bid sent"), Heal())
    one = _finished(Case(Population(1, 1, 1), schedule), None, name, stack).counterexample
    judgement = Judgement(scenario(), build([stack]), ALL)
    shorter = [Case(one.scenario.population, without(one.schedule, index)) for index in range(len(one.schedule))]

    assert 2 == len(shorter)
    assert [False, False] == [judgement.breaks(name, case) for case in shorter]


def test_what_was_not_verified_is_not_called_minimal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the reducer ran out of tries, steps are left that are not needed, and nobody says that they are."""
    monkeypatch.setattr(reducing, "TRIES_MAX", 0)

    finding = _finished(RAW[0])

    assert (RAW[0].schedule, False) == (finding.counterexample.schedule, finding.counterexample.minimal)
    assert "; 2 adversary actions, 1 environment fault, 1 wait" in finding.story
    assert "verified" not in finding.story


def test_claim_is_found_by_name() -> None:
    """A property is found by its name; a fault has none."""
    assert UNDELIVERED == getattr(claim(ALL, UNDELIVERED), "name", None)
    assert None is claim(ALL, "plugin_fault")
