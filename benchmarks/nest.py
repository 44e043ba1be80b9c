"""What the adapter of NEST's plugins costs: examples of a hunt a second, ours against the same plugin written for NEST.

The pair does the same work: a published trust rule, ours and as an asynchronous class, which find the same
counterexamples; and NEST's privacy plugin that seals nothing, beside ours.
"""

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec

from benchmarks.measuring import Table, race
from crosslayer.harness.formats import scenario
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, build
from crosslayer.properties.commerce import JOINT
from crosslayer.strategies.hunt import Budget, hunt

EXAMPLES = 150
"""Runs of each contender."""

PAIRS: Sequence[tuple[str, str, str]] = (
    ("trust", "agent_receipts_largest_scc", "nest:tests.systems.commerce.nest_plugins.published:LargestCircleTrust"),
    ("trust", "agent_receipts_shape", "nest:tests.systems.commerce.nest_plugins.published:ShapeTrust"),
    ("privacy", "noop", "nest:nest_plugins_reference.privacy.noop:NoopPrivacy"),
    ("registry", "in_memory", "nest:nest_plugins_reference.registry.in_memory:InMemoryRegistry"),
)
"""Layer, our plugin, and its counterpart."""


def overhead() -> Table:
    """Examples a second of each pair, and their ratio; one line where NEST is not installed."""
    title = f"hunting in plugins that were written for NEST ({EXAMPLES} examples)"
    header = ("plugin", "ours, examples/s", "NEST's, examples/s", "ratio")
    if find_spec("nest_core") is None:
        return Table(
            title, ("NEST is not installed here: make nest, then .venv-nest/bin/python -m benchmarks nest",), ()
        )
    rows = []
    for part, ours, theirs in PAIRS:
        stacks = {name: build([f"{part}={name}"]) for name in (ours, theirs)}
        taken = race({name: partial(_hunt, stack) for name, stack in stacks.items()}, rounds=3)
        rates = (f"{EXAMPLES / taken[ours]:.0f}", f"{EXAMPLES / taken[theirs]:.0f}")
        rows.append((f"{part}: {ours}", *rates, f"{taken[ours] / taken[theirs]:.2f}"))
    return Table(title, header, tuple(rows))


def _hunt(stack: Stack) -> None:
    """All examples, whatever breaks: a hunt for what is never found is not over before."""
    hunt(scenario.shipped(PRIVATE_COMMERCE, "hunt"), stack, JOINT, Budget(EXAMPLES), wanted=("nothing",))
