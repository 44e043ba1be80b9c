"""Trust layers with one thing wrong each: the reference book or rule with one line changed, and their factories."""

import math
from collections import Counter
from collections.abc import Iterable

from attrs import evolve

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.systems.commerce.nouns import (
    NEUTRAL_SCORE,
    TRUST_THRESHOLD,
    Complaint,
    Evidence,
    Receipt,
    Score,
)
from crosslayer.harness.systems.commerce.plugins.receipts import (
    NEUTRAL,
    WEIGHTS,
    Book,
    Case,
    Claim,
    ReceiptTrust,
    Rule,
    circles,
)
from crosslayer.harness.systems.commerce.plugins.trust_paid_receipts import RULE
from crosslayer.harness.systems.commerce.plugins.trust_paid_receipts import unpaid as severed
from crosslayer.harness.systems.commerce.ports import Roster

SMALL = 3
MAYBE = 0.5
WEIGHT_OF_A_SIGNATURE = 50


class _Variant(ReceiptTrust):
    """The reference with this rule and this kind of book."""

    book: type[Book] = Book
    rule: Rule = RULE

    def __init__(self, roster: Roster) -> None:
        super().__init__(roster, self.rule)
        self._book = self.book(frozenset(self._names))


class _CountsTwice(_Variant):
    def __init__(self, roster: Roster) -> None:
        super().__init__(roster)
        self._heard: Counter[tuple[str, Evidence]] = Counter()

    def report(self, agent: str, evidence: Evidence) -> None:
        super().report(agent, evidence)
        self._heard[agent, evidence] += 1

    def score(self, agent: str) -> Score:
        score = super().score(agent)
        again = sum(times - 1 for (about, _), times in self._heard.items() if about == agent)
        return evolve(score, value=1 - (1 - score.value) * math.exp(-again / 2))


def counts_twice(roster: Roster) -> dict[str, _CountsTwice]:
    """A receipt that is told again counts again.

    Caught by the trust contract (audit): this auditor does not repeat itself, and more weight breaks no joint promise.
    """
    return {name: _CountsTwice(roster) for name in roster.names()}


class _SelfBook(Book):
    def _is_valid_receipt(self, receipt: Receipt) -> bool:
        if receipt.issuer == receipt.counterparty:
            return verify(receipt.issuer, receipt.cosigned_body(), receipt.cosignature)
        return super()._is_valid_receipt(receipt)


class _TrustsSelf(_Variant):
    book = _SelfBook


def trusts_self_cosignature(roster: Roster) -> dict[str, _TrustsSelf]:
    """An issuer may be its own counterparty. Caught by the trust contract (audit)."""
    return {name: _TrustsSelf(roster) for name in roster.names()}


class _Silenced(_Variant):
    rule = Rule(severed, prior=NEUTRAL_SCORE, receipts_silence_complaints=True)


def forgets_complaints_once_a_receipt_exists(roster: Roster) -> dict[str, _Silenced]:
    """Anyone who served one buyer may cheat the next. Caught by undelivered_penalized."""
    return {name: _Silenced(roster) for name in roster.names()}


def _severs_small(case: Case) -> frozenset[Receipt]:
    outcasts = {did for circle in circles(case.receipts) if len(circle) <= SMALL for did in circle}
    return severed(case) | {receipt for receipt in case.receipts if receipt.issuer in outcasts}


class _SeversSmall(_Variant):
    rule = Rule(_severs_small)


def severs_small_guilds_and_their_sales(roster: Roster) -> dict[str, _SeversSmall]:
    """Two or three honest sellers who settle in a circle lose what they sold, too. Caught by delivery_rewarded."""
    return {name: _SeversSmall(roster) for name in roster.names()}


class _ByName(ReceiptTrust):
    def score(self, agent: str) -> Score:
        return Score(0.9 if agent.startswith("s") and not agent.startswith("shill") else 0.1, 1.0)


def scores_by_name(roster: Roster) -> dict[str, _ByName]:
    """A good name is all that it takes. Caught by delivery_rewarded: the score owes nothing to any receipt."""
    return {name: _ByName(roster, RULE) for name in roster.names()}


