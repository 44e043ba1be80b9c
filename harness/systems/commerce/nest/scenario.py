"""NEST's scenario files for `private_commerce`, as scenarios of ours.

Owns the translation, and what of such a file has no meaning here. Reads as NEST does: a key that is missing has NEST's
default, a key that NEST does not know is no error. What would change the run and cannot be had is told in a note.
"""

from collections.abc import Mapping
from typing import Any

from crosslayer.harness.formats.scenario import from_value
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.population import AGENTS_MAX
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System
from crosslayer.harness.systems.commerce.nouns import LAYERS, Population

TASK = "private_commerce"

ROLES = tuple(Population.roles())

SECTIONS = ("agents", "layers", "task", "failures")
"""The keys by which a file is known as NEST's: ours has none of them."""

_DEFAULTS = {
    "registry": "in_memory",
    "payments": "prepaid_credits",
    "privacy": "noop",
    "trust": "score_average",
}
"""What NEST takes where a file names no plugin."""
_REFERENCE = {"registry": "gossip", "payments": "streaming", "privacy": "hybrid_x25519", "trust": "agent_receipts"}
"""What NEST calls the plugins in whose place the reference stands here."""
STOCK = {("payments", "prepaid_credits"): "nest:nest_plugins_reference.payments.prepaid_credits:PrepaidCredits"}
"""Plugins of NEST's that have no counterpart here, and run as they are."""

_TIMING = {
    "gossip_interval": ("gossip_interval", 200),
    "discover_start": ("discovery_start", 1000),
    "discover_every": ("discovery_interval", 500),
    "bid_deadline": ("bid_deadline", 9000),
    "check_delay": ("check_delay", 1000),
    "finalize_at": ("finalise_at", 12000),
}
_TERMS = {
    "bid_amount": ("bid", 150),
    "stream_rate": ("rate", 10),
    "stream_max": ("cap", 500),
    "initial_balance": ("balance", 5000),
}
_RESEND, _SETTLEMENT = 100, 4000
_WASHES = 3
"""Receipts for no trade that a shill_seller and its shill sign each way."""


def is_nest(value: Any) -> bool:
    """Whether a YAML value is a scenario of NEST's."""
    return isinstance(value, dict) and any(key in value for key in SECTIONS)


def read(system: System, value: Mapping[str, Any], place: str) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario of commerce, and notes on what of it is left out; `BadInput` at `place` if it cannot be run."""
    file = _File(value, place)
    task = file.section("task")
    kind = task.get("type", "marketplace")
    if kind != TASK:
        raise BadInput(place, f"task.type: {brief(kind)} cannot be run here; only {TASK} can")
    population = file.population()
    config = file.mapping(task, "config", "task.config")
    timing = {ours: file.number(config, name, default) for name, (ours, default) in _TIMING.items()}
    terms = {ours: file.number(config, name, default) for name, (ours, default) in _TERMS.items()}
    file.note_unknown(config, (*_TIMING, *_TERMS, "expected_sellers"), "task.config")
    floor = 2 * timing["check_delay"] + 10 * _RESEND + 20
    translated = {
        "name": value.get("name", TASK),
        "seed": value.get("seed", 0),
        "population": population,
        "timing": {**timing, "resend_interval": _RESEND, "settlement": max(_SETTLEMENT, floor)},
        "terms": terms,
        "faults": file.faults(population, timing["finalise_at"]),
        "adversary": _adversary(population),
        "stack": file.stack(),
    }
    return from_value(translated, place, system), tuple(file.notes)


def _adversary(population: Mapping[str, int]) -> list[dict[str, Any]]:
    """What NEST's corrupt agents do: withhold from everybody, and sign receipts in pairs."""
    sellers = population["shill_seller"]
    steps: list[dict[str, Any]] = [
        {"step": "Withhold", "seller": seller, "buyer": buyer}
        for seller in range(sellers)
        for buyer in range(population["buyer"])
    ]
    for seller in range(min(sellers, population["shill"])):
        shill = sellers + seller
        pair = [
            {"step": "WashTrade", "issuer": seller, "counterparty": shill},
            {"step": "WashTrade", "issuer": shill, "counterparty": seller},
        ]
        steps += pair * _WASHES
    return steps


