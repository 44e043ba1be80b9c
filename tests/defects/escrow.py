"""Plugins of escrow that are wrong on purpose, one defect each, and what must catch each of them."""

from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from crosslayer import Post, Refused, Roster
from crosslayer.harness.systems.escrow.agents import ROLES, Arbiter, Effects
from crosslayer.harness.systems.escrow.nouns import Acceptance, Claim, Hold, Key, Offer, Sealed, Statement, Terms
from crosslayer.harness.systems.escrow.plugins.payments_holds import Holds
from crosslayer.harness.systems.escrow.plugins.privacy_chacha20 import Sealing
from crosslayer.harness.systems.escrow.plugins.terms_signed import SignedTerms
from crosslayer.harness.systems.escrow.plugins.trust_bargains import Bargains

GOODS = "goods_for_money"
ONCE = "ends_once"
AGREED = "as_agreed"
WHOLE = "whole_in_the_end"
CONDUCT = "conduct_scored"


def each(kind: type[Any]) -> Callable[[Roster], dict[str, Any]]:
    """A factory that makes one plugin of a class for every agent."""
    return lambda roster: {name: kind(roster, name) for name in roster.names()}


# Payments


class NeedsNoKey(Holds):
    """Any claim will do."""

    def _check_key(self, hold: Hold, key: str) -> None:
        pass


class TakesDoubleClaims(Holds):
    """A claim of a hold that was paid already is paid once more."""

    def claim(self, id_: str, key: str, at: int) -> None:
        hold = self._store.get(f"hold {id_}")
        if hold is not None and hold.state == "claimed" and hold.ended:
            self._check_key(hold, key)
            self._check_time(hold.deadline, self._clock.now)
            self._save(evolve(hold, ended=False))
            return
        super().claim(id_, key, at)


class ForgetsEndedHolds(Holds):
    """A hold that has ended leaves nothing behind, so its terms can open another one."""

    def open(self, terms: Terms, payee: str, amount: int) -> Hold:
        hold = self._store.get(f"hold {terms.id}")
        if hold is not None and hold.ended:
            self._store.delete(f"hold {terms.id}")
        return super().open(terms, payee, amount)


class KeepsAFee(Holds):
    """One credit of each release goes nowhere."""

    def settle(self, id_: str) -> tuple[Hold, ...]:
        paid = super().settle(id_)
        for hold in paid:
            if hold.state == "claimed":
                self._pay(hold.payee, -1)
                self._store.sync()
        return paid


class TakesNothing(Holds):
    """A hold is opened without taking the payer's money."""

    def open(self, terms: Terms, payee: str, amount: int) -> Hold:
        hold = super().open(terms, payee, amount)
        self._pay(terms.buyer, amount)
        self._store.sync()
        return hold


class LendsMoney(Holds):
    """Whether the payer has the money is not looked at."""

    def _check_money(self, payer: str, amount: int) -> None:
        pass


class AnyoneTakesBack(Holds):
    """Anybody can have a payer's money sent back."""

    def cancel(self, id_: str, payer: str) -> None:
        super().cancel(id_, self._undecided(id_).payer)


class NobodyTakesBack(Holds):
    """A payer's wish counts nothing."""

    def cancel(self, id_: str, payer: str) -> None:
        raise Refused("no returns")


class AnyPayee(Holds):
    """The amount is compared with the terms, the payee is not."""

    def _check_terms(self, terms: Terms, payee: str, amount: int) -> None:
        super()._check_terms(terms, terms.seller, amount)


class ClaimantsClock(Holds):
    """Whether a claim is in time is asked of the claimant."""

    def _time_of_claim(self, at: int) -> int:
        return at


class ForgetsClaims(Holds):
    """A claim is kept in memory until it is paid."""

    def _save(self, hold: Hold) -> Hold:
        self._store.put(f"hold {hold.id}", hold)
        if hold.state != "claimed" or hold.ended:
            self._store.sync()
        return hold


class LeaseEndsEarly(Holds):
    """Claims are taken for the first part of a lease only."""

    def claim(self, id_: str, key: str, at: int) -> None:
        self._check_time(10, self._clock.now)
        super().claim(id_, key, at)


class ExpiresEarly(Holds):
    """A hold expires at the first look."""

    def expire(self) -> tuple[str, ...]:
        open_ = [hold for hold in self.holds() if hold.state == "open"]
        return tuple(self._save(evolve(hold, state="expired")).id for hold in open_)


# Privacy


class InClear(Sealing):
    """Goods are not sealed at all."""

    def seal(self, item: str, goods: bytes) -> Sealed:
        return evolve(super().seal(item, goods), goods=goods.hex())

    def open(self, goods: str, key: str) -> bytes:
        try:
            return bytes.fromhex(goods)
        except ValueError:
            raise Refused("no hex") from None


# Terms


class UnsignedBuyer(SignedTerms):
    """Whether the buyer has signed is not looked at."""

    def _check_buyer(self, acceptance: Acceptance) -> None:
        pass


class UnsignedSeller(SignedTerms):
    """Whether the seller has signed is not looked at."""

    def _check_seller(self, terms: Terms, signature: str) -> None:
        pass


class TakesOldAcceptances(SignedTerms):
    """An acceptance opens a hold whenever it comes."""

    def _check_time(self, terms: Terms) -> None:
        pass


