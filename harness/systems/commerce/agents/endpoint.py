"""An agent: reliable messages, gossip, and whatever behaviours its role is made of.

Owns the dispatch of messages and wake-ups to behaviours; its outbox sends until it is acknowledged. Knows nothing of
what is traded.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Protocol

from attrs import astuple

from crosslayer.harness.kernel.outbox import ACK, Outbox
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.model.effects import Effect, Send, Wake
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.population import role_of
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.nouns import Card

Receiver = Callable[[str, bytes], None]
"""Takes the sender and the payload of a message; `Refused` means that it was ignored, and why."""

Waker = Callable[[str], None]
"""Takes what follows the first bar in a wake-up's tag."""


_send: Callable[[tuple[Any, ...]], Send] = partial(tuple.__new__, Send)
_wake: Callable[[tuple[Any, ...]], Wake] = partial(tuple.__new__, Wake)
"""Effects of their fields: what `Send` and `Wake` do, at half the cost."""


class Behaviour(Protocol):
    """A part of a role: what it does at the start, and which messages and wake-ups are its own.

    One that survives a loss of memory says `durable = True` in its own class, keeps in the endpoint's store what it
    must not forget, and has `resume()`, which begins again from there.
    """

    def start(self) -> None:
        """What the role does first."""
        ...

    def receivers(self) -> dict[str, Receiver]:
        """Who takes in which kind of message."""
        ...

    def wakers(self) -> dict[str, Waker]:
        """Who is called under which tag, up to its first bar."""
        ...


def is_durable(one: object) -> bool:
    """Whether a class itself says that it survives a loss of memory; what it was derived from does not speak for it."""
    return vars(type(one)).get("durable") is True


CAPABILITIES = {
    "seller": ("sell",),
    "shill_seller": ("sell",),
    "buyer": ("buy",),
    "shill": ("buy",),
    "auditor": ("audit",),
}

_CARD = "card"
"""Where the agent's own card, as it published it last, stands in its store."""

QUIET_MAX = 4
"""With nothing to say, the pause between gossip rounds grows fourfold, up to 2 to this power of the interval."""


class Endpoint:
    """One agent. Handlers queue effects with `send`, `post` and `wake`; the kernel gets them when they return.

    If it and all its behaviours are durable, `store` is the agent's durable one, which is synced whenever a handler
    returns: what was sent and what was written belong together. Otherwise nothing of it survives, and nothing is lost.
    """

    durable: ClassVar[bool] = False

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.card = Card(kit.name, 1, CAPABILITIES[role_of(kit.name)])
        self._behaviours: tuple[Behaviour, ...] = ()
        self._receivers: dict[str, Receiver] = {}
        self._wakers: dict[str, Waker] = {"gossip": self._gossip, "resend": self._resend}
        self._effects: list[Effect] = []
        self.store = Store()
        self._outbox = Outbox(kit.name)
        self._quiet = 0

    def behave(self, *behaviours: Behaviour) -> "Endpoint":
        """Give the agent its role; a message kind belongs to the last behaviour that claims it."""
        self._behaviours = behaviours
        if is_durable(self) and all(map(is_durable, behaviours)):
            self.store = self.kit.store
            self._outbox = Outbox(self.kit.name, self.store)
        for behaviour in behaviours:
            self._receivers.update(behaviour.receivers())
            self._wakers.update(behaviour.wakers())
        return self

    def close(self) -> None:
        """Forget the behaviours, which know this endpoint, too: the circle would wait for the garbage collector."""
        self._behaviours = ()
        self._receivers, self._wakers = {}, {}

    # What the kernel calls

    def start(self) -> Sequence[Effect]:
        """Register, begin to gossip, and begin the role; or go on where the store says that it was."""
        if _CARD in self.store:
            return self._resume()
        self.publish(self.card)
        self.wake("gossip", self.kit.timing.gossip_interval)
        for behaviour in self._behaviours:
            behaviour.start()
        return self.flush()

    def _resume(self) -> Sequence[Effect]:
        self.card = Card(*self.store.get(_CARD))
        self.wake("gossip", self.kit.timing.gossip_interval)
        if self._outbox:
            self.wake("resend", self.kit.timing.resend_interval)
        for behaviour in self._behaviours:
            behaviour.resume()  # type: ignore[attr-defined]
        return self.flush()

    def on_message(self, message: Message) -> Sequence[Effect]:
        """Take in one message; malformed and unexpected ones are ignored, and that is recorded."""
        try:
            if message.kind == "gossip":
                for to, payload in self.kit.registry.handle_gossip(message.source, message.payload):
                    self.send(to, "gossip", payload)
                self._stay_awake()
            elif message.kind == ACK:
                self._outbox.acknowledged(message)
            else:
                self._receive(message)
        except Refused as refusal:
            self.kit.record("ignored", {"message": message.kind, "reason": str(refusal)})
        return self.flush()

    def on_wake(self, tag: str) -> Sequence[Effect]:
        """Do what was put off."""
        name, _, rest = tag.partition("|")
        self._wakers[name](rest)
        return self.flush()

    # What behaviours (and the adversary, for its own agents) call

    def send(self, to: str, kind: str, payload: bytes) -> None:
        """Send once, come what may."""
        self._effects.append(_send((to, kind, payload)))

    def post(self, to: str, kind: str, payload: bytes) -> None:
        """Send until it is acknowledged."""
        if not self._outbox:
            self.wake("resend", self.kit.timing.resend_interval)
        self._outbox.put(to, kind, payload)
        self.send(to, kind, payload)

    def wake(self, tag: str, delay: int) -> None:
        """Be woken under this tag after this number of ticks."""
        self._effects.append(_wake((tag, delay)))

    def publish(self, card: Card) -> None:
        """Sign a card of one's own and register it."""
        self.card = card.signed(self.kit.signer.sign(card.body()))
        self.kit.registry.register(self.card)
        self.store.put(_CARD, astuple(self.card))
        self._stay_awake()

    def flush(self) -> Sequence[Effect]:
        """The effects queued since the last time. What was written until now is as durable as they are."""
        self.store.sync()
        effects = self._effects
        self._effects = []
        return effects

    # Its own wake-ups and messages

    def _receive(self, message: Message) -> None:
        self._effects.append(self._outbox.acknowledgement(message))
        if not self._outbox.is_new(message):
            return
        receiver = self._receivers.get(message.kind)
        if receiver is None:
            raise Refused("not for this role")
        receiver(message.source, message.payload)
        # Only what was taken in: the same bytes may be refused today (goods before the order) and right tomorrow.
        self._outbox.take(message)

    def _gossip(self, _rest: str) -> None:
        messages = self.kit.registry.gossip_round()
        for to, payload in messages:
            self.send(to, "gossip", payload)
        self._quiet = 0 if messages else min(self._quiet + 2, QUIET_MAX)
        self.wake("gossip", self.kit.timing.gossip_interval << self._quiet)

    def _stay_awake(self) -> None:
        """Gossip has news, or might have: come back to the usual interval."""
        if self._quiet:
            self._quiet = 0
            self.wake("gossip", self.kit.timing.gossip_interval)

    def _resend(self, _rest: str) -> None:
        for to, kind, payload in self._outbox.again():
            self.send(to, kind, payload)
        if self._outbox:
            self.wake("resend", self.kit.timing.resend_interval)
