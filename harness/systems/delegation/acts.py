"""What the revoked worker and the thief of delegation can do, and what is planned against the tool server.

Owns the adversary's steps, what each does, and plans of several steps. Corrupt agents sign with their own keys only.
"""

from collections.abc import Callable, Iterable
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
    Redirect,
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
from crosslayer.harness.systems.delegation.nouns import (
    DRIFT,
    PART,
    ROOT,
    Call,
    Grant,
    Link,
    Request,
    Revocation,
    Token,
)


@frozen
class Leak(Step):
    """The revoked worker shows the thief every token that it has, or has handed on."""

    revoked: int = agent("revoked")
    thief: int = agent("thief")


@frozen
class PresentStolen(Step):
    """The thief calls with every token that it has seen: under its own name (0), or under its audience's (1)."""

    thief: int = agent("thief")
    name: int = number(0, 0, 1)


@frozen
class Replay(Step):
    """The thief sends every call that it has seen once more."""

    thief: int = agent("thief")


@frozen
class Widen(Step):
    """The revoked worker allows itself more, and calls: another tool (0), a longer time (1), by a link left out (2)."""

    revoked: int = agent("revoked")
    what: int = number(0, 0, 1, 2)


@frozen
class Splice(Step):
    """The revoked worker makes a chain of the links before its own and one that it issues itself, and calls."""

    revoked: int = agent("revoked")


@frozen
class HandOn(Step):
    """The revoked worker makes another token of its own, for itself or the thief, who calls with it."""

    revoked: int = agent("revoked")
    to: int = agent("revoked", "thief")


@frozen
class CallNow(Step):
    """The revoked worker calls under every token that it has seen: as it may (0), another tool (1), for all (2)."""

    revoked: int = agent("revoked")
    what: int = number(0, 0, 1, 2)


@frozen
class Overspend(Step):
    """The revoked worker uses more than it has: by two children with all of it (0), or one with less than nothing (1).

    Or by calls of less than nothing (2), or by small ones (3).
    """

    revoked: int = agent("revoked")
    how: int = number(0, 0, 1, 2, 3)


@frozen
class ForgePrincipal(Step):
    """A corrupt agent makes itself a first link, in the principal's name (0), its own (1), or none (2); and calls."""

    who: int = agent("thief", "revoked")
    name: int = number(0, 0, 1, 2)


@frozen
class ForgeRevocation(Step):
    """A corrupt agent tells the tool server that the links above all tokens were taken back by their issuers."""

    who: int = agent("thief", "revoked")


@frozen
class SkewClock(Step):
    """The tool server's clock is some ticks slow (0) or fast (1) from now on, at most as many as it may be."""

    server: int = agent("server")
    ticks: int = number(DRIFT, DRIFT, 1)
    fast: int = number(0, 0, 1)


NOBODY = "nobody who could do that is there and up"
"""What is said of an act without an agent."""

Posts = Iterable[Any]
"""What an agent posts."""


def _acting(told: str) -> Callable[[Callable[[Any, Any], Posts]], Callable[[Stage, Any], StepResult]]:
    """Makes an act of a function from a corrupt agent and the step to what it posts; with nothing to post, no act."""

    def act_of(make: Callable[[Any, Any], Posts]) -> Callable[[Stage, Any], StepResult]:
        def perform(stage: Stage, step: Any) -> StepResult:
            player = stage.player(step, next(iter(type(step).__annotations__)))
            if player is None:
                return skipped(NOBODY)
            name, posts = player.kit.name, list(make(player, step))
            return stage.act(name, player.posted(posts), f"{name} {told}") if posts else skipped(f"{name} has nothing")

        return perform

    return act_of


def _link(player: Any, links: tuple[Link, ...], grant: Grant, issuer: str = "") -> Token:
    """A token that the player makes for itself by its own key, whatever its auth plugin would say."""
    did, sign = player.kit.signer.did, player.kit.signer.sign
    link = Link(issuer or did, did, Token(links).id, grant)
    player.note(link)
    return Token((*links, evolve(link, signature=sign(link.body()))))


def leak(stage: Stage, step: Leak) -> StepResult:
    """Now."""
    revoked, thief = stage.player(step, "revoked"), stage.player(step, "thief")
    if revoked is None or thief is None or not revoked.handed:
        return skipped("there is nothing to show, or nobody to show it to")
    thief.seen |= {token.id: token for token in (*revoked.handed, *revoked.kept())}
    return stage.act(revoked.kit.name, (), f"{revoked.kit.name} shows {thief.kit.name} all its tokens")


