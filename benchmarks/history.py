"""Is anything slower than it was? `python -m benchmarks.history [FILE]` measures ratios and compares them with FILE.

Owns a few ratios that say as much on another machine: how many times as long as a fixed piece of plain Python each
piece of work takes. `--write FILE` keeps them. What takes over 15 % more than in the file is a warning, and never a
failure: measure again, on a quiet machine, before you believe it.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.measuring import race
from crosslayer.harness.formats import scenario
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.model.system import System
from crosslayer.harness.search import volume
from crosslayer.harness.search.explore import Scope, extensions
from crosslayer.harness.search.generation.cases import drawn_case, generator
from crosslayer.harness.search.hunting import STEPS, Budget
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems import lock
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE
from crosslayer.strategies import hunt as hypothesis

COMMITTED = Path(__file__).parent / "ratios.json"
VERSION = 1
WORSE = 0.15
"""The share by which a ratio may grow before it is told."""

ROUNDS = 5
RUNS = 40


def _plain() -> None:
    """The yardstick: some hundred milliseconds of attribute access, dictionaries, and hashing."""
    counts: dict[str, int] = {}
    digest = hashlib.sha256()
    for number in range(60_000):
        name = f"agent-{number % 97}"
        counts[name] = counts.get(name, 0) + number
        digest.update(name.encode())


def _hunt(system: System, runs: int) -> Callable[[], object]:
    chosen, stack = scenario.shipped(system, "hunt"), reference(system)
    return lambda: volume.hunt(chosen, stack, system.properties, Budget(runs))


def _by_hypothesis() -> object:
    system = PRIVATE_COMMERCE
    return hypothesis.hunt(scenario.shipped(system, "hunt"), reference(system), system.properties, Budget(RUNS))


def _draw() -> None:
    for number in range(1000):
        drawn_case(PRIVATE_COMMERCE, generator(0, number).randint, STEPS)


def _place() -> object:
    system = PRIVATE_COMMERCE
    return extensions(Judgement(scenario.shipped(system, "hunt"), reference(system), system.properties), Scope(), ())


YARDSTICK = "plain Python"
WORK: Mapping[str, Callable[[], object]] = {
    YARDSTICK: _plain,
    "hunt in volume": _hunt(PRIVATE_COMMERCE, RUNS),
    "hunt in volume, lock": _hunt(lock.SYSTEM, 3 * RUNS),
    "hunt by Hypothesis": _by_hypothesis,
    "drawing": _draw,
    "placing deviations": _place,
}


def ratios() -> dict[str, float]:
    """How many times as long as the yardstick each piece of work takes, by its name."""
    seconds = race(WORK, ROUNDS)
    return {name: round(taken / seconds[YARDSTICK], 3) for name, taken in seconds.items() if name != YARDSTICK}


def worse(now: Mapping[str, float], before: Mapping[str, float]) -> Iterator[str]:
    """A line for each ratio that has grown by more than it may, and for each that cannot be compared."""
    for name in sorted({*before, *now}):
        if name not in now or name not in before:
            yield f"{name} is measured {'only now' if name in now else 'no more'}"
        elif now[name] > before[name] * (1 + WORSE):
            more = now[name] / before[name] - 1
            yield f"{name} takes {more:.0%} more than before ({before[name]:g}, now {now[name]:g})"


def main(words: Sequence[str]) -> int:
    """Measure, and write or compare; the exit status."""
    match list(words):
        case ["--write", file]:
            content = {"version": VERSION, "yardstick": YARDSTICK, "ratios": ratios()}
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(json.dumps(content, indent=2) + "\n")
            return 0
        case [] | [_]:
            before = json.loads(Path(words[0] if words else COMMITTED).read_text())
        case _:
            print("usage: python -m benchmarks.history [FILE | --write FILE]", file=sys.stderr)
            return 2
    if before.get("version") != VERSION:
        print(f"the ratios are of version {before.get('version')}, not {VERSION}: write them anew", file=sys.stderr)
        return 2
    now = ratios()
    print(json.dumps(now, indent=2))
    for line in worse(now, before["ratios"]):
        print(f"{'::warning::' if os.environ.get('GITHUB_ACTIONS') else 'warning: '}{line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
