"""An inquiry into a crowd: among eleven and more of a role, one name begins with another.

Owns that crowd, and the questions that a comparison of beginnings, or a key of two joined texts, answers wrongly. Its
plugins are made anew for it, on one clock; nothing of it is part of the run.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.guard import expect
from crosslayer.harness.kernel.layers import answers
from crosslayer.harness.systems.commerce.handles import sane_credits, sane_stream
from crosslayer.harness.systems.commerce.inquiries.asking import NO, Desk, Flaw
from crosslayer.harness.systems.commerce.inquiries.trust import Bench
from crosslayer.harness.systems.commerce.nouns import Card

BUYER, BUYERS_TWIN = "buyer-1", "buyer-11"
SELLER, TWINS = "seller-1", ("seller-10", "seller-11")
AUDITOR = "auditor-0"
BALANCE = 100
"""What everybody has in this crowd, in credits."""

CROWD = (BUYER, BUYERS_TWIN, SELLER, *TWINS, AUDITOR)
"""Who takes part, in the order of a population; the twins' names begin with the names of others."""


def registries(desk: Desk, signers: Mapping[str, Signer]) -> Iterator[Flaw]:
    """Each publisher's card is its own. Only a registry that has `announce` can be asked."""
    cards = {name: _signed(Card(name, 1, ("sell",)), signers[name]) for name in (SELLER, *TWINS)}
    for name, card in cards.items():
        desk.ask(name, "register", card)
        if not _tell(desk, card):
            return
    if sorted(_shown(desk)) != sorted(cards):
        yield Flaw("crowd", AUDITOR, f"of the cards of {', '.join(cards)}, all of which it heard, it does not show all")
        return
    gone = _signed(Card(SELLER, 2, ("sell",), tombstone=True), signers[SELLER])
    desk.ask(SELLER, "register", gone)
    _tell(desk, gone)
    left = sorted(_shown(desk))
    if left != sorted(TWINS):
        yield Flaw("crowd", AUDITOR, f"when {SELLER} had withdrawn, it showed {', '.join(left) or 'nobody'}")


def _shown(desk: Desk) -> list[str]:
    found = answers("registry", AUDITOR, "lookup", desk.ask(AUDITOR, "lookup", "sell"), Card)
    return [card.publisher for card in found]


def _tell(desk: Desk, card: Card) -> bool:
    """Push a card from its publisher to the auditor; whether that can be done."""
    name = card.publisher
    push = desk.guard.call("registry", name, "announce", partial(getattr, desk.plugins(name), "announce", None))
    if push is None:
        return False
    payload = desk.ask(name, "announce", card)
    expect("registry", name, "announce", payload, bytes)
    if payload:
        desk.ask(AUDITOR, "handle_gossip", name, payload)
    return bool(payload)


def _signed(card: Card, signer: Signer) -> Card:
    return card.signed(signer.sign(card.body()))


def payments(desk: Desk) -> Iterator[Flaw]:
    """Payers, payees and references that look alike, joined or by their beginnings, are kept apart."""
    before = _balances(desk)
    streams = ((BUYER, SELLER, "1-a", 3), (BUYERS_TWIN, TWINS[1], "-a", 2), (BUYERS_TWIN, SELLER, "1-a", 1))
    for payer, payee, ref, total in streams:
        if desk.ask(payer, "open_stream", payee, total, total, ref) is NO:
            yield Flaw("crowd", payer, f"its reference {ref!r} was refused, which only another payer had used")
            return
    for payer, payee, ref, total in streams:
        seen = sane_stream(AUDITOR, desk.ask(AUDITOR, "verify_payment", payer, ref))
        shown = None if seen is None else (seen.payer, seen.payee, seen.moved)
        if shown != (payer, payee, total):
            yield Flaw("crowd", payer, f"its stream {ref!r} to {payee} is shown as {shown}")
            return
    after = _balances(desk)
    moved = {name: after[name] - before[name] for name in CROWD}
    due = {BUYER: -3, BUYERS_TWIN: -3, SELLER: 4, TWINS[0]: 0, TWINS[1]: 2, AUDITOR: 0}
    for name in CROWD:
        if moved[name] != due[name]:
            yield Flaw("crowd", name, f"it has {moved[name]:+} credits where {due[name]:+} are due")
            return


def _balances(desk: Desk) -> Mapping[str, int]:
    return {name: sane_credits(name, "balance", desk.ask(name, "balance")) for name in CROWD}


def privacies(desk: Desk) -> Iterator[Flaw]:
    """An envelope for one is not for another whose name begins or ends alike."""
    text = b"for one of a crowd"
    for to in (SELLER, TWINS[1]):
        envelope = desk.ask(BUYER, "encrypt", text, (to,))
        for other in (SELLER, *TWINS):
            if other != to and desk.ask(other, "decrypt", envelope) == text:
                yield Flaw("crowd", other, f"it reads what was sealed for {to}")
                return
        if desk.ask(to, "decrypt", envelope) != text:
            yield Flaw("crowd", to, f"it does not read what {BUYER} sealed for it")
            return


def scores(bench: Bench) -> Iterator[Flaw]:
    """A sale is its seller's, and is paid by its buyer, of whom others bear half the name."""
    sold = bench.pays(BUYER, SELLER, "1-a")
    sale = bench.receipt(SELLER, BUYER, "crowd:sale", sold)
    unpaid = bench.receipt(SELLER, BUYERS_TWIN, "crowd:unpaid", "-a")
    stranger = bench.score(TWINS[1])
    for twin in TWINS:
        if bench.score(twin, sale) != stranger:
            yield Flaw("crowd", twin, f"it has another score for a sale of {SELLER}")
            return
    if bench.score(SELLER, unpaid).value > stranger.value and bench.score(SELLER).value == stranger.value:
        yield Flaw("crowd", SELLER, f"a receipt of {BUYERS_TWIN} lifts it, which only the stream of {BUYER} could back")