@_acting("calls with the tokens of others")
def present_stolen(thief: Any, step: PresentStolen) -> Posts:
    """One call for each."""
    for token in thief.seen.values():
        request = Request(token, f"{token.id} stolen", token.links[-1].grant.tools[0], 1)
        box = thief.boxed(thief.server, request)
        name = token.links[-1].audience if step.name % 2 else box.sender
        yield thief.kit.post(thief.server, Call(evolve(box, sender=name)))


@_acting("sends the calls of others once more")
def replay(thief: Any, _step: Replay) -> Posts:
    """All of them."""
    return [thief.kit.post(thief.server, call) for call in thief.calls]


@_acting("allows itself more than it was allowed, and calls")
def widen(revoked: Any, step: Widen) -> Posts:
    """One for each token that it was given."""
    for token in revoked.kept():
        grant = evolve(token.links[-1].grant, calls=1, spend=1)
        if step.what % 3 == 0:
            yield revoked.call(_link(revoked, token.links, evolve(grant, tools=("read", "write"))), "wide", "write")
        else:
            short = _link(revoked, token.links, evolve(grant, calls=2, spend=2, expires=revoked.timing.short))
            yield revoked.call(short, "short")
            long = _link(revoked, short.links, grant)
            yield revoked.call(long if step.what % 3 == 1 else Token((*token.links, long.links[-1])), "long")


@_acting("puts a link of its own behind those of others, and calls")
def splice(revoked: Any, _step: Splice) -> Posts:
    """One for each token that it was given."""
    for token in revoked.kept():
        links = token.links[:-1]
        yield revoked.call(_link(revoked, links, evolve(links[-1].grant, calls=2, spend=4)), "spliced")


def hand_on(stage: Stage, step: HandOn) -> StepResult:
    """Now."""
    revoked, caller = stage.player(step, "revoked"), stage.player(step, "to")
    if revoked is None or caller is None or not revoked.kept():
        return skipped(NOBODY)
    to, grant = caller.kit.name, evolve(PART, calls=1, spend=1, expires=revoked.timing.long)
    posts = [caller.call(revoked.narrowed(token, to, grant), "handed") for token in revoked.kept()]
    return stage.act(to, caller.posted(posts), f"{revoked.kit.name} hands {to} a token, and it calls")


@_acting("calls at once")
def call_now(revoked: Any, step: CallNow) -> Posts:
    """One for each token that it was given, or has handed on."""
    for token in (*revoked.kept(), *revoked.handed):
        tool, amount = (("read", 1), ("write", 1), ("read", token.links[-1].grant.spend))[step.what % 3]
        yield revoked.call(token, f"now {tool} {amount}", tool, amount)


@_acting("spends what it has twice")
def overspend(revoked: Any, step: Overspend) -> Posts:
    """Calls for all that its tokens would be worth, or twice as many for the same."""
    for token in revoked.kept():
        grant, links, spent, how = token.links[-1].grant, token.links, [token], step.how % 4
        if how == 0:
            spent = [_link(revoked, links, evolve(grant, expires=grant.expires - number_)) for number_ in (1, 2)]
        if how == 1:
            yield revoked.call(_link(revoked, links, evolve(grant, calls=0, spend=-grant.spend)), "minus")
        each = grant.spend // grant.calls
        amounts = ([each], [2 * each], [-grant.spend, *[2 * each] * grant.calls], [1])[how]
        for number_ in range(2 * grant.calls):
            amount = amounts[number_ % len(amounts)]
            yield revoked.call(spent[number_ % len(spent)], f"spend {number_}", "read", amount)


@_acting("makes itself a first link, and calls")
def forge_principal(player: Any, step: ForgePrincipal) -> Posts:
    """One call for everything."""
    (principal,) = player.kit.population.of("principal")
    forged = Token()
    if step.name % 3 in (0, 1):
        issuer = player.dids[principal] if step.name % 3 == 0 else ""
        forged = _link(player, (), evolve(ROOT, expires=player.timing.long), issuer)
    yield player.call(forged, "forged", "write")


@_acting("says that what all tokens rest on was taken back")
def forge_revocation(player: Any, _step: ForgeRevocation) -> Posts:
    """One for each link of others that it knows."""
    tokens = [*player.kept(), *getattr(player, "seen", {}).values()]
    for link in (link for token in tokens for link in token.links):
        told = Revocation(link.id, link.issuer)
        yield player.kit.post(player.server, evolve(told, signature=player.kit.signer.sign(told.body())))


def skew_clock(stage: Stage, step: SkewClock) -> StepResult:
    """From now on."""
    server = stage.player(step, "server")
    if server is None:
        return skipped(NOBODY)
    ticks, how = step.ticks % (DRIFT + 1), "fast" if step.fast % 2 else "slow"
    server.skew = ticks if step.fast % 2 else -ticks
    return stage.act(server.kit.name, (), f"the clock of {server.kit.name} is {ticks} ticks {how}")