class _Nudges(ReceiptTrust):
    def score(self, agent: str) -> Score:
        score = super().score(agent)
        return evolve(score, value=score.value + len(agent) / 10_000)


def favours_long_names(roster: Roster) -> dict[str, _Nudges]:
    """The reference score, and a trifle for each letter of the name. Caught by the trust contract (audit)."""
    return {name: _Nudges(roster, RULE) for name in roster.names()}


class _NotANumber(ReceiptTrust):
    def score(self, agent: str) -> Score:
        score = super().score(agent)
        return score if score.confidence else Score(math.nan, 0.0)


def scores_nan_without_evidence(roster: Roster) -> dict[str, _NotANumber]:
    """No evidence, no number. Caught by delivery_rewarded, for which a score is a number."""
    return {name: _NotANumber(roster, RULE) for name in roster.names()}


class _Constant(ReceiptTrust):
    def score(self, agent: str) -> Score:
        return Score(MAYBE, MAYBE)


def scores_a_constant(roster: Roster) -> dict[str, _Constant]:
    """Everybody has the same score, come what may. Caught by delivery_rewarded: nothing was earned."""
    return {name: _Constant(roster, RULE) for name in roster.names()}


class _DiscardsReceipts(ReceiptTrust):
    def report(self, agent: str, evidence: Evidence) -> None:
        if isinstance(evidence, Complaint):
            super().report(agent, evidence)


def discards_every_receipt(roster: Roster) -> dict[str, _DiscardsReceipts]:
    """Only complaints are heard. Caught by delivery_rewarded: the neutral prior is no reward."""
    return {name: _DiscardsReceipts(roster, RULE) for name in roster.names()}


class _LastBook(Book):
    def add(self, evidence: object) -> None:
        if isinstance(evidence, Receipt) and self._is_valid_receipt(evidence):
            kept = self._complaints.items()
            self._complaints = {claim: one for claim, one in kept if one.subject != evidence.issuer}
        elif isinstance(evidence, Complaint) and self._is_valid_complaint(evidence):
            self._receipts = {key: one for key, one in self._receipts.items() if one.issuer != evidence.subject}
        super().add(evidence)


class _LastWins(_Variant):
    book = _LastBook


def lets_the_last_evidence_win(roster: Roster) -> dict[str, _LastWins]:
    """A receipt wipes out the complaints before it, and a complaint the receipts.

    Caught by undelivered_penalized: a wash trade after the complaint is enough.
    """
    return {name: _LastWins(roster) for name in roster.names()}


class _UnsignedBook(Book):
    def _is_valid_receipt(self, receipt: Receipt) -> bool:
        parties = {receipt.issuer, receipt.counterparty}
        return receipt.category in WEIGHTS and len(parties) > 1 and parties <= self._dids


class _TrustsUnsigned(_Variant):
    book = _UnsignedBook


def trusts_unsigned_receipts(roster: Roster) -> dict[str, _TrustsUnsigned]:
    """No signature is looked at. Caught by undelivered_penalized: junk answers the complaint of a robbed buyer."""
    return {name: _TrustsUnsigned(roster) for name in roster.names()}


class _OneSignatureBook(_UnsignedBook):
    def _is_valid_receipt(self, receipt: Receipt) -> bool:
        return super()._is_valid_receipt(receipt) and verify(receipt.issuer, receipt.body(), receipt.signature)


class _TrustsIssuers(_Variant):
    book = _OneSignatureBook


def trusts_forged_receipts(roster: Roster) -> dict[str, _TrustsIssuers]:
    """The issuer's signature does, whatever the counterparty signed. Caught by the trust contract (audit)."""
    return {name: _TrustsIssuers(roster) for name in roster.names()}


class _GhostBook(Book):
    def _is_valid_receipt(self, receipt: Receipt) -> bool:
        return (
            receipt.category in WEIGHTS
            and receipt.issuer != receipt.counterparty
            and receipt.issuer in self._dids
            and verify(receipt.issuer, receipt.body(), receipt.signature)
            and verify(receipt.counterparty, receipt.cosigned_body(), receipt.cosignature)
        )


