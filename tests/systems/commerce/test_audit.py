import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from attrs import asdict

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.agents.auditing import Auditing
from crosslayer.harness.systems.commerce.agents.roles import ROLES, Participant
from crosslayer.harness.systems.commerce.nouns import Card, Receipt, Score
from crosslayer.harness.systems.commerce.plugins import (
    payments_streaming,
    privacy_hybrid_x25519,
    registry_gossip,
    trust_paid_receipts,
)
from crosslayer.harness.systems.commerce.ports import Roster
from crosslayer.harness.systems.commerce.steps import Buy, ForgeReceipt, WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from tests.play import facts, played, with_operations

BUSY = (Withhold(0, 0), WashTrade(0, 1), WashTrade(1, 0), ForgeReceipt(0, 2), Buy(1, 0))


def audits(result: Result, layer: str) -> dict[str, bool]:
    """Each check of a layer, and whether all its answers were good."""
    found: dict[str, bool] = {}
    for said in facts(result.events, "audit"):
        if said["layer"] == layer:
            found[said["check"]] = found.get(said["check"], True) and said["ok"]
    return found


def failed(stack: Stack, layer: str) -> set[str]:
    """The checks of a layer that fail on a busy run with this stack; no other layer's may."""
    result = played(*BUSY, stack=stack)
    assert result.fault is None
    assert {layer} >= {said["layer"] for said in facts(result.events, "audit") if not said["ok"]}
    return {check for check, good in audits(result, layer).items() if not good}


def test_the_reference_stack_passes_every_check() -> None:
    """All four layers are asked, and all their answers are good."""
    result = played(*BUSY)

    assert {"forgery", "newest", "tombstone"} == set(audits(result, "registry"))
    assert {"parties", "closing", "conservation"} == set(audits(result, "payments"))
    assert {"freshness", "audience", "replay"} == set(audits(result, "privacy"))
    assert {"evidence only", "honest receipts"} == set(audits(result, "trust"))
    assert all(said["ok"] for said in facts(result.events, "audit"))


def test_the_audit_comes_after_the_scores_and_moves_no_money() -> None:
    """Nothing that the audit does can change a score or a ledger."""
    events = played(*BUSY).events
    first = next(seq for seq, event in enumerate(events) if event.kind == "audit")

    assert {"audit", "counterfactual", "end"} == {event.kind for event in events[first:]}


class Pushy:
    """A registry that tells everybody its own card once, and takes what `takes` likes: (known card, new card, key)."""

    def __init__(self, name: str, dids: dict[str, str], takes: Callable[[Card | None, Card, str], bool]) -> None:
        self.name, self.dids, self.takes = name, dids, takes
        self.cards: dict[str, Card] = {}
        self.news: list[Card] = []

    def register(self, card: Card) -> None:
        self.cards[card.publisher] = card
        self.news.append(card)

    def lookup(self, capability: str) -> tuple[Card, ...]:
        live = (card for card in self.cards.values() if not card.tombstone)
        return tuple(card for card in live if not capability or capability in card.capabilities)

    def gossip_round(self) -> list[tuple[str, bytes]]:
        news, self.news = self.news, []
        return [(name, self.announce(card)) for card in news for name in self.dids if name != self.name]

    def handle_gossip(self, _sender: str, payload: bytes) -> tuple[()]:
        fields = json.loads(payload)
        card = Card(**{**fields, "capabilities": tuple(fields["capabilities"])})
        if self.takes(self.cards.get(card.publisher), card, self.dids[card.publisher]):
            self.cards[card.publisher] = card
        return ()

    def announce(self, card: Card) -> bytes:
        return json.dumps(asdict(card)).encode()


def pushy(takes: Callable[[Card | None, Card, str], bool]) -> Stack:
    """The reference stack with such registries."""

    def make(roster: Roster) -> dict[str, Pushy]:
        dids = {member.name: member.did for member in roster.members}
        return {name: Pushy(name, dids, takes) for name in dids}

    return REFERENCE.replace("registry", Choice("pushy", make))


def signed(_known: Card | None, card: Card, did: str) -> bool:
    """Whether a card is its publisher's own."""
    return verify(did, card.body(), card.signature)


def rank(card: Card) -> tuple[int, bool, bytes]:
    """An order of all cards of one publisher, so that there is one greatest."""
    return card.version, card.tombstone, card.body()


