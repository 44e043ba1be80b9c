"""SKELETON: clients ask a server to count, and each request must be counted once.

A small system that works, as a beginning: replace it piece by piece by your own protocol. A hunt finds nothing on the
reference; with `--stack memory=forgets`, a request that the network copies is counted twice, and that is found.
"""

from collections.abc import Iterator
from typing import Any

from crosslayer import (
    Agent,
    Choice,
    Event,
    Eventually,
    Fact,
    KnownBad,
    Layer,
    MessageKind,
    Population,
    Property,
    Roster,
    Rules,
    Scenario,
    Send,
    System,
    Wake,
    frozen,
    on,
    role,
)

REQUESTS = 3
"""How often each client asks."""


# Who takes part: one field for each role.
@frozen
class Members(Population):
    """Some clients and one server."""

    client: int = role(2, least=1, most=4)
    server: int = role(1, least=1, most=1)


@frozen(kw_only=True)
class CountingScenario(Scenario):
    """Who takes part, and when; timing and seed have their defaults."""

    population: Members = Members()


# What they send: frozen values. What is no such value is refused before an agent sees it.
@frozen
class Add:
    """Count my nth request."""

    number: int


@frozen
class Counted:
    """The client's nth request is counted. It names the client: a copy may reach another one."""

    client: str
    number: int


# The layers: plain classes, one object for each agent. A reference, and plugins that could stand in its place.
class Remembers:
    """Knows which requests were seen, also after a crash that loses memory."""

    def __init__(self, roster: Roster, name: str) -> None:
        self.store = roster.store(name)

    def first(self, client: str, number: int) -> bool:
        """Whether this request was never seen before."""
        key = f"{client} {number}"
        if key in self.store:
            return False
        self.store.put(key, "seen")
        self.store.sync()
        return True


class Forgets(Remembers):
    """The planted defect: every request is taken for a new one."""

    def first(self, client: str, number: int) -> bool:  # noqa: ARG002 - that is the defect
        """Always."""
        return True


def each(kind: type[Remembers]) -> Any:
    """A factory: it is handed the roster, and makes one plugin for every agent."""
    return lambda roster: {name: kind(roster, name) for name in roster.names()}


# The agents: handlers that take a message or a wake-up, and yield what to send and when to wake.
class Client(Agent):
    """Asks until it is answered, then asks for the next."""

    number = 1

    def start(self) -> Iterator[Send | Wake]:
        """Ask, and ask again after a while."""
        if self.number <= REQUESTS:
            self.kit.record("asked", number=self.number)
            yield self.kit.send(self.kit.population.of("server")[0], Add(self.number))
            yield Wake("again", 8)

    def on_again(self, _rest: str) -> Iterator[Send | Wake]:
        """No answer came."""
        return self.start()

    def on_counted(self, _sender: str, body: Counted) -> Iterator[Send | Wake]:
        """Go on with the next request."""
        if (body.client, body.number) == (self.kit.name, self.number):
            self.number += 1
            yield from self.start()


class Server(Agent):
    """Counts what is new, and answers in any case."""

    def on_add(self, sender: str, body: Add) -> Iterator[Send]:
        """Count a request, unless it was seen before."""
        if self.kit.layers.memory.first(sender, body.number):
            self.kit.record("counted", client=sender, number=body.number)
        yield self.kit.send(sender, Counted(sender, body.number))


# What must be true: rules over facts.
class CountedOnce(Rules):
    """Remembers where each request was counted."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.seen: dict[tuple[str, int], int] = {}

    @on("counted")
    def counted(self, seq: int, event: Event) -> None:
        """A second time breaks the claim."""
        self.exercised(seq)
        request = event.data["client"], event.data["number"]
        if request in self.seen:
            self.breaks(f"request {request[1]} of {request[0]} was counted twice", self.seen[request], seq)
        self.seen[request] = seq


class CountedInTheEnd(Eventually):
    """Every client waits until each of its requests is counted."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.done: set[tuple[str, int]] = set()

    @on("asked")
    def asked(self, seq: int, event: Event) -> None:
        """A client begins to wait."""
        request = event.agent, event.data["number"]
        if request not in self.done:
            self.expect(request, f"{request[0]} waits for its request {request[1]} to be counted", seq, event)

    @on("counted")
    def counted(self, seq: int, event: Event) -> None:
        """It need not wait any longer."""
        request = event.data["client"], event.data["number"]
        self.done.add(request)
        self.met(request, seq, event)


SYSTEM = System(
    name="skeleton",
    scenario=CountingScenario,
    agents={"client": Client, "server": Server},
    messages=(MessageKind("add", body=Add), MessageKind("counted", body=Counted)),
    facts=(
        Fact("asked", "{agent} asks for request {number}"),
        Fact("counted", "the server counts request {number} of {client}"),
    ),
    layers=(
        Layer(
            "memory",
            operations=("first",),
            reference=Choice("remembers", each(Remembers), "every request is seen once (reference)"),
            others=(Choice("forgets", each(Forgets), "every request is new"),),
        ),
    ),
    properties=(
        Property("counted_once", "Each request is counted at most once.", ("memory",), CountedOnce),
        Property("counted_in_the_end", "Each request is counted before the end.", ("agents",), CountedInTheEnd),
    ),
    known_bad=(KnownBad("memory", "forgets", breaks="counted_once"),),
)
