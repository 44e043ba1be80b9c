"""A small world for the tests of trust plugins: agents who sign, streams that moved money, and a judge.

Owns evidence and its making. Knows nothing of any rule.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve
from hypothesis import strategies as st

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.systems.commerce.nouns import Complaint, Evidence, Receipt, Score, Stream
from crosslayer.harness.systems.commerce.ports import Member, Roster, Trust

Make = Callable[[Roster], dict[str, Trust]]

SEED = 1
BUYERS = ("buyer-0", "buyer-1", "buyer-2")
SELLERS = ("seller-0", "seller-1", "seller-2")
SHILLS = ("shill-0", "shill-1", "shill-2", "shill-3", "shill-4")
AUDITOR = "auditor-0"
NAMES = (*BUYERS, *SELLERS, *SHILLS, AUDITOR)

NO_NAMES: Mapping[str, str] = {}


def did(name: str) -> str:
    """The DID of an agent of this world."""
    return Signer.from_seed(SEED, name).did


def receipt(issuer: str, counterparty: str, category: str = "purchase", ref: str = "", number: int = 0) -> Receipt:
    """A receipt that both have signed; its id depends on all its fields."""
    name = f"{issuer} {counterparty} {category} {ref} {number}"
    return cosign(Receipt(name, did(issuer), did(counterparty), category, ref), issuer, counterparty)


def cosign(draft: Receipt, issuer: str, counterparty: str) -> Receipt:
    """The draft with the signatures of these two, whomever it names."""
    first, second = Signer.from_seed(SEED, issuer), Signer.from_seed(SEED, counterparty)
    return evolve(draft, signature=first.sign(draft.body()), cosignature=second.sign(draft.cosigned_body()))


def complaint(complainant: str, subject: str, ref: str) -> Complaint:
    """A signed complaint."""
    draft = Complaint(did(complainant), did(subject), ref)
    return evolve(draft, signature=Signer.from_seed(SEED, complainant).sign(draft.body()))


def stream(payer: str, payee: str, ref: str, moved: int = 10) -> Stream:
    """A closed stream that has moved this much."""
    return Stream(payer, payee, ref, rate=10, cap=500, moved=moved, open=False)


def ring(members: Sequence[str], category: str = "purchase") -> list[Receipt]:
    """A directed cycle: each has a receipt from the next."""
    return [receipt(name, members[(index + 1) % len(members)], category) for index, name in enumerate(members)]


def clique(members: Sequence[str]) -> list[Receipt]:
    """Everybody has a receipt from everybody else."""
    return [receipt(issuer, counterparty) for issuer in members for counterparty in members if issuer != counterparty]


def roster_of(streams: Iterable[Stream] = (), names: Mapping[str, str] = NO_NAMES) -> Roster:
    """The roster of this world, with agents and streams under other names where `names` has one."""
    book = {(each.payer, each.ref): each for each in streams}
    old = {names.get(name, name): name for name in NAMES}

    def ledger(payer: str, ref: str) -> Stream | None:
        found = book.get((old[payer], ref))
        return found and evolve(found, payer=payer, payee=names.get(found.payee, found.payee))

    return Roster(tuple(Member(names.get(name, name), did(name)) for name in NAMES), SEED, ledger=ledger)


def judge(
    make: Make, evidence: Iterable[Evidence], streams: Iterable[Stream] = (), names: Mapping[str, str] = NO_NAMES
) -> dict[str, Score]:
    """Each agent's score, by the name in this world, once the auditor has been told all the evidence."""
    trust = make(roster_of(streams, names))[names.get(AUDITOR, AUDITOR)]
    by_did = {did(name): names.get(name, name) for name in NAMES}
    for piece in evidence:
        about = piece.issuer if isinstance(piece, Receipt) else piece.subject
        trust.report(by_did.get(about, ""), piece)
    return {name: trust.score(names.get(name, name)) for name in NAMES}


def values(scores: Mapping[str, Score], *names: str) -> list[float]:
    """The scores of these agents, rounded so that they can be compared with numbers in a text."""
    return [round(scores[name].value, 3) for name in names]


_agents = st.sampled_from((*SELLERS, *BUYERS[:2]))
_refs = st.sampled_from(("r0", "r1"))
_receipts = st.builds(
    receipt, _agents, _agents, st.sampled_from(("purchase", "payment", "message")), _refs, st.integers(0, 1)
)
_complaints = st.builds(complaint, _agents, _agents, _refs)

EVIDENCE = st.lists(_receipts | _complaints, max_size=10)
"""Evidence among few agents, so that circles, answers and repetitions are common."""

STREAMS = st.lists(st.builds(stream, _agents, _agents, _refs, st.sampled_from((10, 0))), max_size=6)
"""Streams among the same agents, a few of which moved nothing."""
