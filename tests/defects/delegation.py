"""Plugins of delegation that are wrong on purpose, one defect each, and what must catch each of them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve, frozen

from crosslayer import Refused, Roster
from crosslayer.harness.systems.delegation.agents import ROLES, Effects, Server
from crosslayer.harness.systems.delegation.nouns import Box, Grant, Link, Request, Revocation, Token
from crosslayer.harness.systems.delegation.plugins.auth_links import Links
from crosslayer.harness.systems.delegation.plugins.communication_sealed import Sealed
from crosslayer.harness.systems.delegation.plugins.communication_sealed import make as sealed
from crosslayer.harness.systems.delegation.plugins.payments_divided import Divided
from crosslayer.harness.systems.delegation.plugins.registry_gossip import Gossip

CHAIN = "chain_narrows"
REVOKED = "revoked_refused"
AUDIENCE = "audience_only"
BUDGET = "within_budget"
SERVED = "served_in_the_end"


def each(kind: type[Any]) -> Callable[[Roster], dict[str, Any]]:
    """A factory that makes one plugin of a class for every agent."""
    return lambda roster: {name: kind(roster, name) for name in roster.names()}


# Auth


class AnyIssuer(Links):
    """That a link's issuer is the audience of the one before is not looked at."""

    def _check_issuer(self, link: Link, issuer: str) -> None:
        if not link.parent:
            super()._check_issuer(link, issuer)


class AnyRoot(Links):
    """A first link may be anybody's."""

    def _check_issuer(self, link: Link, issuer: str) -> None:
        if link.parent:
            super()._check_issuer(link, issuer)


class Unsigned(Links):
    """Names and digests must fit; whether a link is signed is not looked at."""

    def _check_signature(self, link: Link) -> None:
        pass


class AnyParent(Links):
    """Issuers and audiences must fit; of which link another one was made is not looked at."""

    def _check_parent(self, link: Link, parent: str) -> None:
        pass


class NeverExpires(Links):
    """The time is not looked at."""

    def _check_time(self, grant: Grant, now: int) -> None:
        pass


class LongGrace(Links):
    """An expired token is good for another twenty ticks, for clocks that are slow."""

    def _check_time(self, grant: Grant, now: int) -> None:
        super()._check_time(grant, now - 20)


class TimesMayGrow(Links):
    """Tools may only become fewer; how long a link lives is its issuer's own matter."""

    def _compare(self, wide: Grant, narrow: Grant) -> None:
        if not set(narrow.tools) <= set(wide.tools):
            raise Refused("wider than what came before")


class AnyTool(Links):
    """That the chain is good is enough."""

    def verify(self, request: Request, caller: str, now: int) -> None:
        super().check(request.token, caller)
        self._check_time(request.token.links[-1].grant, now)


class ExpiresEarly(Links):
    """Nothing lives longer than thirty ticks."""

    def _check_time(self, grant: Grant, now: int) -> None:
        if now > min(grant.expires, 30):
            raise Refused("expired")


class EarlierAudiences(Links):
    """Who is anywhere in the chain may use it, and so the parent what its child was given."""

    def check(self, token: Token, audience: str) -> None:
        if audience in [link.audience for link in token.links]:
            super().check(token, token.links[-1].audience)
        else:
            super().check(token, audience)


# Registry


class ForgetsRevocations(Gossip):
    """Revocations are kept in memory."""

    def learn(self, told: Revocation) -> None:
        self._check(told)
        self._store.put(self._key(told.issuer, told.id), told)


class RemembersGoodTokens(Gossip):
    """What was found good once is not looked up again."""

    def __init__(self, roster: Roster, name: str) -> None:
        super().__init__(roster, name)
        self._good: set[str] = set()

    def admit(self, token: Token) -> None:
        if token.id not in self._good:
            super().admit(token)
            self._good.add(token.id)


