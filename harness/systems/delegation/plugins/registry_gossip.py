"""The reference registry: revocations that their issuers have signed, taken in from anybody, kept for good.

Owns one agent's list of revocations, in its durable store.
"""

from attrs import evolve

from crosslayer import Refused, Roster, verify
from crosslayer.harness.systems.delegation.nouns import Link, Revocation, Token


class Gossip:
    """One agent's list. Who has issued a link may take it back, and nobody else."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._signer, self._store = roster.signer(name), roster.store(name)

    def revoke(self, id_: str) -> Revocation:
        """The owner's revocation of a link that it has issued."""
        told = Revocation(id_, self._signer.did)
        return evolve(told, signature=self._signer.sign(told.body()))

    def learn(self, told: Revocation) -> None:
        """Take in a revocation. `Refused`: not its issuer's word."""
        self._check(told)
        self._store.put(self._key(told.issuer, told.id), told)
        self._store.sync()

    def known(self) -> tuple[Revocation, ...]:
        """All that were taken in."""
        return tuple(map(self._store.get, self._store))

    def admit(self, token: Token) -> None:
        """`Refused` if a link of this token was taken back, whichever it is."""
        if any(self._key(link.issuer, link.id) in self._store for link in self._asked(token)):
            raise Refused("revoked")

    def _check(self, told: Revocation) -> None:
        if not verify(told.issuer, told.body(), told.signature):
            raise Refused("not signed by the issuer")

    def _key(self, issuer: str, id_: str) -> str:
        return f"{issuer} {id_}"

    def _asked(self, token: Token) -> tuple[Link, ...]:
        """The links that must not have been taken back: all of them."""
        return token.links


def make(roster: Roster) -> dict[str, Gossip]:
    """A list for every agent."""
    return {name: Gossip(roster, name) for name in roster.names()}
