"""What an agent is made from, and how it is written: handlers, typed messages, or one generator.

Owns the kit, the base classes of agents, and agents as generators. Knows no protocol.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import field, frozen

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.outbox import ACK, Outbox
from crosslayer.harness.kernel.roster import Clock, Member
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.model.effects import Effect, Send, Wake
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.population import Population


class Layers:
    """An agent's layers, each an attribute of its own name."""

    def __init__(self, handles: Mapping[str, Any]) -> None:
        self.__dict__.update(handles)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"there is no layer {name!r}; this agent has {', '.join(self.__dict__) or 'none'}")


@frozen(eq=False)
class Kit:
    """Everything that one agent may use.

    `layers.NAME` is the agent's handle on a layer, `record(kind, **data)` writes a fact, `store` survives a crash that
    loses memory, `members` are all agents with their public keys. `send` and `read` turn the bodies of declared message
    kinds into payloads and back.
    """

    name: str
    clock: Clock
    scenario: Any
    layers: Layers
    signer: Signer
    store: Store
    wire: "Wire"
    _record: Callable[[str, Mapping[str, Any]], None] = field(repr=False)
    members: tuple[Member, ...] = ()

    @property
    def population(self) -> Population:
        """Who takes part."""
        population: Population = self.scenario.population
        return population

    def record(self, kind: str, **data: Any) -> None:
        """Write a fact of a declared kind, with JSON values."""
        self._record(kind, data)

    def send(self, to: str, body: Any) -> Send:
        """Send a value whose class is the body of a message kind."""
        return self.wire.send(to, body)

    def post(self, to: str, body: Any) -> "Post":
        """Send a value until it is acknowledged; for reliable agents."""
        return Post(*self.wire.send(to, body))

    def read(self, message: Message) -> Any:
        """The body of a message; `Refused` if its payload is no such value. Bytes, for a kind that declares no body."""
        return self.wire.read(message)


@frozen
class Wire:
    """How bodies become payloads: for each message kind with a body, what writes and what reads it.

    `names` are those of all message kinds, as they stand in the names of handlers.
    """

    kinds: Mapping[type[Any], str]
    write: Callable[[Any], bytes]
    reads: Mapping[str, Callable[[bytes], Any]]
    names: frozenset[str] = frozenset()

    def send(self, to: str, body: Any) -> Send:
        """The message that carries a body."""
        kind = self.kinds.get(type(body))
        if kind is None:
            raise TypeError(f"{type(body).__name__} is the body of no message kind; declare MessageKind(…, body=…)")
        return Send(to, kind, self.write(body))

    def read(self, message: Message) -> Any:
        """The body of a message, or `Refused`."""
        read = self.reads.get(message.kind)
        return message.payload if read is None else read(message.payload)


class Agent:
    """An agent whose handlers return effects. A subclass overrides what it needs.

    A message of kind `K` goes to `on_K(sender, body)`, a wake-up under the tag `T|rest` to `on_T(rest)`, if there is
    such a method. `body` is the kind's declared body, or bytes. What the codec or a handler refuses is ignored, and
    recorded as a fact `ignored` if the system declares one.
    """

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def start(self) -> Iterable[Effect] | None:
        """The run begins; or the agent comes back after it has lost its memory."""
        return ()

    def on_message(self, message: Message) -> Iterable[Effect] | None:
        """A message has arrived."""
        try:
            return self.take(message)
        except Refused as refusal:
            self.kit.record("ignored", message=message.kind, reason=str(refusal))
            return ()

    def take(self, message: Message) -> Iterable[Any]:
        """The handler's answer to a message; `Refused` if the codec or the handler refuses it."""
        handler = getattr(self, f"on_{message.kind.replace('-', '_')}", None)
        if handler is None:
            return ()
        return list(handler(message.source, self.kit.read(message)) or ())

    def on_wake(self, tag: str) -> Iterable[Effect] | None:
        """The time that was asked for has come."""
        name, _, rest = tag.partition("|")
        handler = getattr(self, f"on_{name}", None)
        if handler is not None and name in self.kit.wire.names:
            raise TypeError(f"on_{name} takes the messages of this kind; wake under another tag than {name!r}")
        return () if handler is None else handler(rest) or ()


class Hosted:
    """The base class of an agent that holds more than memory (loops, files), and owes something when a run is over."""

    def finish(self) -> None:
        """The run has settled: a last word, which may be a `PluginFault`."""

    def close(self) -> None:
        """Nothing more is asked, and nothing is heard: let go. Of each life of the agent, at the end of the run."""


