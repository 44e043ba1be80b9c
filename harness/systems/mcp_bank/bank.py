"""The programs: a bank behind two MCP tools, and its customers. Nothing in here knows that it is tested."""

import asyncio

from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette

CLEARING = 0.7
"""Seconds until the clearing house has said that a transfer may be done."""


class Bank:
    """Accounts, and the lock that keeps a transfer's check and its act together."""

    def __init__(self) -> None:
        self.accounts = {"joint": 100}
        self.lock = asyncio.Lock()

    async def transfer(self, source: str, to: str, amount: int) -> int:
        """Move money if there is enough; what is left."""
        async with self.lock:
            return await self._checked(source, to, amount)

    async def _checked(self, source: str, to: str, amount: int) -> int:
        if self.accounts.get(source, 0) < amount:
            raise ValueError(f"there are not {amount} on {source}")
        await asyncio.sleep(CLEARING)
        return self.move(source, to, amount)

    def move(self, source: str, to: str, amount: int) -> int:
        """Move money; what is left."""
        self.accounts[source] -= amount
        self.accounts[to] = self.accounts.get(to, 0) + amount
        return self.accounts[source]


class CarelessBank(Bank):
    """Checks, waits, and acts upon what was true before."""

    async def transfer(self, source: str, to: str, amount: int) -> int:
        """Move money if there was enough; what is left."""
        return await self._checked(source, to, amount)


def application(bank: Bank) -> Starlette:
    """The bank as a server of the MCP SDK."""
    server = MCPServer("bank")

    @server.tool()
    async def balance(account: str) -> int:
        """How much is on an account."""
        return bank.accounts.get(account, 0)

    @server.tool()
    async def transfer(source: str, to: str, amount: int) -> int:
        """Move money; what is left."""
        return await bank.transfer(source, to, amount)

    anywhere = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return server.streamable_http_app(transport_security=anywhere)


async def spend(url: str, name: str, amount: int) -> bool:
    """Take money off the joint account if there is enough; whether the bank says that it was done."""
    async with Client(url) as bank:
        said = await bank.call_tool("balance", {"account": "joint"})
        if (said.structured_content or {}).get("result", 0) < amount:
            return False
        done = await bank.call_tool("transfer", {"source": "joint", "to": name, "amount": amount})
        return not done.is_error
