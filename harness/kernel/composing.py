"""How the agents of a run are put together: by default, each gets a kit with its own handle on every layer.

Owns what a composition is handed and what it gives back, the default one, and the bytes of bodies. Knows no protocol.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, lru_cache, partial
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import frozen

from crosslayer.harness.formats.codec import dumps, loads, structure, unstructure
from crosslayer.harness.kernel.agents import Hosted, Kit, Layers, Wire
from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.guard import Guard, expect
from crosslayer.harness.kernel.journal import Journal
from crosslayer.harness.kernel.layers import LayerHandle, Record, make_plugins, plain
from crosslayer.harness.kernel.roster import Clock, Member, Roster
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.kernel.world import Agent, World
from crosslayer.harness.model.errors import BadInput, PluginFault, Refused
from crosslayer.harness.model.population import role_of
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.model.system import System

T = TypeVar("T")


@frozen(eq=False)
class Build:
    """What a composition is handed: everything of a run but its agents."""

    scenario: Scenario
    stack: Stack
    clock: Clock
    guard: Guard
    journal: Journal
    world: World

    @property
    def system(self) -> System:
        """The system whose run it is."""
        return self.stack.system

    def recorder(self, name: str) -> Record:
        """What writes facts about this agent."""
        record = self.journal.record

        def write(kind: str, data: Mapping[str, Any]) -> None:
            record(kind, name, data)

        return write


def _nothing() -> None:
    """Nothing is left to do."""


@frozen(eq=False)
class Composition:
    """The agents of a run by name, in the order in which they start.

    `parts` is what the system's acts may use (`stage.parts`). `finish` is called when everything has settled, for last
    observations; `close` when nothing more will be asked of the run. `rebuild(name)` makes an agent anew that has lost
    its memory, from what it has durably stored.
    """

    agents: Mapping[str, Agent]
    parts: Any = None
    finish: Callable[[], None] = _nothing
    close: Callable[[], None] = _nothing
    rebuild: Callable[[str], Agent] | None = None


@lru_cache(1 << 9)
def cast(names: tuple[str, ...], seed: int) -> tuple[Mapping[str, Signer], tuple[Member, ...]]:
    """Each agent's key, and the agents as all know them: the same in all runs of one seed and one population."""
    signers = {name: Signer.from_seed(seed, name) for name in names}
    return MappingProxyType(signers), tuple(Member(name, signers[name].did) for name in names)


def roles_of(build: Build) -> Mapping[str, Any]:
    """For each role, what makes an agent of it: the answer of the stack's `agents` factory."""
    roles = build.guard.call("agents", "", "make", build.stack.factory("agents"))
    expect("agents", "", "make", roles, Mapping)
    return roles  # type: ignore[no-any-return]


def make_agent(guard: Guard, roles: Mapping[str, Any], name: str, kit: Any) -> Agent:
    """The agent of this name."""
    role = role_of(name)

    def made() -> Agent:
        if role not in roles:
            raise PluginFault("agents", name, "make", f"no agent for the role {role}")
        agent: Agent = roles[role](kit)
        missing = [one for one in ("start", "on_message", "on_wake") if not callable(getattr(agent, one, None))]
        if missing:
            kind = type(agent).__name__
            raise PluginFault("agents", name, "make", f"answered {kind}, which has no {', '.join(missing)}")
        return agent

    return guard.call("agents", name, "make", made)  # type: ignore[no-any-return]


def compose_layers(build: Build) -> Composition:
    """Agents with a kit each, on top of one plugin each of every layer."""
    parts = _Parts(build)
    agents = {name: parts.agent(name) for name in build.scenario.population.names()}
    return Composition(agents, parts, parts.finish, parts.close, parts.rebuild)


class _Parts:
    """The plugins and stores of a run, by agent."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self.stores: dict[str, dict[str, Store]] = {}
        self.hosted: list[Hosted] = []
        self.plugins = {layer.name: self._made(layer.name) for layer in build.system.layers}
        self.roles = roles_of(build)

    def store(self, part: str, name: str) -> Store:
        """The durable store of one part of one agent."""
        return self.stores.setdefault(name, {}).setdefault(part, Store())

    def agent(self, name: str) -> Agent:
        """An agent, made of its kit."""
        build, system = self.build, self.build.system
        scenario, guard = build.scenario, build.guard
        write = build.recorder(name)
        handles = {
            layer.name: LayerHandle(layer, name, self.plugins[layer.name][name], guard, write)
            for layer in system.layers
        }
        signers, members = cast(scenario.population.names(), scenario.seed)
        record = partial(_record, system.facts_by_kind, name, write)
        store = self.store("agents", name)
        layers, wire = Layers(handles), wire_of(system)
        kit = Kit(name, build.clock, scenario, layers, signers[name], store, wire, record, members)
        agent = make_agent(guard, self.roles, name, kit)
        if isinstance(agent, Hosted):
            self.hosted.append(agent)
        return agent

    def finish(self) -> None:
        """Let those agents that have a last word say it: each in its present life."""
        for name, agent in self.build.world.agents.items():
            if isinstance(agent, Hosted):
                self.build.guard.call("agents", name, "finish", agent.finish)

    def close(self) -> None:
        """Let go of what agents hold beside memory, those included that have lost theirs."""
        for agent in self.hosted:
            with suppress(PluginFault), self.build.guard.watch():  # the run is over: there is nobody left to blame
                agent.close()

    def rebuild(self, name: str) -> Agent:
        """The agent anew, and its plugins with it: only what was synced to their stores is left."""
        for store in self.stores.get(name, {}).values():
            store.crash()
        for layer in self.build.system.layers:
            self.plugins[layer.name][name] = self._made(layer.name)[name]
        return self.agent(name)

    def _made(self, layer: str) -> dict[str, Any]:
        build = self.build
        scenario = build.scenario
        _, members = cast(scenario.population.names(), scenario.seed)
        roster = Roster(members, scenario.seed, build.clock, scenario=scenario, store=partial(self.store, layer))
        operations = build.system.layer(layer).operations
        return make_plugins(build.guard, layer, operations, build.stack.factory(layer), roster)


def _record(facts: Mapping[str, Any], name: str, write: Record, kind: str, data: Mapping[str, Any]) -> None:
    if kind not in facts:
        if kind == "ignored":
            return
        raise PluginFault("agents", name, "record", f"there is no fact {kind!a}; declare Fact({kind!a}, …)")
    write(kind, plain(data, partial(_untellable, name, kind)))


def _untellable(name: str, kind: str, value: Any) -> Any:
    reason = (
        f"fact {kind!a} holds a {type(value).__name__}; write numbers, texts, bytes, lists, mappings or frozen values"
    )
    raise PluginFault("agents", name, "record", reason)


@cache
def wire_of(system: System) -> Wire:
    """How the bodies of a system's messages become payloads and back."""
    kinds = {one.body: one.name for one in system.messages if one.body is not None}
    reads = {one.name: partial(unpack, one.body) for one in system.messages if one.body is not None}
    return Wire(kinds, pack, reads, frozenset(name.replace("-", "_") for name in system.kinds))


def pack(value: Any) -> bytes:
    """A frozen value of plain fields as canonical JSON: equal values have equal bytes, to be signed, sealed or sent."""
    return dumps(unstructure(value))


def unpack(kind: type[T], payload: bytes) -> T:
    """The value of this class that `pack` made these bytes of; `Refused` if it made none. Nothing is coerced."""
    try:
        return structure(loads(payload, "payload"), kind, "payload")
    except BadInput as error:
        raise Refused(str(error)) from None
