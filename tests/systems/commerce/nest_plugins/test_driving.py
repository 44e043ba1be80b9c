from collections.abc import Generator
from typing import Any

import pytest

from crosslayer.harness.model.errors import PluginFault
from crosslayer.harness.systems.commerce.nest_plugins.driving import Context, drive
from crosslayer.harness.systems.commerce.ports import Member, Roster

ROSTER = Roster((Member("a", "aa"), Member("b", "bb"), Member("c", "cc")), seed=1)


class Waiting:
    """Something that is not there yet."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def test_a_call_is_driven_to_its_answer() -> None:
    """Coroutines that await each other need no event loop."""

    async def inner() -> int:
        return 6

    async def outer() -> int:
        return await inner() * 7

    assert 42 == drive("trust", "a", "score", outer())


def test_waiting_is_a_fault_and_the_call_is_ended() -> None:
    """A coroutine that waits is closed, so that it can tidy up, and the fault says where it happened."""
    tidied = []

    async def waits() -> None:
        try:
            await Waiting()
        finally:
            tidied.append(True)

    with pytest.raises(PluginFault, match="trust plugin of a: score: waits for something outside of the call"):
        drive("trust", "a", "score", waits())
    assert [True] == tidied


def test_one_that_will_not_end_is_a_fault_all_the_same() -> None:
    """Even a coroutine that waits again while it is being closed becomes a fault."""

    async def stubborn() -> None:
        try:
            await Waiting()
        finally:
            await Waiting()

    with pytest.raises(PluginFault, match="waits for something"):
        drive("trust", "a", "score", stubborn())


def test_what_it_raises_passes() -> None:
    """Whose fault an exception is, is for the caller to say."""

    async def raises() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        drive("trust", "a", "score", raises())


@pytest.mark.parametrize("answer", [None, 5, "text"])
def test_what_cannot_be_awaited_is_a_fault(answer: Any) -> None:
    """NEST awaits every operation, so one that answers at once would not work there."""
    with pytest.raises(PluginFault, match="at once, but NEST awaits it"):
        drive("trust", "a", "score", answer)


def test_the_context_is_nests() -> None:
    """A plugin learns its name and the tick, as a float, and no other plugin."""
    context = Context("registry", "b", ROSTER)
    ROSTER.clock.now = 7

    assert ("b", 7.0, float, {}) == (context.agent_id, context.time, type(context.time), context.plugins)


def test_chance_comes_from_the_seed() -> None:
    """Two contexts of one agent draw alike, those of two agents do not."""
    first, again, other = (Context("registry", name, ROSTER).rng.random() for name in ("a", "a", "b"))

    assert first == again != other


def test_sending_waits_for_the_end_of_the_call() -> None:
    """What is sent, to one or to all others, is handed over once, in order."""
    context = Context("registry", "b", ROSTER)
    drive("registry", "b", "gossip_round", context.send("c", b"1"))
    drive("registry", "b", "gossip_round", context.broadcast(b"2"))

    assert (("c", b"1"), ("a", b"2"), ("c", b"2")) == context.sent()
    assert () == context.sent()


def test_there_are_no_wake_ups() -> None:
    """Scheduling cannot be carried over, and says so."""
    context = Context("registry", "b", ROSTER)

    with pytest.raises(PluginFault, match="registry plugin of b: schedule: a plugin has no wake-ups"):
        drive("registry", "b", "gossip_round", context.schedule(5.0, b"x"))
