"""`private_commerce` as one value: the table of contents of this system.

Owns the composition of everything that this folder declares. The only module of the harness, beside those that put
everything together, that knows the properties.
"""

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crosslayer.harness.kernel import foreign, stack
from crosslayer.harness.model.declarations import Choice, KnownBad, Layer, MessageKind, Moment, Reader
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.system import System
from crosslayer.harness.systems.commerce.acts import ACTS, REGISTRY
from crosslayer.harness.systems.commerce.acts import COMMERCE as TRADE
from crosslayer.harness.systems.commerce.agents import roles
from crosslayer.harness.systems.commerce.composing import compose
from crosslayer.harness.systems.commerce.facts import FACTS
from crosslayer.harness.systems.commerce.handles import MUST_ANSWER, OPERATIONS
from crosslayer.harness.systems.commerce.nest import export
from crosslayer.harness.systems.commerce.nest import scenario as nest
from crosslayer.harness.systems.commerce.nest_plugins.adapting import adapted
from crosslayer.harness.systems.commerce.nouns import Population, Scenario
from crosslayer.harness.systems.commerce.plans import PLANS
from crosslayer.harness.systems.commerce.plugins import (
    payments_pay_on_close,
    payments_streaming,
    privacy_hybrid_x25519,
    privacy_noop,
    registry_gossip,
    registry_in_memory,
    trust_agent_receipts,
    trust_agent_receipts_largest_scc,
    trust_agent_receipts_shape,
    trust_paid_receipts,
    trust_score_average,
)
from crosslayer.harness.systems.commerce.probes import PROBES, SCENE
from crosslayer.harness.systems.commerce.steps import STEPS, WashTrade, Withhold
from crosslayer.properties.commerce import ALL

SCENARIOS = Path(__file__).parents[3] / "scenarios"
"""Where the scenarios that ship stand, in a checkout or as installed."""

MESSAGES = (
    MessageKind("bid", region=TRADE, weight=2, about="A sealed bid, from a buyer to a seller."),
    MessageKind("goods", region=TRADE, weight=2, about="The goods of a paid stream."),
    MessageKind("gossip", "registry", region=REGISTRY, about="Cards, from one registry to another."),
    MessageKind("receipt", region=TRADE, about="A co-signed receipt, to a seller or to the auditor."),
    MessageKind("complaint", region=TRADE, about="A signed complaint, to the auditor."),
    MessageKind("draft", region=TRADE, about="A receipt that its counterparty is to sign."),
    MessageKind("ack", region=TRADE, about="The acknowledgement of one message."),
)

MOMENTS = (
    Moment("bid sent", sent="bid"),
    Moment("bid delivered", delivered="bid"),
    Moment("goods sent", sent="goods"),
    Moment("goods delivered", delivered="goods"),
    Moment("stream opened", fact="stream_opened"),
    Moment("stream closed", fact="stream_closed"),
    Moment("seller discovered", fact="discovered"),
    Moment("complaint sent", sent="complaint"),
    Moment("receipt sent", sent="receipt"),
    Moment("receipt delivered", delivered="receipt"),
    Moment("gossip sent", sent="gossip"),
    Moment("gossip delivered", delivered="gossip"),
)


def _layer(name: str, about: str, *choices: Choice) -> Layer:
    return Layer(name, OPERATIONS[name], choices[0], choices[1:], MUST_ANSWER[name], about=about)


LAYERS = (
    _layer(
        "registry",
        "Who is there: one agent's view of everyone's cards.",
        Choice("gossip", registry_gossip.make, "per-agent views, push-pull gossip of signed cards (reference)"),
        Choice("in_memory", registry_in_memory.make, "one map shared by everybody, partitions or not"),
    ),
    _layer(
        "payments",
        "One agent's handle on the money.",
        Choice("streaming", payments_streaming.make, "money moves tick by tick up to a cap (reference)"),
        Choice("pay_on_close", payments_pay_on_close.make, "no money moves until the stream is closed"),
    ),
    _layer(
        "privacy",
        "One agent's sealing and opening of messages.",
        Choice(
            "hybrid_x25519",
            privacy_hybrid_x25519.make,
            "X25519, HKDF-SHA256 and ChaCha20-Poly1305; replays refused (reference)",
        ),
        Choice("noop", privacy_noop.make, "everything in clear"),
    ),
    _layer(
        "trust",
        "What the auditor thinks of everybody.",
        Choice(
            "paid_receipts",
            trust_paid_receipts.make,
            "co-signed receipts count if the ledger shows them paid; complaints heard (reference)",
        ),
        Choice("score_average", trust_score_average.make, "the mean of all ratings"),
        Choice(
            "agent_receipts",
            trust_agent_receipts.make,
            "receipts count, paid or not, unless they go round in a circle that no money backs",
        ),
        Choice(
            "agent_receipts_largest_scc",
            trust_agent_receipts_largest_scc.make,
            "a published rule: all collusion severed but the largest component",
        ),
        Choice(
            "agent_receipts_shape",
            trust_agent_receipts_shape.make,
            "the rule that replaced it: dense components severed unless an edge joins them to others",
        ),
    ),
)

