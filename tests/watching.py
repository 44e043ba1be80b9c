"""Properties made for tests: small claims about a run that the reference stack can be made to break."""

from collections.abc import Callable

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Outcome, Property, Verdict

Test = Callable[[Event], bool]


class Sightings:
    """A monitor that is violated by the first event of a kind that passes a test."""

    def __init__(self, kinds: tuple[str, ...], test: Test) -> None:
        self.violation: Verdict | None = None
        self._kinds = kinds
        self._test = test

    def handlers(self) -> dict[str, Handler]:
        """The kinds that were asked for."""
        return dict.fromkeys(self._kinds, self._see)

    def conclude(self) -> Verdict:
        """Violated once it was seen; it holds otherwise."""
        return self.violation or Verdict(Outcome.HOLDS, "it was never seen")

    def _see(self, seq: int, event: Event) -> None:
        if self.violation is None and self._test(event):
            self.violation = Verdict(Outcome.VIOLATED, f"it was seen at tick {event.tick}", (seq,))


def never(name: str, *kinds: str, test: Test = lambda _: True) -> Property:
    """The claim that no event of these kinds passes the test."""
    return Property(name, f"There is never {' or '.join(kinds)}.", ("kernel",), lambda _: Sightings(kinds, test))
