# ruff: noqa: D103, SIM105 - what these programs do is said by their names, and done as plainly as it can be
"""What a program must not do, and what is said of it: one line, with the place in its own code. Nothing hangs."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crosslayer import BadInput, Fact, Property, System
from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.kernel.stack import reference
from crosslayer.programs import AsyncioAgent, Host, Plain, messages
from crosslayer.testing import Violation, check
from tests.programs.hosting import Said, complaint, ran, system


async def thread(_host: Host) -> None:
    threading.Thread(target=print).start()


async def swallowed(_host: Host) -> None:
    """What it makes of the refusal does not matter."""
    try:
        threading.Thread(target=print).start()
    except Exception:  # noqa: BLE001, S110 - that is the point
        pass
    await asyncio.sleep(1)


async def process(_host: Host) -> None:
    await asyncio.create_subprocess_exec("true")


async def blocking_process(_host: Host) -> None:
    subprocess.run(["true"], check=False)  # noqa: ASYNC221, S607 - that is the point


async def fork(_host: Host) -> None:
    os.fork()


async def real_socket(_host: Host) -> None:
    socket.socket().connect(("127.0.0.1", 9))


async def real_names(_host: Host) -> None:
    socket.getaddrinfo("localhost", 80)


async def datagrams(_host: Host) -> None:
    await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol)


async def encrypted(_host: Host) -> None:
    await asyncio.open_connection("one", 443, ssl=True)


async def sleeping(_host: Host) -> None:
    time.sleep(1)  # noqa: ASYNC251 - that is the point


async def endless(_host: Host) -> None:
    while True:  # noqa: ASYNC110 - that is the point
        await asyncio.sleep(0)


async def another_loop(_host: Host) -> None:
    asyncio.run(asyncio.sleep(1))


async def leaving(_host: Host) -> None:
    sys.exit(3)


async def failing(_host: Host) -> None:
    await asyncio.sleep(0.1)
    raise ValueError("no")


async def failing_task(_host: Host) -> None:
    async def part() -> None:
        raise KeyError("x")

    task = asyncio.create_task(part())
    await asyncio.sleep(1)
    _ = task


async def failing_callback(_host: Host) -> None:
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(1)


async def never_awaited(_host: Host) -> None:
    asyncio.sleep(1)  # type: ignore[unused-coroutine]
    await asyncio.sleep(0.1)


async def stubborn(_host: Host) -> None:
    async def part() -> None:
        while True:
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                pass

    task = asyncio.create_task(part())
    await asyncio.sleep(0.1)
    _ = task


async def unknown_fact(host: Host) -> None:
    host.record("sung", what=1)


async def taken_port(_host: Host) -> None:
    for _ in range(2):
        await asyncio.start_server(lambda *_: None, port=80)


CASES: dict[Callable[[Host], Awaitable[None]], str] = {
    thread: "starts a thread",
    swallowed: "starts a thread",
    process: "starts a process",
    blocking_process: "starts a process",
    fork: "starts a process",
    real_socket: "connects a real socket",
    real_names: "asks the real DNS",
    datagrams: "sends datagrams; declare them",
    encrypted: "asks for TLS",
    sleeping: "blocks its event loop with time.sleep(1)",
    endless: "it lets no time pass",
    another_loop: "asyncio.run() cannot be called from a running event loop",
    leaving: "ends its process by SystemExit(3)",
    failing: "raised ValueError: no",
    failing_task: "nothing took the exception of its task",
    failing_callback: "raised ZeroDivisionError",
    never_awaited: "never awaits sleep(…)",
    stubborn: "swallows its cancellation",
    unknown_fact: "there is no fact 'sung'",
    taken_port: "error while attempting to bind",
}
PLACELESS = {endless, unknown_fact}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a socket that a program made and left is its own affair
@pytest.mark.parametrize("main", CASES, ids=lambda main: main.__name__)
def test_what_a_program_must_not_do(main: Any) -> None:
    """It is the fault of the program, in one line that says what it did and where."""
    said = complaint(main)

    assert said.startswith("agents plugin of one-0: program: ")
    assert CASES[main] in said
    assert main in PLACELESS or "test_escapes.py:" in said
    assert "\n" not in said


def test_a_blocked_loop_is_noticed() -> None:
    """A program that computes without end is stopped, and the place is named; its run is closed in good order."""

    async def busy(_host: Host) -> None:
        try:
            while True:
                pass
        finally:
            await asyncio.sleep(0)

    made = system(one=busy)
    result = run(made.scenario_class(name="busy"), reference(made), (), (), 0.2)

    assert "did not return within 0.2 s of CPU time at test_escapes.py:" in str(result.fault)


def test_a_deadlock_is_noticed() -> None:
    """A program that should come to its end, and waits where nothing will move it, is told with the place."""

    async def waiting(_host: Host) -> None:
        await asyncio.Event().wait()

    assert "nothing moves it any more: task main waits in waiting (test_escapes.py:" in complaint(waiting, ends=True)
    assert "None" == complaint(waiting)


def test_tasks_that_are_left_over_are_cancelled() -> None:
    """As by `asyncio.run`, at the end of a program its other tasks are cancelled, and that is no fault."""

    async def leaving_one(host: Host) -> None:
        async def part() -> None:
            try:
                await asyncio.sleep(10)
            finally:
                host.record("said", what="cancelled")

        task = asyncio.create_task(part())
        await asyncio.sleep(0.1)
        _ = task

    run = ran(one=AsyncioAgent(leaving_one, ends=True))

    assert run.result.fault is None
    assert ["cancelled"] == [one.data["what"] for one in run.result.events if one.kind == "said"]


def test_a_program_that_need_not_be_strict() -> None:
    """What it leaves to its loop is no fault then; what ends it still is."""
    assert "None" == complaint(failing_task, strict=False)
    assert "raised ValueError: no" in complaint(failing, strict=False)


class Fragile(asyncio.Protocol):
    """Breaks at the first byte."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def data_received(self, data: bytes) -> None:
        raise ValueError("too much")

    def connection_lost(self, exc: Exception | None) -> None:
        self.host.record("said", what=repr(exc))


