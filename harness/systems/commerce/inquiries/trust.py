"""An inquiry into scores: evidence and money of the audit's own making, of which it knows what each piece is worth.

Owns those trials. Every one compares what a fresh plugin says with and without some pieces of evidence, so that nothing
is assumed of how a plugin weighs what is true.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.systems.commerce.inquiries.asking import Flaw
from crosslayer.harness.systems.commerce.nouns import TRUST_THRESHOLD, Complaint, Evidence, Receipt, Score, Stream

CLOSE = 1e-9
"""Two scores that differ by less are one."""

Streams = Mapping[tuple[str, str], Stream]
Scores = Callable[[Streams, Sequence[Evidence], str], Score]
"""What a fresh plugin says of an agent by the streams of this ledger, once it has heard this evidence."""


@frozen(eq=False)
class Bench:
    """Who deals with whom: a seller, a buyer and a third, by name, with each agent's signing key."""

    seller: str
    buyer: str
    third: str
    signers: Mapping[str, Signer]
    scores: Scores
    streams: dict[tuple[str, str], Stream] = field(factory=dict)

    def pays(self, payer: str, payee: str, ref: str, moved: int = 10) -> str:
        """Let money move; the reference."""
        self.streams[payer, ref] = Stream(payer, payee, ref, 10, 100, moved, open=False)
        return ref

    def receipt(self, issuer: str, counterparty: str, receipt_id: str, ref: str) -> Receipt:
        """A purchase that both sides signed."""
        seller, buyer = self.signers[issuer], self.signers[counterparty]
        return self.signed(Receipt(receipt_id, seller.did, buyer.did, "purchase", ref), issuer, counterparty)

    def signed(self, draft: Receipt, issuer: str, counterparty: str) -> Receipt:
        """The receipt with both signatures, whatever it says."""
        draft = evolve(draft, signature=self.signers[issuer].sign(draft.body()))
        return evolve(draft, cosignature=self.signers[counterparty].sign(draft.cosigned_body()))

    def complaint(self, complainant: str, subject: str, ref: str, signer: str = "") -> Complaint:
        """A complaint that its complainant, or somebody else in its name, signed."""
        said = Complaint(self.signers[complainant].did, self.signers[subject].did, ref)
        return evolve(said, signature=self.signers[signer or complainant].sign(said.body()))

    def score(self, agent: str, *evidence: Evidence) -> Score:
        """What is said of an agent by this evidence."""
        return self.scores(self.streams, evidence, agent)


def flaws(bench: Bench) -> Iterator[Flaw]:
    """All that is wrong with the scores."""
    sold = bench.pays(bench.buyer, bench.seller, "audit-sold", 1)
    sale = bench.receipt(bench.seller, bench.buyer, "audit:sale", sold)
    known = bench.score(bench.seller, sale)
    yield from _one_payment(bench, sale, known)
    yield from _forgeries(bench, sale, known)
    yield from _slander(bench, sale, known)
    yield from _cosigning(bench, sale)
    yield from _robbery(bench, sale)
    yield from _circle(bench, sale, known)
    yield from _ids(bench, sale, known)
    yield from _order(bench, sale)
    yield from _more(bench, sale)


def _one_payment(bench: Bench, sale: Receipt, known: Score) -> Iterator[Flaw]:
    again = bench.receipt(bench.seller, bench.buyer, "audit:again", sale.ref)
    twice = bench.score(bench.seller, sale, again)
    if twice.value > known.value + CLOSE:
        yield Flaw("one payment", bench.seller, "a second receipt for one paid stream raises the score")


def _differs(one: Score, other: Score) -> bool:
    return not (abs(one.value - other.value) < CLOSE and abs(one.confidence - other.confidence) < CLOSE)


