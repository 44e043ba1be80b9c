"""The reference auth layer: tokens are chains of Ed25519-signed links, in the manner of UCAN's delegations.

Owns the making and verifying of chains. As in UCAN, each link names its issuer and its audience by key, the audience of
a link is the issuer of the next, and each may only narrow what came before; as in a biscuit, the whole chain travels
with the token, so that who verifies needs one key: the principal's.
"""

from attrs import evolve

from crosslayer import Refused, Roster, role_of, verify
from crosslayer.harness.systems.delegation.nouns import Grant, Link, Request, Token


class Links:
    """One agent's making of tokens, and its verifying of others'."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._signer = roster.signer(name)
        (self._principal,) = (one.did for one in roster.members if role_of(one.name) == "principal")

    def narrow(self, token: Token, audience: str, grant: Grant) -> Token:
        """The token with one more link; of the empty token, the principal's first one. `Refused`: it would widen."""
        if token.links:
            self._compare(token.links[-1].grant, grant)
        link = Link(self._signer.did, audience, token.id, grant)
        return Token((*token.links, evolve(link, signature=self._signer.sign(link.body()))))

    def check(self, token: Token, audience: str) -> None:
        """`Refused` unless this is an unbroken chain from the principal to this audience that only narrows."""
        issuer, parent = self._principal, ""
        for before, link in zip((None, *token.links), token.links, strict=False):
            self._check_issuer(link, issuer)
            self._check_signature(link)
            self._check_parent(link, parent)
            if before is not None:
                self._compare(before.grant, link.grant)
            issuer, parent = link.audience, link.id
        if not token.links:
            raise Refused("no token")
        self._check_audience(token.links[-1], audience)

    def verify(self, request: Request, caller: str, now: int) -> None:
        """`Refused` unless this caller may use this tool at this tick."""
        self.check(request.token, caller)
        grant = request.token.links[-1].grant
        if request.tool not in grant.tools:
            raise Refused("not in its scope")
        self._check_time(grant, now)

    def _check_issuer(self, link: Link, issuer: str) -> None:
        if link.issuer != issuer:
            raise Refused("issued by somebody else")

    def _check_parent(self, link: Link, parent: str) -> None:
        if link.parent != parent:
            raise Refused("made of another link")

    def _check_signature(self, link: Link) -> None:
        if not verify(link.issuer, link.body(), link.signature):
            raise Refused("not signed by the issuer")

    def _compare(self, wide: Grant, narrow: Grant) -> None:
        if not set(narrow.tools) <= set(wide.tools) or narrow.expires > wide.expires:
            raise Refused("wider than what came before")

    def _check_audience(self, link: Link, caller: str) -> None:
        if link.audience != caller:
            raise Refused("the token of somebody else")

    def _check_time(self, grant: Grant, now: int) -> None:
        if now > grant.expires:
            raise Refused("expired")


def make(roster: Roster) -> dict[str, Links]:
    """One for every agent, each with its own key."""
    return {name: Links(roster, name) for name in roster.names()}