class Post(NamedTuple):
    """Send a message again and again until it is acknowledged; an effect of reliable agents only."""

    to: str
    kind: str
    payload: bytes


class ReliableAgent(Agent):
    """An agent whose `Post` effects arrive at least once, and that takes in each message from a sender once.

    Its system declares the message kind `ACKNOWLEDGEMENT`. Every other message that arrives is acknowledged; one that
    was refused may come again, for what is refused today may be right tomorrow. `resend` is the pause in ticks.
    """

    resend = 8

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._outbox = Outbox(kit.name)

    def on_message(self, message: Message) -> Iterable[Effect]:
        """Acknowledge, and hand on what is new."""
        if message.kind == ACK:
            self._outbox.acknowledged(message)
            return ()
        acknowledgement = self._outbox.acknowledgement(message)
        if not self._outbox.is_new(message):
            return (acknowledgement,)
        try:
            effects = [acknowledgement, *self.posted(self.take(message))]
        except Refused as refusal:
            self.kit.record("ignored", message=message.kind, reason=str(refusal))
            return (acknowledgement,)
        self._outbox.take(message)
        return effects

    def on_wake(self, tag: str) -> Iterable[Effect]:
        """Send again what nobody has acknowledged, or do what was put off."""
        if tag != RESEND:
            return self.posted(super().on_wake(tag) or ())
        again = [Send(*one) for one in self._outbox.again()]
        return [*again, Wake(RESEND, self.resend)] if again else ()

    def posted(self, effects: Iterable[Effect | Post]) -> Iterable[Effect]:
        """The same effects, each `Post` put into the outbox and sent for the first time; also for `start`."""
        for one in effects:
            if isinstance(one, Post):
                if not self._outbox:
                    yield Wake(RESEND, self.resend)
                self._outbox.put(*one)
                yield Send(*one)
            else:
                yield one


RESEND = "crosslayer resend"
"""The tag of the wake-up at which a reliable agent sends again."""


class Wait:
    """What a generator waits for: a message of one of these kinds (any, if none is named), or `timeout` ticks."""

    def __init__(self, *kinds: str, timeout: int | None = None) -> None:
        self.kinds = kinds
        self.timeout = timeout


class Scripted:
    """An agent that is one generator function of its kit, read from top to bottom.

    It yields effects (one, or several in a row) and waits; a wait gives the message, or None after its timeout.

    Messages that nobody waits for yet are kept in order until somebody does.
    """

    def __init__(self, main: Callable[[Kit], Iterator[Any]], kit: Kit) -> None:
        self._script: Any = main(kit)
        self._waiting: Wait | None = None
        self._mail: list[Message] = []
        self._round = 0

    def start(self) -> Sequence[Effect]:
        """Run to the first wait."""
        return self._go_on(None)

    def on_message(self, message: Message) -> Sequence[Effect]:
        """Go on, if this is what the generator waits for."""
        self._mail.append(message)
        return self._deliver()

    def on_wake(self, tag: str) -> Sequence[Effect]:
        """The wait under way has timed out, unless it is over."""
        if self._waiting is None or tag != f"wait|{self._round}":
            return ()
        self._waiting = None
        return [*self._go_on(None), *self._deliver()]

    def _deliver(self) -> list[Effect]:
        effects: list[Effect] = []
        while (found := self._expected()) is not None:
            self._mail.remove(found)
            self._waiting = None
            effects += self._go_on(found)
        return effects

    def _expected(self) -> Message | None:
        wait = self._waiting
        if wait is None:
            return None
        return next((one for one in self._mail if not wait.kinds or one.kind in wait.kinds), None)

    def _go_on(self, news: Message | None) -> list[Effect]:
        effects: list[Effect] = []
        while self._script is not None and self._waiting is None:
            try:
                said = self._script.send(news)
            except StopIteration:
                self._script = None
                break
            news = None
            if isinstance(said, Wait):
                self._waiting = said
                self._round += 1
                if said.timeout is not None:
                    effects.append(Wake(f"wait|{self._round}", said.timeout))
            else:
                effects += [said] if isinstance(said, Send | Wake) else said
        return effects


def script(main: Callable[[Kit], Iterator[Any]]) -> Callable[[Kit], Scripted]:
    """What makes agents of a generator function, for the `agents` of a system."""
    return lambda kit: Scripted(main, kit)
