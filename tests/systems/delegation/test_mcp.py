"""Objects of MCP authorization as facts of delegation: an access token is a link, and its middleware decides.

The table in docs/delegation.md says which field is which. Classes and middleware are those of the `mcp` package, as it
ships them.
"""

import asyncio
from typing import Any

import pytest

from crosslayer import Event, Property
from crosslayer.harness.systems.delegation.claims import PROPERTIES
from crosslayer.harness.systems.delegation.nouns import Members

MISSING = "mcp is not installed: make .venv/test.stamp"

middleware = pytest.importorskip("mcp.server.auth.middleware.bearer_auth", reason=MISSING)
provider = pytest.importorskip("mcp.server.auth.provider", reason=MISSING)
requests = pytest.importorskip("starlette.requests", reason=MISSING)

HERE, ELSEWHERE = "https://tools.example/mcp", "https://other.example/mcp"
OWNER = "worker-0"
TEXT = "b5e1"
ALWAYS, LONG_AGO = 1 << 40, 1
CLAIMS = {one.name: one for one in PROPERTIES}


class Verifier:
    """Knows one token."""

    def __init__(self, token: Any) -> None:
        self.token = token

    async def verify_token(self, token: str) -> Any:
        """The one, if this is its text."""
        return self.token if token == self.token.token else None


def access(scopes: tuple[str, ...] = ("read",), expires_at: int = ALWAYS, resource: str = HERE) -> Any:
    """An access token of the worker's."""
    return provider.AccessToken(
        token=TEXT, client_id=OWNER, scopes=list(scopes), expires_at=expires_at, resource=resource
    )


def is_served(token: Any, tool: str) -> bool:
    """Whether the package's own middleware lets a request with this token through to a tool that needs this scope."""
    reached: list[str] = []

    async def tool_server(_scope: Any, _receive: Any, _send: Any) -> None:
        reached.append(tool)

    async def request() -> None:
        scope = {"type": "http", "headers": [(b"authorization", f"Bearer {TEXT}".encode())]}
        backend = middleware.BearerAuthBackend(Verifier(token), resource_server_url=HERE)
        known = await backend.authenticate(requests.HTTPConnection(scope))
        if known is not None:
            scope["auth"], scope["user"] = known
        await middleware.RequireAuthMiddleware(tool_server, [tool])(scope, None, nothing)

    async def nothing(_message: Any) -> None:
        pass

    asyncio.run(request())
    return bool(reached)


def facts(token: Any, tool: str, caller: str) -> list[Event]:
    """What an authorization server has granted, what somebody asks for, and what the middleware lets through."""
    endless = {"calls": ALWAYS, "spend": ALWAYS}
    link = {"id": "token", "parent": "", "audience": token.client_id, "expires": token.expires_at, **endless}
    call = {"id": "call", "token": "token", "tool": tool, "amount": 1}
    told = [
        Event(0, "granted", "principal-0", {**link, "tools": token.scopes, "scope": " ".join(token.scopes)}),
        Event(1, "called", caller, call),
    ]
    return [*told, Event(2, "served", "server-0", {**call, "caller": caller})] if is_served(token, tool) else told


def verdict(claim: Property, events: list[Event]) -> str:
    """What a claim says of these facts."""
    monitor = claim.watch(Members())
    for seq, event in enumerate(events):
        if event.kind in monitor.handlers():
            monitor.handlers()[event.kind](seq, event)
    return str(monitor.conclude().outcome)


@pytest.mark.parametrize(
    ("token", "tool", "outcome"),
    [
        (access(), "read", "holds"),
        (access(), "write", "vacuous"),
        (access(expires_at=LONG_AGO), "read", "vacuous"),
        (access(resource=ELSEWHERE), "read", "vacuous"),
    ],
    ids=["in its scope", "another scope", "expired", "for another server"],
)
def test_what_its_middleware_serves_is_in_scope(token: Any, tool: str, outcome: str) -> None:
    """`chain_narrows` holds for all that is served; what has no such token is not served at all."""
    assert outcome == verdict(CLAIMS["chain_narrows"], facts(token, tool, OWNER))


@pytest.mark.parametrize(("caller", "outcome"), [(OWNER, "holds"), ("thief-0", "violated")])
def test_a_bearer_token_is_of_use_to_everybody(caller: str, outcome: str) -> None:
    """It is bound to a server, not to the client that presents it: `audience_only` breaks once somebody has seen it."""
    assert outcome == verdict(CLAIMS["audience_only"], facts(access(), "read", caller))
