"""What a hunt draws, a digest a run: a program for any environment, that first imports the modules that it is told."""

import sys
from importlib import import_module
from pathlib import Path

from hypothesis import seed

from crosslayer.harness.formats import scenario
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, build
from crosslayer.properties.commerce import JOINT
from crosslayer.strategies import machine as machines
from crosslayer.strategies.hunt import drive

sys.path.append(str(Path.cwd()))
for name in sys.argv[1:]:
    import_module(name)

HUNT = scenario.shipped(PRIVATE_COMMERCE, "hunt")
CHOSEN = machines.machine(
    HUNT,
    build(["trust=score_average"]),
    JOINT,
    sink=lambda example: print(example.result.digest),  # noqa: T201
)
drive(seed(11)(CHOSEN), 40)
