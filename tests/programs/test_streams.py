"""Connections as a program sees them, and what each step on the network means to it."""

import asyncio
import socket
from typing import Any

import pytest

from crosslayer import (
    Crash,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Forget,
    Heal,
    Partition,
    Redirect,
    Restart,
    Run,
    RunUntil,
    Step,
    Tamper,
    Timing,
)
from crosslayer.programs import Host
from crosslayer.testing import run
from tests.programs.hosting import said, system

LINES = ("one\n", "two\n", "three\n")


async def echo(_host: Host) -> None:
    """Answer each line with itself."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(line)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    server = await asyncio.start_server(handle, "0.0.0.0", 7)  # noqa: S104 - no interface is a real one
    await server.serve_forever()


async def asking(host: Host) -> None:
    """Say three lines, a quarter of a second apart, and tell what is heard, or which error ends it."""
    try:
        reader, writer = await asyncio.open_connection("server", 7)
        for line in LINES:
            writer.write(line.encode())
            host.record("said", what=(await reader.readline()).decode())
            await asyncio.sleep(0.25)
        writer.close()
        await writer.wait_closed()
    except OSError as error:
        host.record("said", what=type(error).__name__)


def heard(*steps: Step) -> list[tuple[int, str]]:
    """When the client hears what, under these steps."""
    return [(tick, what) for tick, _, what in said(steps, client=asking, server=echo)]


PLAIN = heard()
FIRST = RunUntil("data sent")


def test_a_conversation() -> None:
    """Connection, question and answer take four trips; timers are rounded up to the tick."""
    assert [(4, "one\n"), (9, "two\n"), (14, "three\n")] == PLAIN


@pytest.mark.parametrize("nothing", [Duplicate("data"), Redirect("data", to=0)], ids=lambda one: type(one).__name__)
def test_a_stream_takes_no_copy(nothing: Step) -> None:
    """What comes twice, or to somebody else, is not heard twice, and not by somebody else."""
    assert PLAIN == heard(FIRST, nothing)


@pytest.mark.parametrize("loss", [Drop("data"), Tamper("data")], ids=lambda one: type(one).__name__)
def test_a_lost_or_damaged_segment_is_a_stall(loss: Step) -> None:
    """It is sent again after a second, and everything behind it waits."""
    assert [(14, "one\n"), (19, "two\n"), (24, "three\n")] == heard(FIRST, loss)


def test_a_late_segment_is_a_stall_until_it_is_sent_again() -> None:
    """A segment that is late by less than the retransmission stalls that long; by more, it comes too late to matter."""
    assert (9, "one\n") == heard(FIRST, Delay("data", ticks=5), Run(64))[0]
    assert (14, "one\n") == heard(FIRST, Delay("data", ticks=64), Run(64), Run(64))[0]


def test_a_partition_is_a_stall_and_then_a_timeout() -> None:
    """What heals in time is heard late; what does not is an error, 1 + 2 + 4 + 8 + 16 seconds after the first try."""
    split, again = Partition((0, 1)), RunUntil("data sent")

    assert [(34, "one\n"), (39, "two\n"), (44, "three\n")] == heard(FIRST, split, again, again, Heal())
    assert [] == heard(Partition((0, 1)), *[Run(64)] * 4)  # until settlement; then it would heal
    assert [(312, "TimeoutError")] == late(FIRST, split, *[Run(64)] * 4)


def late(*steps: Step) -> list[tuple[int, str]]:
    """As `heard`, in a world whose steps may act for a minute."""
    made = system(client=asking, server=echo)
    scenario = made.scenario_class(name="late", timing=Timing(finalise_at=600))
    events = run(made, steps, scenario=scenario).result.events
    return [(one.tick, one.data["what"]) for one in events if one.kind == "said"]


def test_a_pause_is_a_stall() -> None:
    """A crash that keeps the memory is a pause: the connection outlives it, and nothing is lost."""
    assert [what for _, what in PLAIN] == [what for _, what in heard(FIRST, Crash(1), Run(2), Restart(1))]


def test_a_crash_that_loses_memory_breaks_connections() -> None:
    """The new life of a server knows nothing of the old one's connections, and says so: a reset."""
    assert "ConnectionResetError" == heard(RunUntil("said"), Forget(1), Restart(1), Run(64))[-1][1]


def test_one_direction_cut() -> None:
    """If nothing comes back, a client sends again until something does."""
    cut = Cut(1, 0)

    assert PLAIN != heard(FIRST, cut, Run(4), Heal())
    assert [what for _, what in PLAIN] == [what for _, what in heard(FIRST, cut, Run(4), Heal())]


async def refused(host: Host) -> None:
    """Try doors that are closed."""
    for name, port in (("server", 8), ("nowhere", 7), ("server", 9)):
        try:
            await asyncio.open_connection(name, port)
        except OSError as error:
            host.record("said", what=type(error).__name__)


async def shy(_host: Host) -> None:
    """Listen on the loopback only."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 9)
    await server.serve_forever()


def test_closed_doors() -> None:
    """A port on which nobody listens, a name that nobody has, and a server that listens to its own host only."""
    assert ["ConnectionRefusedError", "gaierror", "ConnectionRefusedError"] == [
        what for _, _, what in said(client=refused, server=shy)
    ]


# The same programs on real sockets: what asyncio says there is what it says here.


async def half_close(port: int, host: str, log: list[Any]) -> None:
    """The client ends its direction first, and still hears the sum."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"half")
    writer.write_eof()
    log.append(("client", await reader.read()))
    writer.close()
    await writer.wait_closed()


