"""Agents as authors write them: typed handlers, reliable messages, generators, durable stores, ordered links."""

from collections.abc import Iterator
from typing import Any

import attrs

from crosslayer import (
    ACKNOWLEDGEMENT,
    Agent,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Event,
    Fact,
    Forget,
    Kit,
    MessageKind,
    Post,
    Property,
    Redirect,
    Refused,
    ReliableAgent,
    Rules,
    Run,
    RunUntil,
    Send,
    Store,
    System,
    Tamper,
    Wait,
    Wake,
    frozen,
    on,
    script,
    verify,
)
from crosslayer.testing import run


@frozen
class Hello:
    """A typed message."""

    words: tuple[str, ...]
    number: int = 0


class Said(Rules):
    """Counts what was heard."""

    @on("heard")
    def heard(self, seq: int, _event: Event) -> None:
        """It was exercised."""
        self.exercised(seq)


def system(one: Any, two: Any, *kinds: MessageKind) -> System:
    """Two agents, of these makings."""
    return System(
        name="two",
        agents={"ann": one, "bob": two},
        messages=kinds,
        facts=(Fact("heard", "{agent} hears {what}"), Fact("ignored", "{agent} ignores a {message}")),
        properties=(Property("said", "Something is heard.", ("agents",), Said),),
    )


def heard(made: System, *steps: Any) -> list[Any]:
    """What was heard, and what was ignored, in a run of one of each."""
    population = made.population(**dict.fromkeys(made.agents, 1))
    events = run(made, steps, population=population).result.events
    assert not [event for event in events if event.kind == "fault"]
    return [
        event.data["what" if event.kind == "heard" else "reason"]
        for event in events
        if event.kind in ("heard", "ignored")
    ]


class Greeter(Agent):
    """Says hello once."""

    def start(self) -> Iterator[Send]:
        """To bob."""
        yield self.kit.send("bob-0", Hello(("a", "b"), 7))


class Listener(Agent):
    """Records what it hears."""

    def on_hello(self, _sender: str, body: Hello) -> None:
        """The body is a value of the declared class."""
        self.kit.record("heard", what=[*body.words, body.number])


TYPED = system(Greeter, Listener, MessageKind("hello", body=Hello))


def test_bodies_are_values() -> None:
    """What was sent as a value arrives as an equal value."""
    assert [["a", "b", 7]] == heard(TYPED)


class Notary(Agent):
    """Signs something, and says by which key anybody can tell."""

    def start(self) -> Iterator[Send]:
        """Every agent is a member, with the key by which it signs."""
        keys = {member.name: member.did for member in self.kit.members}
        signature = self.kit.signer.sign(b"word")
        self.kit.record("heard", what=[*keys, verify(keys[self.kit.name], b"word", signature)])
        yield from ()


def test_an_agent_knows_the_public_keys_of_all() -> None:
    """Its kit names all members, and what it signs can be checked by the key under its name."""
    assert [["ann-0", "bob-0", True]] == heard(system(Notary, Agent, MessageKind("hello")))


def test_junk_is_refused_by_the_codec() -> None:
    """A changed message that is no such value is ignored, and that is recorded; no handler sees it."""
    (reason,) = heard(TYPED, Tamper("hello"))

    assert "payload" in reason


def test_a_message_that_nobody_handles_is_left() -> None:
    """An agent without a handler for a kind does nothing about it."""
    assert [] == heard(system(Greeter, Agent, MessageKind("hello", body=Hello)))


class Poster(ReliableAgent):
    """Sends until it is acknowledged."""

    def start(self) -> Any:
        """Three numbers."""
        return self.posted([self.kit.post("bob-0", Hello((), number)) for number in range(3)])


class Taker(ReliableAgent):
    """Takes each message in once."""

    def on_hello(self, _sender: str, body: Hello) -> Iterator[Post]:
        """Refuses what is too much."""
        if body.number > 2:
            raise Refused("too much")
        self.kit.record("heard", what=body.number)
        return iter(())


RELIABLE = system(Poster, Taker, MessageKind("hello", body=Hello), ACKNOWLEDGEMENT)


def test_posts_arrive_whatever_is_lost() -> None:
    """Messages are sent again until acknowledged, taken in once, and again if they were refused."""
    lossy = [
        Drop("hello"),
        Drop("hello"),
        Run(2),
        Drop("ack"),
        Duplicate("hello"),
        RunUntil("hello sent"),
        Drop("hello"),
    ]

    assert [0, 1, 2] == sorted(heard(RELIABLE, *lossy))
    assert [0, 1, 2] == heard(RELIABLE)


