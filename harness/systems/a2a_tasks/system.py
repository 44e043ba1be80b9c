"""The system: who runs which program, what is observed of it, and what must be true.

The shop is a layer, so that the one that remembers and the one that does not can be swapped, and blamed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crosslayer import (
    Choice,
    Event,
    Fact,
    KnownBad,
    Layer,
    Population,
    Probe,
    Property,
    Roster,
    Rules,
    Scenario,
    System,
    frozen,
    on,
    role,
)
from crosslayer.harness.systems.a2a_tasks.printing import CarefulShop, Shop, application, order
from crosslayer.programs import MIDDLE, AsyncioAgent, Call, Heard, Host, a2a, messages, serve

DECODER = a2a("SendMessage")
URL = "http://server"


@frozen
class Members(Population):
    """Customers, and the shop."""

    client: int = role(1, least=1, most=3, about="Customers, each with one job.")
    server: int = role(1, least=1, most=1, about="The print shop.")


@frozen(kw_only=True)
class ShopScenario(Scenario):
    """A customer and a shop; a tick is a tenth of a second."""

    population: Members = Members()


class Hosting:
    """The layer's plugin: a shop, served."""

    def __init__(self, shop: Callable[[Path], Shop]) -> None:
        self._shop = shop

    async def run(self, folder: Path) -> None:
        """Serve a shop that keeps its files here."""
        await serve(application(self._shop(folder), URL))


async def server(host: Host) -> None:
    """The shop's program."""
    await host.layers.shop.run(host.folder)


async def client(host: Host) -> None:
    """A customer's program."""
    host.record("came_home", served=await order(URL, f"job-of-{host.name}", "a page"))


def asked(peer: str, content: Any) -> dict[str, Any] | None:
    """What is told of an order."""
    try:
        return {"by": peer, "job": str(content["params"]["message"]["messageId"])}
    except (KeyError, TypeError):
        return None


def printed(_answer: str, _shop: Shop, job: str, _text: str) -> dict[str, Any]:
    """What is told of a job on paper."""
    return {"job": job}


class DoneOnce(Rules):
    """Remembers where each job was printed first."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.first: dict[str, int] = {}

    @on("printed")
    def printed(self, seq: int, event: Event) -> None:
        """A job that was printed before is printed twice."""
        self.exercised(seq)
        job = event.data["job"]
        if job in self.first:
            self.breaks(f"{job} was printed twice", self.first[job], seq)
        self.first.setdefault(job, seq)


def each(shop: Callable[[Path], Shop]) -> Any:
    """A factory that hands every agent such a shop."""

    def make(roster: Roster) -> dict[str, Hosting]:
        return dict.fromkeys(roster.names(), Hosting(shop))

    return make


SYSTEM = System(
    name="a2a_tasks",
    about="Customers of a print shop that is an agent of the A2A SDK; a tick is a tenth of a second.",
    scenario=ShopScenario,
    layers=(
        Layer(
            "shop",
            ("run",),
            Choice("careful", each(CarefulShop), "prints a job once, however often it is asked for (reference)"),
            (Choice("forgetful", each(Shop), "takes an order that is repeated for a new one"),),
        ),
    ),
    agents={
        "client": AsyncioAgent(client, decoder=DECODER),
        "server": AsyncioAgent(
            server,
            decoder=DECODER,
            probes=(
                Heard("SendMessage", "asked", asked),
                Call("crosslayer.harness.systems.a2a_tasks.printing:Shop.print", "printed", printed),
            ),
        ),
    },
    messages=messages(DECODER),
    facts=(
        Fact("asked", "{by} asks for {job}"),
        Fact("printed", "{agent} prints {job}"),
        Fact("came_home", lambda event: f"{event.agent} {'has its job' if event.data['served'] else 'has nothing'}"),
    ),
    acts=MIDDLE,
    intercepted=("SendMessage", "answer to SendMessage"),
    properties=(Property("done_once", "Each job is done once.", ("shop",), DoneOnce),),
    probes=(Probe("an order is repeated", "done_once", "asked"),),
    known_bad=(KnownBad("shop", "forgetful", breaks="done_once"),),
    libraries=("a2a-sdk", "starlette", "uvicorn", "httpx", "anyio"),
    source="crosslayer.harness.systems.a2a_tasks.system:SYSTEM",
)
