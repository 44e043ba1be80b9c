"""Datagrams: what is lost is lost, what is copied comes twice, what is changed is changed."""

import asyncio
from typing import Any

import pytest

from crosslayer import Delay, Drop, Duplicate, Run, RunUntil, Step, Tamper
from crosslayer.harness.model.steps import Alter
from crosslayer.programs import Host
from crosslayer.testing import run
from tests.programs.hosting import system


class Log(asyncio.DatagramProtocol):
    """Says what arrives."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.host.record("said", what=data.decode("latin-1"))


async def listening(host: Host) -> None:
    """Listen on port 53."""
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: Log(host), local_addr=("0.0.0.0", 53))  # noqa: S104
    await asyncio.sleep(1_000)


async def sending(_host: Host) -> None:
    """Send three, one with an address of its own."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.1)
    one, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("server", 53))
    one.sendto(b"first")
    one.sendto(b"second")
    other, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol)
    other.sendto(b"third", ("server", 53))
    for transport in (one, other):
        transport.close()


def heard(*steps: Step) -> list[Any]:
    """What the server hears under these steps."""
    made = system(client=sending, server=listening, datagrams=True)
    result = run(made, (RunUntil("datagram sent"), *steps, Run(64))).result
    assert result.fault is None, result.fault
    return [one.data["what"] for one in result.events if one.kind == "said"]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Run(1), ["first", "second", "third"]),
        (Drop("datagram"), ["second", "third"]),
        (Duplicate("datagram", 1), ["first", "second", "third", "second"]),
        (Delay("datagram", 0, 4), ["second", "third", "first"]),
        (Tamper("datagram", 1), ["first", "third"]),  # it was its port
        (Alter("datagram", 1, 0, 15), ["first", "third", "secone"]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_steps_on_datagrams(step: Step, expected: list[str]) -> None:
    """Nothing repairs what the network does."""
    assert expected == heard(step)
