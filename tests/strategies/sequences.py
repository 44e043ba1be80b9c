"""What a hunt does under a seed, in a few hex digits: to be compared between processes."""

import hashlib
import sys

from crosslayer.harness.kernel.stack import build
from crosslayer.properties import JOINT
from crosslayer.strategies.hunt import Budget, hunt
from crosslayer.strategies.populations import populations
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
        population=populations(2, 2, 1, 2),
        progress=lambda state: hasher.update(repr((state.steps, state.reached, state.exercised)).encode()),
    )
    hasher.update(repr(hunted.cases).encode())
    return hasher.hexdigest()


if __name__ == "__main__":
    print(sequence(int(sys.argv[1])))  # noqa: T201 - the answer
