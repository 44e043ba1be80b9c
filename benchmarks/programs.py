"""Programs in the world against the same programs on real loopback sockets: an echo, and a bank of MCP."""

import asyncio
import logging
import socket
from typing import Any

from benchmarks.measuring import Table, race
from crosslayer import Event, Fact, Property, Rules, System, on
from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.systems.finding import find_system
from crosslayer.harness.systems.mcp_bank import bank
from crosslayer.programs import AsyncioAgent, Host, Plain, ProgramTiming, messages, serve

LINES = 1_000
"""Lines that are echoed: twice as many messages."""

RUNS = 10
"""Runs of the bank."""


async def echo(host: str, port: int) -> asyncio.Server:
    """Answer each line with itself."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    return await asyncio.start_server(handle, host, port)


async def ask(host: str, port: int) -> None:
    """Say lines, one after another."""
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(LINES):
        writer.write(b"a line\n")
        await reader.readline()
    writer.close()


class Asked(Rules):
    """Holds when everything was said."""

    @on("asked")
    def asked(self, seq: int, _event: Event) -> None:
        """It was exercised."""
        self.exercised(seq)


async def _server(_host: Host) -> None:
    await (await echo("0.0.0.0", 7)).serve_forever()  # noqa: S104 - no interface is a real one


async def _client(host: Host) -> None:
    await ask("server", 7)
    host.record("asked")


ECHO = System(
    name="echo",
    agents={"client": AsyncioAgent(_client, ends=True), "server": AsyncioAgent(_server)},
    messages=messages(Plain()),
    facts=(Fact("asked"),),
    properties=(Property("asked", "Everything is said.", ("agents",), Asked),),
)


def echo_in_the_world() -> None:
    """One run of the echo, long enough for all lines."""
    timing = ProgramTiming(finalise_at=3 * LINES, settlement=100)
    members: Any = ECHO.population
    scenario = ECHO.scenario_class(name="echo", timing=timing, population=members(client=1, server=1))
    result = run(scenario, reference(ECHO), (), ECHO.properties)
    assert result.fault is None  # noqa: S101 - else nothing was measured
    assert not result.violated  # noqa: S101 - likewise


def echo_on_loopback() -> None:
    """The same on real sockets."""

    async def main() -> None:
        server = await echo("127.0.0.1", 0)
        await ask("127.0.0.1", server.sockets[0].getsockname()[1])
        server.close()

    asyncio.run(main())


def bank_in_the_world() -> None:
    """Runs of the happy path."""
    system = find_system("mcp_bank")
    for _ in range(RUNS):
        run(system.scenario_class(name="bank"), reference(system), (), system.properties)


def bank_on_loopback() -> None:
    """The same bank and customers on real sockets, without the waiting for the clearing house."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def main() -> None:
        serving = asyncio.create_task(serve(bank.application(bank.Bank()), port, "127.0.0.1"))
        await asyncio.sleep(0.02)
        for name in ("client-0", "client-1"):
            await bank.spend(f"http://127.0.0.1:{port}/mcp", name, 80)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    before, bank.CLEARING = bank.CLEARING, 0.0
    logging.disable()
    for _ in range(RUNS):
        asyncio.run(main())
    logging.disable(logging.NOTSET)
    bank.CLEARING = before


def measure() -> Table:
    """Microseconds a message, and milliseconds a run."""
    contenders = {
        "echo in the world": echo_in_the_world,
        "echo on loopback": echo_on_loopback,
        "mcp_bank in the world": bank_in_the_world,
        "mcp_bank on loopback": bank_on_loopback,
    }
    seconds = race(contenders, rounds=3)
    rows = tuple((name, _cost(name, best)) for name, best in seconds.items())
    title = f"{2 * LINES} messages of a stream, and {RUNS} runs of a bank with two customers"
    return Table(title, ("program", "cost"), rows)


def _cost(name: str, seconds: float) -> str:
    if "echo" in name:
        return f"{seconds / (2 * LINES) * 1e6:.0f} µs a message"
    return f"{seconds / RUNS * 1e3:.1f} ms a run"