class _TrustsGhosts(_Variant):
    book = _GhostBook

    def _is_paid(self, claim: Claim) -> bool:
        return claim[0] in self._names and super()._is_paid(claim)


def trusts_ghosts(roster: Roster) -> dict[str, _TrustsGhosts]:
    """A counterparty may be any key at all. Caught by the trust contract (audit)."""
    return {name: _TrustsGhosts(roster) for name in roster.names()}


class _AboveOne(ReceiptTrust):
    def score(self, agent: str) -> Score:
        score = super().score(agent)
        if score.value >= 1 or not score.confidence:
            return score
        return evolve(score, value=-math.log(1 - score.value))


def scores_above_one(roster: Roster) -> dict[str, _AboveOne]:
    """The score is the weight itself, which has no end. Caught by the trust contract."""
    return {name: _AboveOne(roster, RULE) for name in roster.names()}


class _BareIdBook(Book):
    def __init__(self, dids: frozenset[str]) -> None:
        super().__init__(dids)
        self._ids: set[str] = set()

    def add(self, evidence: object) -> None:
        if isinstance(evidence, Receipt):
            if evidence.id in self._ids:
                return
            self._ids.add(evidence.id)
        super().add(evidence)


class _BareIds(_Variant):
    book = _BareIdBook


def keeps_the_first_of_each_id(roster: Roster) -> dict[str, _BareIds]:
    """Receipt ids belong to nobody, and junk takes them, too. Caught by delivery_rewarded: squatted sales vanish."""
    return {name: _BareIds(roster) for name in roster.names()}


class _Resentful(ReceiptTrust):
    def __init__(self, roster: Roster) -> None:
        super().__init__(roster, RULE)
        self._accused: set[str] = set()

    def report(self, agent: str, evidence: Evidence) -> None:
        super().report(agent, evidence)
        if isinstance(evidence, Complaint) and verify(evidence.complainant, evidence.body(), evidence.signature):
            self._accused.add(agent)

    def score(self, agent: str) -> Score:
        score = super().score(agent)
        return evolve(score, value=0.0) if agent in self._accused else score


def never_forgives(roster: Roster) -> dict[str, _Resentful]:
    """A complaint counts although a receipt has answered it. Caught by delivery_rewarded: late is not never."""
    return {name: _Resentful(roster) for name in roster.names()}


class _Deaf(ReceiptTrust):
    def report(self, agent: str, evidence: Evidence) -> None:
        if isinstance(evidence, Receipt):
            super().report(agent, evidence)


def ignores_complaints(roster: Roster) -> dict[str, _Deaf]:
    """Complaints are not heard. Caught by undelivered_penalized."""
    return {name: _Deaf(roster, RULE) for name in roster.names()}


class _Lenient(ReceiptTrust):
    def score(self, agent: str) -> Score:
        score = super().score(agent)
        return evolve(score, value=max(score.value, TRUST_THRESHOLD))


def forgives_to_the_threshold(roster: Roster) -> dict[str, _Lenient]:
    """Nobody falls below the threshold itself. Caught by undelivered_penalized, at the very border."""
    return {name: _Lenient(roster, RULE) for name in roster.names()}


class _Punishes(ReceiptTrust):
    def score(self, agent: str) -> Score:
        score = super().score(agent)
        if score.confidence > 1 - MAYBE**2 and score.value > NEUTRAL_SCORE:
            return evolve(NEUTRAL, confidence=score.confidence)
        return score


def distrusts_the_busy(roster: Roster) -> dict[str, _Punishes]:
    """Anyone who has three good receipts falls back to the neutral score. Caught by the trust contract (audit)."""
    return {name: _Punishes(roster, RULE) for name in roster.names()}


class _WeighsEachId(Case):
    def weigh(self, receipts: Iterable[Receipt]) -> int:
        return sum(WEIGHTS[receipt.category] for receipt in receipts)


class _EachId(Book):
    def case(self, paid: frozenset[Claim]) -> Case:
        found = super().case(paid)
        return _WeighsEachId(found.receipts, found.complaints, found.paid)


