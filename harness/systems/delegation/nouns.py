"""The values of delegation: who takes part, what a token is made of, and what goes over the wire.

Owns the immutable values that agents, plugins and claims share. Knows no plugin. Times are ticks, DIDs and signatures
are hex.
"""

import hashlib
from functools import lru_cache

from crosslayer import Fact, MessageKind, Population, Scenario, Timing, frozen, pack, role, ticks


@frozen
class Members(Population):
    """One principal, orchestrator, tool server and auditor; at least two workers."""

    fewer = ("thief", "revoked", "worker")

    principal: int = role(1, least=1, most=1, about="Who may do everything, and lets the orchestrator do some of it.")
    orchestrator: int = role(1, least=1, most=1, about="Divides what it was given among workers; revokes.")
    worker: int = role(2, least=2, most=4, often=(2, 2), about="Those who call tools.")
    revoked: int = role(1, most=1, corrupt=True, about="A worker that hands on a part, and whose token is revoked.")
    thief: int = role(0, most=1, corrupt=True, about="Who was given nothing, and sees tokens of others.")
    server: int = role(1, least=1, most=1, about="The tool server, which verifies; trusted, but it may crash.")
    auditor: int = role(1, least=1, most=1, about="Keeps revocations, and passes them on to the tool server.")


@frozen(kw_only=True)
class DelegationTiming(Timing):
    """The timeline of a run, in ticks."""

    finalise_at: int = ticks(120, "Until when steps may act.")
    settlement: int = ticks(100, "How long the run goes on without faults after that.")
    short: int = ticks(16, "When the first part that a worker hands on expires.")
    again: int = ticks(24, "When a worker calls for the second time: after that.")
    revoke: int = ticks(32, "When the orchestrator revokes.")
    late: int = ticks(48, "When a worker calls for the last time: after that.")
    long: int = ticks(1000, "When everything else expires: after the end of the run.")


@frozen(kw_only=True)
class DelegationScenario(Scenario):
    """Two workers, and one whose token is revoked."""

    population: Members = Members()
    timing: DelegationTiming = DelegationTiming()


DRIFT = 4
"""By how many ticks the tool server's clock may be slow: a token may be taken that long after it has expired."""


@frozen
class Grant:
    """What a token allows: these tools, this number of calls, this much spending in all, up to this tick."""

    tools: tuple[str, ...]
    calls: int
    spend: int
    expires: int


ROOT = Grant(("read", "write"), 60, 120, 0)
WORK = Grant(("read",), 10, 20, 0)
PART = Grant(("read",), 3, 6, 0)
"""What the principal gives, what each worker gets of it, and what one of these hands on; without the time."""


@frozen
class Link:
    """One link of a token: the issuer lets the audience have this grant, out of what the link `parent` gave it.

    Issuer and audience are DIDs. The first link of a token has no parent, and is the principal's.
    """

    issuer: str
    audience: str
    parent: str
    grant: Grant
    signature: str = ""

    @property
    def id(self) -> str:
        """The name of the link, and of the token that ends with it: no other link has it."""
        return hashlib.sha256(self.body()).hexdigest()[:32]

    def body(self) -> bytes:
        """The bytes that the issuer signs."""
        return _body(self.issuer, self.audience, self.parent, self.grant)


@lru_cache(1 << 12)
def _body(issuer: str, audience: str, parent: str, grant: Grant) -> bytes:
    """A link without its signature, as bytes: the same few are asked for again and again."""
    return pack(Link(issuer, audience, parent, grant))


@frozen
class Token:
    """A chain of links from the principal to the one who may use it."""

    links: tuple[Link, ...] = ()

    @property
    def id(self) -> str:
        """The name of its last link."""
        return self.links[-1].id if self.links else ""


@frozen
class Request:
    """A call, as its caller asks for it; two calls of one caller have two ids."""

    token: Token
    id: str
    tool: str
    amount: int


@frozen
class Answer:
    """What a tool says to a call."""

    id: str


@frozen
class Box:
    """A message from one DID to another as a communication plugin packs it; `body` and `proof` are hex."""

    sender: str
    to: str
    body: str
    proof: str = ""


@frozen
class Given:
    """A token for somebody, in a box."""

    box: Box


@frozen
class Call:
    """A request, in a box."""

    box: Box


@frozen
class Result:
    """An answer, in a box."""

    box: Box


@frozen
class Revocation:
    """The issuer of a link, by its DID, takes it back, with all that was made of it."""

    id: str
    issuer: str
    signature: str = ""

    def body(self) -> bytes:
        """The bytes that the issuer signs."""
        return pack(Revocation(self.id, self.issuer))


MESSAGES = (
    MessageKind("call", "communication", Call, weight=3, about="A call with its token, to the tool server."),
    MessageKind("revocation", "registry", Revocation, weight=3, about="A link is taken back; anybody may pass it on."),
    MessageKind("given", "communication", Given, weight=2, about="A token, from its issuer to its audience."),
    MessageKind("result", "communication", Result, about="What a tool says, to the caller."),
)

FACTS = (
    Fact("granted", "{agent} lets {audience} {scope} [{id:.6}]: {calls} calls, {spend} credits, to tick {expires}"),
    Fact("called", "{agent} calls {tool} for {amount} under [{token:.6}]"),
    Fact("revoked", "{agent} revokes [{id:.6}]"),
    Fact("served", "the tool server does {tool} for {amount} for {caller} under [{token:.6}]"),
    Fact("answered", "{agent} has the result of {id}"),
    Fact("ignored", "{agent} refuses a {message}: {reason}"),
)
