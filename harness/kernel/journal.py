"""The journal: every event of a run in order, shown to the monitors as it is written.

Owns the list of events and who gets to see each. Knows nothing of what any event means.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from crosslayer.harness.kernel import interrupts
from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.kernel.roster import Clock
from crosslayer.harness.model.errors import PropertyFault
from crosslayer.harness.model.events import EVERY_KIND, NO_DATA, Event, Message
from crosslayer.harness.model.verdicts import Handler, Monitor

_event: Callable[[tuple[Any, ...]], Event] = partial(tuple.__new__, Event)
"""An event of its fields: what `Event` does, at half the cost."""


class Journal:
    """An append-only record. An event's sequence number is its index in `events`.

    `PropertyFault` if a monitor raises; it is shown nothing more. `names` are the monitors' names, those of their types
    if there are fewer.
    """

    def __init__(self, clock: Clock, monitors: Iterable[Monitor] = (), names: Sequence[str] = ()) -> None:
        self.events: list[Event] = []
        self._clock = clock
        self._monitors = tuple(monitors)
        self._names = (*names, *(type(one).__name__ for one in self._monitors[len(names) :]))
        self._handlers = handlers_by_kind(self._monitors)
        self._others = self._handlers[EVERY_KIND]

    def record(self, kind: str, agent: str, data: Mapping[str, Any] = NO_DATA, message: Message | None = None) -> None:
        """Write one event at the present tick."""
        event = _event((self._clock.now, kind, agent, data, message))
        events = self.events
        events.append(event)
        handlers = self._handlers.get(kind, self._others)
        if handlers:
            seq = len(events) - 1
            for handle in handlers:
                try:
                    handle(seq, event)
                except BaseException as error:
                    if interrupts.is_real(error):
                        raise
                    raise self._fault(handle, seq, event, error) from error

    def _fault(self, failed: Handler, seq: int, event: Event, error: BaseException) -> PropertyFault:
        """The fault of the monitor whose handler this is."""
        name = "unknown"
        for other, monitor in zip(self._names, self._monitors, strict=True):
            own = tuple(monitor.handlers().values())
            if failed in own:
                name = other
                self._handlers = {
                    kind: tuple(one for one in handlers if one not in own) for kind, handlers in self._handlers.items()
                }
                self._others = self._handlers[EVERY_KIND]
        return PropertyFault(name, f"event {seq} ({event.kind} at tick {event.tick})", describe(error))

    def close(self) -> None:
        """Forget the events and the monitors; a caller that holds the list of events keeps it."""
        self.events = []
        self._handlers = {}
        self._others = ()
        self._monitors = ()
        self._names = ()


def handlers_by_kind(monitors: Iterable[Monitor]) -> dict[str, tuple[Handler, ...]]:
    """For every event kind, the handlers of the monitors that want to see it, in the monitors' order.

    Under `*` stand those of every kind that no monitor names.
    """
    wanted = [monitor.handlers() for monitor in monitors]
    named = dict.fromkeys((*(kind for handlers in wanted for kind in handlers), EVERY_KIND))
    table = {kind: [handlers.get(kind, handlers.get(EVERY_KIND)) for handlers in wanted] for kind in named}
    return {kind: tuple(handler for handler in found if handler is not None) for kind, found in table.items()}


def judge(events: Iterable[tuple[int, Event]], monitors: Iterable[Monitor]) -> int:
    """Show a stored trace to monitors, each sequence number once; how many events there were."""
    table = handlers_by_kind(monitors)
    last = -1
    for seq, event in events:
        if seq <= last:
            continue
        last = seq
        for handle in table.get(event.kind, table[EVERY_KIND]):
            handle(seq, event)
    return last + 1
