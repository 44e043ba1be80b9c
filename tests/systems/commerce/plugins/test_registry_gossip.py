"""Claims about the gossip registry: merging, the three messages, silence, and what it refuses."""

import itertools
import json
import random
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nouns import Card
from crosslayer.harness.systems.commerce.plugins.registry_gossip import FAN_OUT, GossipRegistry, View, entry_of, make
from crosslayer.harness.systems.commerce.ports import Member, Roster

quick = settings(max_examples=60, deadline=None)


def roster(size: int) -> Roster:
    """This number of sellers, whose keys are those with which `card` signs."""
    names = [f"seller-{number}" for number in range(size)]
    return Roster(members=tuple(Member(name, Signer.from_seed(0, name).did) for name in names), seed=0)


ROSTER = roster(3)
OWNER, PEER, OTHER = ROSTER.names()


def card(publisher: str, version: int = 1, *, signer: str = "", **fields: Any) -> Card:
    """A card signed by its publisher, or by another signer where one is named."""
    unsigned = Card(publisher, version, **{"capabilities": ("sell",), **fields})
    return unsigned.signed(Signer.from_seed(0, signer or publisher).sign(unsigned.body()))


def hear(registry: GossipRegistry, *cards: Card) -> None:
    """Let a registry receive cards from a peer, one push each."""
    for heard in cards:
        registry.handle_gossip(PEER, registry.announce(heard))


def forms(messages: tuple[tuple[str, bytes], ...]) -> list[str]:
    """What kind of message each of these is."""
    return [json.loads(payload)["form"] for _, payload in messages]


@define
class Network:
    """Registries on an unreliable network; `chaos` in percent is how often each mishap befalls a message."""

    registries: dict[str, GossipRegistry]
    dice: random.Random = field(factory=lambda: random.Random(0))
    chaos: int = 0
    groups: dict[str, int] = field(factory=dict)

    def mishap(self) -> bool:
        return self.dice.randrange(100) < self.chaos

    def deliver(self, sender: str, to: str, payload: bytes) -> list[tuple[str, str, bytes]]:
        if self.mishap() or self.groups.get(sender, 0) != self.groups.get(to, 0):
            return []
        if self.mishap():
            place, bit = self.dice.randrange(len(payload)), self.dice.randrange(8)
            payload = payload[:place] + bytes([payload[place] ^ 1 << bit]) + payload[place + 1 :]
        try:
            return [(to, *answer) for answer in self.registries[to].handle_gossip(sender, payload)]
        except Refused:
            return []

    def round(self) -> int:
        """One round of each agent's gossip, carried to its end; the number of messages sent."""
        waiting = [
            (name, *message) for name, registry in self.registries.items() for message in registry.gossip_round()
        ]
        sent = 0
        while waiting:
            message = waiting.pop(self.dice.randrange(len(waiting)) if self.mishap() else 0)
            sent += 1
            waiting += self.deliver(*message)
            waiting += self.deliver(*message) if self.mishap() else []
        return sent

    def fall_silent(self, limit: int) -> None:
        """Run until a round in which nothing is said; fail if there is none within the limit."""
        if all(self.round() for _ in range(limit)):
            pytest.fail(f"still talking after {limit} rounds")

    def views(self) -> list[tuple[Card, ...]]:
        return [tuple(registry.lookup("")) for registry in self.registries.values()]


def registered(size: int) -> Network:
    """A perfect network of this number of agents, each of which knows its own card only."""
    network = Network(make(roster(size)))
    for name, registry in network.registries.items():
        registry.register(card(name))
    return network


# Registering and looking up


def test_own_card_is_found_by_capability() -> None:
    """An agent finds its own card at once, under its capabilities and under no other."""
    registry = make(ROSTER)[OWNER]
    registry.register(card(OWNER))

    assert registry.lookup("") == registry.lookup("sell") == (card(OWNER),)
    assert registry.lookup("buy") == ()


def test_cards_are_not_shared_without_gossip() -> None:
    """Nobody sees a card of which no message has told it."""
    registries = make(ROSTER)
    registries[OWNER].register(card(OWNER))

    assert registries[PEER].lookup("") == ()


