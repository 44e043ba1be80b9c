"""The reference terms layer: an offer and its acceptance are one receipt of commerce, signed by both (Ed25519).

Owns the making and checking of signatures on terms. The receipt's id is the SHA-256 of all terms, so who signs it
signs them; later it is evidence of a sale, if the money went to the seller.
"""

from crosslayer import Refused, Roster, verify
from crosslayer.harness.systems.escrow.nouns import Acceptance, Offer, Sealed, Terms, sha256


class SignedTerms:
    """One agent's signing of terms, and its checking of what others signed."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._name, self._clock, self._timing = name, roster.clock, roster.scenario.timing
        self._signer = roster.signer(name)
        self._dids = {member.name: member.did for member in roster.members}

    def offer(self, buyer: str, item: str, amount: int, sealed: Sealed) -> Offer:
        """An offer of the owner's to sell these sealed goods, in the time that the scenario gives."""
        expires, deadline = self._timing.expires, self._timing.deadline
        terms = Terms(self._name, buyer, item, amount, sealed.lock, sha256(sealed.goods), expires, deadline)
        return Offer(terms, self._signer.sign(terms.receipt(self._dids).body()), sealed.goods)

    def accept(self, offer: Offer) -> Acceptance:
        """The owner's acceptance. `Refused`: for somebody else, not the seller's word, or other goods than it says."""
        terms = offer.terms
        if terms.buyer != self._name:
            raise Refused("an offer to somebody else")
        self._check_parties(terms)
        self._check_seller(terms, offer.signature)
        if sha256(offer.goods) != terms.sealed:
            raise Refused("not the goods of the offer")
        cosignature = self._signer.sign(terms.receipt(self._dids).cosigned_body())
        complaint = self._signer.sign(terms.complaint(self._dids).body())
        return Acceptance(terms, offer.signature, cosignature, complaint)

    def check(self, acceptance: Acceptance) -> None:
        """`Refused` unless seller and buyer have signed."""
        terms = acceptance.terms
        self._check_parties(terms)
        self._check_seller(terms, acceptance.signature)
        self._check_buyer(acceptance)

    def admit(self, acceptance: Acceptance) -> None:
        """`Refused` unless seller and buyer have signed, and the acceptance has not expired."""
        self.check(acceptance)
        self._check_time(acceptance.terms)

    def _check_parties(self, terms: Terms) -> None:
        if terms.seller not in self._dids or terms.buyer not in self._dids:
            raise Refused("terms of a stranger")

    def _check_seller(self, terms: Terms, signature: str) -> None:
        if not verify(self._dids[terms.seller], terms.receipt(self._dids).body(), signature):
            raise Refused("not signed by the seller")

    def _check_buyer(self, acceptance: Acceptance) -> None:
        terms, did = acceptance.terms, self._dids[acceptance.terms.buyer]
        signed = verify(did, terms.receipt(self._dids).cosigned_body(), acceptance.cosignature)
        if not signed or not verify(did, terms.complaint(self._dids).body(), acceptance.complaint):
            raise Refused("not signed by the buyer")

    def _check_time(self, terms: Terms) -> None:
        if self._clock.now > terms.expires:
            raise Refused("the acceptance has expired")


def make(roster: Roster) -> dict[str, SignedTerms]:
    """One for every agent, each with its own key."""
    return {name: SignedTerms(roster, name) for name in roster.names()}
