"""The agents of escrow: buyers, sellers, the arbiter and the auditor, each as its protocol says.

Owns what each does on a message, a wake-up, and a return without memory. Knows no plugin. Corrupt agents do the same
until an act says otherwise.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from crosslayer import Kit, Post, ReliableAgent, Send, Wake
from crosslayer.harness.systems.escrow.nouns import (
    BUYERS,
    PRICE,
    SELLERS,
    Acceptance,
    Cancel,
    Claim,
    Deposit,
    Held,
    Hold,
    Key,
    Offer,
    Statement,
    Terms,
)

Effects = Iterator[Send | Wake | Post]


class Member(ReliableAgent):
    """What all have in common: where the arbiter and the auditor are, and how to begin, for the first time or again."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.layers, self.timing = kit.layers, kit.scenario.timing
        (self.arbiter,), (self.auditor,) = kit.population.of("escrow"), kit.population.of("auditor")

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

    def note(self, kind: str, terms: Terms) -> None:
        """Record what became of terms."""
        deal = {"id": terms.id, "buyer": terms.buyer, "seller": terms.seller, "amount": terms.amount}
        self.kit.record(kind, **deal, lock=terms.lock, expires=terms.expires, deadline=terms.deadline)


class Seller(Member):
    """Offers sealed goods to every buyer, and hands the key to the arbiter once the money is held.

    What it sends follows from its secrets, so after a loss of memory it makes the same offers again. A seller that is
    `mute` claims nothing: it reveals its keys to nobody.
    """

    mute = False

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.offers: list[Offer] = []

    def begin(self) -> Effects:
        """Offer, and claim what is held already."""
        for buyer in self.kit.population.of(*BUYERS):
            item = f"goods of {self.kit.name} for {buyer}"
            sealed = self.layers.privacy.seal(item, item.encode())
            offer = self.layers.terms.offer(buyer, item, PRICE, sealed)
            self.offers.append(offer)
            self.note("offered", offer.terms)
            yield self.kit.post(buyer, offer)
        for acceptance in self.kept():
            yield self.kit.post(self.arbiter, self.claim(acceptance.terms))

    def on_held(self, sender: str, body: Held) -> Effects:
        """The arbiter has the money: claim it."""
        terms = body.acceptance.terms
        if sender == self.arbiter and terms.seller == self.kit.name:
            self.layers.terms.check(body.acceptance)
            self.keep(terms.id, body.acceptance)
            if not self.mute:
                yield self.kit.post(self.arbiter, self.claim(terms))

    def deals(self) -> list[Terms]:
        """All terms that it has offered."""
        return [offer.terms for offer in self.offers]

    def claim(self, terms: Terms) -> Claim:
        """The claim under these terms."""
        return Claim(terms.id, self.layers.privacy.key(terms.item), self.kit.clock.now)


class Buyer(Member):
    """Accepts every offer that is signed and whose goods are there, pays into a hold, and opens what it gets a key to.

    One that has a `swap` asks for another hold than it has accepted.
    """

    swap: Callable[[Deposit], Deposit] | None = None

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.opened: set[str] = set()

    def begin(self) -> Effects:
        """Go on with what was accepted before."""
        for offer in self.kept():
            yield from self.pay(offer)

    def on_offer(self, sender: str, body: Offer) -> Effects:
        """Accept it, and pay into a hold."""
        if sender == body.terms.seller:
            self.layers.terms.accept(body)
            self.keep(body.terms.id, body)
            self.note("accepted", body.terms)
            yield from self.pay(body)

    def pay(self, offer: Offer) -> Effects:
        """The deposit for an offer that was accepted, if it can still open a hold."""
        terms = offer.terms
        if self.kit.clock.now <= terms.expires:
            yield self.kit.post(self.arbiter, self.deposit(offer))
        yield Wake(f"lapse|{terms.id}", terms.deadline + 1 - self.kit.clock.now)

    def deposit(self, offer: Offer) -> Deposit:
        """What the terms ask for."""
        due = Deposit(self.layers.terms.accept(offer), offer.terms.seller, offer.terms.amount)
        return due if self.swap is None else self.swap(due)

    def on_key(self, _sender: str, body: Key) -> None:
        """Open the goods; a key that fits none of them is refused."""
        offer = self.kit.store.get(body.id)
        if offer is not None:
            self.open(offer, body.key)

    def open(self, offer: Offer, key: str) -> None:
        """Open goods with a key; `Refused` if it does not fit."""
        self.layers.privacy.open(offer.goods, key)
        self.opened.add(offer.terms.id)
        self.kit.record("opened", id=offer.terms.id)

    def deals(self) -> list[Terms]:
        """All terms that it has accepted."""
        return [offer.terms for offer in self.kept()]

    def on_lapse(self, rest: str) -> None:
        """The deadline has passed."""
        if rest not in self.opened:
            self.kit.record("lapsed", id=rest)