def test_lookup_is_sorted_and_cached() -> None:
    """Cards come sorted by publisher, and as the same tuple while the view is unchanged."""
    registry = make(ROSTER)[OWNER]
    hear(registry, card(OTHER), card(PEER))
    found = registry.lookup("sell")
    hear(registry, card(OTHER), card(PEER))

    assert [each.publisher for each in found] == [PEER, OTHER]
    assert registry.lookup("sell") is found


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(card(PEER, signer=OWNER), id="another's name"),
        pytest.param(card(OWNER, 3, signer=PEER), id="another's signature"),
        pytest.param(Card(OWNER, 3, ("sell",)), id="no signature"),
        pytest.param(card(OWNER, 2, endpoint="elsewhere"), id="equal version"),
        pytest.param(card(OWNER, 1), id="older version"),
        pytest.param(card(OWNER, -1), id="negative version"),
    ],
)
def test_register_refuses(wrong: Card) -> None:
    """Only the owner's own, truly signed and newer card can be registered; a refusal changes nothing."""
    registry = make(ROSTER)[OWNER]
    registry.register(card(OWNER, 2))
    with pytest.raises(Refused):
        registry.register(wrong)

    assert registry.lookup("") == (card(OWNER, 2),)


def test_register_refuses_malformed_first_card() -> None:
    """A card that no peer would accept cannot be registered either."""
    registry = make(ROSTER)[OWNER]

    for wrong in (card(OWNER, -1), card(OWNER, 2**63), card(OWNER, endpoint="\ud800")):
        with pytest.raises(Refused):
            registry.register(wrong)


# Merging

some_cards = st.builds(
    card,
    publisher=st.sampled_from(ROSTER.names()),
    version=st.integers(0, 3),
    endpoint=st.sampled_from(["", "a", "b"]),
    tombstone=st.booleans(),
)
card_lists = st.lists(some_cards, max_size=8)


@quick
@given(card_lists, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(cards: list[Card], shuffler: random.Random) -> None:
    """Two agents that heard the same cards, in any order and number, hold byte for byte the same view."""
    first, second = make(ROSTER)[OWNER], make(ROSTER)[OWNER]
    hear(first, *cards)
    again = cards + cards[: len(cards) // 2]
    shuffler.shuffle(again)
    hear(second, *again)

    assert first.lookup("") == second.lookup("")
    assert first.gossip_round() == second.gossip_round()


@quick
@given(card_lists, card_lists, card_lists)
def test_merging_views_is_a_join(left: list[Card], middle: list[Card], right: list[Card]) -> None:
    """Merging whole views is commutative, associative and idempotent."""
    a, b, c = (view_of(cards) for cards in (left, middle, right))

    assert held(merged(a, b)) == held(merged(b, a))
    assert held(merged(merged(a, b), c)) == held(merged(a, merged(b, c)))
    assert merged(a, a) is a


def view_of(cards: list[Card]) -> View:
    """What an agent that has heard just these cards holds."""
    dids = {member.name: member.did for member in ROSTER.members}
    return View({}).merged(entry_of(each, dids[each.publisher]) for each in cards)


def merged(one: View, other: View) -> View:
    """One view with all that the other holds merged into it."""
    return one.merged(other.entries.values())


def held(view: View) -> list[Card]:
    """The cards of a view, in its own order."""
    return [entry.card for entry in view.entries.values()]


@quick
@given(card_lists)
def test_newest_card_wins(cards: list[Card]) -> None:
    """What is found of a publisher is its card of the greatest version, unless a tombstone is as new."""
    registry = make(ROSTER)[OWNER]
    hear(registry, *cards)
    found = {each.publisher: each for each in registry.lookup("")}

    for publisher in {each.publisher for each in cards}:
        newest = max(each.version for each in cards if each.publisher == publisher)
        rivals = [each for each in cards if (each.publisher, each.version) == (publisher, newest)]
        assert (publisher in found) == (not any(each.tombstone for each in rivals))
        assert publisher not in found or found[publisher] in rivals


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_tombstone_is_never_undone(order: tuple[int, ...]) -> None:
    """A tombstone survives every older and equally new card, whichever comes first."""
    cards = [card(OTHER, 1), card(OTHER, 2, tombstone=True), card(OTHER, 2, endpoint="zombie")]
    registry = make(ROSTER)[OWNER]
    hear(registry, *(cards[place] for place in order))

    assert registry.lookup("") == ()


def test_newest_of_one_push_wins() -> None:
    """A push that names one publisher twice leaves the newer card, in either order."""
    registry = make(ROSTER)[OWNER]
    old, new = (json.loads(registry.announce(card(OTHER, version)))["cards"] for version in (1, 2))
    for cards in (old + new, new + old):
        registry = make(ROSTER)[OWNER]
        push = {"form": "push", "cards": cards, "digest": None, "view": None}
        registry.handle_gossip(PEER, json.dumps(push).encode())

        assert registry.lookup("") == (card(OTHER, 2),)


def test_newer_card_follows_tombstone() -> None:
    """An agent that withdrew may come back with a newer card."""
    registry = make(ROSTER)[OWNER]
    hear(registry, card(OTHER, 1, tombstone=True), card(OTHER, 2))

    assert registry.lookup("") == (card(OTHER, 2),)


# What is refused


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(card(OTHER, 2, signer=PEER), id="signed by another"),
        pytest.param(Card(OTHER, 2, ("sell",)), id="unsigned"),
        pytest.param(card(OTHER).signed(card(OTHER).signature.upper()), id="signature spelt otherwise"),
        pytest.param(card("seller-9"), id="stranger"),
        pytest.param(card(OTHER, endpoint="\ud800"), id="half a character"),
        pytest.param(card(OTHER, 2**63), id="version too great"),
        pytest.param(card(OTHER, version=True), id="version is a truth value"),
        pytest.param(card(OTHER, endpoint="new", capabilities=(1,)), id="capability is a number"),
    ],
)
def test_bad_card_is_refused(wrong: Card) -> None:
    """A gossiped card that is not well-formed and truly signed is refused, and changes nothing."""
    registry = make(ROSTER)[OWNER]
    hear(registry, card(OTHER))
    with pytest.raises(Refused):
        hear(registry, wrong)

    assert registry.lookup("") == (card(OTHER),)


