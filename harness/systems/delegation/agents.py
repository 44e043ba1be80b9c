"""The agents of delegation, each as its protocol says.

Owns what each does on a message, a wake-up, and a return without memory. Knows no plugin. Corrupt agents do the same
until an act says otherwise.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from attrs import asdict, evolve

from crosslayer import Kit, Post, Refused, ReliableAgent, Send, Wake, pack, role_of, unpack
from crosslayer.harness.systems.delegation.nouns import (
    PART,
    ROOT,
    WORK,
    Answer,
    Box,
    Call,
    Given,
    Grant,
    Link,
    Request,
    Result,
    Revocation,
    Token,
)

Effects = Iterator[Send | Wake | Post]


class Member(ReliableAgent):
    """What all have in common: who is who, what is stored, and how to begin, for the first time or again."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.layers, self.timing = kit.layers, kit.scenario.timing
        (self.server,), (self.auditor,) = kit.population.of("server"), kit.population.of("auditor")
        self.dids = {one.name: one.did for one in kit.members}
        self.names = {one.did: one.name for one in kit.members}

    def start(self) -> Iterable[Send | Wake]:
        """Begin, and send all of it until it arrives."""
        return self.posted(self.begin())

    def begin(self) -> Effects:
        """What is to be done at first, or after a loss of memory: it is done from what is stored."""
        yield from ()

    def keep(self, key: str, value: Any) -> None:
        """Store something for good, before anything is said of it."""
        self.kit.store.put(key, value)
        self.kit.store.sync()

    def kept(self) -> list[Any]:
        """All that was stored."""
        return [self.kit.store.get(key) for key in self.kit.store]

    def boxed(self, to: str, value: object) -> Box:
        """A value in a box for somebody."""
        box: Box = self.layers.communication.seal(self.dids[to], pack(value))
        return box

    def at(self, tick: int) -> int:
        """How long it is until a tick, or the next one if it has passed."""
        return max(1, tick - self.kit.clock.now)

    def narrowed(self, token: Token, to: str, grant: Grant) -> Token:
        """A token for somebody, made out of one's own: the same grant gives the same token."""
        made: Token = self.layers.auth.narrow(token, self.dids[to], grant)
        self.note(made.links[-1])
        return made

    def give(self, to: str, token: Token) -> Post:
        """Send a token that was made for somebody."""
        return self.kit.post(to, Given(self.boxed(to, token)))

    def note(self, link: Link) -> None:
        """Record a link of one's own."""
        who = {"id": link.id, "parent": link.parent, "audience": self.names[link.audience]}
        self.kit.record("granted", **who, scope=", ".join(link.grant.tools), **asdict(link.grant))


class Principal(Member):
    """Gives the orchestrator the first link; after a loss of memory the same again."""

    def begin(self) -> Effects:
        """Give."""
        for name in self.kit.population.of("orchestrator"):
            yield self.give(name, self.narrowed(Token(), name, evolve(ROOT, expires=self.timing.long)))


class Holder(Member):
    """Somebody who is given tokens: looks at each, keeps it, and does something with it."""

    def begin(self) -> Effects:
        """Go on with what was given before."""
        for token in self.kept():
            yield from self.use(token)

    def on_given(self, _sender: str, body: Given) -> Effects:
        """Look at it, and not at who has sent it: what counts is whose it is."""
        token = unpack(Token, self.layers.communication.open(body.box)[1])
        self.layers.auth.check(token, self.dids[self.kit.name])
        self.keep(token.id, token)
        yield from self.use(token)

    @abstractmethod
    def use(self, token: Token) -> Effects:
        """What this one does with a token."""


class Orchestrator(Holder):
    """Divides what it was given among the workers, and later revokes the token of one of them."""

    def use(self, token: Token) -> Effects:
        """A part for each."""
        grant = evolve(WORK, expires=self.timing.long)
        for name in self.kit.population.of("worker", "revoked"):
            made = self.narrowed(token, name, grant)
            yield self.give(name, made)
            if role_of(name) == "revoked":
                yield Wake(f"revoke|{made.id}", self.at(self.timing.revoke))

    def on_revoke(self, rest: str) -> Effects:
        """Take back a token, and tell those who must know."""
        told = self.layers.registry.revoke(rest)
        self.kit.record("revoked", id=told.id, issuer=told.issuer, signature=told.signature)
        yield from (self.kit.post(to, told) for to in (self.server, self.auditor))