def test_an_inquiry_leaves_no_mark_where_all_is_well_and_flaws_where_it_is_not() -> None:
    """A run to which nothing was done is inquired into; what was done before decides about the others."""
    first = pushy(lambda known, card, did: signed(known, card, did) and (not known or card.version > known.version))
    careful = pushy(lambda known, card, did: signed(known, card, did) and (not known or rank(card) > rank(known)))

    told = facts(played(stack=first).events, "flaw")

    assert ["agreement"] == [said["check"] for said in told]
    assert [] == facts(played(stack=careful).events, "flaw")
    assert [] == facts(played().events, "flaw")


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        (lambda known, card, did: signed(known, card, did) and (not known or rank(card) > rank(known)), set()),
        (lambda _known, _card, _did: True, {"forgery"}),
        (signed, {"newest", "tombstone"}),
    ],
    ids=["careful", "gullible", "forgetful"],
)
def test_a_registry_that_believes_too_much_is_found(takes: Any, expected: set[str]) -> None:
    """A registry that takes forged cards, or old ones for new, fails just the checks of that."""
    assert expected == failed(pushy(takes), "registry")


@pytest.mark.parametrize(
    ("operation", "replacement", "expected"),
    [
        ("encrypt", lambda _real, data, _audience: data, {"freshness"}),
        (
            "encrypt",
            lambda real, data, audience: real.encrypt(data, ("seller-0", "seller-1", *audience)),
            {"outsiders"},
        ),
        ("encrypt", lambda _real, data, _audience: b"" if b"audit" in data else data, {"freshness"}),
    ],
    ids=["in clear", "too many readers", "empty"],
)
def test_a_privacy_plugin_that_tells_is_found(operation: str, replacement: Any, expected: set[str]) -> None:
    """Envelopes that show, repeat or reach too far fail their checks."""
    base = build(["privacy=noop"]) if expected == {"freshness"} else REFERENCE

    assert expected <= failed(with_operations("privacy", base, **{operation: replacement}), "privacy")


@pytest.mark.parametrize(
    "secrets", [lambda _real: None, lambda _real: ["text"], lambda _real: int("x")], ids=["nothing", "texts", "raises"]
)
def test_secrets_that_cannot_be_had_are_a_failed_check(secrets: Any) -> None:
    """A plugin that names its secrets wrongly is told so, and the audit goes on with the next layer."""
    result = played(*BUSY, stack=with_operations("privacy", secrets=secrets))

    assert {"secrets": False} == audits(result, "privacy")
    assert audits(result, "trust")["evidence only"]


def test_a_secret_on_the_wire_is_found() -> None:
    """What a plugin calls its secret must not be in an envelope."""
    assert {"secrets"} == failed(with_operations("privacy", secrets=lambda _real: [b'"from":"buyer-0"']), "privacy")


def test_a_plugin_without_secrets_has_none_to_lose() -> None:
    """An empty secret is no secret: it would be everywhere."""
    assert set() == failed(with_operations("privacy", secrets=lambda _real: [b""]), "privacy")


ASKED = count()


def lossy(real: Any) -> int:
    """A balance that is one credit less whenever it is asked for."""
    return int(real.balance()) - next(ASKED)


@pytest.mark.parametrize(
    ("operation", "replacement", "expected"),
    [
        ("open_stream", lambda real, to, rate, _cap, ref: real.open_stream(to, rate, 1, ref), {"overdraft"}),
        ("balance", lossy, {"conservation", "closing"}),
    ],
)
def test_a_payments_plugin_that_cannot_count_is_found(operation: str, replacement: Any, expected: set[str]) -> None:
    """Promising more than one has and losing money fail their checks."""
    assert expected <= failed(with_operations("payments", **{operation: replacement}), "payments")


def by_name(real: Any, agent: str) -> Score:
    """A better score for any agent whose name ends in a zero."""
    score: Score = real.score(agent)
    return Score(score.value / 2 if agent.endswith("0") else score.value, score.confidence)


def test_a_trust_plugin_that_looks_at_names_is_found() -> None:
    """Scores that change when all agents are renamed fail the check of names, and no other."""
    assert {"names"} == failed(with_operations("trust", score=by_name), "trust")


def test_a_trust_plugin_that_counts_repetitions_is_found() -> None:
    """Scores that change when the same evidence comes twice fail the check of repetition, and no other."""

    def report(real: Any, agent: str, evidence: Any) -> None:
        real.twice = getattr(real, "twice", False) or evidence in getattr(real, "known", [])
        real.known = [*getattr(real, "known", []), evidence]
        real.report(agent, evidence)

    def score(real: Any, agent: str) -> Score:
        found: Score = real.score(agent)
        return Score(found.value / 2, found.confidence) if getattr(real, "twice", False) else found

    assert {"repetition"} == failed(with_operations("trust", report=report, score=score), "trust")


