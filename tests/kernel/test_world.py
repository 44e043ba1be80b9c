from collections.abc import Callable, Iterable, Sequence
from itertools import count

import pytest

from crosslayer.harness.kernel import world as kernel
from crosslayer.harness.kernel.guard import Guard
from crosslayer.harness.kernel.journal import Journal
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.effects import Effect, Send, Wake
from crosslayer.harness.model.events import Message
from crosslayer.harness.systems.commerce.ports import Clock
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE
from tests.play import wire

AGENTS = ("ann", "bob", "cid")
ALWAYS = 1_000


class Scripted:
    """An agent that writes down what happens to it, and does what it was told to do at the start and on a wake."""

    def __init__(self, *first: Effect, on_wake: Callable[[], Iterable[Effect]] = lambda: ()) -> None:
        self.first = first
        self.answer = on_wake
        self.heard: list[str] = []

    def start(self) -> Sequence[Effect]:
        return self.first

    def on_message(self, message: Message) -> Sequence[Effect]:
        self.heard.append(message.payload.decode())
        return ()

    def on_wake(self, tag: str) -> Iterable[Effect]:
        self.heard.append(f"wake {tag}")
        return self.answer()


def made(*first: Effect, latency: int = 1, on_wake: Callable[[], Iterable[Effect]] = lambda: ()) -> World:
    """A world of three in which ann does these things at the start."""
    clock = Clock()
    agents = {name: Scripted() for name in AGENTS}
    agents["ann"] = Scripted(*first, on_wake=on_wake)
    world = World(agents, clock, Journal(clock), Guard(), latency, PRIVATE_COMMERCE.kinds)
    world.start()
    return world


def heard(world: World, name: str) -> list[str]:
    """What an agent heard, once everything has happened."""
    world.run(ALWAYS, ALWAYS)
    agent = world.agents[name]
    assert isinstance(agent, Scripted)
    return agent.heard


def note(text: str, to: str = "bob") -> Send:
    """A message."""
    return Send(to, "bid", text.encode())


def test_simultaneous_messages_arrive_in_the_order_of_sending() -> None:
    """Messages that are due in one tick are delivered as they were sent."""
    assert ["1", "2", "3"] == heard(made(note("1"), note("2"), note("3")), "bob")


def test_latency_is_the_time_of_travel() -> None:
    """A message arrives after the network's latency, and not before."""
    world = made(note("1"), latency=5)

    assert not world.step(4)
    assert world.step(5)
    assert 5 == world.clock.now


def test_a_wake_up_replaces_the_pending_one_of_its_tag() -> None:
    """Of two wake-ups under one tag only the later request counts; another tag is another wake-up."""
    world = made(Wake("a", 2), Wake("a", 5), Wake("b", 3))

    assert ["wake b", "wake a"] == heard(world, "ann")
    assert 5 == world.clock.now


def test_a_wake_up_takes_at_least_a_tick() -> None:
    """A wake-up without delay comes in the next tick, so that time always passes."""
    world = made(Wake("a", 0))

    assert 1 == world.next_tick()


def test_running_stops_at_the_horizon() -> None:
    """Nothing that is due after the horizon happens, and the clock does not pass it."""
    world = made(Wake("a", 3), Wake("b", 8))

    assert 1 == world.run(ALWAYS, 7)
    assert 3 == world.clock.now
    assert 8 == world.next_tick()


def test_nothing_is_pending_in_a_quiet_world() -> None:
    """Without messages and wake-ups there is no next tick, and a step does nothing."""
    world = made(note("1"))
    world.drop(world.in_flight("bid")[0])

    assert world.next_tick() is None
    assert not world.step(ALWAYS)


def test_a_dropped_message_never_arrives() -> None:
    """A dropped message is lost, and the journal says by whom."""
    world = made(note("1"), note("2"))
    world.drop(world.in_flight("bid")[0])

    assert ["2"] == heard(world, "bob")
    assert [{"reason": "step"}] == [event.data for event in world.journal.events if event.kind == "drop"]


def test_a_copy_may_go_to_somebody_else() -> None:
    """A copy travels under its sender's name, with an id of its own, and names its original."""
    world = made(note("1"))
    original = world.in_flight("bid")[0]
    world.copy(original, "cid")
    copied = next(event for event in world.journal.events if event.kind == "copy")

    assert ["1"] == heard(world, "cid")
    assert {"of": original.id} == copied.data
    assert [("ann", "bob"), ("ann", "cid")] == wire(world.journal.events, "deliver", "bid")


def test_a_delayed_message_arrives_once_and_later() -> None:
    """A delay counts from when the message was due, and leaves nothing behind at the old time."""
    world = made(note("1"), note("2"))
    world.delay(world.in_flight("bid")[0], 3)

    assert ["2", "1"] == heard(world, "bob")
    assert 4 == world.clock.now


def test_a_delayed_message_is_not_ready() -> None:
    """A message is ready unless it is held back for longer than the network takes; in the end it is ready, too."""
    world = made(note("1"), note("2"))
    one, two = world.in_flight("bid")
    world.delay(one, 3)

    assert (two,) == world.ready()
    world.step(ALWAYS)
    assert () == world.ready()
    world.clock.now = 3
    assert (one,) == world.ready()


def test_a_message_can_be_delivered_out_of_order() -> None:
    """Delivering a message now takes it out of the queue."""
    world = made(note("1"), note("2"))
    world.deliver(world.in_flight("bid")[1])

    assert ["2", "1"] == heard(world, "bob")


