"""How the agents of a commerce run are put together: one ledger, one key for each agent, a kit with four handles.

Owns the composition, and the order in which plugins are made and the ledger is looked at. Knows no plugin.
"""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from crosslayer.harness.kernel.composing import Build, Composition, cast, make_agent, roles_of
from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.layers import Record
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.audit import Audit
from crosslayer.harness.systems.commerce.handles import (
    Cards,
    Ledger,
    PaymentsHandle,
    PrivacyHandle,
    RegistryHandle,
    Sealed,
    TrustHandle,
    make_plugins,
)
from crosslayer.harness.systems.commerce.nouns import LAYERS, Card
from crosslayer.harness.systems.commerce.ports import Roster

MONEY_FIRST = ("goods_sent", "goods_accepted")
"""Facts that are judged by the money that had moved when they happened, so that the ledger is read just before."""


@frozen(eq=False)
class Parts:
    """What the adversary may use: each agent's signing key (of corrupt agents only, by its own rule), every registry.

    `filed` is the last receipt that each corrupt agent has filed, `kept` a card of somebody that it has kept for later.
    """

    signers: Mapping[str, Signer]
    registries: Mapping[str, RegistryHandle]
    filed: dict[str, bytes] = field(factory=dict)
    kept: dict[tuple[str, str], Card] = field(factory=dict)


def compose(build: Build) -> Composition:
    """The agents of a run, on the plugins of its stack."""
    scenario: Any = build.scenario
    stack, guard, journal = build.stack, build.guard, build.journal
    population = scenario.population
    names = population.names()
    (auditor,) = population.of("auditor")
    signers, members = cast(names, scenario.seed)
    roster = Roster(members, scenario.seed, build.clock, scenario.terms.balance)
    plugins = {
        layer: make_plugins(guard, layer, stack.factory(layer), roster) for layer in ("registry", "payments", "privacy")
    }
    ledger = Ledger(plugins["payments"], auditor, guard, build.recorder(""))
    trust_roster = Roster(members, scenario.seed, build.clock, scenario.terms.balance, ledger.stream)
    plugins["trust"] = make_plugins(guard, "trust", stack.factory("trust"), trust_roster)
    sealed: list[Sealed] = []
    cards = Cards()
    dids = {member.name: member.did for member in members}
    known = {did: name for name, did in dids.items()}
    registries, privacies, agents = {}, {}, {}
    roles = roles_of(build)
    for name in names:
        record = build.recorder(name)
        registries[name] = RegistryHandle(name, plugins["registry"][name], guard, record, cards)
        payments = PaymentsHandle(name, plugins["payments"][name], guard, record, ledger)
        privacies[name] = PrivacyHandle(name, plugins["privacy"][name], guard, record, sealed)
        trust = TrustHandle(name, plugins["trust"][name], guard, record, ledger, known, build.clock)
        kit = Kit(
            name,
            signers[name],
            registries[name],
            payments,
            privacies[name],
            trust,
            _money_first(record, ledger),
            population,
            scenario.timing,
            scenario.terms,
            dids,
            known,
            build.clock,
        )
        agents[name] = make_agent(guard, roles, name, kit)
        if name == auditor:
            audit = Audit(
                population=population,
                timing=scenario.timing,
                terms=scenario.terms,
                roster=trust_roster,
                guard=guard,
                journal=journal,
                registries=registries,
                payments=plugins["payments"],
                privacies=privacies,
                trust=trust,
                factories={layer: stack.factory(layer) for layer in LAYERS},
            )
    ledger.observe("start")

    def finish() -> None:
        build.world.wake(auditor, "score")
        if build.world.fault is None:
            ledger.observe("end")
            audit.run()

    def close() -> None:
        for agent in agents.values():
            if isinstance(agent, Endpoint):
                agent.close()

    return Composition(agents, Parts(signers, registries), finish, close)


def _money_first(record: Record, ledger: Ledger) -> Record:
    """A recorder that looks at the money before the facts that are judged by it."""

    def write(kind: str, data: Mapping[str, Any]) -> None:
        if kind in MONEY_FIRST:
            ledger.observe(kind)
        record(kind, data)

    return write