class FirstLinkOnly(Gossip):
    """Only the first link is looked up: all others are made of it."""

    def _asked(self, token: Token) -> tuple[Link, ...]:
        return token.links[:1]


class TakesEffectLater(Gossip):
    """A revocation takes effect forty ticks after it was heard of, to be kind to those who are at work."""

    def __init__(self, roster: Roster, name: str) -> None:
        super().__init__(roster, name)
        self._clock, self._heard = roster.clock, roster.store(f"{name} heard")

    def learn(self, told: Revocation) -> None:
        super().learn(told)
        self._heard.put(told.id, self._clock.now)
        self._heard.sync()

    def _asked(self, token: Token) -> tuple[Link, ...]:
        return tuple(link for link in token.links if self._clock.now > self._heard.get(link.id, 0) + 40)


class BelievesAnybody(Gossip):
    """Whether a revocation is its issuer's is not looked at."""

    def _check(self, told: Revocation) -> None:
        pass


class RevokesTheIssuer(Gossip):
    """Who had one token revoked has lost them all: everything else of that issuer is refused as well."""

    def admit(self, token: Token) -> None:
        issuers = {told.issuer for told in self.known()}
        if any(link.issuer in issuers for link in token.links):
            raise Refused("revoked")


# Communication


class AnyName:
    """A box is opened with the key of the one who has sealed it; the name on it is taken as it stands."""

    def __init__(self, inner: Sealed, roster: Roster) -> None:
        self._inner, self._members = inner, roster.members

    def seal(self, to: str, body: bytes) -> Box:
        return self._inner.seal(to, body)

    def open(self, box: Box) -> tuple[str, bytes]:
        for member in self._members:
            with suppress(Refused):
                return box.sender, self._inner.open(evolve(box, sender=member.did))[1]
        raise Refused("nobody has sealed this")


def any_name(roster: Roster) -> dict[str, AnyName]:
    """The reference's boxes, opened in another way."""
    return {name: AnyName(inner, roster) for name, inner in sealed(roster).items()}


# Payments


class CallsOnly(Divided):
    """Calls are counted, spending is not."""

    def _take(self, id_: str, calls: int, spend: int) -> None:
        _, spend_left = self._store.get(id_, (0, 0))
        super()._take(id_, calls, min(spend, spend_left))


class SpendingOnly(Divided):
    """Spending is counted, calls are not."""

    def _take(self, id_: str, calls: int, spend: int) -> None:
        calls_left, _ = self._store.get(id_, (0, 0))
        super()._take(id_, min(calls, calls_left), spend)


class TakesNegativeParts(Divided):
    """A child may be given less than nothing, and its parent has more afterwards."""

    def _check_part(self, calls: int, spend: int) -> None:
        pass


class AnyAmount(Divided):
    """A call may cost less than nothing, and there is more left afterwards."""

    def _check_amount(self, amount: int) -> None:
        pass


class ForgetsAccounts(Divided):
    """Accounts are kept in memory, and are full again after a loss of it."""

    def charge(self, token: Token, amount: int) -> None:
        for link in token.links:
            if link.id not in self._store:
                self._open(link)
        self._take(token.id, 1, amount)


class ChargesTheRoot(Divided):
    """One account is filled for all, and every call is taken from it."""

    def charge(self, token: Token, amount: int) -> None:
        self._open_once(token.links[0])
        self._take(token.links[0].id, 1, amount)
        self._store.sync()

    def _open_once(self, link: Link) -> None:
        if link.id not in self._store:
            self._open(link)


class SingleUse(Divided):
    """Whatever a grant says, a token is good for one call."""

    def charge(self, token: Token, amount: int) -> None:
        if token.id in self._store:
            raise Refused("used")
        super().charge(token, amount)


# Agents


class ServesAgain(Server):
    """Every call that comes is served; that it may come twice is not thought of."""

    def key(self, caller: str, id_: str) -> str:
        return f"{super().key(caller, id_)} {len(self.kit.store.keys())}"


