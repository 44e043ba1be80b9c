"""The system: who runs which program, what is observed of it, and what must be true.

The bank is a layer, so that the careful one and the careless one can be swapped, and the one at fault is named.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from crosslayer import (
    Choice,
    Drop,
    Event,
    Fact,
    KnownBad,
    Layer,
    Population,
    Probe,
    Property,
    Roster,
    Rules,
    Run,
    RunUntil,
    Scenario,
    System,
    frozen,
    on,
    role,
)
from crosslayer.harness.systems.mcp_bank.bank import Bank, CarelessBank, application, spend
from crosslayer.programs import MIDDLE, AsyncioAgent, Call, Host, mcp, messages, serve, tool_calls

DECODER = mcp("balance", "transfer")


@frozen
class Members(Population):
    """Customers with one joint account, and the bank."""

    client: int = role(2, least=1, most=3, about="Customers, who share an account of 100.")
    server: int = role(1, least=1, most=1, about="The bank.")


@frozen(kw_only=True)
class BankScenario(Scenario):
    """Two customers and a bank; a tick is a tenth of a second."""

    population: Members = Members()


class Hosting:
    """The layer's plugin: a bank, served."""

    def __init__(self, bank: Callable[[], Bank]) -> None:
        self._bank = bank

    async def run(self) -> None:
        """Serve a new bank."""
        await serve(application(self._bank()))


async def server(host: Host) -> None:
    """The bank's program."""
    await host.layers.bank.run()


async def client(host: Host) -> None:
    """A customer's program: they come one second after another, and each wants 80 of 100."""
    await asyncio.sleep(host.number)
    try:
        done = await asyncio.wait_for(spend("http://server/mcp", host.name, 80), 20)
    except Exception as error:  # noqa: BLE001 - whatever the network did to it, a customer comes home
        host.record("gave_up", reason=type(error).__name__)
    else:
        host.record("came_home", spent=done)


def moved(left: int, _bank: Bank, source: str, to: str, amount: int) -> dict[str, Any]:
    """What is told of a transfer."""
    return {"source": source, "to": to, "amount": amount, "left": left}


MOVED = Call("crosslayer.harness.systems.mcp_bank.bank:Bank.move", "moved", moved)


class NeverOverdrawn(Rules):
    """Looks at what is left after each transfer, and remembers the one before."""

    before: int | None = None

    @on("moved")
    def moved(self, seq: int, event: Event) -> None:
        """Less than nothing is too little."""
        self.exercised(seq)
        if event.data["left"] < 0:
            rests_on = (seq,) if self.before is None else (self.before, seq)
            self.breaks(f"{event.data['source']} was overdrawn: {event.data['left']} are left on it", *rests_on)
        self.before = seq


def each(bank: Callable[[], Bank]) -> Callable[[Roster], dict[str, Hosting]]:
    """A factory that hands every agent such a bank."""
    return lambda roster: dict.fromkeys(roster.names(), Hosting(bank))


SYSTEM = System(
    name="mcp_bank",
    about="Customers of a bank that is a server of the MCP SDK; a tick is a tenth of a second.",
    scenario=BankScenario,
    layers=(
        Layer(
            "bank",
            ("run",),
            Choice("careful", each(Bank), "checks and acts under one lock (reference)"),
            (Choice("careless", each(CarelessBank), "waits between check and act"),),
        ),
    ),
    agents={
        "client": AsyncioAgent(client, decoder=DECODER),
        "server": AsyncioAgent(server, decoder=DECODER, probes=(*tool_calls("balance", "transfer"), MOVED)),
    },
    messages=messages(DECODER),
    facts=(
        Fact("asked", "{by} calls {tool}({arguments})"),
        Fact("moved", "{agent} moves {amount} from {source} to {to}: {left} are left"),
        Fact("came_home", lambda event: f"{event.agent} {'has its money' if event.data['spent'] else 'got nothing'}"),
        Fact("gave_up", "{agent} gives up: {reason}"),
    ),
    acts=MIDDLE,
    intercepted=("tools/call balance", "answer to tools/call balance", "tools/call transfer"),
    properties=(Property("never_overdrawn", "No account is ever overdrawn.", ("bank",), NeverOverdrawn),),
    probes=(Probe("a transfer is done", "never_overdrawn", "moved"),),
    known_bad=(KnownBad("bank", "careless", breaks="never_overdrawn"),),
    canary=(Members(client=2), (RunUntil("tools/call transfer sent"), Drop("tools/call transfer"), Run(64))),
    libraries=("mcp", "httpx2", "uvicorn", "starlette", "anyio"),
    source="crosslayer.harness.systems.mcp_bank.system:SYSTEM",
)
