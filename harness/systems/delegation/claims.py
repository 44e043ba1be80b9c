"""The joint invariants of delegation. They see events and nothing else.

Owns the tree of tokens as their issuers' own records tell it, and what must be true of all that is served under it.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from crosslayer import Event, Eventually, Population, Property, Refused, Rules, frozen, on, pack, role_of, unpack
from crosslayer.harness.systems.delegation.nouns import DRIFT

HONEST = ("principal", "orchestrator")
"""Those whose links a legitimate call may rest on."""


@frozen
class Given:
    """A link as its issuer has recorded it, and where."""

    id: str
    issuer: str
    audience: str
    parent: str
    scope: str
    tools: tuple[str, ...]
    calls: int
    spend: int
    expires: int
    seq: int


class Tree(Rules):
    """Remembers which links there are."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.links: dict[str, Given] = {}

    @on("granted")
    def grant(self, seq: int, event: Event) -> None:
        """A link is made; it may be made again."""
        if event.data.get("id") not in self.links:
            with suppress(Refused):  # a trace may have been written by anyone
                link = unpack(Given, pack({**event.data, "issuer": event.agent, "seq": seq}))
                self.links[link.id] = link

    def chain(self, id_: object) -> Iterator[Given]:
        """The links of a token that anybody has made, the last one first."""
        seen: set[str] = set()
        while isinstance(id_, str) and id_ in self.links and id_ not in seen:
            seen.add(id_)
            yield self.links[id_]
            id_ = self.links[id_].parent


class ChainNarrows(Tree):
    """Looks at every link of a token under which something is served, at that time."""

    @on("served")
    def serve(self, seq: int, event: Event) -> None:
        """Each link was issued by the audience of the one before, for no more than that."""
        self.exercised(seq)
        told, token, tool = f"{event.data.get('tool')} was done for {event.data.get('caller')}", "", None
        links = list(self.chain(event.data.get("token")))
        if not links:
            self.breaks(f"{told} under a token that nobody has made", seq)
        for link in links:
            token, tool, parent = f"[{link.id:.6}]", event.data.get("tool"), self.links.get(link.parent)
            if tool not in link.tools:
                self.breaks(f"{told}, and {token} does not allow it", link.seq, seq)
            if event.tick > link.expires + DRIFT:
                self.breaks(f"{told} at tick {event.tick}, and {token} expired at {link.expires}", link.seq, seq)
            if parent is None:
                if link.parent or role_of(link.issuer) != "principal":
                    self.breaks(f"{told}, and the chain of {token} does not begin with the principal", link.seq, seq)
            elif link.issuer != parent.audience:
                self.breaks(f"{told}, and {token} was made of a token of {parent.audience}", link.seq, seq)
            elif not set(link.tools) <= set(parent.tools) or link.expires > parent.expires:
                self.breaks(f"{told}, and {token} allows more than what it was made of", link.seq, seq)


class RevokedRefused(Tree):
    """Remembers which revocations, by whatever way, have reached the tool server."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.told: dict[bytes, str] = {}
        self.reached: dict[str, int] = {}

    @on("revoked")
    def revoke(self, _seq: int, event: Event) -> None:
        """What must be delivered, to the letter: anything else may be refused."""
        match event.data:
            case {"id": str() as id_, "issuer": str() as issuer, "signature": str() as signature}:
                if id_ in self.links and self.links[id_].issuer == event.agent:
                    body = {"id": id_, "issuer": issuer, "signature": signature}
                    self.told[json.dumps(body, separators=(",", ":")).encode()] = id_

    @on("deliver")
    def deliver(self, seq: int, event: Event) -> None:
        """It lies in the causal past of the tool server from here on."""
        if event.message is not None and event.message.kind == "revocation" and role_of(event.agent) == "server":
            id_ = self.told.get(event.message.payload)
            if id_ is not None:
                self.reached.setdefault(id_, seq)

    @on("called")
    def call(self, seq: int, event: Event) -> None:
        """Somebody tries."""
        if any(link.id in self.reached for link in self.chain(event.data.get("token"))):
            self.exercised(seq)

    @on("served")
    def serve(self, seq: int, event: Event) -> None:
        """Nothing is served under what was taken back, or was made of it."""
        for link in self.chain(event.data.get("token")):
            if link.id in self.reached:
                told = f"the tool server knew that [{link.id:.6}] was revoked, and served {event.data.get('caller')}"
                self.breaks(f"{told} under [{event.data.get('token'):.6}]", self.reached[link.id], seq)


class AudienceOnly(Tree):
    """Remembers who has called for what, each by its own record."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.calls: set[tuple[Any, ...]] = set()
        self.served: dict[tuple[Any, ...], int] = {}

    @on("called")
    def call(self, _seq: int, event: Event) -> None:
        """Somebody wants this."""
        self.calls.add(_asked(event, event.agent))

    @on("served")
    def serve(self, seq: int, event: Event) -> None:
        """It must be what the token's audience wants, and is served once."""
        self.exercised(seq)
        call, token = _asked(event, event.data.get("caller")), event.data.get("token")
        audience = next((link.audience for link in self.chain(token)), call[0])
        told = f"{event.data.get('tool')} was done under [{token!s:.6}]"
        if call[0] != audience:
            self.breaks(f"{told}, a token of {audience}, for {call[0]}", seq)
        elif call not in self.calls:
            self.breaks(f"{told} for {audience}, which had not called", seq)
        elif call in self.served:
            self.breaks(f"{told} twice, and {audience} had called once", self.served[call], seq)
        self.served.setdefault(call, seq)


