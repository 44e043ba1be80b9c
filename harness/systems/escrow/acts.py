"""What the corrupt buyers and sellers of escrow can do, and what is planned against the arbiter.

Owns the adversary's steps, what each does, and plans of several steps. Corrupt agents sign with their own keys only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from attrs import evolve

from crosslayer import (
    Act,
    Crash,
    Drop,
    Forget,
    Heal,
    Partition,
    Plan,
    Population,
    Refused,
    Restart,
    Run,
    RunUntil,
    Schedule,
    Stage,
    Step,
    StepResult,
    agent,
    frozen,
    isolated,
    number,
    skipped,
)
from crosslayer.harness.systems.escrow.nouns import BALANCE, Acceptance, Cancel, Claim, Deposit, Statement, Terms


@frozen
class ClaimWithoutKey(Step):
    """A corrupt seller claims whatever is held for it, with a key that it makes up."""

    seller: int = agent("corrupt_seller")


@frozen
class RevealToNobody(Step):
    """A corrupt seller claims nothing from now on: it reveals its keys to nobody."""

    seller: int = agent("corrupt_seller")


@frozen
class ClaimAgain(Step):
    """A corrupt seller claims everything with the right key, once more or late, and says that it was at tick 0."""

    seller: int = agent("corrupt_seller")


@frozen
class ReplayAcceptance(Step):
    """A corrupt seller asks for a hold under every acceptance that it has been shown, old as they may be."""

    seller: int = agent("corrupt_seller")


@frozen
class ForgeAcceptance(Step):
    """A corrupt seller asks for a hold under terms that no buyer has seen, for all that the buyer has."""

    seller: int = agent("corrupt_seller")


@frozen
class SwapGoods(Step):
    """A corrupt seller sends all its buyers other goods under the terms that it has signed."""

    seller: int = agent("corrupt_seller")


@frozen
class ForgeStatement(Step):
    """A corrupt seller tells the auditor that it was paid under every acceptance that it has been shown."""

    seller: int = agent("corrupt_seller")


@frozen
class RaceRefund(Step):
    """A corrupt buyer wants its money back at once, even while it is claimed; a corrupt seller, that of its buyers."""

    who: int = agent("corrupt_buyer", "corrupt_seller")


@frozen
class SwapTerms(Step):
    """A corrupt buyer asks from now on for other holds than it has accepted.

    `what` is swapped: the amount that is asked for (0), its payee (1), or the amount in the terms themselves (2).
    """

    buyer: int = agent("corrupt_buyer")
    what: int = number(0, 0, 1, 2)


@frozen
class Peek(Step):
    """A corrupt buyer tries to open all the goods that it has, without a key."""

    buyer: int = agent("corrupt_buyer")


NOBODY = "nobody who could do that is there and up"
"""What is said of an act without an agent."""

Addressed = Iterable[tuple[str, Any]]
"""Messages: to whom, and what."""


def _acting(field: str, told: str) -> Callable[[Callable[[Any], Addressed]], Callable[[Stage, Any], StepResult]]:
    """Makes an act of a function from a corrupt agent to what it sends; with nothing to send, it does nothing."""

    def act_of(make: Callable[[Any], Addressed]) -> Callable[[Stage, Any], StepResult]:
        def perform(stage: Stage, step: Any) -> StepResult:
            player = stage.player(step, field)
            if player is None:
                return skipped(NOBODY)
            name, sent = player.kit.name, [player.kit.send(to, body) for to, body in make(player)]
            return stage.act(name, sent, f"{name} {told}") if sent else skipped(f"{name} has nothing of that kind")

        return perform

    return act_of


@_acting("seller", "claims with a key that it made up")
def claim_without_key(seller: Any) -> Addressed:
    """One claim for each offer."""
    return [(seller.arbiter, Claim(one.terms.id, "00" * 32, seller.kit.clock.now)) for one in seller.offers]


@_acting("seller", "claims everything, and says that it did at tick 0")
def claim_again(seller: Any) -> Addressed:
    """One claim for each offer."""
    return [(seller.arbiter, evolve(seller.claim(one.terms), at=0)) for one in seller.offers]


@_acting("seller", "asks for a hold under old acceptances")
def replay_acceptance(seller: Any) -> Addressed:
    """One deposit for each acceptance."""
    return [(seller.arbiter, Deposit(one, one.terms.seller, one.terms.amount)) for one in seller.kept()]


@_acting("seller", "asks for a hold of all money, under terms that it signed for both")
def forge_acceptance(seller: Any) -> Addressed:
    """One deposit for each offer."""
    dear = [evolve(offer.terms, amount=BALANCE) for offer in seller.offers]
    return [(seller.arbiter, Deposit(_signed(seller, terms), terms.seller, terms.amount)) for terms in dear]


@_acting("seller", "sends its buyers other goods than it has signed")
def swap_goods(seller: Any) -> Addressed:
    """One more offer for each."""
    return [(offer.terms.buyer, evolve(offer, goods=offer.goods[::-1])) for offer in seller.offers]


@_acting("seller", "tells the auditor that it was paid")
def forge_statement(seller: Any) -> Addressed:
    """One statement for each acceptance, under its own signature."""
    told = [Statement(one, "claimed") for one in seller.kept()]
    return [(seller.auditor, evolve(one, signature=seller.kit.signer.sign(one.body()))) for one in told]


@_acting("who", "wants money back")
def race_refund(player: Any) -> Addressed:
    """One message for each hold that it knows of."""
    return [(player.arbiter, Cancel(terms.id)) for terms in player.deals()]


def _signed(player: Any, terms: Terms) -> Acceptance:
    """Terms with both signatures made by this one agent."""
    dids = {member.name: member.did for member in player.kit.members}
    receipt, sign = terms.receipt(dids), player.kit.signer.sign
    signatures = receipt.body(), receipt.cosigned_body(), terms.complaint(dids).body()
    return Acceptance(terms, *map(sign, signatures))


def reveal_to_nobody(stage: Stage, step: RevealToNobody) -> StepResult:
    """From now on."""
    seller = stage.player(step, "seller")
    if seller is None:
        return skipped(NOBODY)
    seller.mute = True
    return stage.act(seller.kit.name, (), f"{seller.kit.name} will reveal its keys to nobody")


def swap_terms(stage: Stage, step: SwapTerms) -> StepResult:
    """From now on."""
    buyer = stage.player(step, "buyer")
    if buyer is None:
        return skipped(NOBODY)
    name = buyer.kit.name

    def with_terms(due: Deposit) -> Deposit:
        cheap = _signed(buyer, evolve(due.acceptance.terms, amount=1))
        return Deposit(evolve(cheap, signature=due.acceptance.signature), due.payee, 1)

    swaps: tuple[tuple[str, Callable[[Deposit], Deposit]], ...] = (
        ("a smaller amount", lambda due: evolve(due, amount=1)),
        ("itself as the payee", lambda due: evolve(due, payee=name)),
        ("a smaller amount, and writes it into the terms", with_terms),
    )
    told, buyer.swap = swaps[step.what % len(swaps)]
    return stage.act(name, (), f"{name} will ask for holds with {told}")


def peek(stage: Stage, step: Peek) -> StepResult:
    """Now."""
    buyer = stage.player(step, "buyer")
    if buyer is None:
        return skipped(NOBODY)
    name = buyer.kit.name
    opened, offers = 0, buyer.kept()
    for offer in offers:
        with suppress(Refused):
            buyer.open(offer, "")
            opened += 1
    told = f"{name} tries to open goods without a key, and opens {opened} of {len(offers)}"
    return stage.act(name, (), told) if offers else skipped(f"{name} has no goods")


ACTS = (
    Act(RevealToNobody, reveal_to_nobody, weight=2, theme="claim"),
    Act(ClaimWithoutKey, claim_without_key, weight=2, theme="claim"),
    Act(ClaimAgain, claim_again, weight=2, theme="claim"),
    Act(ReplayAcceptance, replay_acceptance, theme="terms"),
    Act(ForgeAcceptance, forge_acceptance, theme="terms"),
    Act(SwapGoods, swap_goods, theme="terms"),
    Act(ForgeStatement, forge_statement, weight=2, theme="claim"),
    Act(RaceRefund, race_refund, weight=2, theme="claim"),
    Act(SwapTerms, swap_terms, weight=2, theme="terms"),
    Act(Peek, peek, weight=2, theme="terms"),
)

MOMENTS = ("deposit sent", "hold_opened", "held delivered", "claim sent", "claimed", "cancelled", "hold_ended")


def arbiter_of(population: Population) -> int:
    """The arbiter, as an index into all agents."""
    return population.names().index("escrow-0")


def cut_off_at_the_deadline(population: Population, moment: str, events: int) -> Schedule:
    """Nobody reaches the arbiter until the deadline has passed; then all do again."""
    alone = Partition(isolated(arbiter_of(population), len(population.names())))
    return (RunUntil(moment), alone, RunUntil("lapsed"), Heal(), Run(events))


def cut_off_for_a_while(population: Population, moment: str, events: int) -> Schedule:
    """Nobody reaches the arbiter for a while: what comes then may have expired."""
    alone = Partition(isolated(arbiter_of(population), len(population.names())))
    return (RunUntil(moment), alone, Run(events), Heal(), Run(8))


def amnesia(population: Population, moment: str, events: int, role: str) -> Schedule:
    """The first agent of a role loses its memory, and comes back."""
    who = population.names().index((*population.of(role), "escrow-0")[0])
    return (RunUntil(moment), Forget(who), Run(events), Restart(who))


def lost_and_forgotten(population: Population, kind: str) -> Schedule:
    """A message is lost, and so is its sender's memory of it."""
    who = population.names().index((*population.of(SENDERS[kind]), "escrow-0")[0])
    return (RunUntil(f"{kind} sent"), Drop(kind, 0), Forget(who), Restart(who))


