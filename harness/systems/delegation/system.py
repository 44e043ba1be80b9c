"""`delegation` as one value: who may call which tool, by tokens that are handed on, narrowed and revoked.

Owns the composition of everything that this folder declares, by the public face alone.
"""

from crosslayer import ACKNOWLEDGEMENT, Choice, Event, KnownBad, Layer, Probe, RunUntil, System
from crosslayer.harness.systems.delegation.acts import ACTS, PLANS, Leak, Overspend, PresentStolen, Widen
from crosslayer.harness.systems.delegation.agents import ROLES
from crosslayer.harness.systems.delegation.claims import PROPERTIES
from crosslayer.harness.systems.delegation.nouns import FACTS, MESSAGES, DelegationScenario, Members
from crosslayer.harness.systems.delegation.plugins import (
    auth_bearer,
    auth_links,
    auth_when_minted,
    communication_sealed,
    communication_signed,
    communication_unsigned,
    payments_copied,
    payments_divided,
    payments_tally,
    registry_exact,
    registry_full,
    registry_gossip,
)

LAYERS = (
    Layer(
        "auth",
        ("narrow", "check", "verify"),
        Choice("links", auth_links.make, "chains of signed links, verified from the principal on (reference)"),
        (
            Choice("when_minted", auth_when_minted.make, "scopes are compared when a link is made"),
            Choice("bearer", auth_bearer.make, "who has a token may use it"),
        ),
        about="One agent's making of tokens, and its verifying of others'.",
    ),
    Layer(
        "registry",
        ("revoke", "learn", "known", "admit"),
        Choice("gossip", registry_gossip.make, "signed revocations, looked up for every link (reference)"),
        (
            Choice("exact", registry_exact.make, "revocations are looked up for the last link"),
            Choice("full", registry_full.make, "a list that only grows, and when it is full refuses everything"),
        ),
        must_answer=("revoke", "known"),
        about="One agent's list of what was taken back.",
    ),
    Layer(
        "communication",
        ("seal", "open"),
        Choice("sealed", communication_sealed.make, "X25519 and ChaCha20-Poly1305 (reference)"),
        (
            Choice("signed", communication_signed.make, "in clear, signed by Ed25519"),
            Choice("unsigned", communication_unsigned.make, "a sender is who it says that it is"),
        ),
        about="One agent's boxes: who has made one, and what is in it.",
    ),
    Layer(
        "payments",
        ("charge",),
        Choice("divided", payments_divided.make, "accounts, each filled out of the one above (reference)"),
        (
            Choice("tally", payments_tally.make, "all that was used is counted under every link"),
            Choice("copied", payments_copied.make, "each child has what its parent has"),
        ),
        about="The tool server's accounts of calls and spending.",
    ),
)

KNOWN_BAD = (
    KnownBad("auth", "when_minted", "chain_narrows"),
    KnownBad("registry", "exact", "revoked_refused"),
    KnownBad("auth", "bearer", "audience_only"),
    KnownBad("communication", "unsigned", "audience_only"),
    KnownBad("payments", "copied", "within_budget"),
    KnownBad("registry", "full", "served_in_the_end"),
)
"""Each single-layer swap, and the one joint invariant that it breaks."""

POPULATION = Members(thief=1)
"""Somebody of each role."""

ALL_AT_ONCE = (RunUntil("answered"), Widen(0), Overspend(0), Leak(0), PresentStolen(0, 0), PresentStolen(0, 1))
"""A scope that is widened, a budget that is spent twice, a stolen token under two names; revocation comes by itself.

Under it each swap breaks its own invariant and no other.
"""


def _probe(name: str, claim: str, *reasons: str) -> Probe:
    """Something is refused for one of these reasons."""

    def test(_scene: object, event: Event) -> bool:
        return str(event.data.get("reason")) in reasons

    return Probe(name, claim, "ignored", test)


SYSTEM = System(
    name="delegation",
    about="Who may call which tool: tokens are chains of signed links from the principal, which only narrow.",
    scenario=DelegationScenario,
    agents=ROLES,
    layers=LAYERS,
    messages=(*MESSAGES, ACKNOWLEDGEMENT),
    facts=FACTS,
    acts=ACTS,
    plans=PLANS,
    properties=PROPERTIES,
    probes=(
        _probe("a wider scope is refused", "chain_narrows", "wider than what came before"),
        _probe("a broken chain is refused", "chain_narrows", "issued by somebody else", "made of another link"),
        _probe("an expired token is refused", "chain_narrows", "expired"),
        _probe("a revoked token is refused", "revoked_refused", "revoked"),
        _probe("a stolen token is refused", "audience_only", "the token of somebody else"),
        _probe("a false name is refused", "audience_only", "not sealed by its sender", "not signed by its sender"),
        _probe("a spent budget is refused", "within_budget", "not enough left", "too much"),
    ),
    known_bad=KNOWN_BAD,
    canary=(POPULATION, ALL_AT_ONCE),
    scenarios={"run": DelegationScenario(name="delegation", population=POPULATION, adversary=ALL_AT_ONCE)},
    smallest=(Members(), POPULATION),
    explored=POPULATION,
    source="crosslayer.harness.systems.delegation.system:SYSTEM",
)