class AnyGoods(SignedTerms):
    """Whether the goods are those of the terms is not looked at."""

    def accept(self, offer: Offer) -> Acceptance:
        try:
            return super().accept(offer)
        except Refused as refusal:
            if "goods" not in str(refusal):
                raise
            receipt, terms = offer.terms.receipt(self._dids), offer.terms
            cosignature = self._signer.sign(receipt.cosigned_body())
            return Acceptance(
                terms, offer.signature, cosignature, self._signer.sign(terms.complaint(self._dids).body())
            )


# Trust


class BelievesAnybody(Bargains):
    """Whose statement it is, is not looked at; the first one about a hold counts."""

    def _is_arbiters(self, statement: Statement) -> bool:
        return statement.acceptance.terms.id not in self._store


class SaleIsComplaint(Bargains):
    """A hold that was claimed counts against the seller, too."""

    def _evidence(self, statement: Statement) -> Any:
        return super()._evidence(evolve(statement, outcome="expired") if statement.outcome == "claimed" else statement)


class CancelledIsBroken(Bargains):
    """A hold that its buyer took back counts against the seller."""

    def _evidence(self, statement: Statement) -> Any:
        return super()._evidence(
            evolve(statement, outcome="expired") if statement.outcome == "cancelled" else statement
        )


class Deaf(Bargains):
    """Takes nothing in."""

    def report(self, statement: Statement) -> None:
        pass


class Forgetful(Bargains):
    """Statements are kept in memory alone."""

    def report(self, statement: Statement) -> None:
        if self._is_arbiters(statement):
            self._store.put(statement.acceptance.terms.id, statement)


# Agents


class RevealsEarly(Arbiter):
    """The buyer gets the key with the claim, before the seller is paid."""

    def on_claim(self, sender: str, body: Claim) -> Effects:
        yield from super().on_claim(sender, body)
        yield self.kit.post(self.kit.store.get(body.id).terms.buyer, Key(body.id, body.key))


class NeverSendsTheKeyAgain(Arbiter):
    """After a loss of memory the arbiter tells the auditor again how holds have ended, and the buyers nothing."""

    def begin(self) -> Effects:
        yield from (one for one in super().begin() if not (isinstance(one, Post) and one.kind == "key"))


class NeverStatesAgain(Arbiter):
    """After a loss of memory the arbiter sends the buyers their keys again, and tells the auditor nothing."""

    def begin(self) -> Effects:
        yield from (one for one in super().begin() if not (isinstance(one, Post) and one.kind == "statement"))


def arbiter(kind: type[Arbiter]) -> Callable[[], dict[str, Any]]:
    """The agents of the reference, with another arbiter."""
    return lambda: {**ROLES, "escrow": kind}


needs_no_key = each(NeedsNoKey)
takes_double_claims = each(TakesDoubleClaims)
forgets_ended_holds = each(ForgetsEndedHolds)
keeps_a_fee = each(KeepsAFee)
takes_nothing = each(TakesNothing)
lends_money = each(LendsMoney)
anyone_takes_back = each(AnyoneTakesBack)
nobody_takes_back = each(NobodyTakesBack)
any_payee = each(AnyPayee)
any_goods = each(AnyGoods)
believes_anybody = each(BelievesAnybody)
claimants_clock = each(ClaimantsClock)
forgets_claims = each(ForgetsClaims)
lease_ends_early = each(LeaseEndsEarly)
expires_early = each(ExpiresEarly)
in_clear = each(InClear)
unsigned_buyer = each(UnsignedBuyer)
unsigned_seller = each(UnsignedSeller)
takes_old_acceptances = each(TakesOldAcceptances)
sale_is_complaint = each(SaleIsComplaint)
cancelled_is_broken = each(CancelledIsBroken)
deaf = each(Deaf)
forgetful = each(Forgetful)
reveals_early = arbiter(RevealsEarly)
never_sends_the_key_again = arbiter(NeverSendsTheKeyAgain)
never_states_again = arbiter(NeverStatesAgain)


@frozen
class Defect:
    """A known-bad part of escrow, and the joint invariant that it must break."""

    part: str
    name: str
    caught_by: str

    @property
    def path(self) -> str:
        """As on the command line."""
        return f"tests.defects.escrow:{self.name}"


DEFECTS = (
    Defect("payments", "needs_no_key", GOODS),
    Defect("payments", "takes_double_claims", ONCE),
    Defect("payments", "forgets_ended_holds", ONCE),
    Defect("payments", "keeps_a_fee", ONCE),
    Defect("payments", "takes_nothing", ONCE),
    Defect("payments", "lends_money", ONCE),
    Defect("payments", "anyone_takes_back", WHOLE),
    Defect("payments", "nobody_takes_back", WHOLE),
    Defect("payments", "any_payee", AGREED),
    Defect("payments", "claimants_clock", WHOLE),
    Defect("payments", "forgets_claims", WHOLE),
    Defect("payments", "lease_ends_early", WHOLE),
    Defect("payments", "expires_early", WHOLE),
    Defect("privacy", "in_clear", GOODS),
    Defect("terms", "unsigned_buyer", AGREED),
    Defect("terms", "unsigned_seller", AGREED),
    Defect("terms", "takes_old_acceptances", AGREED),
    Defect("terms", "any_goods", GOODS),
    Defect("trust", "believes_anybody", CONDUCT),
    Defect("trust", "sale_is_complaint", CONDUCT),
    Defect("trust", "cancelled_is_broken", CONDUCT),
    Defect("trust", "deaf", CONDUCT),
    Defect("trust", "forgetful", CONDUCT),
    Defect("agents", "reveals_early", GOODS),
    Defect("agents", "never_sends_the_key_again", GOODS),
    Defect("agents", "never_states_again", CONDUCT),
)
"""Every planted defect that does not ship under a name of its own."""