def down_at_the_deadline(population: Population, moment: str, events: int) -> Schedule:
    """The arbiter sleeps over the deadline."""
    arbiter = arbiter_of(population)
    return (RunUntil(moment), Crash(arbiter), RunUntil("lapsed"), Run(events), Restart(arbiter))


def late_claim(_population: Population, seller: int, events: int) -> Schedule:
    """A corrupt seller claims after the deadline what it has not claimed before."""
    return (RevealToNobody(seller), RunUntil("lapsed"), Run(events), ClaimAgain(seller))


def refund_race(_population: Population, moment: str, who: int) -> Schedule:
    """A corrupt agent wants money back while the seller gets to know that it is held."""
    return (RunUntil(moment), RaceRefund(who))


WHEN = {"moment": MOMENTS, "events": (1, 2, 4, 8)}

EARLY = {"moment": ("deposit sent", "accepted", "offer delivered"), "events": (4, 6, 8, 12, 16)}

RACE = {"moment": ("hold_opened", "held sent", "claimed", "hold_ended"), "who": (0, 1)}

LATE = {"seller": (0,), "events": (1, 2)}

FORGETTING = {
    "moment": ("hold_opened", "claimed", "hold_ended", "held delivered"),
    "events": (1, 4),
    "role": ("escrow", "escrow", "auditor", "seller", "buyer"),
}


def _plan(make: Callable[..., Schedule], arguments: Mapping[str, Sequence[Any]], *needs: type[Step]) -> Plan:
    return Plan(make.__name__, make, arguments, 2, needs, str(make.__doc__))


SENDERS = {"key": "escrow", "statement": "escrow", "held": "escrow", "claim": "seller", "deposit": "buyer"}

PLANS = (
    _plan(cut_off_at_the_deadline, WHEN, Partition, Heal),
    _plan(cut_off_for_a_while, EARLY, Partition, Heal),
    _plan(amnesia, FORGETTING, Forget, Restart),
    _plan(lost_and_forgotten, {"kind": tuple(SENDERS)}, Drop, Forget, Restart),
    _plan(down_at_the_deadline, WHEN, Crash, Restart),
    _plan(refund_race, RACE, RaceRefund),
    _plan(late_claim, LATE, RevealToNobody, ClaimAgain),
)