class WithinBudget(Tree):
    """Counts what is served under each link, its descendants included."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.used: dict[str, tuple[int, int]] = {}

    @on("served")
    def serve(self, seq: int, event: Event) -> None:
        """Neither calls nor spending of a subtree exceed what its root was given."""
        match event.data:
            case {"token": token, "amount": int() as amount}:
                for link in self.chain(token):
                    self.exercised(seq)
                    calls, spend = self.used.get(link.id, (0, 0))
                    calls, spend = self.used[link.id] = calls + 1, spend + max(amount, 0)
                    if calls > link.calls or spend > link.spend:
                        had = f"{link.audience} was given {link.calls} calls and {link.spend} credits [{link.id:.6}]"
                        self.breaks(f"{had}, and under that {calls} calls for {spend} were served", link.seq, seq)


class ServedInTheEnd(Eventually, Tree):
    """Waits for the result of each legitimate call: honest links, nothing revoked, and enough left in its own token."""

    within = 80

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.asked: dict[str, dict[object, int]] = {}
        self.done: set[object] = set()

    @on("called")
    def call(self, seq: int, event: Event) -> None:
        """A call is legitimate by its caller's record and those of all issuers."""
        match event.data:
            case {"id": str() as id_, "token": str() as token, "tool": tool, "amount": int() as amount}:
                links = list(self.chain(token))
                if links and role_of(event.agent) == "worker" and self.is_legitimate(event, links, tool):
                    asked = self.asked.setdefault(token, {})
                    if id_ in asked:
                        return
                    asked[id_] = amount
                    if len(asked) <= links[0].calls and sum(asked.values()) <= links[0].spend:
                        self.expect((event.agent, id_), f"{event.agent} waits for the result of {id_}", seq, event)

    def is_legitimate(self, event: Event, links: list[Given], tool: object) -> bool:
        """Whether the caller is the audience, and all before it are honest and allow this to the end of the run."""
        to = [event.agent, *(link.issuer for link in links)]
        aligned = all(link.audience == one for link, one in zip(links, to, strict=False))
        able = all(tool in link.tools and link.expires > event.tick + 2 * self.within for link in links)
        return aligned and able and all(role_of(link.issuer) in HONEST for link in links)

    @on("revoked")
    def revoke(self, _seq: int, event: Event) -> None:
        """Nothing is promised to those whose token was taken back."""
        for agent, asked in [(link.audience, link.id) for link in self.links.values()]:
            if any(link.id == event.data.get("id") for link in self.chain(asked)):
                for id_ in self.asked.pop(asked, {}):
                    self._open.pop((agent, id_), None)

    @on("answered")
    def answer(self, seq: int, event: Event) -> None:
        """It was served, and the caller knows."""
        if (event.agent, event.data.get("id")) in self.done:
            self.met((event.agent, event.data.get("id")), seq, event)

    @on("served")
    def serve(self, _seq: int, event: Event) -> None:
        """An answer to what was not done is none."""
        self.done.add((event.data.get("caller"), str(event.data.get("id"))))


def _asked(event: Event, caller: object) -> tuple[Any, ...]:
    """A call: by whom, under which name and token, of what, for how much."""
    return (caller, *(str(event.data.get(name)) for name in ("id", "token", "tool", "amount")))


PROPERTIES = (
    Property(
        "chain_narrows",
        "every call that is served has, at that time, an unbroken chain from the principal whose scope only narrows",
        ("auth", "registry"),
        ChainNarrows,
    ),
    Property(
        "revoked_refused",
        "once a revocation has reached the verifier, no descendant of the token is served",
        ("auth", "registry"),
        RevokedRefused,
    ),
    Property(
        "audience_only",
        "a token is used by its audience only, no matter who has seen it",
        ("auth", "communication"),
        AudienceOnly,
    ),
    Property(
        "within_budget",
        "calls and spending of a subtree never exceed what the parent was given",
        ("auth", "payments"),
        WithinBudget,
    ),
    Property(
        "served_in_the_end",
        "a legitimate call is served before the end",
        ("auth", "registry", "communication", "payments"),
        ServedInTheEnd,
    ),
)
"""The five, each of which one bad layer alone can break."""
