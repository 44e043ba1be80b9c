"""What a hunt does under a seed, in a few hex digits: to be compared between processes."""

import hashlib
import sys

from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import JOINT
from crosslayer.strategies.hunt import Budget, hunt
from tests.commerce import populations
from tests.play import scenario

EXAMPLES = 12


def sequence(seed: int) -> str:
    """The digest of everything that a hunt under this seed drew, reached and found."""
    hasher = hashlib.sha256()
    hunted = hunt(
        scenario(),
        build(["privacy=noop"]),
        JOINT,
        Budget(EXAMPLES, None, seed),
        population=populations(buyer=2, seller=2, shill_seller=1, shill=2),
        progress=lambda state: hasher.update(repr((state.steps, state.reached, state.exercised)).encode()),
    )
    hasher.update(repr(hunted.cases).encode())
    return hasher.hexdigest()


if __name__ == "__main__":
    print(sequence(int(sys.argv[1])))  # noqa: T201 - the answer