async def fragile_protocol(host: Host) -> None:
    """Talk to a protocol that breaks."""
    server = await asyncio.get_running_loop().create_server(lambda: Fragile(host), "0.0.0.0", 80)  # noqa: S104
    reader, writer = await asyncio.open_connection("localhost", 80)
    writer.write(b"x")
    try:
        await reader.read()
    except ConnectionResetError:
        host.record("said", what="reset")
    writer.close()
    server.close()


def test_a_protocol_that_fails() -> None:
    """Its exception is a fault with its place; where that is not strict, its connection breaks, and no more."""
    run = ran(one=AsyncioAgent(fragile_protocol, strict=False, ends=True))

    assert "raised ValueError: too much at test_escapes.py:" in complaint(fragile_protocol)
    assert run.result.fault is None
    assert ["ValueError('too much')", "reset"] == [one.data["what"] for one in run.result.events if one.kind == "said"]


def test_what_is_no_program() -> None:
    """Only a coroutine function is one."""
    with pytest.raises(BadInput, match="is no coroutine function: write `async def main"):
        AsyncioAgent(lambda _host: None)  # type: ignore[arg-type, return-value]


def test_a_fault_has_a_story() -> None:
    """A program that fails under a step is found, shrunk and told like any other defect."""

    async def fragile(host: Host) -> None:
        host.record("said", what="hello")
        _, writer = await asyncio.wait_for(asyncio.open_connection("server", 80), 3)
        writer.close()

    async def server(_host: Host) -> None:
        await (await asyncio.start_server(lambda _, writer: writer.close(), port=80)).serve_forever()

    fragile_system = System(
        name="fragile",
        agents={"client": AsyncioAgent(fragile), "server": AsyncioAgent(server)},
        messages=messages(Plain()),
        facts=(Fact("said"),),
        properties=(Property("said", "Something is said.", ("agents",), Said),),
    )

    with pytest.raises(Violation, match=r"(?s)plugin_fault.*(ConnectionRefusedError|TimeoutError)"):
        check(fragile_system, examples=150)
