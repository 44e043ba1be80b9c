"""Time never runs back; what is delivered was sent, arrives once, unchanged, over a whole link, to a live agent.

What is lost, is lost to a cut link, a crash or a step; nothing is lost in silence. A copy is its original. Once links
have healed, none of them loses anything, whatever the kernel itself says of them. A step does what it says, and nothing
is lost, copied, changed, cut or crashed by a step that does something else.

Owns the kernel's contract: anyone who judges a run by its journal must be able to trust the journal.
"""

from collections.abc import Mapping

from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.verdicts import Handler, Property
from crosslayer.properties.contract import Contract

DOES = {
    "Run": "",
    "RunUntil": "",
    "Delay": "",
    "Deliver": "",
    "Drop": "drop",
    "Duplicate": "copy",
    "Redirect": "copy",
    "Tamper": "tamper",
    "Partition": "link",
    "Cut": "link",
    "Heal": "link",
    "Crash": "node",
    "Forget": "node",
    "Restart": "node",
}
"""Which kind of event each shared step leaves behind, if it applied; what a system's own steps do is their business."""


class _Kernel(Contract):
    part = "kernel"

    def __init__(self, _population: Population) -> None:
        super().__init__()
        self._now = 0
        self._now_seq = -1
        self._sent: dict[int, int] = {}
        self._flying: dict[int, Message] = {}
        self._ended: dict[int, int] = {}
        self._group: dict[str, int] = {}
        self._cut: frozenset[tuple[str, str]] = frozenset()
        self._links_seq = -1
        self._crashed: dict[str, int] = {}
        self._launched: dict[int, int] = {}
        self._settled: int | None = None
        self._overtaken = -1
        self._slowest = 0
        self._done: dict[str, int] = {}

    def facts(self) -> Mapping[str, Handler]:
        return {
            "*": self._clock,
            "send": self._send,
            "copy": self._copy,
            "step": self._step,
            "end": self._over,
            "tamper": self._tamper,
            "deliver": self._deliver,
            "drop": self._drop,
            "link": self._link,
            "node": self._node,
            "settlement": self._settlement,
        }

    def _clock(self, seq: int, event: Event) -> None:
        if event.tick == self._now:
            return
        if event.tick < self._now:
            self.breaks(f"the clock went back from tick {self._now} to {event.tick}", self._now_seq, seq)
        self._now = event.tick
        self._now_seq = seq

    def _audit(self, seq: int, event: Event) -> None:
        self._clock(seq, event)
        super()._audit(seq, event)

    def _flaw(self, seq: int, event: Event) -> None:
        self._clock(seq, event)
        super()._flaw(seq, event)

    def _send(self, seq: int, event: Event) -> None:
        if event.tick != self._now:
            self._clock(seq, event)
        message = event.message
        if message is None:
            return
        sent = self._sent.get(message.id)
        if sent is None:
            self._sent[message.id] = seq
            self._flying[message.id] = message
            self._launched[message.id] = event.tick
        elif sent != seq:
            self.breaks(f"message {message.id} was sent a second time at tick {event.tick}", sent, seq)

    def _copy(self, seq: int, event: Event) -> None:
        self._send(seq, event)
        self._done["copy"] = seq
        message, of = event.message, event.data.get("of")
        original = self._flying.get(of) if isinstance(of, int) else None
        if message is None or original is None:
            return
        if (message.source, message.kind, message.payload) != (original.source, original.kind, original.payload):
            self.breaks(f"{_named(message)} is no copy of {_named(original)}, at tick {event.tick}", seq)

    def _step(self, seq: int, event: Event) -> None:
        """A step does what it says, and nothing else of that kind happens but by a step.

        Healing ends every split and cut, whether or not the kernel says so link by link.
        """
        self._clock(seq, event)
        done, self._done = self._done, {}
        match event.data:
            case {"step": str() as step, "applied": bool() as applied} if step in DOES:
                due = DOES[step] if applied else ""
                if due and due not in done:
                    self.breaks(f"the step {step} at tick {event.tick} did not happen: there was no {due}", seq)
                for kind, other in done.items():
                    if kind != due:
                        self.breaks(f"a {kind} at tick {event.tick} was no step's doing", other, seq)
        if event.data.get("step") == "Heal":
            self._group = {}
            self._cut = frozenset()

    def _over(self, seq: int, event: Event) -> None:
        """Settlement ends all delays: what was sent long before it was over, has ended by now.

        Long is half of it and as long as the slowest message took. And since settlement every message takes equally
        long: what was sent before one that has arrived, has ended, too.
        """
        self._clock(seq, event)
        half = -1 if self._settled is None else (self._settled + event.tick) // 2
        ended = max(self._overtaken, half - self._slowest)
        for number, message in self._flying.items():
            sent = self._launched[number]
            if sent < ended:
                self.breaks(
                    f"{_named(message)} was sent at tick {sent}, and neither arrived nor was lost by anything",
                    self._sent[number],
                    seq,
                )

    def _tamper(self, seq: int, event: Event) -> None:
        self._clock(seq, event)
        message = event.message
        if message is None:
            return
        self._done["tamper"] = seq
        if message.id in self._flying:
            self._flying[message.id] = message

    def _drop(self, seq: int, event: Event) -> None:
        if event.tick != self._now:
            self._clock(seq, event)
        message = event.message
        if message is None:
            return
        if self._flying.pop(message.id, None) is not None:
            self._ended[message.id] = seq
            self._loss(seq, event, message)

    def _deliver(self, seq: int, event: Event) -> None:
        if event.tick != self._now:
            self._clock(seq, event)
        message = event.message
        if message is None:
            return
        self.seen += 1
        flying = self._flying.pop(message.id, None)
        if flying is not None:
            self._ended[message.id] = seq
            self._arrived(message.id)
            if flying != message:
                sent = self._sent[message.id]
                self.breaks(f"{_named(message)} is not what was sent, at tick {event.tick}", sent, seq)
        elif message.id not in self._sent:
            self.breaks(f"{_named(message)} was delivered at tick {event.tick}, but never sent", seq)
        elif self._ended[message.id] != seq:
            what = "after it was already delivered or dropped"
            self.breaks(f"{_named(message)} was delivered at tick {event.tick} {what}", self._ended[message.id], seq)
        if event.agent != message.to:
            self.breaks(f"{_named(message)} was delivered to {event.agent} at tick {event.tick}", seq)
        if self._cut or self._group:
            self._across(seq, event.tick, message)
        if event.agent in self._crashed:
            down = self._crashed[event.agent]
            what = f"while {event.agent} was down"
            self.breaks(f"{_named(message)} was delivered at tick {event.tick}, {what}", down, seq)

    def _arrived(self, number: int) -> None:
        """Remember up to when messages were sent, since settlement, that have arrived."""
        launched = self._launched[number]
        self._slowest = max(self._slowest, self._now - launched)
        if self._settled is not None and launched > self._settled:
            self._overtaken = max(self._overtaken, launched)

    def _loss(self, seq: int, event: Event, message: Message) -> None:
        """Messages get lost for a reason that was announced; a `step` is its own announcement."""
        lost = f"{_named(message)} was lost at tick {event.tick}"
        match event.data:
            case {"reason": "step"}:
                self._done["drop"] = seq
            case {"reason": "link"} if not self._parted(message):
                self.breaks(f"{lost}, though its link was whole", *(one for one in (self._links_seq, seq) if one >= 0))
            case {"reason": "crash"} if message.to not in self._crashed:
                self.breaks(f"{lost}, though {message.to} was up", seq)

    def _across(self, seq: int, tick: int, message: Message) -> None:
        if self._parted(message):
            self.breaks(f"{_named(message)} crossed a cut link at tick {tick}", self._links_seq, seq)

    def _parted(self, message: Message) -> bool:
        here, there = self._group.get(message.source), self._group.get(message.to)
        parted = here is not None and there is not None and here != there
        return parted or (message.source, message.to) in self._cut

    def _link(self, seq: int, event: Event) -> None:
        self._clock(seq, event)
        self._links_seq = self._done["link"] = seq
        self._group = {}
        self._cut = frozenset()
        match event.data:
            case {"groups": [*groups]}:
                for number, group in enumerate(groups):
                    if isinstance(group, list | tuple):
                        self._group.update((name, number) for name in group if isinstance(name, str))
        match event.data:
            case {"cut": [*pairs]}:
                self._cut = frozenset(pair for pair in map(_pair, pairs) if pair is not None)

    def _node(self, seq: int, event: Event) -> None:
        self._clock(seq, event)
        self._done["node"] = seq
        match event.data:
            case {"state": "crashed"}:
                self._crashed.setdefault(event.agent, seq)
            case {"state": "restarted"}:
                self._crashed.pop(event.agent, None)

    def _settlement(self, seq: int, event: Event) -> None:
        """Faults stop: whether or not the kernel says so link by link, all is whole again."""
        self._clock(seq, event)
        self._settled = event.tick
        self._group = {}
        self._cut = frozenset()
        self._crashed = {}
        self._done = {}


def _pair(pair: object) -> tuple[str, str] | None:
    match pair:
        case [str() as source, str() as to]:
            return source, to
    return None


def _named(message: Message) -> str:
    return f"{message.kind} {message.id} from {message.source} to {message.to}"


PROPERTY = Property(
    name="kernel",
    claim="What arrives was sent, arrives once, unchanged, over a whole link, at a live agent; nothing vanishes.",
    parts=("kernel",),
    watch=_Kernel,
    joint=False,
)
