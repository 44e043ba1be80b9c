"""The kernel: one heap, one loop, one clock.

Owns pending events, links, crashed agents, and the order in which things happen. Knows nothing of layers,
of the protocol, or of who decides what happens next.

The heap holds tuples (tick, sequence, message or None, agent, tag): the sequence makes simultaneous events
deterministic, and tuples cost a tenth of ordered objects. Entries are never removed from the middle: a message
that was dropped, delayed or changed leaves a stale entry behind, which is skipped because it is no longer the
one that `_flying` (or `_timers`) knows.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, Protocol

from crosslayer.harness.kernel.collector import rare_collections
from crosslayer.harness.kernel.guard import Guard, place_of
from crosslayer.harness.kernel.journal import Journal
from crosslayer.harness.kernel.roster import Clock
from crosslayer.harness.model.declarations import MessageKind
from crosslayer.harness.model.effects import Effect, Send, Wake
from crosslayer.harness.model.errors import PluginFault, PropertyFault
from crosslayer.harness.model.events import NO_DATA, Message

EVENT_BOUND = 200_000
"""Events of one run; a run that needs more is a message storm (the 12-agent scenario takes some 2,000)."""

EFFECT_BOUND = 20_000
"""Effects of one event; a handler that asks for more never stops asking (the busiest here asks for some dozens)."""

ANY_KIND: Mapping[str, MessageKind] = MappingProxyType({})
"""Where no message kinds are declared, any may be sent."""

Entry = tuple[int, int, Message | None, str, str]

_message: Callable[[tuple[Any, ...]], Message] = partial(tuple.__new__, Message)
"""A message of its fields: what `Message` does, at half the cost."""


class Agent(Protocol):
    """A participant: sans-I/O handlers that return effects."""

    def start(self) -> Iterable[Effect] | None:
        """The run begins."""
        ...

    def on_message(self, message: Message) -> Iterable[Effect] | None:
        """A message has arrived."""
        ...

    def on_wake(self, tag: str) -> Iterable[Effect] | None:
        """The time that was asked for has come."""
        ...


class World:
    """Agents, what is under way between them, and the links over which it travels."""

    def __init__(  # noqa: PLR0917 - a kernel is swapped by name and called as this one is
        self,
        agents: Mapping[str, Agent],
        clock: Clock,
        journal: Journal,
        guard: Guard,
        latency: int = 1,
        kinds: Mapping[str, MessageKind] = ANY_KIND,
    ) -> None:
        self.agents = dict(agents)
        self.rebuild: Callable[[str], Agent] | None = None
        self.clock = clock
        self.journal = journal
        self.fault: PluginFault | None = None
        self._guard = guard
        self._latency = latency
        self._heap: list[Entry] = []
        self._sequence = 0
        self._next_id = 0
        self._handled = 0
        self._flying: dict[int, Entry] = {}
        self._timers: dict[tuple[str, str], Entry] = {}
        self._slept: dict[str, dict[str, None]] = {}
        self._groups: dict[str, int] = {}
        self._cut: dict[tuple[str, str], None] = {}
        self._kinds = kinds
        self._ordered = frozenset(one.name for one in kinds.values() if one.ordered)
        self._latest: dict[tuple[str, str], int] = {}
        self._forgotten: dict[str, None] = {}

    # Running on

    def start(self) -> None:
        """Wake every agent for the first time, in the order of their names in the population."""
        for name, agent in self.agents.items():
            self._handle(name, agent.start)

    def run(self, events: int, horizon: int) -> int:
        """Handle up to this many events that are due by the tick `horizon`; how many there were."""
        handled = 0
        with rare_collections():
            while handled < events and self.step(horizon):
                handled += 1
        return handled

    def step(self, horizon: int) -> bool:
        """Handle the next event due by `horizon`; False if there is none (or a fault has ended the run)."""
        heap = self._heap
        while heap and heap[0][0] <= horizon and self.fault is None:
            entry = heapq.heappop(heap)
            tick, _, message, name, tag = entry
            if message is None:
                if self._timers.get((name, tag)) is not entry:
                    continue
                del self._timers[name, tag]
                self.clock.now = tick
                self.wake(name, tag)
            else:
                if self._flying.get(message.id) is not entry:
                    continue
                del self._flying[message.id]
                self.clock.now = tick
                self._arrive(message)
            return True
        return False

    @property
    def launched(self) -> int:
        """How many events were put on the heap so far, which is the number that the next one gets."""
        return self._sequence

    def peek(self) -> Entry | None:
        """The next event, or None if none is pending.

        That is its tick, its number among all that were put on the heap (of the events of a tick, the smallest comes
        first), its message (or None), and the agent and the tag of a wake-up.
        """
        heap = self._heap
        while heap:
            entry = heap[0]
            _, _, message, name, tag = entry
            known = self._timers.get((name, tag)) if message is None else self._flying.get(message.id)
            if known is entry:
                return entry
            heapq.heappop(heap)
        return None

    def next_tick(self) -> int | None:
        """The tick of the next event, or None when nothing is pending."""
        entry = self.peek()
        return None if entry is None else entry[0]

    def wake(self, name: str, tag: str) -> None:
        """Wake an agent now; a crashed one will hear of it, once, when it restarts."""
        if name in self._slept:
            self._slept[name][tag] = None
            return
        self._handle(name, self.agents[name].on_wake, tag)

    def _arrive(self, message: Message) -> None:
        to = message.to
        if to in self._slept:
            self.journal.record("drop", to, {"reason": "crash"}, message)
        elif (self._groups or self._cut) and not self.connected(message.source, to):
            self.journal.record("drop", to, {"reason": "link"}, message)
        else:
            self.journal.record("deliver", to, NO_DATA, message)
            self._handle(to, self.agents[to].on_message, message)

    def _handle(self, name: str, handler: Callable[..., Iterable[Effect] | None], *news: object) -> None:
        if self.fault is not None:
            return
        self._handled += 1
        self._guard.beat += 1
        if self._handled > EVENT_BOUND:
            self.stop(self._storm(name))
            return
        try:
            self.perform(name, handler(*news) or ())
        except PluginFault as fault:
            self.stop(fault)
        except BaseException as error:
            fault_found = self._guard.blamed(error, name)
            if fault_found is None:
                raise
            self.stop(fault_found)

    def stop(self, fault: PluginFault) -> None:
        """End the run here: nothing happens after a fault."""
        if self.fault is None:
            self.fault = fault
            fault.place = place_of(fault)
            data = {"part": fault.part, "operation": fault.operation, "reason": fault.reason}
            with suppress(PropertyFault):  # of a second monitor, that fails at the news of the first fault
                self.journal.record("fault", fault.agent, data)

    def _storm(self, name: str) -> PluginFault:
        delivered = (event.message for event in self.journal.events if event.kind == "deliver")
        handled = Counter(message.kind for message in delivered if message is not None)
        handled["wake"] = self._handled - handled.total()
        busiest = max(handled, key=handled.__getitem__)
        return PluginFault(
            self._part(busiest), name, busiest, f"more than {EVENT_BOUND} events in one run", endless=True
        )

    def _part(self, kind: str) -> str:
        """The part at fault where a message of this kind is wrong."""
        return self._kinds[kind].part if kind in self._kinds else "agents"

    def _unsendable(self, name: str, effect: Send) -> PluginFault:
        if type(effect.kind) is not str or (self._kinds and effect.kind not in self._kinds):
            told = f"sent a message of kind {effect.kind!a}, which no system declares"
            return PluginFault("agents", name, "send", told)
        part = self._part(effect.kind)
        if type(effect.payload) is not bytes:
            return PluginFault(part, name, effect.kind, f"sent {type(effect.payload).__name__} where bytes are due")
        return PluginFault(part, name, effect.kind, f"sent a message to {effect.to!a}, and there is no such agent")

    def perform(self, name: str, effects: Iterable[Effect]) -> None:
        """Carry out what an agent asked for, in order."""
        now, kinds, before = self.clock.now, self._kinds, self._sequence
        for effect in islice(effects, EFFECT_BOUND + 1):
            if isinstance(effect, Send):
                if (
                    effect.to not in self.agents
                    or type(effect.payload) is not bytes
                    or (kinds and effect.kind not in kinds)
                ):
                    raise self._unsendable(name, effect)
                message = _message((self._next_id, name, *effect))
                self._next_id += 1
                self.journal.record("send", name, NO_DATA, message)
                self._launch(message, now + self._latency)
            elif isinstance(effect, Wake) and type(effect.tag) is str and type(effect.delay) is int:
                self._set_timer(name, effect.tag, now + max(1, effect.delay))
            else:
                raise PluginFault("agents", name, "handler", "asked for what is no effect: neither `Send` nor `Wake`")
        if self._sequence - before > EFFECT_BOUND:
            told = f"asked for more than {EFFECT_BOUND} effects at one event"
            raise PluginFault("agents", name, "handler", told, endless=True)

    def _launch(self, message: Message, tick: int) -> None:
        sequence = self._sequence
        self._sequence = sequence + 1
        if message.kind in self._ordered:
            link = message.source, message.to
            tick = self._latest[link] = max(tick, self._latest.get(link, 0))
        entry: Entry = (tick, sequence, message, "", "")
        self._flying[message.id] = entry
        heapq.heappush(self._heap, entry)

    def _set_timer(self, name: str, tag: str, tick: int) -> None:
        timer: Entry = (tick, self._sequence, None, name, tag)
        self._sequence += 1
        self._timers[name, tag] = timer
        heapq.heappush(self._heap, timer)

    # Messages under way

    def _messages(self) -> Iterator[Message]:
        return (entry[2] for entry in self._flying.values() if entry[2] is not None)

    def all_in_flight(self) -> tuple[Message, ...]:
        """The messages that are under way, oldest first."""
        return tuple(sorted(self._messages()))

    def ready(self) -> tuple[Message, ...]:
        """The messages that have been under way for the network's latency, or will have by then: none is held back."""
        until = self.clock.now + self._latency
        return tuple(entry[2] for entry in self._flying.values() if entry[2] is not None and entry[0] <= until)

    def in_flight(self, kind: str) -> tuple[Message, ...]:
        """The messages of a kind that are under way, oldest first."""
        return tuple(sorted(message for message in self._messages() if message.kind == kind))

    def drop(self, message: Message) -> None:
        """Lose a message that is under way."""
        del self._flying[message.id]
        self.journal.record("drop", message.to, {"reason": "step"}, message)

    def deliver(self, message: Message) -> None:
        """Deliver a message that is under way now; the links must carry it as always."""
        del self._flying[message.id]
        self._arrive(message)

    def copy(self, message: Message, to: str) -> None:
        """Put a copy on its way, to the same agent or to another."""
        twin = message._replace(id=self._next_id, to=to)
        self._next_id += 1
        self.journal.record("copy", message.source, {"of": message.id}, twin)
        self._launch(twin, self.clock.now + self._latency)

    def delay(self, message: Message, ticks: int) -> None:
        """Let a message arrive `ticks` later than it would have."""
        due = self._flying[message.id][0]
        self._launch(message, due + ticks)
        if message.kind in self._ordered:
            for other in self._behind(message):
                self._launch(other, self._flying[other.id][0])

    def is_ordered(self, kind: str) -> bool:
        """Whether messages of this kind never overtake one another between two agents."""
        return kind in self._ordered

    def is_next(self, message: Message) -> bool:
        """Whether no other ordered message is under way before this one on its link."""
        link = message.source, message.to
        return all(one.id >= message.id for one in self._messages() if self._on_link(one, link))

    def _behind(self, message: Message) -> list[Message]:
        """The ordered messages that were sent after this one on its link, oldest first."""
        link = message.source, message.to
        return sorted(one for one in self._messages() if one.id > message.id and self._on_link(one, link))

    def _on_link(self, message: Message, link: tuple[str, str]) -> bool:
        return message.kind in self._ordered and (message.source, message.to) == link

    def tamper(self, message: Message, payload: bytes) -> None:
        """Change a message that is under way."""
        changed = message._replace(payload=payload)
        due = self._flying[message.id][0]
        self.journal.record("tamper", message.source, NO_DATA, changed)
        self._launch(changed, due)

    def hurry(self) -> None:
        """End all delays: whatever is under way arrives within the network's latency."""
        due = self.clock.now + self._latency
        self._latest = {}
        kinds = sorted({message.kind for message in self._messages()} - self._ordered)
        ordered = sorted(message for message in self._messages() if message.kind in self._ordered)
        for message in (*(one for kind in kinds for one in self.in_flight(kind)), *ordered):
            if self._flying[message.id][0] > due:
                self._launch(message, due)

    # Links and nodes

    def connected(self, source: str, to: str) -> bool:
        """Whether a message that arrives now from `source` gets through to `to`."""
        return not self.is_cut(source, to) and self._groups.get(source) == self._groups.get(to)

    def is_cut(self, source: str, to: str) -> bool:
        """Whether this one link is cut in this direction, whatever the partition."""
        return (source, to) in self._cut

    def partition(self, groups: Mapping[str, int]) -> None:
        """Let only agents of one group talk to one another; replaces an earlier partition."""
        self._groups = dict(groups)
        self._note_links()

    def cut(self, source: str, to: str) -> None:
        """Cut one link in one direction."""
        self._cut[source, to] = None
        self._note_links()

    def heal(self) -> bool:
        """Restore every link; False if none was broken."""
        if not self._groups and not self._cut:
            return False
        self._groups = {}
        self._cut = {}
        self._note_links()
        return True

    def _note_links(self) -> None:
        members: dict[int, list[str]] = {}
        for name, group in self._groups.items():
            members.setdefault(group, []).append(name)
        groups = [members[group] for group in sorted(members)]
        self.journal.record("link", "", {"groups": groups, "cut": [list(pair) for pair in self._cut]})

    def is_down(self, name: str) -> bool:
        """Whether an agent has crashed and not restarted."""
        return name in self._slept

    def crash(self, name: str) -> bool:
        """Crash an agent, whose state is kept; False if it is down already."""
        if name in self._slept:
            return False
        self._slept[name] = {}
        self.journal.record("node", name, {"state": "crashed"})
        return True

    def forget(self, name: str) -> bool:
        """Crash an agent that loses its memory, its timers included; False if it is down already."""
        if name in self._slept or self.rebuild is None:
            return False
        self._slept[name] = {}
        self._forgotten[name] = None
        self._timers = {key: entry for key, entry in self._timers.items() if key[0] != name}
        self.journal.record("node", name, {"state": "crashed", "memory": "lost"})
        return True

    def restart(self, name: str) -> bool:
        """Restart an agent; what it slept through wakes it in the next tick. False if it is up."""
        if name not in self._slept:
            return False
        tags = self._slept.pop(name)
        self.journal.record("node", name, {"state": "restarted"})
        if name in self._forgotten and self.rebuild is not None:
            del self._forgotten[name]
            agent = self.agents[name] = self.rebuild(name)
            self._handle(name, agent.start)
            return True
        for tag in tags:
            if (name, tag) not in self._timers:
                self._set_timer(name, tag, self.clock.now + 1)
        return True
