"""The situations of commerce that a search should reach.

Owns their register, each with the invariant whose claim it exercises, and what they remember of a run.

A probe is a function of the scene and one event that says whether the situation arose just then:

    @probe("a bid is delivered twice", "commerce_bid_opacity", "deliver")
    def _(scene: Scene, event: Event) -> bool: ...
"""

from collections.abc import Callable
from typing import Any

from attrs import define, field

from crosslayer.harness.model.declarations import Probe, SceneKind
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.population import role_of
from crosslayer.harness.systems.commerce.nouns import is_corrupt

DISCOVERY = "commerce_discovery_precedes_bid"
OPACITY = "commerce_bid_opacity"
UNDELIVERED = "commerce_undelivered_penalized"
REWARDED = "commerce_delivery_rewarded"
COMPLETES = "commerce_trade_completes"
EARNED = "commerce_reputation_earned"


@define(eq=False)
class Scene:
    """What probes remember of the run so far."""

    split: bool = False
    healed: bool = False
    down: set[str] = field(factory=set)
    bids_under_way: set[int] = field(factory=set)
    originals: dict[int, str] = field(factory=dict)
    delivered: set[tuple[str, bytes]] = field(factory=set)
    tampered: set[int] = field(factory=set)
    complained: set[tuple[str, str]] = field(factory=set)
    accepted: set[tuple[str, str]] = field(factory=set)
    paid: set[tuple[str, str]] = field(factory=set)
    open: set[tuple[str, str]] = field(factory=set)
    edges: dict[str, set[str]] = field(factory=dict)


Test = Callable[[Scene, Event], bool]


PROBES: list[Probe] = []
"""Every probe, in the order of registration."""


def probe(name: str, about: str, *kinds: str) -> Callable[[Test], Test]:
    """Register a situation that events of these kinds may show, and the property whose claim it exercises."""

    def register(test: Test) -> Test:
        PROBES.append(Probe(name, about, kinds, test))
        return test

    return register


def _remember_link(scene: Scene, event: Event) -> None:
    now = bool(event.data.get("groups") or event.data.get("cut"))
    scene.healed = scene.healed or (scene.split and not now)
    scene.split = now


def _remember_node(scene: Scene, event: Event) -> None:
    (scene.down.add if event.data.get("state") == "crashed" else scene.down.discard)(event.agent)


def _remember_send(scene: Scene, event: Event) -> None:
    if event.message is not None:
        scene.bids_under_way.add(event.message.id)
        scene.originals.setdefault(event.message.id, event.message.to)


def _remember_copy(scene: Scene, event: Event) -> None:
    if event.message is not None:
        scene.originals[event.message.id] = scene.originals.get(event.data.get("of", -1), event.message.to)
        scene.bids_under_way.add(event.message.id)


def _remember_arrival(scene: Scene, event: Event) -> None:
    if event.message is not None:
        scene.bids_under_way.discard(event.message.id)
        if event.kind == "deliver":
            scene.delivered.add((event.message.to, event.message.payload))


def _remember_tamper(scene: Scene, event: Event) -> None:
    if event.message is not None:
        scene.tampered.add(event.message.id)


def _remember_opened(scene: Scene, event: Event) -> None:
    scene.paid.add((event.agent, event.data["ref"]))
    scene.open.add((event.agent, event.data["ref"]))


def _remember_closed(scene: Scene, event: Event) -> None:
    scene.open.discard((event.data["payer"], event.data["ref"]))


def _remember_reported(scene: Scene, event: Event) -> None:
    issuer, partner = event.data.get("about"), event.data.get("partner")
    if isinstance(issuer, str) and isinstance(partner, str):
        scene.edges.setdefault(issuer, set()).add(partner)


_REMEMBER: dict[str, Callable[[Scene, Event], Any]] = {
    "link": _remember_link,
    "node": _remember_node,
    "send": _remember_send,
    "copy": _remember_copy,
    "tamper": _remember_tamper,
    "deliver": _remember_arrival,
    "drop": _remember_arrival,
    "complained": lambda scene, event: scene.complained.add((event.agent, event.data["ref"])),
    "goods_accepted": lambda scene, event: scene.accepted.add((event.agent, event.data["ref"])),
    "stream_opened": _remember_opened,
    "stream_closed": _remember_closed,
    "reported": _remember_reported,
}

SCENE = SceneKind(Scene, _REMEMBER, "bid")
"""What probes of commerce remember; of all messages, they look at bids alone."""


def _step(event: Event, name: str) -> bool:
    return event.data.get("step") == name and bool(event.data.get("applied"))


# Registry and privacy: discovery


@probe("an honest buyer bids", DISCOVERY, "bid_placed")
def _(_scene: Scene, event: Event) -> bool:
    return role_of(event.agent) == "buyer"


@probe("a seller is discovered while the network is split", DISCOVERY, "discovered")
def _(scene: Scene, _event: Event) -> bool:
    return scene.split


@probe("a seller is discovered after the network healed", DISCOVERY, "discovered")
def _(scene: Scene, _event: Event) -> bool:
    return scene.healed and not scene.split