def test_a_changed_message_arrives_changed() -> None:
    """Tampering changes the payload of one message, neither its place nor its time."""
    world = made(note("1"), note("2"))
    world.tamper(world.in_flight("bid")[0], b"x")

    assert ["x", "2"] == sorted(heard(world, "bob"), reverse=True)
    assert 1 == world.clock.now


def test_messages_in_flight_are_listed_oldest_first() -> None:
    """A message's position is by its age, whatever was done to it, and only its kind counts."""
    world = made(note("1"), Send("bob", "ack", b"2"), note("3"))
    world.delay(world.in_flight("bid")[0], 50)

    assert [b"1", b"3"] == [message.payload for message in world.in_flight("bid")]
    assert () == world.in_flight("goods")


def test_hurrying_ends_all_delays() -> None:
    """After a hurry every message is due within the latency, and nothing else has changed."""
    world = made(note("1"), note("2"), latency=2)
    world.delay(world.in_flight("bid")[0], 500)
    world.hurry()

    assert ["2", "1"] == heard(world, "bob")
    assert 2 == world.clock.now


def test_a_partition_stops_messages_between_groups() -> None:
    """A message that arrives across a partition is lost; one within a group is not."""
    world = made(note("1"), note("2", "cid"))
    world.partition({"ann": 0, "bob": 1, "cid": 0})

    assert [] == heard(world, "bob")
    assert ["2"] == heard(world, "cid")
    assert [{"reason": "link"}] == [event.data for event in world.journal.events if event.kind == "drop"]


def test_a_cut_is_one_way() -> None:
    """A cut link carries nothing in its direction, and everything in the other."""
    world = made()
    world.cut("ann", "bob")

    assert not world.connected("ann", "bob")
    assert world.connected("bob", "ann")


def test_healing_mends_every_link() -> None:
    """Partitions and cuts end together; healing what is whole changes nothing."""
    world = made()
    world.cut("ann", "bob")
    world.partition({"ann": 0, "bob": 1, "cid": 1})

    assert world.heal()
    assert world.connected("ann", "bob")
    assert not world.heal()


def test_a_crashed_agent_loses_its_input() -> None:
    """What arrives at a crashed agent is lost, and a second crash is none."""
    world = made(note("1"))

    assert world.crash("bob")
    assert not world.crash("bob")
    assert [] == heard(world, "bob")
    assert [{"reason": "crash"}] == [event.data for event in world.journal.events if event.kind == "drop"]


def test_a_restarted_agent_is_woken_once_for_what_it_slept_through() -> None:
    """Each tag that came up while an agent was down wakes it once, in the tick after its restart."""
    world = made(Wake("a", 1), Wake("b", 2))
    world.crash("ann")
    world.run(ALWAYS, 10)
    world.wake("ann", "a")
    world.restart("ann")

    assert ["wake a", "wake b"] == heard(world, "ann")
    assert 3 == world.clock.now
    assert not world.restart("ann")


def test_a_restart_does_not_double_a_pending_wake_up() -> None:
    """A wake-up that is still to come keeps its time, although the agent slept through one of its tag."""
    world = made(Wake("a", 9))
    world.crash("ann")
    world.wake("ann", "a")
    world.restart("ann")

    assert ["wake a"] == heard(world, "ann")
    assert 9 == world.clock.now


def test_an_agent_that_raises_ends_the_run() -> None:
    """An exception in a handler is a fault of the agents, and nothing happens after it."""

    def broken() -> Sequence[Effect]:
        raise KeyError("lost")

    world = made(Wake("a", 1), Wake("b", 2), on_wake=broken)

    assert ["wake a"] == heard(world, "ann")
    assert world.fault is not None
    assert ("agents", "ann", "handler") == (world.fault.part, world.fault.agent, world.fault.operation)
    assert "fault" == world.journal.events[-1].kind


@pytest.mark.parametrize(("kind", "part"), [("gossip", "registry"), ("bid", "agents")])
def test_a_message_to_nobody_is_a_fault(kind: str, part: str) -> None:
    """Anyone who sends to an agent that does not exist ends the run: the registry for gossip, else the agents."""
    world = made(Send("nobody", kind, b""))

    assert world.fault is not None
    assert (part, "ann", kind) == (world.fault.part, world.fault.agent, world.fault.operation)


def test_a_message_that_is_not_bytes_is_a_fault() -> None:
    """What cannot go over a wire is not sent."""
    world = made(Send("bob", "bid", "text"))  # type: ignore[arg-type]

    assert world.fault is not None
    assert "sent str where bytes are due" == world.fault.reason


@pytest.mark.parametrize(("kind", "part"), [("gossip", "registry"), ("bid", "agents")])
def test_a_message_storm_ends_as_a_fault(monkeypatch: pytest.MonkeyPatch, kind: str, part: str) -> None:
    """A run of too many events is given up; the part whose messages are the most is to blame."""
    monkeypatch.setattr(kernel, "EVENT_BOUND", 50)
    world = made(Wake("a", 1), on_wake=lambda: [Wake("a", 1), Send("bob", kind, b""), Send("bob", kind, b"")])
    world.run(ALWAYS, ALWAYS)

    assert world.fault is not None
    assert (part, kind) == (world.fault.part, world.fault.operation)


def test_a_handler_that_never_stops_asking_is_a_fault() -> None:
    """Effects may come from a generator; one without end is given up, as soon as it has asked for far too many."""
    world = made(Wake("a", 1), on_wake=lambda: (Send("bob", "bid", b"") for _ in count()))
    world.run(ALWAYS, ALWAYS)

    assert world.fault is not None
    assert ("agents", True) == (world.fault.part, world.fault.endless)
    assert "asked for more than 20000 effects at one event" == world.fault.reason
