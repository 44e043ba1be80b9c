"""`python -m benchmarks [name …]`: print one table for each benchmark, or for those that are named."""

import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks import engines, exploring, hunting, kernel, nest, programs, scaling, scenario, starting, systems
from benchmarks.measuring import Table
from crosslayer.harness.explain.report import table

BENCHMARKS: Mapping[str, Callable[[], Table]] = {
    "kernel": kernel.measure,
    "scenario": scenario.measure,
    "floor": hunting.floor,
    "defects": hunting.defects,
    "speed": engines.speed,
    "finds": engines.finds,
    "systems": systems.measure,
    "explore": exploring.growth,
    "nest": nest.overhead,
    "programs": programs.measure,
    "start": starting.measure,
    "scaling": scaling.scaling,
    "costs": scaling.costs,
    "memory": scaling.memory,
}
"""Every benchmark by name; a new one is one module and one entry."""


def main(names: Sequence[str]) -> int:
    """Run the named benchmarks, or all of them; the exit status."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        found = BENCHMARKS[name]()
        print(f"\n{found.title}")
        print("\n".join(f"  {line}" for line in table(found.header, found.rows)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
