"""The what-if table on the loopback: who may ask, and what is answered.

Owns the server and its guards: an address with a token that nobody can guess, a `Host` that is this very server, and
nothing else that is served. Knows nothing of what is on the page. Needs the extra `ui`.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from crosslayer.harness.model.errors import BadInput, ProcessLost, Terminated, plain
from crosslayer.harness.picture.table import policy
from crosslayer.harness.process.output import say, tell
from crosslayer.harness.process.parent import Child

ANSWER = "crosslayer.harness.commands.whatif:answer"
"""What is asked in the child process."""

BODY_MAX = 1 << 20
"""Bytes of a form that is sent."""

HEAD_MAX = 1 << 20
"""Bytes of a request's head: an address holds a whole schedule."""

LOOPBACK = "127.0.0.1"

Ask = Callable[[Mapping[str, Any]], Any]
"""Answers a job; `ProcessLost` if plugins have ended the process in which it was done."""


def serve(base: Mapping[str, Any], port: int, stall_seconds: float, *, in_process: bool) -> int:
    """Serve the table of this base until Ctrl-C; the exit status. `BadInput` if the base, or the port, is no good."""
    child = Child(stall_seconds)
    # one thread for all requests: the child process lives as long as the thread that started it
    with ThreadPoolExecutor(1) as thread:
        try:
            ask: Ask = _here if in_process else lambda job: child.ask(ANSWER, job)
            first = thread.submit(ask, {"base": base, "query": [], "saved": ""}).result()
            if "problem" in first:
                raise BadInput(*first["problem"])
            with _listening(port) as listener:
                token, host = secrets.token_urlsafe(24), f"{LOOPBACK}:{listener.getsockname()[1]}"
                server = uvicorn.Server(
                    uvicorn.Config(
                        application(base, token, host, ask, thread),
                        log_level="critical",
                        access_log=False,
                        server_header=False,
                        http="h11",
                        ws="none",
                        h11_max_incomplete_event_size=HEAD_MAX,
                        timeout_graceful_shutdown=1,
                    )
                )
                say(f"http://{host}/{token}/")
                tell("crosslayer: open this address in a browser; Ctrl-C ends it")
                _until_interrupted(server, listener)
        finally:
            child.close()
    return 0


def _here(job: Mapping[str, Any]) -> Any:
    module, _, name = ANSWER.partition(":")
    return getattr(import_module(module), name)(job)


def _until_interrupted(server: uvicorn.Server, listener: socket.socket) -> None:
    try:
        server.run(sockets=[listener])
    except Terminated:
        raise
    except KeyboardInterrupt:
        return


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise BadInput(f"--port {port}", str(error.strerror)) from None
    return listener


def application(base: Mapping[str, Any], token: str, host: str, ask: Ask, thread: ThreadPoolExecutor) -> ASGIApp:
    """What answers requests: those to `host` and below `token`, and no others."""

    async def asked(query: Sequence[tuple[str, str]], saved: str) -> Response:
        job = {"base": dict(base), "query": list(query), "saved": saved}
        try:
            found = await asyncio.get_running_loop().run_in_executor(thread, ask, job)
        except ProcessLost as lost:
            return PlainTextResponse(plain(f"{lost}. Go back, and change something else."), 500)
        if "to" in found:
            return RedirectResponse(f"/{token}/?{found['to']}", 303)
        if "problem" in found:
            return PlainTextResponse(plain(": ".join(found["problem"])), 400)
        return Response(found["page"], found["status"], media_type="text/html")

    async def show(request: Request) -> Response:
        return await asked(request.query_params.multi_items(), "")

    async def keep(request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > BODY_MAX:
                return PlainTextResponse("too much", 413)
        form = parse_qsl(bytes(body).decode(errors="replace"), keep_blank_values=True)
        return await asked(form, dict(form).get("save", ""))

    path = f"/{token}/"
    routes = [Route(path, show, methods=["GET"]), Route(path, keep, methods=["POST"])]
    return _Guarded(Starlette(routes=routes), token, host)


class _Guarded:
    """Lets through what is meant for this server, by somebody who knows the token; and forbids browsers all else."""

    def __init__(self, inner: ASGIApp, token: str, host: str) -> None:
        self._inner = inner
        self._token = token
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_headers()]
            await send(message)

        hosts = [value for name, value in scope["headers"] if name == b"host"]
        first, _, _ = scope["path"].removeprefix("/").partition("/")
        if hosts != [self._host.encode()]:
            await PlainTextResponse("forbidden", 403)(scope, receive, guarded)
        elif not secrets.compare_digest(first.encode(), self._token.encode()):
            await PlainTextResponse("not found", 404)(scope, receive, guarded)
        else:
            await self._inner(scope, receive, guarded)


def _headers() -> list[tuple[bytes, bytes]]:
    return [
        (name, value.encode())
        for name, value in (
            (b"content-security-policy", policy()),
            (b"cache-control", "no-store"),
            (b"referrer-policy", "no-referrer"),
            (b"x-content-type-options", "nosniff"),
            (b"cross-origin-opener-policy", "same-origin"),
            (b"cross-origin-resource-policy", "same-origin"),
        )
    ]
