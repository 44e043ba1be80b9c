"""The plugins of escrow, each by itself: real cryptography, and what each must refuse."""

import hashlib
from typing import Any

import attrs
import pytest

from crosslayer import Clock, Member, Refused, Roster, Signer, Store, verify
from crosslayer.harness.systems.escrow.nouns import Acceptance, EscrowScenario, Offer, Statement
from crosslayer.harness.systems.escrow.system import SYSTEM

NAMES = ("buyer-0", "seller-0", "corrupt_buyer-0", "escrow-0", "auditor-0")
SEED = 7
SIGNERS = {name: Signer.from_seed(SEED, name) for name in NAMES}
DIDS = {name: signer.did for name, signer in SIGNERS.items()}


def plugins(layer: str, choice: str = "", clock: Clock | None = None) -> dict[str, Any]:
    """A layer's plugins (by default, the reference's), for some agents at a clock."""
    members = tuple(Member(name, DIDS[name]) for name in NAMES)
    stores = {name: Store() for name in NAMES}
    scenario = EscrowScenario(name="x")
    roster = Roster(members, SEED, clock or Clock(), scenario=scenario, store=stores.__getitem__)
    found = next(one for one in SYSTEM.layer(layer).choices if one.name == choice or not choice)
    made: dict[str, Any] = found.factory(roster)
    return made


def offer(item: str = "book", amount: int = 30) -> Offer:
    """An offer of the seller's to the buyer."""
    sealed = plugins("privacy")["seller-0"].seal(item, b"goods")
    made: Offer = plugins("terms")["seller-0"].offer("buyer-0", item, amount, sealed)
    return made


def acceptance() -> Acceptance:
    """The buyer's acceptance of it."""
    made: Acceptance = plugins("terms")["buyer-0"].accept(offer())
    return made


KEY = plugins("privacy")["seller-0"].key("book")


@pytest.mark.parametrize("choice", ["chacha20", "aes_gcm"])
def test_goods_open_by_their_own_key_alone(choice: str) -> None:
    """The lock is the SHA-256 of the key; a changed byte, another key, or no key at all opens nothing."""
    made = plugins("privacy", choice)
    seller, buyer = made["seller-0"], made["buyer-0"]
    sealed, key = seller.seal("book", b"goods"), seller.key("book")
    changed = ("1" if sealed.goods[0] == "0" else "0") + sealed.goods[1:]

    assert (b"goods", hashlib.sha256(bytes.fromhex(key)).hexdigest()) == (buyer.open(sealed.goods, key), sealed.lock)
    assert b"goods".hex() not in sealed.goods
    for goods, other in ((changed, key), (sealed.goods, seller.key("pen")), (sealed.goods, ""), ("no hex", key)):
        with pytest.raises(Refused):
            buyer.open(goods, other)


def test_terms_are_a_receipt_that_both_have_signed() -> None:
    """Ed25519 over commerce's own receipt, whose id is the digest of all terms: any change makes other terms."""
    one = acceptance()
    receipt = one.terms.receipt(DIDS)

    assert verify(DIDS["seller-0"], receipt.body(), one.signature)
    assert verify(DIDS["buyer-0"], receipt.cosigned_body(), one.cosignature)
    assert verify(DIDS["buyer-0"], one.terms.complaint(DIDS).body(), one.complaint)
    changes: dict[str, Any] = {
        "amount": 1,
        "seller": "escrow-0",
        "buyer": "auditor-0",
        "item": "pen",
        "lock": "",
        "sealed": "",
    }
    ids = {attrs.evolve(one.terms, **{name: value}).id for name, value in {**changes, "expires": 1}.items()}
    assert len({*ids, one.terms.id, attrs.evolve(one.terms, deadline=1).id}) == 9


@pytest.mark.parametrize("field", ["signature", "cosignature", "complaint"])
def test_what_is_not_signed_is_refused(field: str) -> None:
    """Neither the seller nor the arbiter takes an acceptance with a signature that is not the right one."""
    made, other = plugins("terms"), SIGNERS["corrupt_buyer-0"].sign(b"other")
    change: dict[str, Any] = {field: other}
    forged = attrs.evolve(acceptance(), **change)

    made["escrow-0"].admit(acceptance())
    for ask in (made["seller-0"].check, made["escrow-0"].admit):
        with pytest.raises(Refused, match="not signed"):
            ask(forged)


def test_an_offer_is_accepted_by_its_buyer_for_its_own_goods() -> None:
    """Not by somebody else, not for other goods, not in the name of a stranger."""
    made, one = plugins("terms"), offer()
    stranger = attrs.evolve(one, terms=attrs.evolve(one.terms, seller="seller-9"))

    for name, wrong in (("auditor-0", one), ("buyer-0", attrs.evolve(one, goods="00")), ("buyer-0", stranger)):
        with pytest.raises(Refused):
            made[name].accept(wrong)


def test_an_acceptance_expires() -> None:
    """It opens a hold until the last tick that it names, and no later."""
    clock = Clock(20)
    made = plugins("terms", clock=clock)["escrow-0"]

    made.admit(acceptance())
    clock.now = 21
    with pytest.raises(Refused, match="expired"):
        made.admit(acceptance())


