"""Properties as small classes of rules over events, and promises that something happens in the end.

Owns both base classes. Knows no system.

    class NoStaleWrite(Rules):
        newest = 0

        @on("written")
        def written(self, seq: int, event: Event) -> None:
            self.exercised(seq)
            if event.data["token"] < self.newest:
                self.breaks("an older token wrote after a newer one", seq)
            self.newest = max(self.newest, event.data["token"])
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.verdicts import Handler, Verdict
from crosslayer.properties.watcher import NOT_ENDED, Watcher, holds, vacuous, violated

_KINDS = "crosslayer_event_kinds"

Method = TypeVar("Method", bound=Callable[..., None])


def on(*kinds: str) -> Callable[[Method], Method]:
    """Marks a method of `Rules` that takes the sequence number and the event of every event of these kinds.

    A handler must not rely on what is in an event: a trace may have been written by anyone.
    """

    def mark(method: Method) -> Method:
        setattr(method, _KINDS, kinds)
        return method

    return mark


class Rules(Watcher):
    """A property of any run, as methods marked with `on`. Made anew for every run, with its population.

    It holds if it was `exercised` and nothing broke; if it never was, it is vacuous.
    """

    def __init__(self, population: Population) -> None:
        super().__init__()
        self.population = population
        self._exercised: list[int] = []

    def handlers(self) -> Mapping[str, Handler]:
        """Every marked method, under the kinds that it is marked with."""
        found: dict[str, Handler] = {}
        for name in dir(type(self)):
            method: Any = getattr(self, name)
            for kind in getattr(method, _KINDS, ()):
                found[kind] = method
        return found

    def exercised(self, seq: int) -> None:
        """The situation of which the claim speaks arose with this event."""
        if not self._exercised or self._exercised[-1] != seq:
            self._exercised.append(seq)

    def verdict(self) -> Verdict:
        """Holds, if the claim was exercised."""
        times = len(self._exercised)
        if not times:
            return vacuous("the situation of which it speaks never arose")
        return holds(f"exercised {times} time{'' if times == 1 else 's'}, and it held", self._exercised[-1])


class Eventually(Rules):
    """A promise that what is expected happens before the run is over: at the latest `within` ticks of settlement.

    Rules call `expect` when an agent begins to wait, and `met` when it has happened. Settlement ends all faults, so
    what has not happened by then is the protocol's own fault.
    """

    within: ClassVar[int | None] = None
    """Ticks after the beginning of settlement; None for the end of the run."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self._open: dict[Any, tuple[int, int, str]] = {}
        self._settled: int | None = None
        self._end: int | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """The marked methods, and the marks of settlement and of the end."""
        return {**super().handlers(), "settlement": self._settlement, "end": self._over}

    def expect(self, key: Any, waiting: str, seq: int, event: Event) -> None:
        """From this event on, something is expected; `waiting` says in words who waits for what."""
        self.exercised(seq)
        self._open.setdefault(key, (seq, event.tick, waiting))

    def met(self, key: Any, seq: int, event: Event) -> None:
        """What was expected under this key has happened; nothing changes if nothing was."""
        began, tick, waiting = self._open.pop(key, (None, 0, ""))
        if began is not None and self._is_late(event.tick):
            late = f"{waiting} since tick {tick}, and it came only at tick {event.tick}"
            self.breaks(f"{late}, more than {self.within} ticks after settlement began", began, seq)

    def verdict(self) -> Verdict:
        """Violated if somebody still waits at the end of the run."""
        if self._end is None:
            return vacuous(NOT_ENDED)
        for seq, tick, waiting in self._open.values():
            return violated(f"{waiting} since tick {tick}, and it never came", seq, self._end)
        return super().verdict()

    def _is_late(self, tick: int) -> bool:
        return self.within is not None and self._settled is not None and tick > self._settled + self.within

    def _settlement(self, _seq: int, event: Event) -> None:
        self._settled = event.tick

    def _over(self, seq: int, _event: Event) -> None:
        self._end = seq
