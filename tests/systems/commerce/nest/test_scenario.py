"""NEST's scenario files are run as they are."""

from copy import deepcopy
from typing import Any

import pytest
import yaml

from crosslayer.harness.formats import scenario as ours
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.systems.commerce.nest.scenario import is_nest
from tests.commerce import RUN_FILE, load_scenario
from tests.commerce import read_nest as read

TEXT = """
name: private_commerce
description: >
  Twelve agents, four layers.
tier: 1
seed: 42
agents:
  count: 12
  brain: state-machine
  roles:
    - {name: buyer, count: 5}
    - {name: seller, count: 4}
    - {name: shill_seller, count: 1}
    - {name: shill, count: 1}
    - {name: auditor, count: 1}
layers: {transport: in_memory, comms: nest_native, identity: did_key, registry: gossip, auth: jwt,
         trust: agent_receipts, payments: streaming, coordination: contract_net, negotiation: alternating_offers,
         memory: blackboard, privacy: hybrid_x25519, datafacts: datafacts_v1}
task:
  type: private_commerce
  config: {gossip_interval: 200, discover_start: 1000, discover_every: 500, bid_deadline: 9000, check_delay: 1000,
           finalize_at: 12000, bid_amount: 150, stream_rate: 10, stream_max: 500, initial_balance: 5000}
failures:
  message_drop: 0.05
  network_partition:
    groups:
      - [buyer-0, buyer-1]
      - [buyer-2, buyer-3, buyer-4, seller-0, seller-1, seller-2, seller-3, shill_seller-0, shill-0]
  partition_heal_at_tick: 3000
duration: "ticks: 40000"
metrics: [message_count, agent_count]
output: {trace: ./traces/private_commerce.jsonl}
"""
"""The original scenario, as NEST writes it."""

OTHER_LAYERS = "transport, comms, identity, auth, coordination, negotiation, memory, datafacts"

FILE: dict[str, Any] = yaml.safe_load(TEXT)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The file with one value changed, or left out if it is None."""
    file = deepcopy(FILE)
    *outer, last = path.split(".")
    inner = file
    for name in outer:
        inner = inner[name]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return file


def test_the_original_is_our_own() -> None:
    """NEST's file of the original scenario is the very scenario that we ship, so its runs are the same to the byte."""
    assert is_nest(FILE)
    assert load_scenario(RUN_FILE) == read(FILE, "x.yaml")[0]


def test_own_scenarios_are_not_nests() -> None:
    """None of our keys is a section of NEST's."""
    assert not is_nest(ours.read_yaml(RUN_FILE))


def test_what_is_ignored_is_noted() -> None:
    """Layers that have no counterpart, by name; who belongs to no group of a partition; whatever else cannot be had."""
    file = deepcopy(FILE)
    file["failures"]["byzantine_agents"] = 0.1
    file["task"]["config"]["catalog_size"] = 7
    file["agents"]["brain"] = "llm"

    assert (
        "agents.brain: ignored: 'llm'; agents here keep the protocol",
        "task.config: ignored: catalog_size",
        "failures.byzantine_agents: ignored: no agent's messages are scrambled here",
        "failures.network_partition: auditor-0 stays with the largest group",
        f"layers: ignored: {OTHER_LAYERS}; the layers here are registry, payments, privacy, trust",
    ) == read(file, "x")[1]


@pytest.mark.parametrize("kind", ["marketplace", "auction", 7, None])
def test_other_tasks_are_refused(kind: object) -> None:
    """In one clear line, also where the file leaves the task to NEST's default."""
    with pytest.raises(BadInput) as caught:
        read(changed("task.type", kind), "x.yaml")

    told = "'marketplace'" if kind is None else repr(kind)
    assert f"x.yaml: task.type: {told} cannot be run here; only private_commerce can" == str(caught.value)


def test_layers_are_plugins() -> None:
    """Each by its name; one that is left out is NEST's default, of which prepaid credits are NEST's own."""
    swapped = changed("layers.privacy", "noop")
    bare = changed("layers", {})
    prepaid = "nest:nest_plugins_reference.payments.prepaid_credits:PrepaidCredits"

    assert (("privacy", "noop"),) == read(swapped, "x")[0].stack
    assert {"registry": "in_memory", "payments": prepaid, "privacy": "noop", "trust": "score_average"} == dict(
        read(bare, "x")[0].stack
    )


def test_every_section_counts() -> None:
    """Roles, seed, timing and terms, failures: each changes what it says."""
    file = deepcopy(FILE)
    file["seed"] = 7
    file["agents"]["roles"][0]["count"] = 3
    file["task"]["config"].update(check_delay=5000, bid_amount=99, gossip_interval=50.0)
    file["failures"] = {"message_drop": 0.2}
    found = read(file, "x")[0]

    assert (7, 3, 0.2, ()) == (found.seed, found.population.buyer, found.faults.drop, found.faults.partition)
    assert (5000, 50, 99) == (found.timing.check_delay, found.timing.gossip_interval, found.terms.bid)
    assert found.timing.settlement >= found.timing.settlement_floor()


def test_missing_sections_have_nests_defaults() -> None:
    """A seed of 0, no faults, and the timing of NEST's private commerce."""
    found, _ = read({"agents": FILE["agents"], "task": {"type": "private_commerce"}}, "x")

    assert (0, Faults(), load_scenario(RUN_FILE).timing) == (found.seed, found.faults, found.timing)


def test_a_partition_without_a_healing_lasts() -> None:
    """Until the run settles, and that is noted."""
    found, notes = read(changed("failures.partition_heal_at_tick", None), "x")

    assert (12000, True) == (found.faults.heals_at, "failures.network_partition: heals when the run settles" in notes)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("agents.roles", [{"name": "king", "count": 1}], "x: agents.roles[0]: no role 'king'; choose of buyer, "),
        ("agents.roles", [{"name": "buyer"}], "x: agents.roles[0]: needs a name and a count, and is {'name': 'buyer'}"),
        ("agents.roles", FILE["agents"]["roles"][:4], "x: population: a population needs exactly one auditor"),
        ("agents", 3, "x: agents: expected a mapping, not 3"),
        ("layers.trust", 3, "x: layers.trust: expected the name of a plugin, not 3"),
        ("task.config.bid_amount", "much", "x: task.config.bid_amount: expected a whole number, not 'much'"),
        ("failures.message_drop", 1.0, "x: faults: drop must be at least 0 and less than 1"),
        ("failures.network_partition.groups", [1, 2], "x: failures.network_partition.groups: expected a list of lists"),
        (
            "failures.network_partition.groups",
            [["x-1"], ["buyer-0"]],
            "x: failures.network_partition.groups: 'x-1' is ",
        ),
        ("failures.network_partition.groups", [["buyer-0"], ["buyer-0"]], "x: failures.network_partition.groups: "),
        ("seed", -1, "x: 'seed' must be >= 0"),
        ("name", 3, "x: name: expected a text, not 3"),
    ],
)
def test_what_cannot_be_run_is_told(path: str, value: object, told: str) -> None:
    """In one line, with the place."""
    with pytest.raises(BadInput) as caught:
        read(changed(path, value), "x")

    assert str(caught.value).startswith(told)