@pytest.mark.parametrize("choice", ["holds", "journal"])
class TestHolds:
    """What the reference's books and the journal must both do."""

    def opened(self, choice: str) -> tuple[Any, str, Clock]:
        """Books with one hold."""
        clock, terms = Clock(), acceptance().terms
        books = plugins("payments", choice, clock)["escrow-0"]
        books.open(terms, "seller-0", 30)
        return books, terms.id, clock

    def balances(self, books: Any) -> tuple[int, int]:
        """The buyer's and the seller's."""
        return books.balance("buyer-0"), books.balance("seller-0")

    def test_a_claim_is_paid_once(self, choice: str) -> None:
        """With the key, in time, and only when it is settled."""
        books, id_, clock = self.opened(choice)
        clock.now = 40
        books.claim(id_, KEY, 0)

        assert (40, 70) == self.balances(books)
        assert ["claimed"] == [hold.state for hold in books.settle(id_)]
        assert ((), (40, 100)) == (books.settle(id_), self.balances(books))

    def test_an_open_hold_is_settled_by_nobody(self, choice: str) -> None:
        """What is not decided is not paid, nor what does not exist."""
        books, id_, _ = self.opened(choice)

        assert ((), (), (40, 70)) == (books.settle(id_), books.settle("none"), self.balances(books))

    @pytest.mark.parametrize(
        ("key", "now"), [("00" * 32, 4), ("no hex", 4), ("", 4), (KEY, 41)], ids=["wrong", "junk", "none", "late"]
    )
    def test_a_wrong_or_late_claim_is_refused(self, choice: str, key: str, now: int) -> None:
        """Whatever it says of the time; and it leaves no trace."""
        books, id_, clock = self.opened(choice)
        clock.now = now

        with pytest.raises(Refused):
            books.claim(id_, key, 0)
        assert ["open"] == [hold.state for hold in books.holds()]

    def test_what_is_decided_stays_decided(self, choice: str) -> None:
        """A claim after a refund, or a refund after a claim, is refused before and after payment."""
        for first, second in (("claim", "cancel"), ("cancel", "claim"), ("claim", "claim"), ("cancel", "cancel")):
            books, id_, _ = self.opened(choice)
            ask = {"claim": lambda: books.claim(id_, KEY, 0), "cancel": lambda: books.cancel(id_, "buyer-0")}  # noqa: B023
            ask[first]()
            for _ in range(2):
                with pytest.raises(Refused):
                    ask[second]()
                books.settle(id_)
            assert 140 == sum(self.balances(books))

    def test_only_the_payer_takes_back(self, choice: str) -> None:
        """Not the payee, not a stranger."""
        books, id_, _ = self.opened(choice)

        for name in ("seller-0", "corrupt_buyer-0"):
            with pytest.raises(Refused):
                books.cancel(id_, name)
        books.cancel(id_, "buyer-0")
        assert (["cancelled"], (70, 70)) == ([one.state for one in books.settle(id_)], self.balances(books))

    def test_a_hold_expires_after_its_deadline(self, choice: str) -> None:
        """Not at it; then nobody can claim it, and the money goes back."""
        books, id_, clock = self.opened(choice)
        clock.now = 40
        assert () == books.expire()
        clock.now = 41
        assert ((id_,), ()) == (books.expire(), books.expire())
        books.settle(id_)
        assert (70, 70) == self.balances(books)

    def test_a_hold_is_what_the_terms_say(self, choice: str) -> None:
        """Another payee, another amount, a second hold, a late one or one without the money is refused."""
        terms, clock = acceptance().terms, Clock()
        books = plugins("payments", choice, clock)["escrow-0"]
        dear, free = attrs.evolve(terms, amount=71), attrs.evolve(terms, amount=0)
        for wrong in ((terms, "buyer-0", 30), (terms, "seller-0", 29), (dear, "seller-0", 71), (free, "seller-0", 0)):
            with pytest.raises(Refused):
                books.open(*wrong)
        clock.now = 41
        with pytest.raises(Refused):
            books.open(terms, "seller-0", 30)
        clock.now = 40
        books.open(terms, "seller-0", 30)
        with pytest.raises(Refused):
            books.open(terms, "seller-0", 30)
        with pytest.raises(Refused):
            books.claim("none", KEY, 0)
        with pytest.raises(Refused):
            books.cancel("none", "buyer-0")


def test_the_trust_layer_hears_the_arbiter_alone() -> None:
    """A statement that somebody else signed, or of strangers, is refused; true ones make or break a score."""
    auditor = plugins("trust")["auditor-0"]
    one = Statement(acceptance(), "claimed")
    signed = [attrs.evolve(one, signature=SIGNERS[name].sign(one.body())) for name in ("escrow-0", "seller-0")]

    with pytest.raises(Refused):
        auditor.report(signed[1])
    assert 0.5 == auditor.score("seller-0").value
    auditor.report(signed[0])
    assert 0.7 == round(auditor.score("seller-0").value, 2)
    with pytest.raises(Refused):
        auditor.report(attrs.evolve(signed[0], outcome="expired"))


@pytest.mark.parametrize(("outcome", "score"), [("claimed", 0.7), ("expired", 0.0), ("cancelled", 0.5)])
def test_how_a_hold_ended_makes_a_score(outcome: str, score: float) -> None:
    """A sale, a complaint, or nothing at all."""
    auditor, one = plugins("trust")["auditor-0"], Statement(acceptance(), outcome)
    auditor.report(attrs.evolve(one, signature=SIGNERS["escrow-0"].sign(one.body())))

    assert score == round(auditor.score("seller-0").value, 2)