def test_what_is_refused_is_recorded_and_not_taken_in() -> None:
    """A handler's refusal is no fault; the message counts as delivered."""

    class TooMuch(Poster):
        """Posts a number that is refused."""

        def start(self) -> Any:
            """One."""
            return self.posted([self.kit.post("bob-0", Hello((), 9))])

    assert ["too much"] == heard(system(TooMuch, Taker, MessageKind("hello", body=Hello), ACKNOWLEDGEMENT))


def asking(kit: Kit) -> Iterator[Any]:
    """Asks, waits for the answer, and asks no more."""
    yield Send("bob-0", "ask", b"1")
    answer: Any = yield Wait("answer", timeout=5)
    kit.record("heard", what="nothing" if answer is None else answer.payload.decode())


def answering(_kit: Kit) -> Iterator[Any]:
    """Answers without end."""
    while True:
        question: Any = yield Wait()
        yield [Send(question.source, "answer", question.payload), Wake("idle", 1)]


SCRIPTED = system(script(asking), script(answering), MessageKind("ask"), MessageKind("answer"))


def test_an_agent_may_be_a_generator() -> None:
    """A wait ends with the message that it names, or with nothing after its timeout."""
    assert ["1"] == heard(SCRIPTED)
    assert ["nothing"] == heard(SCRIPTED, Drop("ask"))
    assert ["nothing"] == heard(SCRIPTED, RunUntil("answer sent"), Delay("answer", 0, 64), Run(60))


class Burst(Agent):
    """Sends three messages at once."""

    def start(self) -> list[Send]:
        """In order."""
        return [Send("bob-0", "part", str(number).encode()) for number in range(3)]


class Parts(Agent):
    """Records the order."""

    def on_part(self, _sender: str, body: bytes) -> None:
        """One after the other."""
        self.kit.record("heard", what=body.decode())


ORDERED = system(Burst, Parts, MessageKind("part", ordered=True))
UNORDERED = system(Burst, Parts, MessageKind("part"))


def test_nothing_overtakes_on_an_ordered_link() -> None:
    """A delay holds up what comes behind; what cannot happen there does nothing, and says so."""
    assert ["1", "2", "0"] == heard(UNORDERED, Delay("part", 0, 4))
    assert ["0", "1", "2"] == heard(ORDERED, Delay("part", 0, 4))
    assert ["2", "0", "1"] == heard(UNORDERED, Deliver("part", 2))
    assert ["0", "1", "2"] == heard(ORDERED, Deliver("part", 2))
    assert ["0", "2"] == heard(ORDERED, Drop("part", 1))
    population = ORDERED.population.drawn(ann=1, bob=1)
    notes = run(
        ORDERED, [Deliver("part", 1), Duplicate("part"), Tamper("part"), Redirect("part")], population=population
    ).notes
    assert all("cannot" in note for note in notes)


class Counter(Agent):
    """Counts its own beginnings, in memory and durably."""

    def start(self) -> None:
        """Once for each life."""
        for key, synced in (("kept", True), ("lost", False)):
            self.kit.store.put(key, self.kit.store.get(key, 0) + 1)
            if synced:
                self.kit.store.sync()
        self.kit.record("heard", what=[self.kit.store.get("kept"), self.kit.store.get("lost")])


def test_what_is_synced_survives_a_crash_that_loses_memory() -> None:
    """An agent is made anew from what it has durably stored; a write that was not synced is gone."""
    made = system(Counter, Agent, MessageKind("part"))

    assert [[1, 1], [2, 1]] == heard(made, Forget(0))


def test_a_store_copies_its_values() -> None:
    """What is stored is not the object that is kept in memory."""
    store, value = Store(), [1]
    store.put("a", value)
    value.append(2)
    store.get("a").append(3)

    assert [1] == store.get("a")
    store.delete("a")
    assert ((), False, 5) == (store.keys(), "a" in store, store.get("a", 5))


def test_a_fact_that_is_not_declared_is_a_fault() -> None:
    """An agent that records what its system does not know ends the run, and is named."""

    class Chatty(Agent):
        """Records anything."""

        def start(self) -> None:
            """A fact of no kind."""
            self.kit.record("whatever")

    made = system(Chatty, Agent, MessageKind("part"))
    fault = run(made, (), population=made.population.drawn(ann=1, bob=1)).result.fault

    assert fault is not None
    assert "there is no fact 'whatever'" in fault.reason
    assert attrs.has(type(made))