def test_a_trust_plugin_that_believes_forgeries_is_found() -> None:
    """Evidence that nobody corroborated must not count."""

    def report(real: Any, agent: str, evidence: Any) -> None:
        if isinstance(evidence, Receipt) and evidence.id.startswith("forged"):
            real.fooled = True
        real.report(agent, evidence)

    def score(real: Any, agent: str) -> Score:
        found: Score = real.score(agent)
        return Score(found.value / 2, found.confidence) if getattr(real, "fooled", False) else found

    assert {"forgery"} == failed(with_operations("trust", report=report, score=score), "trust")


class Fading:
    """Receipts weigh less the earlier they were heard; it looks at the clock, and at nothing but evidence."""

    def __init__(self, roster: Roster) -> None:
        self.clock, self.heard = roster.clock, dict[Any, int]()
        self.names = {one.did: one.name for one in roster.members}

    def report(self, _agent: str, evidence: Any) -> None:
        if isinstance(evidence, Receipt) and {evidence.issuer, evidence.counterparty} <= set(self.names):
            signed = verify(evidence.counterparty, evidence.cosigned_body(), evidence.cosignature)
            if signed and verify(evidence.issuer, evidence.body(), evidence.signature):
                self.heard[evidence] = max(self.clock.now, self.heard.get(evidence, 0))

    def score(self, agent: str) -> Score:
        ages = [self.clock.now - tick for one, tick in self.heard.items() if self.names[one.issuer] == agent]
        return Score(1 - 1 / (1 + sum(sorted(0.99**age for age in ages))), 1 - 0.5 ** len(ages))


class Stumbling(Fading):
    """The same, but what it heard last it believes most, so the order within a tick matters."""

    def score(self, agent: str) -> Score:
        if not self.heard:
            return Score(0.5, 0.0)
        last = next(reversed(self.heard))
        return Score(0.9 if self.names[last.issuer] == agent else 0.1, 0.5)


@pytest.mark.parametrize(("kind", "expected"), [(Fading, set()), (Stumbling, {"order"})])
def test_a_trust_plugin_may_look_at_the_clock_when_it_hears_evidence(kind: Any, expected: set[str]) -> None:
    """To such a plugin the audit tells everything at its tick; only the order within a tick must not matter."""
    made = REFERENCE.replace("trust", Choice("fading", lambda roster: {name: kind(roster) for name in roster.names()}))

    checks = audits(played(*BUSY, stack=made), "trust")

    assert expected == {check for check, good in checks.items() if not good and check != "honest receipts"}


def test_each_honest_seller_has_a_counterfactual() -> None:
    """For every honest seller with paid receipts, the score it would have had without its receipts is on record."""
    told = {said["about"]: said for said in facts(played(*BUSY).events, "counterfactual")}

    assert {"seller-0", "seller-1"} >= set(told)
    assert {0.5} == {said["score"] for said in told.values()}


def test_a_stack_without_a_wire_form_of_cards_is_asked_nothing() -> None:
    """Where the registry pushes no cards the audit has nothing to push."""
    result = played(*BUSY, stack=build(["registry=in_memory"]))

    assert {} == audits(result, "registry")


def test_a_failed_check_breaks_its_layers_contract_and_no_promise() -> None:
    """A failed check is reported under the layer's name."""
    result = played(*BUSY, stack=with_operations("trust", score=by_name))

    assert Outcome.VIOLATED is result.contracts["trust"].outcome
    assert () == result.violated


def remembering_registry() -> Any:
    """A factory whose registries start with all cards that any of them ever registered."""
    cards: dict[str, Card] = {}

    class Remembers(Pushy):
        def register(self, card: Card) -> None:
            super().register(card)
            cards[card.publisher] = card

    def make(roster: Roster) -> dict[str, Pushy]:
        dids = {member.name: member.did for member in roster.members}
        made: dict[str, Pushy] = {name: Remembers(name, dids, signed) for name in dids}
        for one in made.values():
            one.cards.update(cards)
        return made

    return make


def remembering_payments() -> Any:
    """A factory that makes one ledger for each roster of the same agents, however often it is asked."""
    made: dict[tuple[str, ...], Any] = {}

    def make(roster: Roster) -> Any:
        return made.setdefault(roster.names(), payments_streaming.make(roster))

    return make


def remembering_privacy(what: str) -> Any:
    """A factory of privacy plugins that share something with those that it made before."""
    kept: dict[str, Any] = {}

    def make(roster: Roster) -> Any:
        plugins: Any = privacy_hybrid_x25519.make(roster)
        for name, one in plugins.items():
            setattr(one, what, kept.setdefault(name, getattr(one, what)))
        return plugins

    return make