class _File:
    """A file under translation: its value, and what has to be said of it."""

    def __init__(self, value: Mapping[str, Any], place: str) -> None:
        self.notes: list[str] = []
        self._value = value
        self._place = place

    def bad(self, path: str, reason: str) -> BadInput:
        return BadInput(self._place, f"{path}: {reason}")

    def section(self, name: str) -> Mapping[str, Any]:
        return self.mapping(self._value, name, name)

    def mapping(self, outer: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
        found = outer.get(name)
        if found is not None and not isinstance(found, dict):
            raise self.bad(path, f"expected a mapping, not {brief(found)}")
        return found or {}

    def number(self, outer: Mapping[str, Any], name: str, default: int) -> int:
        found = outer.get(name, default)
        if type(found) is float and found.is_integer():
            found = int(found)
        if type(found) is not int:
            raise self.bad(f"task.config.{name}", f"expected a whole number, not {brief(found)}")
        return found

    def note_unknown(self, outer: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
        unknown = [str(key) for key in outer if key not in known]
        if unknown:
            self.notes.append(f"{path}: ignored: {', '.join(unknown)}")

    def population(self) -> dict[str, int]:
        agents = self.section("agents")
        if agents.get("brain", "state-machine") != "state-machine":
            self.notes.append(f"agents.brain: ignored: {brief(agents['brain'])}; agents here keep the protocol")
        roles = agents.get("roles", [])
        counts = dict.fromkeys(ROLES, 0)
        for index, one in enumerate(roles if isinstance(roles, list) else [roles]):
            match one:
                case {"name": str() as name, "count": int() as count} if name in ROLES:
                    if not 0 <= count <= AGENTS_MAX:
                        raise self.bad(f"agents.roles[{index}]", f"a count must be from 0 to {AGENTS_MAX}")
                    counts[name] = count
                case {"name": str() as name} if name not in ROLES:
                    raise self.bad(f"agents.roles[{index}]", f"no role {brief(name)}; choose of {', '.join(ROLES)}")
                case _:
                    raise self.bad(f"agents.roles[{index}]", f"needs a name and a count, and is {brief(one)}")
        return counts

    def stack(self) -> dict[str, str]:
        layers = self.section("layers")
        unknown = [str(layer) for layer in layers if layer not in LAYERS]
        if unknown:
            self.notes.append(f"layers: ignored: {', '.join(unknown)}; the layers here are {', '.join(LAYERS)}")
        named = {layer: layers.get(layer, _DEFAULTS[layer]) for layer in LAYERS}
        for layer, name in named.items():
            if not isinstance(name, str):
                raise self.bad(f"layers.{layer}", f"expected the name of a plugin, not {brief(name)}")
        return {layer: STOCK.get((layer, name), name) for layer, name in named.items() if name != _REFERENCE[layer]}

    def faults(self, population: Mapping[str, int], finalise_at: int) -> dict[str, Any]:
        failures = self.section("failures")
        if failures.get("byzantine_agents"):
            self.notes.append("failures.byzantine_agents: ignored: no agent's messages are scrambled here")
        faults: dict[str, Any] = {"drop": failures.get("message_drop", 0.0)}
        found = self.mapping(failures, "network_partition", "failures.network_partition").get("groups") or []
        if not isinstance(found, list) or not all(isinstance(group, list) for group in found):
            raise self.bad("failures.network_partition.groups", "expected a list of lists of agents")
        groups = [group for group in found if group]
        if len(groups) > 1:
            largest = max(range(len(groups)), key=lambda index: len(groups[index]))
            named = [name for group in groups for name in group]
            names = _names(population)
            for name in named:
                if name not in names or named.count(name) > 1:
                    problem = "is named twice" if name in names else "is not in this population"
                    raise self.bad("failures.network_partition.groups", f"{brief(name)} {problem}")
            rest = [name for name in names if name not in named]
            if rest:
                self.notes.append(f"failures.network_partition: {', '.join(rest)} stays with the largest group")
            faults["partition"] = [group for index, group in enumerate(groups) if index != largest]
            heal = failures.get("partition_heal_at_tick")
            if heal is None:
                self.notes.append("failures.network_partition: heals when the run settles")
            faults["heals_at"] = finalise_at if heal is None else heal
        return faults


def _names(population: Mapping[str, int]) -> list[str]:
    return [f"{role}-{number}" for role, count in population.items() for number in range(count)]
