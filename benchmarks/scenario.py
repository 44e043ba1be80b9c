"""Scenarios a second, and where the time goes.

Whole runs with every invariant and contract watching, and the end-of-run audit. A *fresh* seed has all its
cryptography before it; a *warm* one finds it memoised, as a hunt does that varies the schedule only.

Shares are sampled: a timer on the process's CPU time looks at the stack every few milliseconds, which slows
nothing down, whereas a profiler that counts calls would charge the parts that make many small ones. A sample
belongs to the innermost function of ours, so what a part spends in the standard library is its own.
"""

import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from attrs import evolve, frozen

import crosslayer
from benchmarks.measuring import Table
from crosslayer.harness.formats import scenario
from crosslayer.harness.kernel.simulation import Result, run
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.commerce.nouns import Population, Scenario, Terms, Timing
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, REFERENCE
from crosslayer.properties.commerce import ALL

RUNS = 150
"""Runs of each kind: enough for a median that repeats, and for some hundred samples."""

FIRST_SEED = 1_000_000
"""Fresh seeds count from here, so that none was ever run before in this process."""

COMPRESSED = Timing(
    gossip_interval=8,
    discovery_start=20,
    discovery_interval=10,
    bid_deadline=120,
    check_delay=20,
    resend_interval=8,
    finalise_at=160,
    settlement=160,
)
"""The same story in a fortieth of the ticks, for worlds that are run by the million."""

SAMPLE_SECONDS = 0.001
"""What is asked for; an ordinary Linux gives a sample every 4 milliseconds."""

_ROOT = Path(crosslayer.__file__).parent
_PLACES = (
    ("harness/kernel/crypto.py", "crypto"),
    ("harness/systems/commerce/plugins/privacy_hybrid_x25519.py", "crypto"),
    ("harness/systems/commerce/plugins/", "plugins"),
    ("harness/systems/commerce/agents/", "agents"),
    ("harness/systems/commerce/handles.py", "guards and facts"),
    ("harness/kernel/guard.py", "guards and facts"),
    ("harness/", "kernel"),
    ("properties/", "invariants and contracts"),
)
"""Which part of a run a file belongs to, the longest names first. Audited plugins count as `audit`."""

PARTS = ("crypto", "agents", "plugins", "guards and facts", "kernel", "invariants and contracts", "audit")


@frozen
class _Kind:
    """A way to run: by seed."""

    name: str
    run: Callable[[int], Result]
    fresh: bool


def _compressed(population: Any) -> Callable[[int], Result]:
    chosen = Scenario(name="compressed", population=population, timing=COMPRESSED, terms=Terms(cap=100))
    return lambda seed: run(evolve(chosen, seed=seed), REFERENCE, (), ALL)


def _kinds() -> tuple[_Kind, ...]:
    original = scenario.shipped(PRIVATE_COMMERCE, "run")
    small = Population(1, 1, 1, 1)

    def seeded(seed: int) -> Result:
        return run_seeded(evolve(original, seed=seed), REFERENCE, ALL)

    ways = {
        "private_commerce, 12 agents": seeded,
        "compressed, 12 agents": _compressed(original.population),
        f"compressed, {len(small.names())} agents": _compressed(small),
    }
    return tuple(
        _Kind(f"{name}, {'fresh' if fresh else 'warm'}", way, fresh)
        for name, way in ways.items()
        for fresh in (True, False)
    )


def measure() -> Table:
    """Each kind of run: its time, its pace, and the shares of its parts."""
    kinds = _kinds()
    seeds = count(FIRST_SEED)
    for kind in kinds:
        kind.run(FIRST_SEED - 1)
    taken: dict[str, list[float]] = {kind.name: [] for kind in kinds}
    events: dict[str, int] = {}
    samples: dict[str, Counter[str]] = {kind.name: Counter() for kind in kinds}
    with _sampling() as sampled:
        for _ in range(RUNS):
            for kind in kinds:
                seed = next(seeds) if kind.fresh else FIRST_SEED - 1
                sampled.clear()
                began = time.perf_counter()
                result = kind.run(seed)
                taken[kind.name].append(time.perf_counter() - began)
                samples[kind.name].update(sampled)
                events[kind.name] = len(result.events)
    header = ("run", "best ms", "median ms", "runs/s", "events", "events/s", *(f"{part} %" for part in PARTS))
    rows = tuple(_row(name, times, events[name], samples[name]) for name, times in taken.items())
    return Table("scenario: runs with all properties and the audit; runs/s and events/s at best", header, rows)


def _row(name: str, times: list[float], events: int, samples: Counter[str]) -> tuple[str, ...]:
    best = min(times)
    pace = (f"{best * 1e3:.2f}", f"{statistics.median(times) * 1e3:.2f}", f"{1 / best:.0f}")
    shares = (f"{100 * samples[part] / max(1, samples.total()):.0f}" for part in PARTS)
    return (name, *pace, str(events), f"{events / best:,.0f}", *shares)


@contextmanager
def _sampling() -> Iterator[Counter[str]]:
    """Count, for as long as this context is open, in which part the process spends its CPU time."""
    samples: Counter[str] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        samples[_part(frame)] += 1

    previous = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _part(frame: FrameType | None) -> str:
    """The part to which a stack belongs.

    Cryptography is what it is wherever it is called; the audit has all else that it calls; otherwise the innermost
    function of ours decides.
    """
    found = ""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.endswith("harness/systems/commerce/audit.py"):
            return found if found == "crypto" else "audit"
        found = found or next((part for place, part in _PLACES if file.startswith(str(_ROOT / place))), "")
        frame = frame.f_back
    return found or "kernel"