class _AddsUp(_Variant):
    book = _EachId


def adds_up_receipts(roster: Roster) -> dict[str, _AddsUp]:
    """Each receipt for one and the same payment counts. Caught by the trust contract (inquiry)."""
    return {name: _AddsUp(roster) for name in roster.names()}


class _AnyPayee(_Variant):
    def _is_paid(self, claim: Claim) -> bool:
        stream = self._ledger(self._names[claim[0]], claim[1])
        return stream is not None and stream.moved > 0


def believes_whoever_paid_anybody(roster: Roster) -> dict[str, _AnyPayee]:
    """A complaint counts if its complainant paid, whomever. Caught by the trust contract (inquiry)."""
    return {name: _AnyPayee(roster) for name in roster.names()}


def _all_circles(case: Case) -> frozenset[Receipt]:
    circle_of = {did: circle for circle in circles(case.receipts) for did in circle}
    return frozenset(one for one in case.receipts if one.counterparty in circle_of.get(one.issuer, ()))


class _SeversAllCircles(_Variant):
    rule = Rule(_all_circles)


def severs_paid_circles(roster: Roster) -> dict[str, _SeversAllCircles]:
    """Who bought from its buyer loses its sale. Caught by the trust contract (inquiry)."""
    return {name: _SeversAllCircles(roster) for name in roster.names()}


class _RewardsCosigning(_Variant):
    def score(self, agent: str) -> Score:
        score, did = super().score(agent), self._dids.get(agent)
        signed = sum(one.counterparty == did for one in self._book.case(frozenset()).receipts)
        return evolve(score, value=1 - (1 - score.value) * math.exp(-signed / WEIGHT_OF_A_SIGNATURE))


def rewards_cosigning(roster: Roster) -> dict[str, _RewardsCosigning]:
    """To sign for others raises one's own score. Caught by the trust contract (inquiry)."""
    return {name: _RewardsCosigning(roster) for name in roster.names()}


class _CachesScores(_Variant):
    def score(self, agent: str) -> Score:
        known: dict[str, Score] = self.__dict__.setdefault("_known", {})
        return known.setdefault(agent, super().score(agent))


def keeps_its_first_opinion(roster: Roster) -> dict[str, _CachesScores]:
    """A score that was asked for early never changes again. Caught by the trust contract: agents ask once."""
    return {name: _CachesScores(roster) for name in roster.names()}


class _LastOfEachId(Book):
    def add(self, evidence: object) -> None:
        if isinstance(evidence, Receipt) and self._is_valid_receipt(evidence):
            self._receipts.pop((evidence.issuer, evidence.id), None)
        super().add(evidence)


class _KeepsLast(_Variant):
    book = _LastOfEachId


def keeps_the_last_of_each_id(roster: Roster) -> dict[str, _KeepsLast]:
    """Of two receipts under one id the later stands. Caught by the trust contract (inquiry): order matters."""
    return {name: _KeepsLast(roster) for name in roster.names()}


class _AnsweredByAnySale(Book):
    def case(self, paid: frozenset[Claim]) -> Case:
        found = super().case(paid)
        served = {(one.counterparty, one.issuer) for one in found.receipts if one.category == "purchase"}
        return evolve(
            found,
            complaints=tuple(one for one in found.complaints if (one.complainant, one.subject) not in served),
        )


class _AnySale(_Variant):
    book = _AnsweredByAnySale


def lets_any_sale_answer(roster: Roster) -> dict[str, _AnySale]:
    """Who served a buyer once may rob it the next time. Caught by the trust contract (inquiry)."""
    return {name: _AnySale(roster) for name in roster.names()}


class _NeverSyncs(ReceiptTrust):
    def report(self, agent: str, evidence: Evidence) -> None:
        store, self._store = self._store, Store()
        super().report(agent, evidence)
        self._store = store


def keeps_evidence_in_memory(roster: Roster) -> dict[str, ReceiptTrust]:
    """Evidence is never stored. Caught by undelivered_penalized: an auditor that restarts has heard no complaint."""
    return {name: _NeverSyncs(roster, RULE, roster.store(name)) for name in roster.names()}
