"""Payments layers with one thing wrong each: the reference ledger with another rule, and a factory for every defect."""

from attrs import evolve, frozen

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nouns import Stream
from crosslayer.harness.systems.commerce.plugins.payments_streaming import (
    Account,
    Accrual,
    Agreement,
    Ledger,
    accounts,
    accrued,
)
from crosslayer.harness.systems.commerce.ports import Roster

LUMP_TICKS = 10


def _on(ledger: Ledger, roster: Roster) -> dict[str, Account]:
    return {name: Account(name, ledger) for name in roster.names()}


def bills_after_close(roster: Roster) -> dict[str, Account]:
    """A closed stream goes on moving until its cap. Caught by the payments contract: no promise joins on it."""
    return accounts(roster, lambda agreement, now: accrued(evolve(agreement, closed=None), now))


def exceeds_cap(roster: Roster) -> dict[str, Account]:
    """The cap is compared before the tick, not after, so the last goes past it. Caught by the payments contract."""
    return accounts(roster, lambda agreement, now: accrued(evolve(agreement, cap=agreement.cap + agreement.rate), now))


def starts_one_tick_late(roster: Roster) -> dict[str, Account]:
    """Off by one: the tick of the opening is not paid.

    Caught by delivery_rewarded: a bid that is delivered within its tick is served before any money moved.
    """
    return accounts(
        roster, lambda agreement, now: accrued(agreement, now) - min(agreement.rate, accrued(agreement, now))
    )


def pays_in_lumps(roster: Roster) -> dict[str, Account]:
    """Money moves only every tenth tick. Caught by delivery_rewarded: the goods are faster."""

    def accrual(agreement: Agreement, now: int) -> int:
        lump = LUMP_TICKS * agreement.rate
        return accrued(agreement, now) // lump * lump

    return accounts(roster, accrual)


def never_metered(roster: Roster) -> dict[str, Account]:
    """A stream pays for its first tick and never again, and "moved" then means one tick.

    Caught by the payments contract: for the joint promises any money is money.
    """
    return accounts(roster, lambda agreement, _: min(agreement.rate, agreement.cap))


def refunds_in_full(roster: Roster) -> dict[str, Account]:
    """Closing gives everything back to the payer. Caught by delivery_rewarded: late goods come after the refund."""
    return accounts(roster, lambda agreement, now: 0 if agreement.closed is not None else accrued(agreement, now))


class _Reopens(Ledger):
    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> None:
        known = self._agreements.get((payer, ref))
        if known is not None and known.closed is not None:
            del self._agreements[payer, ref]
        super().open(payer, payee, rate, cap, ref)


def reopens_closed_reference(roster: Roster) -> dict[str, Account]:
    """A reference whose stream was closed may be used again. Caught by the payments contract (audit)."""
    return _on(_Reopens(roster, accrued), roster)


class _AnybodyCloses(Ledger):
    def close(self, closer: str, payer: str, ref: str) -> int:
        return super().close(payer, payer, ref)


def lets_a_third_party_close(roster: Roster) -> dict[str, Account]:
    """Anyone who knows a reference may close the stream. Caught by the payments contract (audit)."""
    return _on(_AnybodyCloses(roster, accrued), roster)


class _RefundsAgain(Ledger):
    def close(self, closer: str, payer: str, ref: str) -> int:
        known = self._agreements.get((payer, ref))
        total = super().close(closer, payer, ref)
        if known is not None and known.closed is not None:
            self._settled[payer] += known.cap - total
        return total


def refunds_again_and_again(roster: Roster) -> dict[str, Account]:
    """Each further closing pays out the unused rest of the cap once more. Caught by the payments contract."""
    return _on(_RefundsAgain(roster, accrued), roster)


class _Recounts(Ledger):
    """Balances counted afresh from all agreements, each credited to whom `credited` says."""

    def __init__(self, roster: Roster) -> None:
        super().__init__(roster, accrued)
        self._names = roster.names()
        self._opening = roster.balance

    def balance(self, name: str) -> int:
        agreements = self._agreements.values()
        received = sum(self._moved(one) for one in agreements if self.credited(one) == name)
        return self._opening + received - sum(self._moved(one) for one in agreements if one.payer == name)

    def credited(self, agreement: Agreement) -> str:
        return agreement.payee


class _PaysTheNeighbour(_Recounts):
    def credited(self, agreement: Agreement) -> str:
        return self._names[self._names.index(agreement.payee) - 1]


def pays_the_wrong_payee(roster: Roster) -> dict[str, Account]:
    """The stream names the payee, but the money goes to somebody else; no credit is made or lost.

    Caught by the payments contract: the joint promises read streams, not purses.
    """
    return _on(_PaysTheNeighbour(roster), roster)


class _PaysTheFirst(_Recounts):
    def credited(self, agreement: Agreement) -> str:
        return next(one.payee for one in self._agreements.values() if one.payer == agreement.payer)


def pays_the_first_payee(roster: Roster) -> dict[str, Account]:
    """All streams of a payer pay whom its first stream paid. Caught by the payments contract, at a second purchase."""
    return _on(_PaysTheFirst(roster), roster)


class _CreditsFirst(Ledger):
    def _received(self, name: str) -> int:
        received = (one for one in self._open.values() if one.payee == name)
        return sum(self._accrual(one, self._clock.now + 1) for one in received)


