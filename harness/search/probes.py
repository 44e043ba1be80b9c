"""Probes: was the interesting situation ever reached?

Owns the monitor that watches for the situations that a system declares. A hunt that found nothing is worth as much as
the situations that it reached, so it counts them and names those it never saw.
"""

from collections.abc import Mapping

from crosslayer.harness.kernel import interrupts
from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.model.brief import brief
from crosslayer.harness.model.declarations import Probe
from crosslayer.harness.model.errors import ProbeError
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.system import System
from crosslayer.harness.model.verdicts import Handler, Outcome, Verdict


class Reached:
    """A monitor that collects the names of the situations that one run reached."""

    violation = None

    def __init__(self, system: System) -> None:
        self.names: dict[str, None] = {}
        self._scene = system.scene.make()
        self._remember = system.scene.remember
        self._messages = system.scene.messages
        self._by_kind: dict[str, tuple[Probe, ...]] = {}
        for one in system.probes:
            for kind in one.kinds:
                self._by_kind[kind] = (*self._by_kind.get(kind, ()), one)

    def handlers(self) -> Mapping[str, Handler]:
        """Every kind that some probe or the scene looks at."""
        return dict.fromkeys({**dict.fromkeys(self._remember), **self._by_kind}, self._see)

    def conclude(self) -> Verdict:
        """Probes have no opinion."""
        return Verdict(Outcome.VACUOUS, "probes do not judge")

    def _see(self, seq: int, event: Event) -> None:
        if event.message is not None and self._messages and event.message.kind not in self._messages:
            return
        for one in self._by_kind.get(event.kind, ()):
            if one.name in self.names:
                continue
            try:
                arises = one.test(self._scene, event)
            except BaseException as error:
                if interrupts.is_real(error):
                    raise
                told = f"{describe(error)}, at event {seq} ({event.kind} at tick {event.tick})"
                raise ProbeError(f"probe {brief(one.name)}", told) from error
            if arises:
                self.names[one.name] = None
        remember = self._remember.get(event.kind)
        if remember is not None:
            remember(self._scene, event)
