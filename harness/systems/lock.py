"""A lease lock in front of a store: two layers that are right alone and wrong together.

Leases expire, so that a worker that crashed does not block the others. The store takes a write unless a greater
token wrote before (fencing). Each is right by itself; a store without fencing takes the late write of a worker whose
lease has expired, after the write of the next one.
"""

from collections.abc import Iterator
from typing import Any

from crosslayer import (
    Act,
    Agent,
    Choice,
    Event,
    Fact,
    KnownBad,
    Layer,
    MessageKind,
    Population,
    Probe,
    Property,
    Roster,
    Rules,
    Scenario,
    Send,
    Stage,
    Step,
    StepResult,
    System,
    Timing,
    Wake,
    agent,
    frozen,
    on,
    role,
    skipped,
    ticks,
)


@frozen
class Members(Population):
    """Workers share a lock; a hoarder takes it and never writes."""

    worker: int = role(2, least=1, most=4, about="Workers, which share the lock.")
    hoarder: int = role(0, most=1, corrupt=True, about="Workers that take the lock and never write.")
    server: int = role(1, least=1, most=1, about="Who hands out leases, and has the store.")


@frozen(kw_only=True)
class LockTiming(Timing):
    """How long a lease lasts, and how long a worker waits before it asks again."""

    lease: int = ticks(20, "How long a lease lasts.")
    retry: int = ticks(7, "After how long a worker asks again.")


@frozen(kw_only=True)
class LockScenario(Scenario):
    """Two workers and a server, for two hundred ticks."""

    population: Members = Members()
    timing: LockTiming = LockTiming()


class Leases:
    """Who holds the lock, until when; every grant has a greater token."""

    def __init__(self, roster: Roster, name: str) -> None:
        self.clock, self.lease, self.store = roster.clock, roster.scenario.timing.lease, roster.store(name)

    def acquire(self) -> int:
        """The token of a new lease; 0 while an older one lasts. What was granted survives a crash."""
        token, until = self.store.get("granted", (0, -1))
        if self.clock.now <= until:
            return 0
        self.store.put("granted", (token + 1, self.clock.now + self.lease))
        self.store.sync()
        return int(token + 1)


class FencedStore:
    """Takes a write unless a greater token wrote before."""

    def __init__(self, roster: Roster, name: str) -> None:
        self.store = roster.store(name)

    def write(self, token: int) -> bool:
        """Whether the write was taken. The newest token survives a crash."""
        newest = self.store.get("newest", 0)
        self.store.put("newest", max(newest, token))
        self.store.sync()
        return bool(token >= newest)


class UnfencedStore(FencedStore):
    """The planted defect: any token may write."""

    def write(self, token: int) -> bool:  # noqa: ARG002 - that is the defect
        """Every write is taken."""
        return True


class Server(Agent):
    """Hands out leases, and hands writes to the store."""

    def on_acquire(self, sender: str, _body: bytes) -> Iterator[Send]:
        """Answer with a token, or 0."""
        yield Send(sender, "granted", str(self.kit.layers.lock.acquire()).encode())

    def on_write(self, sender: str, body: bytes) -> None:
        """Record what became of a write; what is no number is ignored."""
        if body.isdigit():
            taken = self.kit.layers.store.write(int(body))
            self.kit.record("written" if taken else "fenced", writer=sender, token=int(body))


class Worker(Agent):
    """Asks for the lock, writes once under each token, and asks again."""

    def start(self) -> Iterator[Send]:
        """Ask the server."""
        yield Send(self.kit.population.of("server")[0], "acquire", b"")

    def on_granted(self, sender: str, body: bytes) -> Iterator[Send | Wake]:
        """Write, if the lock is ours; ask again in any case."""
        if body.isdigit() and int(body):
            self.kit.record("held", token=int(body))
            yield Send(sender, "write", body)
        yield Wake("again", self.kit.scenario.timing.retry)

    def on_again(self, _rest: str) -> Iterator[Send]:
        """Once more."""
        return self.start()


@frozen
class Stall(Step):
    """A hoarder takes the lock and never writes."""

    hoarder: int = agent("hoarder")


def stall(stage: Stage, step: Stall) -> StepResult:
    """Ask for the lock on the hoarder's behalf."""
    name = stage.acting(step, "hoarder")
    if name is None:
        return skipped("no hoarder is there and up")
    return stage.act(name, [Send(stage.population.of("server")[0], "acquire", b"")], f"{name} grabs the lock")


class NoStaleWrite(Rules):
    """Remembers the newest token that wrote."""

    newest, at = 0, -1

    @on("written")
    def written(self, seq: int, event: Event) -> None:
        """Compare a token with the newest."""
        self.exercised(seq)
        token = event.data["token"]
        if token < self.newest:
            self.breaks(f"a write under token {token} was taken after one under {self.newest}", self.at, seq)
        elif token > self.newest:
            self.newest, self.at = token, seq


def each(kind: Any) -> Any:
    """A factory that makes one plugin of a class for every agent."""
    return lambda roster: {name: kind(roster, name) for name in roster.names()}


FENCED = Choice("fenced", each(FencedStore), "refuses old tokens (reference)")
SYSTEM = System(
    name="lock",
    about="Workers share a store behind a lease lock; leases expire, the store refuses old tokens.",
    scenario=LockScenario,
    layers=(
        Layer("lock", ("acquire",), Choice("leases", each(Leases), "leases that expire (reference)")),
        Layer("store", ("write",), FENCED, (Choice("unfenced", each(UnfencedStore), "takes any token"),)),
    ),
    agents={"worker": Worker, "hoarder": Agent, "server": Server},
    messages=(MessageKind("write"), MessageKind("acquire", part="lock"), MessageKind("granted", part="lock")),
    facts=(
        Fact("held", "{agent} holds the lock under token {token}"),
        Fact("written", "the store takes the write of {writer} under token {token}"),
        Fact("fenced", "the store refuses {writer}: token {token} is old"),
    ),
    acts=(Act(Stall, stall, weight=2),),
    properties=(Property("no_stale_write", "No token writes after a newer one.", ("lock", "store"), NoStaleWrite),),
    probes=(Probe("a stale write is refused", "no_stale_write", "fenced"),),
    known_bad=(KnownBad("store", "unfenced", breaks="no_stale_write"),),
    source="crosslayer.harness.systems.lock:SYSTEM",
)