class Arbiter(Member):
    """Holds money under accepted terms, and pays it out once: for the right key in time, or back.

    It decides about a hold when it is asked, and pays some ticks later; both survive a loss of memory, after which it
    goes on with whatever it finds in its store.
    """

    def begin(self) -> Effects:
        """Open the books; say again what may not have been heard; go on with what has been decided."""
        self.kit.record("books", balances=self.balances())
        holds = self.layers.payments.holds()
        for hold in holds:
            yield from self.tell(hold) if hold.ended else self.go_on(hold)
        if any(hold.state == "open" for hold in holds):
            yield Wake("sweep", self.timing.sweep)

    def go_on(self, hold: Hold) -> Effects:
        """What comes next for a hold that has not ended."""
        if hold.state == "open":
            acceptance = self.acceptance(hold)
            yield self.kit.post(acceptance.terms.seller, Held(acceptance))
        else:
            yield Wake(f"settle|{hold.id}", self.timing.batch)

    def on_deposit(self, _sender: str, body: Deposit) -> Effects:
        """Open a hold for terms that both have signed."""
        terms = body.acceptance.terms
        self.layers.terms.admit(body.acceptance)
        hold = self.layers.payments.open(terms, body.payee, body.amount)
        self.keep(hold.id, body.acceptance)
        told = {"id": hold.id, "payer": hold.payer, "payee": hold.payee, "amount": hold.amount}
        self.kit.record("hold_opened", **told, seller=terms.seller, balances=self.balances())
        yield from self.go_on(hold)
        yield Wake("sweep", self.timing.sweep)

    def on_claim(self, _sender: str, body: Claim) -> Effects:
        """Anybody may bring the key: the money goes to the payee."""
        self.layers.payments.claim(body.id, body.key, body.at)
        self.kit.record("claimed", id=body.id)
        yield Wake(f"settle|{body.id}", self.timing.batch)

    def on_cancel(self, sender: str, body: Cancel) -> Effects:
        """The payer wants its money back."""
        self.layers.payments.cancel(body.id, sender)
        self.kit.record("cancelled", id=body.id)
        yield Wake(f"settle|{body.id}", self.timing.batch)

    def on_sweep(self, _rest: str) -> Effects:
        """Send back what is past its deadline, and look again while anything is open."""
        for id_ in self.layers.payments.expire():
            self.kit.record("expired", id=id_)
            yield Wake(f"settle|{id_}", self.timing.batch)
        if any(hold.state == "open" for hold in self.layers.payments.holds()):
            yield Wake("sweep", self.timing.sweep)

    def on_settle(self, rest: str) -> Effects:
        """Pay out what has been decided."""
        for hold in self.layers.payments.settle(rest):
            how = "release" if hold.state == "claimed" else "refund"
            told = {"id": hold.id, "how": how, "to": hold.to, "amount": hold.amount}
            self.kit.record("hold_ended", **told, balances=self.balances())
            yield from self.tell(hold)

    def tell(self, hold: Hold) -> Effects:
        """The key to the buyer if it was paid for, and to the auditor how the hold has ended."""
        acceptance = self.acceptance(hold)
        if hold.state == "claimed":
            yield self.kit.post(acceptance.terms.buyer, Key(hold.id, hold.key))
        statement = Statement(acceptance, hold.state)
        signature = self.kit.signer.sign(statement.body())
        yield self.kit.post(self.auditor, Statement(acceptance, hold.state, signature))

    def acceptance(self, hold: Hold) -> Acceptance:
        """The terms of a hold, as both have signed them."""
        found: Acceptance = self.kit.store.get(hold.id)
        return found

    def balances(self) -> dict[str, int]:
        """What everybody has."""
        return {name: self.layers.payments.balance(name) for name in self.kit.population.names()}


class Auditor(Member):
    """Hears how holds ended, and scores every seller once."""

    def begin(self) -> Effects:
        """Wait for the end of the run."""
        yield Wake("verdict", self.timing.finalise_at + self.timing.verdict - self.kit.clock.now)

    def on_statement(self, _sender: str, body: Statement) -> None:
        """Hand it to the trust layer, which looks at the signatures."""
        self.layers.trust.report(body)

    def on_verdict(self, _rest: str) -> None:
        """Score."""
        for name in self.kit.population.of(*SELLERS):
            self.kit.record("score", subject=name, value=round(self.layers.trust.score(name).value, 6))


ROLES = {
    "buyer": Buyer,
    "seller": Seller,
    "corrupt_buyer": Buyer,
    "corrupt_seller": Seller,
    "escrow": Arbiter,
    "auditor": Auditor,
}
"""What makes an agent of each role."""
