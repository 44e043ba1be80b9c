"""Whose registrations lie in whose causal past, worked out from the journal alone.

Owns the causal sets. Knows nothing of what the messages say: a causal past grows through
messages that were really delivered, and through nothing else. A set is a bit mask, one bit per agent.
"""

from collections.abc import Iterable, Mapping

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler


class Causality:
    """The causal past of every agent, kept up to date event by event."""

    def __init__(self, names: Iterable[str]) -> None:
        self._bit = {name: 1 << number for number, name in enumerate(names)}
        self._past = dict.fromkeys(self._bit, 0)
        self._carried: dict[int, int] = {}

    def handlers(self) -> Mapping[str, Handler]:
        """The events from which the causal sets are made."""
        return {"registered": self._registered, "send": self._send, "copy": self._copy, "deliver": self._deliver}

    def reaches(self, publisher: str, agent: str) -> bool:
        """Whether a registration of `publisher` lies in the present causal past of `agent`."""
        return bool(self._past.get(agent, 0) & self._bit.get(publisher, 0))

    def _registered(self, _seq: int, event: Event) -> None:
        if event.agent in self._bit:
            self._past[event.agent] |= self._bit[event.agent]

    def _send(self, _seq: int, event: Event) -> None:
        if event.message is not None:
            self._carried[event.message.id] = self._past.get(event.agent, 0)

    def _copy(self, _seq: int, event: Event) -> None:
        match event.data:
            case {"of": int() as original} if event.message is not None:
                self._carried[event.message.id] = self._carried.get(original, 0)

    def _deliver(self, _seq: int, event: Event) -> None:
        if event.message is not None and event.agent in self._past:
            self._past[event.agent] |= self._carried.get(event.message.id, 0)