ACTS = (
    Act(Leak, leak, weight=2, theme="steal"),
    Act(PresentStolen, present_stolen, weight=3, theme="steal"),
    Act(Replay, replay, weight=2, theme="steal"),
    Act(Widen, widen, weight=2, theme="chain"),
    Act(Splice, splice, theme="chain"),
    Act(HandOn, hand_on, weight=2, theme="revoke"),
    Act(CallNow, call_now, theme="revoke"),
    Act(Overspend, overspend, weight=2, theme="chain"),
    Act(ForgePrincipal, forge_principal, theme="chain"),
    Act(ForgeRevocation, forge_revocation, weight=2, theme="revoke"),
    Act(SkewClock, skew_clock, theme="revoke"),
)


def index(population: Population, role: str) -> int:
    """The first agent of a role, as an index into all agents; the tool server if there is none."""
    return population.names().index((*population.of(role), "server-0")[0])


def alone(population: Population) -> Partition:
    """Nobody reaches the tool server."""
    return Partition(isolated(index(population, "server"), len(population.names())))


def steal_from_the_wire(population: Population, kind: str, nth: int, name: int) -> Schedule:
    """The thief gets a copy of what is on its way, and uses it."""
    copy = Redirect(kind, nth, index(population, "thief"))
    return (RunUntil(f"{kind} sent"), copy, Run(16), Replay(0) if name > 1 else PresentStolen(0, name))


def leaked(_population: Population, moment: str, name: int) -> Schedule:
    """The thief is shown tokens, and uses them."""
    return (RunUntil(moment), Leak(0, 0), PresentStolen(0, name))


def race_revocation(_population: Population, moment: str, events: int, who: int) -> Schedule:
    """A token is used, and something new is made of it, while it is revoked or just after that."""
    return (RunUntil(moment), Run(events), HandOn(0, who), CallNow(0))


def cut_off(population: Population, moment: str, events: int) -> Schedule:
    """Nobody reaches the tool server for a while."""
    return (RunUntil(moment), alone(population), Run(events), Heal(), Run(8))


def away(population: Population, moment: str, events: int, role: str, skew: int) -> Schedule:
    """An agent loses its memory, and comes back; or the tool server only sleeps, and wakes under another clock."""
    who = index(population, "server" if skew else role)
    gone: Schedule = (Crash(who), Run(events), Restart(who), SkewClock(0, skew)) if skew else ()
    return (RunUntil(moment), *(gone or (Forget(who), Run(events), Restart(who))))


def lost_and_forgotten(population: Population, kind: str) -> Schedule:
    """A message is lost, and so is its sender's memory of it."""
    who = index(population, SENDERS[kind])
    return (RunUntil(f"{kind} sent"), Drop(kind, 0), Forget(who), Restart(who))


def forgotten_budget(population: Population, moment: str) -> Schedule:
    """The tool server loses its memory, and is asked for all that there was in the beginning."""
    server = index(population, "server")
    return (RunUntil(moment), Forget(server), Restart(server), CallNow(0, 2))


SENDERS = {"result": "server", "call": "worker", "given": "principal", "revocation": "orchestrator"}

RACE = ("revocation sent", "revocation delivered")

MORTALS = ("server", "auditor", "worker", "orchestrator")

MOMENTS = ("served", "call sent", "given delivered", "revocation sent", "revocation delivered", "answered")


def _plan(make: Callable[..., Schedule], needs: tuple[type[Step], ...], weight: int = 2, **rows: Any) -> Plan:
    return Plan(make.__name__, make, rows, weight, needs, str(make.__doc__))


PLANS = (
    _plan(steal_from_the_wire, (Redirect, Replay), 3, kind=("call", "given"), nth=(0, 1, 2), name=(0, 1, 2)),
    _plan(leaked, (Leak, PresentStolen), moment=("served", "answered"), name=(0, 1)),
    _plan(race_revocation, (HandOn, CallNow), moment=RACE, events=(1, 2, 4), who=(0, 1)),
    _plan(cut_off, (Partition, Heal), moment=MOMENTS, events=(1, 8, 32)),
    _plan(away, (Forget, Restart), 4, moment=MOMENTS, events=(1, 4, 32), role=MORTALS, skew=(0, 0, DRIFT)),
    _plan(lost_and_forgotten, (Drop, Forget, Restart), kind=tuple(SENDERS)),
    _plan(forgotten_budget, (Forget, Restart, CallNow), moment=("served", "answered")),
)