def test_one_bad_card_spoils_the_push() -> None:
    """A push is taken in as a whole or not at all."""
    registry = make(ROSTER)[OWNER]
    good, bad = (json.loads(registry.announce(each)) for each in (card(PEER), card(OTHER, signer=PEER)))
    good["cards"] += bad["cards"]
    with pytest.raises(Refused):
        registry.handle_gossip(PEER, json.dumps(good).encode())

    assert registry.lookup("") == ()


@pytest.mark.parametrize("sender", [OWNER, "stranger-0"])
def test_gossip_from_no_peer_is_refused(sender: str) -> None:
    """Gossip comes from another member; one's own, played back, and a stranger's are refused."""
    registry = make(ROSTER)[OWNER]
    with pytest.raises(Refused):
        registry.handle_gossip(sender, registry.announce(card(PEER)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from([OWNER, PEER]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([OWNER, "x"]), inner, max_size=2),
    max_leaves=6,
)
good_card = json.loads(make(ROSTER)[OWNER].announce(card(PEER)))["cards"][0]
card_values = st.builds(
    lambda name, value: good_card | {name: value}, st.sampled_from(sorted(good_card)), json_values | st.just([[]])
)
junk = st.one_of(
    st.binary(max_size=80),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries(
        {"form": st.sampled_from(["ask", "push", "same"])},
        optional={
            "digest": json_values | st.none(),
            "cards": st.lists(card_values, max_size=2) | json_values,
            "view": json_values,
        },
    ).map(lambda value: json.dumps(value).encode()),
)


@settings(max_examples=300, deadline=None)
@given(junk)
def test_junk_never_crashes(payload: bytes) -> None:
    """Whatever bytes arrive, a registry answers or refuses, and answers only to the sender."""
    registry = make(ROSTER)[OWNER]
    registry.register(card(OWNER))
    try:
        answers = registry.handle_gossip(PEER, payload)
    except Refused:
        answers = ()

    assert {to for to, _ in answers} <= {PEER}
    assert registry.lookup("sell") in ((card(OWNER),), (card(OWNER), card(PEER)))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"9" * 5_000,
        b'{"form":"push","cards":[1],"digest":null,"view":null}',
        b'{"form":"push","cards":[],"digest":null,"view":1}',
        b'{"form":"ask","cards":[],"digest":{"stranger-0":[1,""]}}',
        b'{"form":"ask","cards":[],"digest":{"seller-0":[true,""]}}',
    ],
)
def test_malformed_payload_is_refused(payload: bytes) -> None:
    """Bytes that are no gossip are refused, however nasty."""
    with pytest.raises(Refused):
        make(ROSTER)[OWNER].handle_gossip(PEER, payload)