def credits_before_debit(roster: Roster) -> dict[str, Account]:
    """The payee has a tick's money before the payer has lost it. Caught by the payments contract."""
    return _on(_CreditsFirst(roster, accrued), roster)


class _KeyedByReference(Ledger):
    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> None:
        if any(used == ref for _, used in self._agreements):
            raise Refused(f"{ref} was used before")
        super().open(payer, payee, rate, cap, ref)


def keys_by_reference_alone(roster: Roster) -> dict[str, Account]:
    """References belong to nobody, so an agent that uses one first keeps its owner from it.

    Caught by the payments contract (audit): a buyer that cannot open its stream does not bid.
    """
    return _on(_KeyedByReference(roster, accrued), roster)


class _Lends(Ledger):
    def _available(self, name: str) -> int:
        return 2 * super()._available(name)


def lends_money(roster: Roster) -> dict[str, Account]:
    """A payer may promise twice what it has. Caught by the payments contract (audit)."""
    return _on(_Lends(roster, accrued), roster)


@frozen
class _PartiesOnly(Account):
    def verify_payment(self, payer: str, ref: str) -> Stream | None:
        found = super().verify_payment(payer, ref)
        return found if found is not None and self.owner in (found.payer, found.payee) else None


def shows_streams_to_parties_only(roster: Roster) -> dict[str, _PartiesOnly]:
    """A third party, the auditor included, cannot see that money moved.

    Caught by delivery_rewarded: nothing shows that goods were paid for.
    """
    ledger = Ledger(roster, accrued)
    return {name: _PartiesOnly(name, ledger) for name in roster.names()}


class _ShowsRateAsCap(Ledger):
    def stream(self, payer: str, ref: str) -> Stream | None:
        found = super().stream(payer, ref)
        return found and evolve(found, rate=found.cap, cap=found.rate)


def shows_rate_as_cap(roster: Roster) -> dict[str, Account]:
    """A stream shows other terms than those of its opening. Caught by the payments contract."""
    return _on(_ShowsRateAsCap(roster, accrued), roster)


class _KeepsReserved(Ledger):
    def _available(self, name: str) -> int:
        closed = (one for one in self._agreements.values() if one.payer == name and one.closed is not None)
        return super()._available(name) - sum(one.cap - self._moved(one) for one in closed)


def never_frees_what_it_reserved(roster: Roster) -> dict[str, Account]:
    """What a closed stream had reserved stays reserved. Caught by the payments contract (inquiry)."""
    return _on(_KeepsReserved(roster, accrued), roster)


class _ReservesLast(Ledger):
    def _available(self, name: str) -> int:
        reserved = [one.cap for one in self._paying(name)]
        return self._settled[name] + self._received(name) - (reserved[-1] if reserved else 0)


def reserves_for_the_last_only(roster: Roster) -> dict[str, Account]:
    """Of several open streams only the last is reserved for. Caught by the payments contract (inquiry)."""
    return _on(_ReservesLast(roster, accrued), roster)


class _UsesUpRefused(Ledger):
    def __init__(self, roster: Roster, accrual: Accrual) -> None:
        super().__init__(roster, accrual)
        self._tried: set[tuple[str, str]] = set()

    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> None:
        if (payer, ref) in self._tried:
            raise Refused("used before")
        self._tried.add((payer, ref))
        super().open(payer, payee, rate, cap, ref)


def uses_up_refused_references(roster: Roster) -> dict[str, Account]:
    """An opening that was refused has used up its reference. Caught by the payments contract (inquiry)."""
    return _on(_UsesUpRefused(roster, accrued), roster)


class _TakesAnyTerms(Ledger):
    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> None:
        if rate > 0 and cap > 0:
            super().open(payer, payee, rate, cap, ref)
        else:
            self._agreements[payer, ref] = self._open[payer, ref] = Agreement(
                payer, payee, ref, rate, cap, opened=self._clock.now
            )


def pays_backwards(roster: Roster) -> dict[str, Account]:
    """A negative rate takes from the payee. Caught by the payments contract (inquiry)."""
    return _on(_TakesAnyTerms(roster, accrued), roster)


class _Folds(Ledger):
    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> None:
        super().open(payer, payee, rate, cap, ref.strip().lower())

    def close(self, closer: str, payer: str, ref: str) -> int:
        return super().close(closer, payer, ref.strip().lower())

    def stream(self, payer: str, ref: str) -> Stream | None:
        found = super().stream(payer, ref.strip().lower())
        return found and evolve(found, ref=ref)


def folds_references(roster: Roster) -> dict[str, Account]:
    """References that differ in case or blanks are taken for one. Caught by the payments contract (inquiry)."""
    return _on(_Folds(roster, accrued), roster)


class _Boasts(Account):
    def verify_payment(self, payer: str, ref: str) -> Stream | None:
        found = super().verify_payment(payer, ref)
        return evolve(found, moved=found.cap) if found is not None and found.payee == self.owner else found


def tells_the_payee_more(roster: Roster) -> dict[str, Account]:
    """To its payee a stream seems paid to the cap. Caught by the payments contract: others see less."""
    ledger = Ledger(roster, accrued)
    return {name: _Boasts(name, ledger) for name in roster.names()}