@probe("a forged card is spread", DISCOVERY, "step")
def _(_scene: Scene, event: Event) -> bool:
    return _step(event, "ForgeCard")


@probe("a stale card is spread", DISCOVERY, "step")
def _(_scene: Scene, event: Event) -> bool:
    return _step(event, "ReplayCard")


# Privacy and kernel: opacity


@probe("a bid is on the wire", OPACITY, "send")
def _(_scene: Scene, event: Event) -> bool:
    return event.message is not None


@probe("an envelope is replayed to its receiver", OPACITY, "deliver")
def _(scene: Scene, event: Event) -> bool:
    return event.message is not None and (event.message.to, event.message.payload) in scene.delivered


@probe("an envelope reaches somebody else", OPACITY, "deliver")
def _(scene: Scene, event: Event) -> bool:
    message = event.message
    return message is not None and scene.originals.get(message.id, message.to) != message.to


@probe("a changed envelope is delivered", OPACITY, "deliver")
def _(scene: Scene, event: Event) -> bool:
    return event.message is not None and event.message.id in scene.tampered


@probe("a bid is lost", OPACITY, "drop")
def _(_scene: Scene, event: Event) -> bool:
    return event.message is not None


# Payments and trust: undelivered


@probe("an honest buyer paid and got nothing by its check", UNDELIVERED, "complained")
def _(scene: Scene, event: Event) -> bool:
    return role_of(event.agent) == "buyer" and (event.agent, event.data.get("ref")) not in scene.accepted


@probe("late goods answer a complaint", UNDELIVERED, "goods_accepted")
def _(scene: Scene, event: Event) -> bool:
    return (event.agent, event.data.get("ref")) in scene.complained


@probe("a receipt for no trade is reported", UNDELIVERED, "reported")
def _(_scene: Scene, event: Event) -> bool:
    return str(event.data.get("id", "")).startswith("wash:")


@probe("corrupt agents close a ring of three or more", UNDELIVERED, "reported")
def _(scene: Scene, event: Event) -> bool:
    issuer, partner = event.data.get("about"), event.data.get("partner")
    if not isinstance(issuer, str) or not isinstance(partner, str):
        return False
    reached, border = {partner}, [partner]
    length = 1
    while border:
        length += 1
        border = [far for near in border for far in sorted(scene.edges.get(near, ())) if far not in reached]
        if issuer in border and is_corrupt(issuer):
            return length >= 3  # noqa: PLR2004 - a ring of two is a mutual pair
        reached.update(border)
    return False


@probe("a payer crashes while its stream is open", UNDELIVERED, "node")
def _(scene: Scene, event: Event) -> bool:
    return event.data.get("state") == "crashed" and any(payer == event.agent for payer, _ in scene.open)


# Payments and trust: delivered


@probe("an honest seller sends goods", REWARDED, "goods_sent")
def _(_scene: Scene, event: Event) -> bool:
    return role_of(event.agent) == "seller"


@probe("an honest buyer accepts goods", REWARDED, "goods_accepted")
def _(_scene: Scene, event: Event) -> bool:
    return role_of(event.agent) == "buyer"


@probe("the network splits while a bid is under way", REWARDED, "link")
def _(scene: Scene, event: Event) -> bool:
    return bool(event.data.get("groups")) and bool(scene.bids_under_way)


@probe("a served agent complains all the same", REWARDED, "complained")
def _(_scene: Scene, event: Event) -> bool:
    return is_corrupt(event.agent)


@probe("a corrupt agent makes a real purchase", REWARDED, "stream_opened")
def _(_scene: Scene, event: Event) -> bool:
    return is_corrupt(event.agent)


@probe("a bid comes without a stream", REWARDED, "bid_placed")
def _(scene: Scene, event: Event) -> bool:
    return (event.agent, event.data.get("ref")) not in scene.paid


@probe("goods come that nobody paid for", REWARDED, "step")
def _(_scene: Scene, event: Event) -> bool:
    return _step(event, "FulfilUnpaid")


@probe("a reference is squatted on", REWARDED, "step")
def _(_scene: Scene, event: Event) -> bool:
    return _step(event, "SquatReference")


@probe("a receipt id is squatted on", REWARDED, "step")
def _(_scene: Scene, event: Event) -> bool:
    return _step(event, "SquatReceipt")


# All layers: trades


@probe("an honest seller opens a bid", COMPLETES, "opened")
def _(_scene: Scene, event: Event) -> bool:
    return role_of(event.agent) == "seller"


@probe("an honest buyer buys once more", COMPLETES, "step")
def _(_scene: Scene, event: Event) -> bool:
    return _step(event, "BuyAgain")


# Payments and trust: reputation


@probe("a receipt of the honest guild is reported", EARNED, "reported")
def _(_scene: Scene, event: Event) -> bool:
    return str(event.data.get("id", "")).startswith("guild:")


@probe("receipts say something else than what was traded", EARNED, "step")
def _(_scene: Scene, event: Event) -> bool:
    return _step(event, "PadReceipts")
