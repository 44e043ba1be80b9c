"""The parts' own promises, as monitors of the same kind as the joint invariants, and never mixed with them."""

from crosslayer.properties import kernel
from crosslayer.properties.commerce.contracts import agents, payments, privacy, registry, trust

CONTRACTS = (
    registry.PROPERTY,
    payments.PROPERTY,
    privacy.PROPERTY,
    trust.PROPERTY,
    agents.PROPERTY,
    kernel.PROPERTY,
)
"""One contract for each part, under the part's name."""