async def much(port: int, host: str, log: list[Any]) -> None:
    """The client writes more than anybody's buffers hold, and waits for room."""
    reader, writer = await asyncio.open_connection(host, port)
    for number in range(64):
        writer.write(bytes([number]) * 20_000)
        await writer.drain()
    writer.write_eof()
    log.append(("client", await reader.read()))
    writer.close()


class Buffered(asyncio.BufferedProtocol):
    """Takes bytes into a buffer of eleven."""

    def __init__(self, log: list[Any]) -> None:
        self.log, self.buffer, self.all = log, bytearray(11), b""
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        transport.write(b"x" * 30)
        transport.write_eof()
        self.log.append(("is closing", transport.is_closing(), transport.can_write_eof()))

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.all += self.buffer[:nbytes]

    def eof_received(self) -> bool:
        self.log.append(("end", self.all))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.log.append(("lost", exc))
        self.over.set_result(None)


async def buffered(port: int, host: str, log: list[Any]) -> None:
    """A client with a buffered protocol."""
    _, protocol = await asyncio.get_running_loop().create_connection(lambda: Buffered(log), host, port)
    await protocol.over


async def aborted(port: int, host: str, log: list[Any]) -> None:
    """A client that goes away without a word, with what it wrote already on its way."""
    _, writer = await asyncio.open_connection(host, port)
    writer.write(b"bye")
    writer.transport.abort()
    await asyncio.sleep(0.2)
    log.append(("client", writer.transport.is_closing()))


async def summing(port: int, log: list[Any], handled: asyncio.Event) -> asyncio.Server:
    """A server that reads to the end, and answers with how much that was."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b""
        try:
            while piece := await reader.read(30_000):
                data += piece
                await asyncio.sleep(0)
            writer.write(str(len(data)).encode())
            await writer.drain()
        except OSError as error:
            log.append(("server", type(error).__name__))
        writer.close()
        log.append(("server", len(data)))
        handled.set()

    return await asyncio.start_server(handle, "127.0.0.1", port)


def real(client: Any) -> list[Any]:
    """What both say on real sockets."""
    log: list[Any] = []

    async def main() -> None:
        handled = asyncio.Event()
        server = await summing(0, log, handled)
        await client(server.sockets[0].getsockname()[1], "127.0.0.1", log)
        await handled.wait()
        server.close()

    asyncio.run(main())
    return sorted(log, key=str)


def simulated(client: Any) -> list[Any]:
    """What both say in the world, on one host."""
    log: list[Any] = []

    async def main(host: Host) -> None:
        handled = asyncio.Event()
        server = await summing(80, log, handled)
        await client(80, "localhost", log)
        await handled.wait()
        server.close()
        host.record("said", what="all")

    assert said(one=main)
    return sorted(log, key=str)


@pytest.mark.parametrize("client", [half_close, much, buffered, aborted], ids=lambda one: one.__name__)
def test_a_program_sees_what_it_sees_on_real_sockets(client: Any) -> None:
    """Half-closed, with full buffers, with a buffered protocol, and broken off."""
    assert real(client) == simulated(client)


def test_addresses() -> None:
    """Hosts have addresses, which are names as well; a transport knows both ends, and its socket has no file."""

    async def server(host: Host) -> None:
        async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            host.record("said", what=list(writer.get_extra_info("peername")))
            writer.close()

        async with await asyncio.start_server(handle, port=80) as listening:
            await listening.serve_forever()

    async def client(host: Host) -> None:
        ((family, *_, address),) = await asyncio.get_running_loop().getaddrinfo("server-0.example", 80)
        _, writer = await asyncio.open_connection(str(address[0]), 80)
        own = writer.get_extra_info("socket")
        host.record("said", what=[family == socket.AF_INET, own.fileno(), *own.getpeername()])
        writer.close()

    expected = [["10.0.0.1", 49153], [True, -1, "10.0.0.2", 80]]

    assert expected == [what for _, _, what in said(client=client, server=server)]


def test_what_is_closed_unread_is_a_reset() -> None:
    """A program that closes while bytes wait for it unread resets the connection, as operating systems do."""

    async def server(host: Host) -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"unread")
            try:
                await reader.read()
            except ConnectionResetError as error:
                host.record("said", what=type(error).__name__)
            writer.close()

        await (await asyncio.start_server(handle, port=80)).serve_forever()

    async def client(_host: Host) -> None:
        _, writer = await asyncio.open_connection("server", 80)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(1)
        writer.close()

    assert ["ConnectionResetError"] == [what for _, _, what in said(client=client, server=server)]


def test_a_writer_waits_for_a_reader() -> None:
    """More than the buffers of both ends hold is written only when the other end has read on."""

    async def server(_host: Host) -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(3)
            await reader.read()
            writer.close()

        await (await asyncio.start_server(handle, port=80)).serve_forever()

    async def client(host: Host) -> None:
        _, writer = await asyncio.open_connection("server", 80)
        for size in (60_000, 500_000):
            writer.write(b"x" * size)
            await writer.drain()
            host.record("said", what=size)
        writer.close()

    (early, _, _), (late, _, _) = said(client=client, server=server)

    assert early < 5
    assert late >= 30
