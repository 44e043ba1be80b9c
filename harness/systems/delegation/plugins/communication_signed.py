"""Another correct communication layer: boxes that anybody can read, signed by their sender (Ed25519).

A token in it is no secret, and need not be one: it is of use to its audience only.
"""

from attrs import evolve

from crosslayer import Refused, Roster, pack, verify
from crosslayer.harness.systems.delegation.nouns import Box


class Signed:
    """One agent's signing of boxes, and its checking of what others signed."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._signer = roster.signer(name)

    def seal(self, to: str, body: bytes) -> Box:
        """A box for somebody."""
        box = Box(self._signer.did, to, body.hex())
        return evolve(box, proof=self._signer.sign(pack(box)))

    def open(self, box: Box) -> tuple[str, bytes]:
        """Who has made a box for the owner, and what is in it. `Refused`: for somebody else, or of somebody else."""
        if box.to != self._signer.did:
            raise Refused("a box for somebody else")
        self._check(box)
        try:
            return box.sender, bytes.fromhex(box.body)
        except ValueError:
            raise Refused("no hex") from None

    def _check(self, box: Box) -> None:
        if not verify(box.sender, pack(evolve(box, proof="")), box.proof):
            raise Refused("not signed by its sender")


def make(roster: Roster) -> dict[str, Signed]:
    """One for every agent, each with its own key."""
    return {name: Signed(roster, name) for name in roster.names()}
