"""Is every planted defect found, whatever the seed? `python -m benchmarks.power [SEEDS] [NAME…]`, on all cores.

A line for each defect: in how many of the seeds the hunt found what must catch it, within its default budget, after how
many runs (median and most) and how many seconds at the most. Exit status 1 if one was missed.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from harness import scenario
from harness.commands.shared import HUNT_SCENARIO
from harness.stack import build
from properties import ALL
from strategies.hunt import Budget, hunt
from tests.defects.catalogue import DEFECTS, Defect

SEEDS = 20


def found(defect: Defect, seed: int) -> tuple[int | None, float]:
    """In which run the hunt of this seed saw what must catch the defect, if it did, and the seconds that it took."""
    began = time.perf_counter()
    stack = build([f"{defect.part}={defect.path}"])
    hunted = hunt(scenario.load(HUNT_SCENARIO), stack, ALL, Budget(seed=seed), wanted=(defect.caught_by,))
    return hunted.first.get(defect.caught_by), time.perf_counter() - began


def lines(seeds: int, names: list[str]) -> Iterator[tuple[bool, str]]:
    """Whether a defect was never missed, and its line."""
    chosen = [one for one in DEFECTS if not names or one.name in names]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        asked = [(one, [pool.submit(found, one, seed) for seed in range(seeds)]) for one in chosen]
        for one, answers in asked:
            first = [run for run, _ in (answer.result() for answer in answers) if run is not None]
            slowest = max(seconds for _, seconds in (answer.result() for answer in answers))
            told = f"median {statistics.median(first):.0f}, most {max(first)}" if first else "never"
            name = f"{one.part}:{one.name}"
            yield len(first) == seeds, f"{name:<52} {len(first):>3} of {seeds}  {told}, {slowest:.1f} s"


def main() -> None:
    """The table."""
    words = sys.argv[1:]
    seeds = int(words.pop(0)) if words and words[0].isdecimal() else SEEDS
    missed = 0
    for whole, line in lines(seeds, words):
        missed += not whole
        print(line, flush=True)
    print(f"{missed} defects were missed by some seed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