THEMES = (
    ("rob", "withhold", "deliver_late", "collude", "buy", "complain"),
    ("collude", "wash_trade", "forge_receipt", "ghost_receipt", "replay_receipt", "buy", "withhold"),
    ("intercept", "drop", "delay", "duplicate", "deliver", "redirect", "tamper", "inject", "alter", "alter_sent"),
    ("partition", "cut", "heal", "crash", "forget", "restart", "drop"),
    ("eclipse_seller", "forge_card", "replay_card", "partition", "heal", "redirect"),
    ("spread_lie", "equivocate", "republish", "replay_card", "delay", "duplicate", "forget", "restart"),
    ("buy_again", "withhold", "deliver_late", "duplicate", "delay", "forget", "restart", "slander"),
    ("slander", "pad_receipts", "divert_payment", "buy", "buy_again", "wash_trade", "complain"),
    ("squat_reference", "squat_receipt", "bid_unpaid", "fulfil_unpaid", "buy", "complain", "inject"),
)

INTERCEPTED = ("bid", "complaint", "goods", "receipt", "bid", "complaint", "gossip")
"""Kinds of messages that can be waited for; the two that decide about guilt come more often."""

SMALLEST = (
    Population(1, 0, 1, 0),
    Population(1, 1, 0, 0),
    Population(1, 0, 1, 1),
    Population(1, 1, 0, 1),
    Population(1, 1, 1, 0),
    Population(2, 0, 1, 0),
    Population(1, 1, 1, 1),
    Population(2, 1, 1, 0),
)

KNOWN_BAD = (
    KnownBad("registry", "in_memory", "commerce_discovery_precedes_bid"),
    KnownBad("privacy", "noop", "commerce_bid_opacity", within=5),
    KnownBad("trust", "score_average", "commerce_undelivered_penalized", also="commerce_reputation_earned"),
    KnownBad("payments", "pay_on_close", "commerce_delivery_rewarded"),
)
"""Each single-layer swap, and the one joint invariant that it breaks; that to believe every word is to believe
unpaid receipts, too, cannot be parted from the third."""

SUSPECTS = (
    KnownBad("trust", "agent_receipts", "commerce_reputation_earned"),
    KnownBad("trust", "agent_receipts_largest_scc", "commerce_delivery_rewarded", alone=False),
    KnownBad("trust", "agent_receipts_shape", "commerce_undelivered_penalized", alone=False),
)
"""The two published trust rules, each of which was believed to be right, and an invariant that it breaks."""

CANARY = Population(2, 1, 1, 1), (Withhold(0, 1), WashTrade(0, 1), WashTrade(0, 1), WashTrade(0, 1))
"""A sale without goods, and three bought receipts: under it each swap breaks its own invariant and no other."""


def nest_types(place: str) -> Any:
    """The module of NEST's values; `BadInput` if NEST is not installed."""
    if find_spec("nest_core") is None:
        how = "pip install crosslayer[nest], with Python 3.12 or later"
        raise BadInput(place, f"this plugin was written for NEST, which is not installed: {how}")
    return foreign.imported("nest_core.types", place)


def _written_for_nest(part: str, path: str, place: str) -> Callable[..., Any]:
    """A factory made of a class that was written for NEST."""
    types = nest_types(place)
    return adapted(part, stack.load(path, place), types, path, place)


PRIVATE_COMMERCE = System(
    name="private_commerce",
    about="Buyers discover sellers, pay by the tick, bid in secret, and rate them; corrupt ones withhold and collude.",
    scenario=Scenario,
    agents=roles.ROLES,
    layers=LAYERS,
    messages=MESSAGES,
    facts=FACTS,
    moments=MOMENTS,
    derive_moments=False,
    acts=ACTS,
    plans=PLANS,
    steps=STEPS,
    themes=THEMES,
    intercepted=INTERCEPTED,
    smallest=SMALLEST,
    explored=Population(2, 1, 1, 2),
    demo="trust=score_average",
    wakes={"gossip": (REGISTRY,), "look": (REGISTRY, TRADE), "": (TRADE,)},
    properties=ALL,
    probes=PROBES,
    scene=SCENE,
    known_bad=KNOWN_BAD,
    suspects=SUSPECTS,
    canary=CANARY,
    compose=compose,
    scenarios={"run": SCENARIOS / "private_commerce.yaml", "hunt": SCENARIOS / "hunt.yaml"},
    readers=(Reader("NEST", nest.is_nest, nest.read),),
    loaders={"nest": _written_for_nest},
    writers={"nest": export.lines},
    source="crosslayer.harness.systems.commerce.system:PRIVATE_COMMERCE",
)

REFERENCE = stack.reference(PRIVATE_COMMERCE)
"""Every part as it should be."""


def build(assignments: Iterable[str] = (), place: str = "--stack") -> stack.Stack:
    """The reference stack with these `layer=plugin` assignments, later ones winning; `BadInput` if one is wrong."""
    return stack.build(PRIVATE_COMMERCE, assignments, place)
