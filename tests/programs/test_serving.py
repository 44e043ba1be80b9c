"""ASGI applications on ports of the world: by `serve`, and by uvicorn as it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from crosslayer import Forget, Restart, Run, RunUntil
from crosslayer.programs import AsyncioAgent, Host, Http, serve
from tests.programs.hosting import complaint, ran, said

TALK = Http(("GET /slow", "GET /stream", "POST /echo"))


def slow(_request: Request) -> PlainTextResponse:
    """A plain function, which starlette hands to a thread."""
    return PlainTextResponse("slow", background=BackgroundTask(len, "x"))


async def stream(_request: Request) -> StreamingResponse:
    """An answer in three pieces."""

    async def pieces() -> AsyncIterator[str]:
        for number in range(3):
            yield f"{number};"

    return StreamingResponse(pieces())


async def echo(request: Request) -> PlainTextResponse:
    """The body, backwards."""
    return PlainTextResponse((await request.body())[::-1])


APPLICATION = Starlette(routes=[Route("/slow", slow), Route("/stream", stream), Route("/echo", echo, methods=["POST"])])


async def by_serve(_host: Host) -> None:
    """The short way."""
    await serve(APPLICATION)


async def by_uvicorn(_host: Host) -> None:
    """As a process of its own would: with its look at the clock, and its signal handlers."""
    await uvicorn.Server(uvicorn.Config(APPLICATION, host="0.0.0.0", port=80)).serve()  # noqa: S104 - no real interface


async def asking(host: Host) -> None:
    """Ask for everything, on one connection."""
    async with httpx.AsyncClient(base_url="http://server") as server:
        long = await server.post("/echo", content=b"x" * 70_000 + b"end")
        answers = [await server.get("/slow"), await server.get("/stream"), long]
        host.record("said", what=[one.text[:8] for one in answers])


@pytest.mark.parametrize("main", [by_serve, by_uvicorn], ids=lambda main: main.__name__)
def test_an_application_answers(main: object) -> None:
    """Functions in threads, streams and large bodies, on a connection that is kept alive."""
    expected = ["slow", "0;1;2;", "dnexxxxx"]
    run = ran((), TALK, client=asking, server=main)
    sent = [one.message.kind for one in run.result.events if one.kind == "send" and one.message]

    assert run.result.fault is None
    assert [expected] == [one.data["what"] for one in run.result.events if one.kind == "said"]
    assert 1 == sent.count("connect")


def test_an_application_that_cannot_start() -> None:
    """Its program ends with an error, and does not wait for nothing."""

    @asynccontextmanager
    async def broken(_app: Starlette) -> AsyncIterator[None]:
        raise OSError("no disk")
        yield

    async def main(_host: Host) -> None:
        await serve(Starlette(lifespan=broken))

    told = complaint(main)

    assert "ends its process by SystemExit" in told or "fails while it starts" in told  # as the version of uvicorn does
    assert "test_serving.py:" in told


def test_a_port_that_is_taken() -> None:
    """Uvicorn ends its process then, and that is told."""

    async def main(_host: Host) -> None:
        await asyncio_start()
        await serve(APPLICATION)

    assert "ends its process by SystemExit" in complaint(main)


async def asyncio_start() -> None:
    """Take the port."""
    await asyncio.start_server(lambda *_: None, port=80)


def test_a_server_comes_back() -> None:
    """After a crash the new life of a server listens again, and a client that asks again is answered."""

    async def patient(host: Host) -> None:
        for _ in range(3):
            try:
                async with httpx.AsyncClient(base_url="http://server", timeout=3) as server:
                    host.record("said", what=(await server.get("/slow")).text)
                    return
            except httpx.HTTPError as error:
                host.record("said", what=type(error).__name__)

    steps = (RunUntil("GET /slow sent"), Forget(1), Run(2), Restart(1), Run(64))
    found = [what for _, _, what in said(steps, TALK, client=AsyncioAgent(patient, decoder=TALK), server=by_serve)]

    assert ["ReadError", "slow"] == found