# The exchange


def test_exchange_takes_two_messages() -> None:
    """A question brings its asker's news, the answer brings the rest, and with it the asker knows both in step."""
    network = registered(2)
    here, there = network.registries.values()
    question = here.gossip_round()
    answer = there.handle_gossip(OWNER, question[0][1])

    assert [forms(messages) for messages in (question, answer)] == [["ask"], ["push"]]
    assert here.handle_gossip(PEER, answer[0][1]) == here.gossip_round() == ()
    assert here.lookup("") == there.lookup("") == (card(OWNER), card(PEER))


def test_exchange_takes_three_messages_where_the_asker_was_mistaken() -> None:
    """Who is not told what it has shown before asks back for it, if it does not have it: push with digest, push."""
    network = registered(2)
    network.fall_silent(limit=3)
    here, fresh = network.registries[OWNER], make(roster(2))[PEER]
    here.register(card(OWNER, 2))
    question = here.gossip_round()
    counter = fresh.handle_gossip(OWNER, question[0][1])
    final = here.handle_gossip(PEER, counter[0][1])

    assert [forms(messages) for messages in (question, counter, final)] == [["ask"], ["push"], ["push"]]
    assert fresh.handle_gossip(OWNER, final[0][1]) == ()
    assert fresh.lookup("") == here.lookup("") == (card(OWNER, 2), card(PEER))


def test_only_news_is_told() -> None:
    """A question brings only the cards that the other has never shown to have."""
    network = registered(2)
    network.fall_silent(limit=3)
    here = network.registries[OWNER]
    here.register(card(OWNER, 2))
    ((_, question),) = here.gossip_round()

    assert [each["publisher"] for each in json.loads(question)["cards"]] == [OWNER]


def test_one_sided_exchange_takes_two_messages() -> None:
    """Who lacks nothing itself does not ask back."""
    registries = make(ROSTER)
    registries[PEER].register(card(PEER))
    ((_, question),) = [message for message in registries[OWNER].gossip_round() if message[0] == PEER]
    ((_, answer),) = registries[PEER].handle_gossip(OWNER, question)

    assert registries[OWNER].handle_gossip(PEER, answer) == ()
    assert registries[OWNER].lookup("") == (card(PEER),)


def test_nobody_asks_a_third_time() -> None:
    """Who was asked back pushes what it has and no more, even if the other claims to have news: exchanges end."""
    registry = make(ROSTER)[OWNER]
    counter: dict[str, Any] = {"form": "push", "cards": [], "digest": {OTHER: [9, "news"]}, "view": None}
    silence = registry.handle_gossip(PEER, json.dumps(counter).encode())
    registry.register(card(OWNER))
    ((_, final),) = registry.handle_gossip(PEER, json.dumps(counter).encode())

    assert silence == ()
    assert json.loads(final)["digest"] is None


def test_only_what_is_lacking_is_pushed() -> None:
    """Cards that both sides have do not travel again; two equally new cards of one publisher do, both ways."""
    here, there = make(ROSTER)[OWNER], make(ROSTER)[PEER]
    hear(here, card(PEER), card(OTHER, endpoint="a"))
    there.handle_gossip(OWNER, here.announce(card(PEER)))
    there.handle_gossip(OWNER, here.announce(card(OTHER, endpoint="b")))
    ((_, counter),) = there.handle_gossip(OWNER, here.gossip_round()[0][1])
    ((_, confirmed),) = here.handle_gossip(PEER, counter)

    assert [each["endpoint"] for each in json.loads(counter)["cards"]] == ["b"]
    assert json.loads(confirmed)["form"] == "same"
    assert here.lookup("") == there.lookup("") == (card(PEER), card(OTHER, endpoint="b"))


def test_equally_new_cards_are_settled_by_gossip() -> None:
    """Whichever of two agents has the lesser of two equally new cards, one exchange gives both the greater."""
    for mine, other in (("a", "b"), ("b", "a")):
        network = Network(make(roster(2)))
        here, there = network.registries.values()
        hear(here, card(PEER, endpoint=mine))
        there.register(card(PEER, endpoint=other))
        network.fall_silent(limit=5)

        assert here.lookup("") == there.lookup("") == (card(PEER, endpoint="b"),)