class OneNameForAll(Server):
    """A call is remembered by its name, and not by who has made it."""

    def key(self, caller: str, id_: str) -> str:
        return id_.rpartition(" ")[2]


class NeverAnswersAgain(Server):
    """After a loss of memory, nothing is said again."""

    def begin(self) -> Effects:
        yield from ()


class ForgetsWhatItServed(Server):
    """Which calls were served is kept in memory."""

    def keep(self, key: str, value: Any) -> None:
        self.kit.store.put(key, value)


def server(kind: type[Server]) -> Callable[[], Mapping[str, Any]]:
    """The agents of the reference, with another tool server."""
    return lambda: {**ROLES, "server": kind}


any_issuer = each(AnyIssuer)
any_root = each(AnyRoot)
unsigned = each(Unsigned)
any_parent = each(AnyParent)
never_expires = each(NeverExpires)
long_grace = each(LongGrace)
times_may_grow = each(TimesMayGrow)
any_tool = each(AnyTool)
expires_early = each(ExpiresEarly)
earlier_audiences = each(EarlierAudiences)
forgets_revocations = each(ForgetsRevocations)
remembers_good_tokens = each(RemembersGoodTokens)
first_link_only = each(FirstLinkOnly)
takes_effect_later = each(TakesEffectLater)
believes_anybody = each(BelievesAnybody)
revokes_the_issuer = each(RevokesTheIssuer)
calls_only = each(CallsOnly)
spending_only = each(SpendingOnly)
takes_negative_parts = each(TakesNegativeParts)
any_amount = each(AnyAmount)
forgets_accounts = each(ForgetsAccounts)
charges_the_root = each(ChargesTheRoot)
single_use = each(SingleUse)
serves_again = server(ServesAgain)
one_name_for_all = server(OneNameForAll)
never_answers_again = server(NeverAnswersAgain)
forgets_what_it_served = server(ForgetsWhatItServed)


@frozen
class Defect:
    """A known-bad part of delegation, and the joint invariant that it must break."""

    part: str
    name: str
    caught_by: str

    @property
    def path(self) -> str:
        """As on the command line."""
        return f"tests.defects.delegation:{self.name}"


DEFECTS = (
    Defect("auth", "any_issuer", CHAIN),
    Defect("auth", "any_root", CHAIN),
    Defect("auth", "unsigned", CHAIN),
    Defect("auth", "any_parent", CHAIN),
    Defect("auth", "never_expires", CHAIN),
    Defect("auth", "long_grace", CHAIN),
    Defect("auth", "times_may_grow", CHAIN),
    Defect("auth", "any_tool", CHAIN),
    Defect("auth", "expires_early", SERVED),
    Defect("auth", "earlier_audiences", AUDIENCE),
    Defect("registry", "forgets_revocations", REVOKED),
    Defect("registry", "remembers_good_tokens", REVOKED),
    Defect("registry", "first_link_only", REVOKED),
    Defect("registry", "takes_effect_later", REVOKED),
    Defect("registry", "believes_anybody", SERVED),
    Defect("registry", "revokes_the_issuer", SERVED),
    Defect("communication", "any_name", AUDIENCE),
    Defect("payments", "calls_only", BUDGET),
    Defect("payments", "spending_only", BUDGET),
    Defect("payments", "takes_negative_parts", BUDGET),
    Defect("payments", "any_amount", BUDGET),
    Defect("payments", "forgets_accounts", BUDGET),
    Defect("payments", "charges_the_root", BUDGET),
    Defect("payments", "single_use", SERVED),
    Defect("agents", "serves_again", AUDIENCE),
    Defect("agents", "one_name_for_all", SERVED),
    Defect("agents", "never_answers_again", SERVED),
    Defect("agents", "forgets_what_it_served", AUDIENCE),
)
"""Every planted defect that does not ship under a name of its own."""