def _forgeries(bench: Bench, sale: Receipt, known: Score) -> Iterator[Flaw]:
    """Receipts of which one thing is false, for a stream that was paid, so that they would count if they were true."""
    ref = bench.pays(bench.buyer, bench.seller, "audit-forged")
    true = bench.receipt(bench.seller, bench.buyer, "audit:forged", ref)
    seller, third = bench.signers[bench.seller], bench.signers[bench.third]
    ghost = Signer.from_seed(0, "a ghost")
    itself = bench.receipt(bench.seller, bench.seller, "audit:itself", ref)
    spirited = evolve(true, counterparty=ghost.did)
    spirited = evolve(
        spirited, signature=seller.sign(spirited.body()), cosignature=ghost.sign(spirited.cosigned_body())
    )
    message = bench.signed(evolve(true, category="message", id="audit:message"), bench.seller, bench.buyer)
    false = {
        "is not signed by its issuer": evolve(true, signature=""),
        "is signed by somebody else than its issuer": evolve(true, signature=third.sign(true.body())),
        "is not co-signed": evolve(true, cosignature=""),
        "is co-signed by its issuer": evolve(true, cosignature=seller.sign(true.cosigned_body())),
        "is co-signed by a third": evolve(true, cosignature=third.sign(true.cosigned_body())),
        "has its signatures exchanged": evolve(true, signature=true.cosignature, cosignature=true.signature),
        "has the co-signature of another text": evolve(true, cosignature=bench.signers[bench.buyer].sign(true.body())),
        "has an id that nobody signed": evolve(true, id="audit:other"),
        "has a reference that nobody signed": evolve(sale, ref=ref),
        "has a category that nobody signed": evolve(message, category="purchase"),
        "is of no category that there is": bench.signed(evolve(true, category="gift"), bench.seller, bench.buyer),
        "names its issuer as counterparty": itself,
        "is co-signed by a ghost": spirited,
    }
    if not _differs(bench.score(bench.seller, *false.values(), sale), known):
        return
    for what, one in false.items():
        if _differs(bench.score(bench.seller, one, sale), known):
            yield Flaw("forgery", bench.seller, f"a receipt counts that {what}")
            return
    yield Flaw("forgery", bench.seller, "false receipts count together")


def _slander(bench: Bench, sale: Receipt, known: Score) -> Iterator[Flaw]:
    seller, buyer, third = bench.seller, bench.buyer, bench.third
    bench.pays(third, buyer, "audit-elsewhere")
    bench.pays(third, seller, "audit-nothing", 0)
    bench.pays(buyer, seller, "audit-silent")
    ghost = Signer.from_seed(0, "a ghost")
    said_by_ghost = Complaint(ghost.did, bench.signers[seller].did, sale.ref)
    said = {
        "of a stream that never was": bench.complaint(third, seller, "audit-never"),
        "of a stream that pays somebody else": bench.complaint(third, seller, "audit-elsewhere"),
        "of a stream in which nothing moved": bench.complaint(third, seller, "audit-nothing"),
        "under the reference of another": bench.complaint(third, seller, sale.ref),
        "in the name of another": bench.complaint(buyer, seller, "audit-silent", third),
        "of somebody who does not exist": evolve(said_by_ghost, signature=ghost.sign(said_by_ghost.body())),
        "that nobody signed": evolve(bench.complaint(buyer, seller, "audit-silent"), signature=""),
    }
    if not _differs(bench.score(seller, sale, *said.values()), known):
        return
    for what, one in said.items():
        if _differs(bench.score(seller, sale, one), known):
            yield Flaw("slander", seller, f"a complaint counts {what}")
            return
    yield Flaw("slander", seller, "false complaints count together")


def _cosigning(bench: Bench, sale: Receipt) -> Iterator[Flaw]:
    bench.pays(bench.third, bench.buyer, "audit-own")
    own = bench.receipt(bench.buyer, bench.third, "audit:own", "audit-own")
    for evidence in ((), (own,)):
        before, after = bench.score(bench.buyer, *evidence), bench.score(bench.buyer, *evidence, sale)
        if abs(before.value - after.value) > CLOSE:
            yield Flaw("co-signing", bench.buyer, "who co-signs what it bought has another score for it")
            return
    owed = bench.pays(bench.buyer, bench.seller, "audit-owed-too")
    before = bench.score(bench.buyer, own)
    after = bench.score(bench.buyer, own, bench.complaint(bench.buyer, bench.seller, owed))
    if abs(before.value - after.value) > CLOSE:
        yield Flaw("complaining", bench.buyer, "who complains of what it paid for has another score for it")