@pytest.mark.parametrize(
    ("layer", "make", "told"),
    [
        ("registry", remembering_registry(), "a new registry shows cards of an earlier one"),
        ("payments", remembering_payments(), "on a new ledger it has "),
        ("privacy", remembering_privacy("_content_keys"), "a new plugin of the same secrets seals "),
        ("privacy", remembering_privacy("_opened"), "a new plugin refuses what "),
    ],
)
def test_state_between_runs_is_found_in_the_first_run(layer: str, make: Any, told: str) -> None:
    """What a factory makes anew beside the plugins of a run knows nothing of that run."""
    flaws = facts(played(stack=REFERENCE.replace(layer, Choice("remembers", make))).events, "flaw")

    assert any(said["check"] == "fresh" and said["detail"].startswith(told) for said in flaws)


def test_an_agent_that_never_registers_is_found() -> None:
    """Everybody begins with a card of its own."""

    class Silent(Participant):
        def publish(self, card: Card) -> None:
            """Nothing."""

    def auditor(kit: Any) -> Participant:
        agent = Silent(kit)
        agent.behave(Auditing(agent))
        return agent

    stack = REFERENCE.replace("agents", Choice("silent", lambda: {**ROLES, "auditor": auditor}))

    assert ["registering"] == [said["check"] for said in facts(played(stack=stack).events, "flaw")]


class Of:
    """A plugin that answers one operation of its own, and leaves the rest to the one behind it."""

    def __init__(self, behind: Any, **own: Any) -> None:
        self.behind = behind
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)


def keys_joined(roster: Roster) -> dict[str, Any]:
    """Payments that know a stream by its payer's name and its reference in one text."""
    used: set[str] = set()

    def of(name: str, desk: Any) -> Of:
        def open_stream(to: str, rate: int, cap: int, ref: str) -> None:
            if name + ref in used:
                raise Refused("used before")
            desk.open_stream(to, rate, cap, ref)
            used.add(name + ref)

        return Of(desk, open_stream=open_stream)

    return {name: of(name, desk) for name, desk in payments_streaming.make(roster).items()}


def withdraws_by_beginning(roster: Roster) -> dict[str, Any]:
    """Views that leave out everybody whose name begins with that of one who withdrew."""

    def of(view: Any) -> Of:
        gone: set[str] = set()

        def lookup(capability: str) -> tuple[Card, ...]:
            found = view.lookup(capability)
            gone.update(seen.keys() - {card.publisher for card in view.lookup("")})
            seen.update(dict.fromkeys(card.publisher for card in found))
            return tuple(card for card in found if not card.publisher.startswith(tuple(gone)))

        seen: dict[str, None] = {}
        return Of(view, lookup=lookup)

    return {name: of(view) for name, view in registry_gossip.make(roster).items()}


def opens_for_namesakes(roster: Roster) -> dict[str, Any]:
    """Envelopes that are sealed for everybody whose name begins with a recipient's."""

    def of(desk: Any) -> Of:
        def encrypt(data: bytes, audience: tuple[str, ...]) -> Any:
            return desk.encrypt(data, [name for name in roster.names() if name.startswith(tuple(audience))])

        return Of(desk, encrypt=encrypt)

    return {name: of(desk) for name, desk in privacy_hybrid_x25519.make(roster).items()}


def scores_by_beginning(roster: Roster) -> dict[str, Any]:
    """Scores that a seller shares with everybody whose name begins with its own."""

    def of(desk: Any) -> Of:
        def score(agent: str) -> Any:
            return max(
                (desk.score(name) for name in roster.names() if agent.startswith(name)), key=lambda one: one.value
            )

        return Of(desk, score=score)

    return {name: of(desk) for name, desk in trust_paid_receipts.make(roster).items()}


@pytest.mark.parametrize(
    ("layer", "make", "told"),
    [
        ("payments", keys_joined, "its reference '-a' was refused, which only another payer had used"),
        ("registry", withdraws_by_beginning, "when seller-1 had withdrawn, it showed nobody"),
        ("privacy", opens_for_namesakes, "it reads what was sealed for seller-1"),
        ("trust", scores_by_beginning, "it has another score for a sale of seller-1"),
    ],
)
def test_names_of_which_one_begins_with_another_are_kept_apart(layer: str, make: Any, told: str) -> None:
    """No run has eleven of a role, and still a name that is taken for its beginning is found in the first."""
    result = played(stack=REFERENCE.replace(layer, Choice("confuses", make)))
    said = [one["detail"] for one in facts(result.events, "flaw") if one["check"] == "crowd"]

    assert [told] == said
    assert Outcome.VIOLATED == result.contracts[layer].outcome
