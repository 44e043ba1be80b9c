"""The programs: a print shop that is an agent of A2A, and its customers. Nothing in here knows that it is tested."""

import asyncio
import os
from pathlib import Path

import httpx
from a2a.client import A2AClientError, ClientConfig, ClientFactory
from a2a.helpers import get_message_text, new_text_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, Role, SendMessageRequest
from starlette.applications import Starlette

PRINTING, PATIENCE, PAUSE = 0.4, 3.0, 0.5
"""Seconds: how long a job takes, how long a customer waits for an answer, and before it asks again."""

TRIES = 3
"""How often a customer asks for one job."""


class Shop:
    """Prints jobs, each as often as it is asked for. It may keep files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._book = folder / "printed"

    async def order(self, job: str, text: str) -> str:
        """Print a job; what the customer gets."""
        await asyncio.sleep(PRINTING)
        return self.print(job, text)

    def print(self, job: str, text: str) -> str:
        """Put a job on paper."""
        return f"{job}: {text}, on paper"


class CarefulShop(Shop):
    """Prints each job once, and answers those who ask again with what was printed, or is being printed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._jobs: dict[str, asyncio.Task[str]] = {}
        self._printed = set(self._book.read_text().splitlines()) if self._book.exists() else set()

    async def order(self, job: str, text: str) -> str:
        """Print a job, if it was not asked for before; what the customer gets."""
        if job in self._printed:
            return f"{job} was printed before"
        if job not in self._jobs:
            self._jobs[job] = asyncio.create_task(super().order(job, text))
        return await asyncio.shield(self._jobs[job])

    def print(self, job: str, text: str) -> str:
        """Put a job on paper, and into the book, in one go."""
        self._printed.add(job)
        with self._book.open("a") as book:
            book.write(f"{job}\n")
            book.flush()
            os.fsync(book.fileno())
        return super().print(job, text)


class Executor(AgentExecutor):
    """The shop behind A2A: a message is an order, its id names the job."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Do what a message asks for."""
        message = context.message
        if message is None:
            return
        said = await self._shop.order(message.message_id, get_message_text(message))
        await event_queue.enqueue_event(new_text_message(said))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """What is printed is printed."""


def card(url: str) -> AgentCard:
    """What the shop says of itself."""
    return AgentCard(
        name="print shop",
        description="Prints.",
        version="1",
        capabilities=AgentCapabilities(),
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain"],
        supported_interfaces=[AgentInterface(protocol_binding="JSONRPC", url=url, protocol_version="1.0")],
    )


def application(shop: Shop, url: str) -> Starlette:
    """The shop as a server of the A2A SDK."""
    mine = card(url)
    handler = DefaultRequestHandler(agent_executor=Executor(shop), task_store=InMemoryTaskStore(), agent_card=mine)
    return Starlette(routes=[*create_agent_card_routes(mine), *create_jsonrpc_routes(handler, "/")])


async def order(url: str, job: str, text: str) -> bool:
    """Have a job printed: ask again, under the same id, while no answer comes; whether one came."""
    for _ in range(TRIES):
        try:
            async with httpx.AsyncClient(timeout=PATIENCE) as http:
                client = ClientFactory(ClientConfig(streaming=False, httpx_client=http)).create(card(url))
                message = new_text_message(text, role=Role.ROLE_USER)
                message.message_id = job
                async for _answer in client.send_message(SendMessageRequest(message=message)):
                    return True
        except (A2AClientError, httpx.HTTPError):
            await asyncio.sleep(PAUSE)
    return False