def _robbery(bench: Bench, sale: Receipt) -> Iterator[Flaw]:
    """Serving a buyer once does not make up for robbing it the next time."""
    owed = bench.pays(bench.buyer, bench.seller, "audit-robbed", 1)
    score = bench.score(bench.seller, sale, bench.complaint(bench.buyer, bench.seller, owed))
    if not score.value < TRUST_THRESHOLD:
        told = f"served and robbed one buyer, and has {score.value:g}, not below {TRUST_THRESHOLD:g}"
        yield Flaw("robbery", bench.seller, f"a seller {told}")


def _circle(bench: Bench, sale: Receipt, known: Score) -> Iterator[Flaw]:
    bench.pays(bench.seller, bench.buyer, "audit-back")
    back = bench.receipt(bench.buyer, bench.seller, "audit:back", "audit-back")
    if bench.score(bench.seller, sale, back).value < known.value - CLOSE:
        yield Flaw("paid circle", bench.seller, "its paid sale counts less because it bought from its buyer")


def _ids(bench: Bench, sale: Receipt, known: Score) -> Iterator[Flaw]:
    """An id belongs to its issuer: what others call theirs hides nothing."""
    bench.pays(bench.buyer, bench.third, "audit-namesake")
    namesake = bench.receipt(bench.third, bench.buyer, sale.id, "audit-namesake")
    for evidence in ((namesake, sale), (sale, namesake)):
        if _differs(bench.score(bench.seller, *evidence), known):
            yield Flaw("ids", bench.seller, "a receipt counts otherwise, because another issuer uses its id")
            return


def _order(bench: Bench, sale: Receipt) -> Iterator[Flaw]:
    """Whatever the evidence says, it says the same backwards and twice."""
    one, other = (bench.pays(bench.buyer, bench.seller, f"audit-twin-{number}") for number in range(2))
    owed = bench.pays(bench.third, bench.buyer, "audit-owed")
    evidence = (
        sale,
        bench.receipt(bench.seller, bench.buyer, "audit:twin", one),
        bench.receipt(bench.seller, bench.buyer, "audit:twin", other),
        bench.receipt(bench.seller, bench.third, "audit:unpaid", "audit-unpaid"),
        bench.receipt(bench.third, bench.seller, "audit:unpaid", "audit-unpaid"),
        bench.signed(evolve(sale, category="payment", ref="", id="audit:guild"), bench.seller, bench.buyer),
        bench.complaint(bench.third, bench.buyer, owed),
        bench.complaint(bench.buyer, bench.seller, one),
    )
    for agent in (bench.seller, bench.buyer, bench.third):
        first = bench.score(agent, *evidence)
        for how, again in (("in another order", evidence[::-1]), ("twice", (*evidence, *evidence))):
            if _differs(bench.score(agent, *again), first):
                yield Flaw("order", agent, f"the same evidence, told {how}, gives another score")
                return


def _more(bench: Bench, sale: Receipt) -> Iterator[Flaw]:
    """Every further paid sale may only raise."""
    sales = [sale]
    last = bench.score(bench.seller, sale)
    for number in range(4):
        payer = (bench.buyer, bench.third)[number % 2]
        ref = bench.pays(payer, bench.seller, f"audit-more-{number}")
        sales.append(bench.receipt(bench.seller, payer, f"audit:more:{number}", ref))
        score = bench.score(bench.seller, *sales)
        for what, less in (
            ("score", score.value < last.value - CLOSE),
            ("confidence", score.confidence < last.confidence),
        ):
            if less:
                told = f"paid sale {len(sales)} lowers the {what} that {number + 1} gave"
                yield Flaw("honest receipts", bench.seller, told)
                return
        last = score
