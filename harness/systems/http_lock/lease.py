"""The programs: a server of leases before a store, in one SQLite file, and workers. Nothing in here knows of tests."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

LEASE, WORK, PAUSE = 1.0, 0.4, 0.7
"""Seconds: how long a lease lasts, how long a worker works before it writes, and waits before it asks again."""

Take = Callable[[sqlite3.Connection, int], bool]
"""Whether the store takes a write under this token."""


def fenced(database: sqlite3.Connection, token: int) -> bool:
    """Refuse a token that is older than one that wrote before."""
    (newest,) = database.execute("SELECT max(token) FROM writes").fetchone()
    return newest is None or token >= newest


def unfenced(_database: sqlite3.Connection, _token: int) -> bool:
    """Trust the lock: there is one writer at a time."""
    return True


class Lock:
    """Leases with growing tokens, and the writes that were taken."""

    def __init__(self, file: Path, take: Take) -> None:
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.execute("CREATE TABLE IF NOT EXISTS leases (token INTEGER PRIMARY KEY, until REAL)")
        self._database.execute("CREATE TABLE IF NOT EXISTS writes (token INTEGER, worker TEXT)")
        self._take = take

    def acquire(self) -> int:
        """The token of a new lease; 0 while an older one lasts."""
        newest, until = self._database.execute("SELECT max(token), max(until) FROM leases").fetchone()
        if newest is not None and time.time() <= until:
            return 0
        self._database.execute("INSERT INTO leases (until) VALUES (?)", (time.time() + LEASE,))
        return (newest or 0) + 1

    def write(self, worker: str, token: int) -> bool:
        """Whether the store took the write."""
        taken = self._take(self._database, token)
        if taken:
            self._database.execute("INSERT INTO writes VALUES (?, ?)", (token, worker))
        return taken

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def application(lock: Lock) -> Starlette:
    """The lock as a server."""

    async def acquire(_request: Request) -> JSONResponse:
        return JSONResponse({"token": lock.acquire()})

    async def write(request: Request) -> JSONResponse:
        said = await request.json()
        taken = lock.write(said["worker"], said["token"])
        return JSONResponse({"taken": taken}, status_code=200 if taken else 409)

    return Starlette(routes=[Route("/acquire", acquire, methods=["POST"]), Route("/write", write, methods=["POST"])])


async def work(url: str, name: str, rounds: int) -> None:
    """Ask for the lock, work, write under its token, and ask again; start anew where the network fails."""
    for _ in range(rounds):
        try:
            async with httpx.AsyncClient(base_url=url, timeout=10) as server:
                token = (await server.post("/acquire")).json()["token"]
                if token:
                    await asyncio.sleep(WORK)
                    await server.post("/write", json={"worker": name, "token": token})
        except httpx.HTTPError:
            pass
        await asyncio.sleep(PAUSE)
