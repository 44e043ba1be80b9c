"""The stock plugins of NEST's own package, as they come from PyPI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.steps import Step
from crosslayer.harness.systems.commerce.nouns import LAYERS, Population
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import PUBLISHED
from tests.commands.invoking import answered
from tests.docs.reading import ROOT
from tests.play import played

STOCK = {
    "registry": "nest:nest_plugins_reference.registry.in_memory:InMemoryRegistry",
    "payments": "nest:nest_plugins_reference.payments.prepaid_credits:PrepaidCredits",
    "privacy": "nest:nest_plugins_reference.privacy.noop:NoopPrivacy",
    "trust": "nest:nest_plugins_reference.trust.score_average:ScoreAverageTrust",
}
VIOLATED = {
    "registry": ["commerce_discovery_precedes_bid"],
    "payments": [],
    "privacy": ["commerce_bid_opacity"],
    "trust": ["commerce_undelivered_penalized"],
}
NAMES = {one.name for one in PUBLISHED}


@pytest.mark.parametrize("layer", LAYERS)
def test_verdicts_of_the_original_scenario(layer: str) -> None:
    """Each breaks what it is known to break, and no other promise; prepaid credits break none."""
    status, value = answered("run", "--seed", 42, "--stack", f"{layer}={STOCK[layer]}")
    outcomes = {name: one["outcome"] for name, one in value["verdicts"].items() if name in NAMES}

    assert {name: "violated" if name in VIOLATED[layer] else "holds" for name in NAMES} == outcomes
    assert (bool(VIOLATED[layer]), None) == (status == 1, value["fault"])


@pytest.mark.parametrize("layer", LAYERS)
def test_verdicts_of_a_hunt(layer: str, tmp_path: Path) -> None:
    """A short hunt comes to the same end, and names the layer."""
    _, value = answered("hunt", "--save", tmp_path, "--examples", 120, "--stack", f"{layer}={STOCK[layer]}")
    found = {one["invariant"]: one["blame"] for one in value["counterexamples"] if one["invariant"] in NAMES}

    assert {name: [layer] for name in VIOLATED[layer]} == found
    assert "plugin_fault" not in value["verdicts"]


def test_prepaid_credits_keep_their_contract(tmp_path: Path) -> None:
    """Paid tick by tick, prepaid credits break no contract either."""
    status, value = answered("hunt", "--save", tmp_path, "--examples", 120, "--stack", f"payments={STOCK['payments']}")

    assert (0, {"holds"}) == (status, {one["outcome"] for one in value["verdicts"].values()})


def test_a_counterexample_is_replayed(tmp_path: Path) -> None:
    """What was found in a NEST class is reproduced to the byte once the class is named again."""
    stack = f"trust={STOCK['trust']}"
    answered("hunt", "--save", tmp_path, "--invariant", "undelivered_penalized", "--examples", 200, "--stack", stack)
    (file,) = tmp_path.iterdir()
    status, value = answered("replay", file, "--stack", stack)

    assert (1, "reproduced", True) == (status, value["outcome"], value["digest_matches"])
    assert (1, "reproduced") == (status, answered("replay", file, "--allow", "nest_plugins_reference")[1]["outcome"])


def with_all(*steps: Step) -> Result:
    """A short run on all four together."""
    stack = build(f"{layer}={name}" for layer, name in STOCK.items())
    return played(*steps, population=Population(2, 0, 1), stack=stack)


def test_all_four_together() -> None:
    """A stack of nothing but NEST classes runs to its end, and breaks what its parts break."""
    result = with_all(Withhold())

    assert (None, {name for names in VIOLATED.values() for name in names}) == (result.fault, set(result.violated))


DIGEST = """
from tests.systems.commerce.nest_plugins.real.test_stock import with_all
print(with_all().digest)
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_other_processes_leave_the_same_trace(hash_seed: str) -> None:
    """Neither the process nor the order of hashes shows in a run on NEST classes."""
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", DIGEST],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (with_all().digest, "") == (done.stdout.strip(), done.stderr)
