"""Kernels with one thing wrong each: the reference world with one method changed, and a factory for every defect."""

from collections.abc import Mapping

from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.events import Message


class _IgnoresPartitions(World):
    def partition(self, groups: Mapping[str, int]) -> None:
        super().partition(groups)
        self._groups = {}


def partitions_do_nothing() -> type[World]:
    """A partition is announced, and everything gets through. Caught by the kernel's contract."""
    return _IgnoresPartitions


class _GarblesCopies(World):
    def copy(self, message: Message, to: str) -> None:
        super().copy(message, to)
        twin = self.in_flight(message.kind)[-1]
        self._launch(twin._replace(payload=twin.payload + b" "), self.clock.now + self._latency)


def duplicates_have_other_bytes() -> type[World]:
    """A copy does not say what its original says, and nobody tampered with it. Caught by the kernel's contract."""
    return _GarblesCopies


class _WakesTheDead(World):
    def _arrive(self, message: Message) -> None:
        slept = self._slept
        self._slept = {}
        super()._arrive(message)
        self._slept = slept


def crashed_agents_hear() -> type[World]:
    """A crashed agent still gets its messages. Caught by the kernel's contract."""
    return _WakesTheDead


class _NeverHeals(World):
    def heal(self) -> bool:
        groups, cut = self._groups, self._cut
        healed = super().heal()
        self._groups, self._cut = groups, cut
        return healed


def healing_is_lost() -> type[World]:
    """Links are said to be whole again, and are not.

    Caught by delivery_rewarded: no receipt ever reaches the auditor.
    """
    return _NeverHeals


class _DeliversTwice(World):
    def _arrive(self, message: Message) -> None:
        super()._arrive(message)
        super()._arrive(message)


def delivers_twice() -> type[World]:
    """Every message arrives twice under one id. Caught by the kernel's contract: agents de-duplicate."""
    return _DeliversTwice


class _CutsBothWays(World):
    def connected(self, source: str, to: str) -> bool:
        return super().connected(source, to) and super().connected(to, source)


def cuts_both_ways() -> type[World]:
    """A link that is cut in one direction carries nothing in the other. Caught by the kernel's contract."""
    return _CutsBothWays


class _JumpsAhead(World):
    def deliver(self, message: Message) -> None:
        now, self.clock.now = self.clock.now, self._flying[message.id][0]
        super().deliver(message)
        self.clock.now = now


def the_clock_jumps() -> type[World]:
    """A message that is delivered at once is dated as if it had taken its time. Caught by the kernel's contract."""
    return _JumpsAhead


class _LosesComplaints(World):
    def _arrive(self, message: Message) -> None:
        if message.kind == "complaint":
            self.journal.record("drop", message.to, {"reason": "link"}, message)
        else:
            super()._arrive(message)


def complaints_never_arrive() -> type[World]:
    """One kind of message is lost, and the links are blamed. Caught by undelivered_penalized."""
    return _LosesComplaints


class _LosesAll(World):
    def _arrive(self, message: Message) -> None:
        """Nothing."""


def loses_everything() -> type[World]:
    """No message ever arrives, and nothing says why. Caught by the kernel's contract."""
    return _LosesAll


class _DropsMore(World):
    def tamper(self, message: Message, payload: bytes) -> None:
        super().tamper(message, payload)
        self.drop(message)


def drops_what_it_changes() -> type[World]:
    """A message that a step changes is lost, as if a step had dropped it. Caught by the kernel's contract."""
    return _DropsMore
