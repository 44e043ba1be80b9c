"""How the agents of a commerce run are put together: one ledger, one key for each agent, a kit with four handles.

Owns the composition, and the order in which plugins are made and the ledger is looked at. Knows no plugin.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from attrs import define, evolve, field, frozen

from crosslayer.harness.kernel.composing import Build, Composition, cast, make_agent, roles_of
from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.guard import Guard
from crosslayer.harness.kernel.layers import Record
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.kernel.world import Agent
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


@define(eq=False)
class _Memory:
    """The durable stores of a run, and how an agent is made anew from its own.

    The money is no agent's memory: the ledger of the payments layer loses nothing. A layer that asked for no store
    claims to be durable all the same, and is left as it is; so are all agents, if one of them asked for none.
    """

    guard: Guard
    stack: Stack
    roles: Mapping[str, Any]
    agents: dict[str, Agent]
    kits: dict[str, Kit] = field(factory=dict)
    handles: dict[str, Mapping[str, Any]] = field(factory=dict)
    forgot: list[str] = field(factory=list)
    _rosters: dict[str, Roster] = field(factory=dict)
    _stores: dict[tuple[str, str], Store] = field(factory=dict)

    def store(self, part: str, name: str) -> Store:
        """An agent's store of one part, which is made when it is first asked for."""
        return self._stores.setdefault((part, name), Store())

    def roster(self, roster: Roster, layer: str) -> Roster:
        """The roster that a layer's factory is handed, with that layer's stores."""
        self._rosters[layer] = roster
        return evolve(roster, store=partial(self.store, layer))

    def is_claimed(self, names: Sequence[str]) -> bool:
        """Whether all agents have asked for their stores."""
        return all(("agents", name) in self._stores for name in names)

    def close(self) -> None:
        """Forget the agents, which know this memory, too."""
        self.agents.clear()
        self.kits.clear()
        self.handles.clear()

    def rebuild(self, name: str) -> Agent:
        """Make an agent anew, and its plugins, from what they have synced; all others are as they were."""
        for (_, owner), store in self._stores.items():
            if owner == name:
                store.crash()
        for layer, handle in self.handles[name].items():
            own = self._stores.get((layer, name))
            if own is not None:
                roster = evolve(self._rosters[layer], store=partial(_alone, name, own))
                handle.plugin = make_plugins(self.guard, layer, self.stack.factory(layer), roster)[name]
        self.forgot.append(name)
        self.agents[name] = make_agent(self.guard, self.roles, name, self.kits[name])
        return self.agents[name]


def _alone(owner: str, own: Store, name: str) -> Store:
    """One agent's store; what its factory makes for others beside it has nothing to do with theirs."""
    return own if name == owner else Store()


def compose(build: Build) -> Composition:
    """The agents of a run, on the plugins of its stack."""
    scenario: Any = build.scenario
    stack, guard, journal = build.stack, build.guard, build.journal
    population = scenario.population
    names = population.names()
    (auditor,) = population.of("auditor")
    signers, members = cast(names, scenario.seed)
    roster = Roster(members, scenario.seed, build.clock, scenario.terms.balance)
    agents: dict[str, Agent] = {}
    memory = _Memory(guard, stack, roles_of(build), agents)
    plugins = {
        layer: make_plugins(guard, layer, stack.factory(layer), memory.roster(roster, layer))
        for layer in ("registry", "payments", "privacy")
    }
    ledger = Ledger(plugins["payments"], auditor, guard, build.recorder(""))
    trust_roster = Roster(members, scenario.seed, build.clock, scenario.terms.balance, ledger.stream)
    plugins["trust"] = make_plugins(guard, "trust", stack.factory("trust"), memory.roster(trust_roster, "trust"))
    sealed: list[Sealed] = []
    cards = Cards()
    dids = {member.name: member.did for member in members}
    known = {did: name for name, did in dids.items()}
    registries, privacies = {}, {}
    for name in names:
        record = build.recorder(name)
        registries[name] = RegistryHandle(name, plugins["registry"][name], guard, record, cards)
        payments = PaymentsHandle(name, plugins["payments"][name], guard, record, ledger)
        privacies[name] = PrivacyHandle(name, plugins["privacy"][name], guard, record, sealed)
        trust = TrustHandle(name, plugins["trust"][name], guard, record, ledger, known, build.clock)
        memory.kits[name] = kit = Kit(
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
            partial(memory.store, "agents", name),
        )
        memory.handles[name] = {"registry": registries[name], "privacy": privacies[name], "trust": trust}
        agents[name] = make_agent(guard, memory.roles, name, kit)
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
                forgot=memory.forgot,
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
        memory.close()

    rebuild = memory.rebuild if memory.is_claimed(names) else None
    return Composition(agents, Parts(signers, registries), finish, close, rebuild)


def _money_first(record: Record, ledger: Ledger) -> Record:
    """A recorder that looks at the money before the facts that are judged by it."""

    def write(kind: str, data: Mapping[str, Any]) -> None:
        if kind in MONEY_FIRST:
            ledger.observe(kind)
        record(kind, data)

    return write