def test_equal_views_fall_silent() -> None:
    """Agents that know each other to be in step have nothing more to say."""
    here, there = make(roster(2)).values()
    ((_, question),) = here.gossip_round()
    answers = there.handle_gossip(OWNER, question)
    here.handle_gossip(PEER, answers[0][1])

    assert forms(answers) == ["same"]
    assert here.gossip_round() == there.gossip_round() == ()


def test_confirmation_of_another_view_silences_nobody() -> None:
    """Being told `same` of a view that is not, or no longer, one's own counts for nothing."""
    here, there = make(roster(2)).values()
    ((_, question),) = here.gossip_round()
    ((_, stale),) = there.handle_gossip(OWNER, question)
    here.register(card(OWNER))
    here.handle_gossip(PEER, stale)

    assert [to for to, _ in here.gossip_round()] == [PEER]


def test_differing_peer_is_asked_again() -> None:
    """A peer that was in step and turns out to differ is asked again in the next round."""
    network = registered(2)
    network.fall_silent(limit=5)
    fresh = make(roster(2))[PEER]
    here = network.registries[OWNER]
    here.handle_gossip(PEER, fresh.gossip_round()[0][1])

    assert [to for to, _ in here.gossip_round()] == [PEER]


def test_the_farthest_is_asked_first() -> None:
    """News goes to those 4, 2 and 1 places ahead, one a round, so that everybody has been reached with the last."""
    registry = make(roster(12))["seller-4"]

    assert [[to for to, _ in registry.gossip_round()] for _ in range(3)] == [["seller-8"], ["seller-6"], ["seller-5"]]


def test_every_peer_is_asked_in_turn() -> None:
    """While nobody answers, the successor is asked each round, and every other peer once before any twice."""
    registry = make(roster(12))["seller-4"]
    rounds = [[to for to, _ in registry.gossip_round()] for _ in range(13)][3:]
    others = [to for some in rounds for to in some if to != "seller-5"]

    assert [(len(some), some[0]) for some in rounds] == [(FAN_OUT, "seller-5")] * 10
    assert sorted(others) == sorted(set(roster(12).names()) - {"seller-4", "seller-5"})


# Convergence


def test_twelve_agents_converge_and_fall_silent() -> None:
    """On a perfect network twelve views agree after three rounds, 72 messages in all, and it is silent."""
    network = registered(12)
    sent = [network.round() for _ in range(3)]
    views = network.views()
    sent += [network.round() for _ in range(3)]

    assert views == [tuple(card(name) for name in sorted(network.registries))] * 12
    assert sent == [24, 24, 24, 0, 0, 0]


def test_news_doubles_its_reach() -> None:
    """Even forty views agree after five rounds, because those asked are 16, 8, 4, 2 and 1 places away."""
    network = registered(40)
    for _ in range(5):
        network.round()

    assert network.views() == [tuple(card(name) for name in sorted(network.registries))] * 40


def test_change_breaks_the_silence() -> None:
    """A new card wakes gossip up, reaches everybody, and silence returns."""
    network = registered(5)
    network.fall_silent(limit=10)
    network.registries["seller-2"].register(card("seller-2", 2, tombstone=True))
    network.fall_silent(limit=10)

    assert [len(view) for view in network.views()] == [4] * 5


changes = st.lists(
    st.tuples(st.integers(0, 4), st.booleans(), st.lists(st.integers(0, 1), min_size=5, max_size=5)), max_size=6
)


@settings(max_examples=40, deadline=None)
@given(changes, st.integers(0, 60), st.integers(0, 2**16))
def test_views_agree_after_chaos(made: list[tuple[int, bool, list[int]]], chaos: int, seed: int) -> None:
    """After any loss, duplication, reordering, tampering and partition, healed views agree on the newest cards.

    Five agents change their cards while the network fails in every way; then it heals, and within fifteen
    rounds everybody holds exactly the latest card of each publisher, and is silent.
    """
    network = Network(make(roster(5)), random.Random(seed), chaos)
    names = roster(5).names()
    latest: dict[str, Card] = {}
    for publisher, tombstone, groups in made:
        name = names[publisher]
        version = latest[name].version + 1 if name in latest else 1
        latest[name] = card(name, version, tombstone=tombstone)
        network.registries[name].register(latest[name])
        network.groups = dict(zip(names, groups, strict=True))
        network.round()
    network.chaos, network.groups = 0, {}
    network.fall_silent(limit=15)

    assert network.views() == [tuple(latest[name] for name in sorted(latest) if not latest[name].tombstone)] * 5