class Worker(Holder):
    """Calls once with each token that it gets, and twice more later."""

    def use(self, token: Token) -> Effects:
        """Call, and call again."""
        yield self.call(token, "first")
        yield Wake(f"again|again {token.id}", self.at(self.timing.again))
        yield Wake(f"again|late {token.id}", self.at(self.timing.late))

    def on_again(self, rest: str) -> Effects:
        """A later call."""
        name, _, id_ = rest.partition(" ")
        yield self.call(self.kit.store.get(id_), name)

    def call(self, token: Token, name: str, tool: str = "read", amount: int = 1) -> Post:
        """The call of this name under a token: however often it is made, it is one call."""
        request = Request(token, f"{token.id} {name}", tool, amount)
        self.kit.record("called", id=request.id, token=token.id, tool=tool, amount=amount)
        return self.kit.post(self.server, Call(self.boxed(self.server, request)))

    def on_result(self, _sender: str, body: Result) -> None:
        """A result, if the tool server has sent it."""
        sender, answer = self.layers.communication.open(body.box)
        if self.names.get(sender) == self.server:
            self.kit.record("answered", id=unpack(Answer, answer).id)


class Revoked(Worker):
    """A worker that hands parts of what it was given on: to one worker for a short time, to another for long."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.handed: list[Token] = []

    def use(self, token: Token) -> Effects:
        """Hand on, and call."""
        for number, name in enumerate(self.kit.population.of("worker")[:2]):
            until = self.timing.long if number else self.timing.short
            self.handed.append(self.narrowed(token, name, evolve(PART, expires=until)))
            yield self.give(name, self.handed[-1])
        yield from super().use(token)


class Thief(Worker):
    """Uses nothing by itself; keeps whatever it gets to see, and reads what it can."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.seen: dict[str, Token] = {}
        self.calls: list[Call] = []

    def on_given(self, _sender: str, body: Given) -> Effects:
        """A token, if it is in clear."""
        yield from ()
        with suppress(ValueError, Refused):
            token = unpack(Token, bytes.fromhex(body.box.body))
            self.seen[token.id] = token

    def on_call(self, _sender: str, body: Call) -> None:
        """A call, and the token in it if it is in clear."""
        self.calls.append(body)
        with suppress(ValueError, Refused):
            token = unpack(Request, bytes.fromhex(body.box.body)).token
            self.seen[token.id] = token


class Server(Member):
    """Serves a call whose token is good, is not revoked, and has something left; once, and answers as often as asked.

    `skew` is how many ticks its clock is ahead (or, below zero, behind).
    """

    skew = 0

    def begin(self) -> Effects:
        """Say again what may not have been heard."""
        for name, id_ in self.kept():
            yield self.answer(name, id_)

    def on_revocation(self, _sender: str, body: Revocation) -> None:
        """Take it in."""
        self.layers.registry.learn(body)

    def on_call(self, _sender: str, body: Call) -> Effects:
        """Verify, and serve."""
        caller, sent = self.layers.communication.open(body.box)
        request, name = unpack(Request, sent), self.names.get(caller, "")
        if not name:
            raise Refused("a stranger")
        if self.key(name, request.id) not in self.kit.store:
            now = self.kit.clock.now + self.skew
            self.layers.auth.verify(request, caller, now)
            self.layers.registry.admit(request.token)
            self.layers.payments.charge(request.token, request.amount)
            self.keep(self.key(name, request.id), (name, request.id))
            told = {"id": request.id, "token": request.token.id, "tool": request.tool, "amount": request.amount}
            self.kit.record("served", caller=name, **told)
        yield self.answer(name, request.id)

    def key(self, caller: str, id_: str) -> str:
        """Under what a call is remembered: ids are their callers' own."""
        return f"{caller} {id_}"

    def answer(self, name: str, id_: str) -> Post:
        """The result of a call that was served, for its caller."""
        return self.kit.post(name, Result(self.boxed(name, Answer(id_))))


class Auditor(Member):
    """Hears of revocations, and passes them on: what does not reach the tool server from one may from the other."""

    def begin(self) -> Effects:
        """Pass on what is known."""
        yield from (self.kit.post(self.server, one) for one in self.layers.registry.known())

    def on_revocation(self, _sender: str, body: Revocation) -> Effects:
        """Take it in, and pass it on."""
        self.layers.registry.learn(body)
        yield self.kit.post(self.server, body)


ROLES = {
    "principal": Principal,
    "orchestrator": Orchestrator,
    "worker": Worker,
    "revoked": Revoked,
    "thief": Thief,
    "server": Server,
    "auditor": Auditor,
}
"""What makes an agent of each role."""
