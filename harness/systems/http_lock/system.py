"""The system: who runs which program, what is observed of it, and the property of `lock`, unchanged.

The store's rule is a layer, so that the one with fencing and the one without can be swapped, and blamed.
"""

from collections.abc import Mapping
from typing import Any

from crosslayer import (
    Choice,
    Fact,
    KnownBad,
    Layer,
    Population,
    Probe,
    Property,
    Roster,
    Scenario,
    System,
    frozen,
    role,
)
from crosslayer.harness.systems.http_lock.lease import Lock, Take, application, fenced, unfenced, work
from crosslayer.harness.systems.lock import NoStaleWrite
from crosslayer.programs import MIDDLE, AsyncioAgent, Call, Heard, Host, Http, messages, serve

DECODER = Http(("POST /write", "POST /acquire"))
ROUNDS = 4
"""How often a worker asks for the lock."""


@frozen
class Members(Population):
    """Workers share a lock."""

    worker: int = role(2, least=1, most=3, about="Workers, which share the lock.")
    server: int = role(1, least=1, most=1, about="Who hands out leases, and has the store.")


@frozen(kw_only=True)
class LeaseScenario(Scenario):
    """Two workers and a server; a tick is a tenth of a second."""

    population: Members = Members()


class Store:
    """The layer's plugin: a rule by which the store takes writes."""

    def __init__(self, take: Take) -> None:
        self.take = take


async def server(host: Host) -> None:
    """The server's program, on a file that survives its crashes."""
    lock = Lock(host.folder / "lock.db", host.layers.store.take)
    try:
        await serve(application(lock))
    finally:
        lock.close()


async def worker(host: Host) -> None:
    """A worker's program."""
    await work("http://server", host.name, ROUNDS)


def held(_server: str, content: Any) -> Mapping[str, Any] | None:
    """What is told of an answer to a worker that asked for the lock."""
    token = content.get("token") if isinstance(content, dict) else None
    return {"token": token} if token else None


def written(taken: bool, _lock: Lock, writer: str, token: int) -> Mapping[str, Any] | None:  # noqa: FBT001 - an answer
    """What is told of a write that was taken."""
    return {"writer": writer, "token": token} if taken else None


def refused(taken: bool, _lock: Lock, writer: str, token: int) -> Mapping[str, Any] | None:  # noqa: FBT001 - an answer
    """What is told of a write that was not."""
    return None if taken else {"writer": writer, "token": token}


LOCK_WRITE = "crosslayer.harness.systems.http_lock.lease:Lock.write"


def each(take: Take) -> Any:
    """A factory that hands every agent a store with this rule."""

    def make(roster: Roster) -> dict[str, Store]:
        return dict.fromkeys(roster.names(), Store(take))

    return make


SYSTEM = System(
    name="http_lock",
    about="The lease lock as real programs: starlette and SQLite, and httpx workers; a tick is a tenth of a second.",
    scenario=LeaseScenario,
    layers=(
        Layer(
            "store",
            ("take",),
            Choice("fenced", each(fenced), "refuses old tokens (reference)"),
            (Choice("unfenced", each(unfenced), "takes any token"),),
        ),
    ),
    agents={
        "worker": AsyncioAgent(
            worker, decoder=DECODER, probes=(Heard("answer to POST /acquire", "held", held),), ends=True
        ),
        "server": AsyncioAgent(
            server,
            decoder=DECODER,
            probes=(Call(LOCK_WRITE, "written", written), Call(LOCK_WRITE, "fenced", refused)),
        ),
    },
    messages=messages(DECODER),
    facts=(
        Fact("held", "{agent} holds the lock under token {token}"),
        Fact("written", "the store takes the write of {writer} under token {token}"),
        Fact("fenced", "the store refuses {writer}: token {token} is old"),
    ),
    acts=MIDDLE,
    intercepted=("POST /write", "POST /acquire", "answer to POST /acquire"),
    properties=(Property("no_stale_write", "No token writes after a newer one.", ("store",), NoStaleWrite),),
    probes=(Probe("a stale write is refused", "no_stale_write", "fenced"),),
    known_bad=(KnownBad("store", "unfenced", breaks="no_stale_write"),),
    libraries=("starlette", "uvicorn", "httpx", "anyio"),
    source="crosslayer.harness.systems.http_lock.system:SYSTEM",
)
