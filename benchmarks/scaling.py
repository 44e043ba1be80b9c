"""What more processes bring, on this machine and behind a scheduler, and what each batch costs the client.

Owns the tables of docs/scaling.md. A machine with two cores cannot show what a thousand do; it shows what a batch
costs, from which that follows on paper.
"""

import pickle
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.measuring import Table
from crosslayer.harness.formats import scenario
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.search.cluster import BATCH_SECONDS, joined
from crosslayer.harness.search.hosting import Order
from crosslayer.harness.search.hunting import Budget, Hunted, begun
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.priorities import in_time
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.versions import versions
from crosslayer.harness.search.volume import hunt, look
from crosslayer.harness.search.workers import Task, Workers, code, worked
from crosslayer.harness.systems import lock
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, REFERENCE
from crosslayer.properties.commerce import ALL

RUNS, LEFT_OUT = 900, 100
"""Runs of each contender; the first ones, until all processes are at work, are not counted."""

ROUNDS = 3
STALL_SECONDS = 60.0
LONG = 20_000
"""Runs of the search whose memory is looked at."""

CONTENDERS = ("alone", "2 processes", "4 processes", "local:1", "local:2", "local:4")


def scaling() -> Table:
    """Runs a second with 1, 2 and 4 workers, the best and the worst of some rounds in turns."""
    rates: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(ROUNDS):
        for name in CONTENDERS:
            rates[name].append(_rate(name))
    whole = max(rates["alone"])
    rows = tuple(
        (name, f"{max(them):.0f}", f"{min(them):.0f}", f"{max(them) / whole:.2f}") for name, them in rates.items()
    )
    return Table(
        f"hunts in volume of {RUNS} runs, the first {LEFT_OUT} left out; the best and the worst of {ROUNDS} rounds",
        ("workers", "best runs/s", "worst", "of one alone"),
        rows,
    )


def _rate(name: str) -> float:
    """Runs a second of a hunt on these workers."""
    at: list[float] = []
    with ExitStack() as stack:
        workers: Workers
        if name.startswith("local:"):
            workers = stack.enter_context(joined(name, STALL_SECONDS))
        else:
            workers = here(1 if name == "alone" else int(name.split(maxsplit=1)[0]))
        chosen = scenario.shipped(PRIVATE_COMMERCE, "hunt")
        hunt(chosen, REFERENCE, ALL, Budget(RUNS), workers=workers, progress=lambda _: at.append(time.perf_counter()))
    return (RUNS - LEFT_OUT) / (at[-1] - at[LEFT_OUT - 1])


def costs() -> Table:
    """Bytes and seconds of the client for a batch that takes a worker a second."""
    judgement = Judgement(scenario.shipped(PRIVATE_COMMERCE, "hunt"), REFERENCE, ALL)
    do = partial(look, 0, in_time, judgement)
    done = worked(do, range(2000), BATCH_SECONDS / 2)
    number = len(done.answers)
    asked, answered = pickle.dumps(list(range(number))), pickle.dumps(done)
    task = pickle.dumps(Task(partial(look, 0, in_time)))
    order = pickle.dumps(Order("search", task, versions(("crosslayer", *code(judgement))), STALL_SECONDS))
    state = begun(PRIVATE_COMMERCE, ALL)
    began = time.perf_counter()
    for _ in range(20):
        for one in pickle.loads(answered).answers:  # noqa: S301 - our own
            state.note(one, 0.0)
    each = (time.perf_counter() - began) / (20 * number)
    return Table(
        "a batch of a hunt in volume",
        ("runs", "seconds", "order", "items", "answer", "answer, each run", "client, each run"),
        (
            (
                str(number),
                f"{done.seconds:.2f}",
                f"{len(order)} bytes",
                f"{len(asked)} bytes",
                f"{len(answered)} bytes",
                f"{len(answered) / number:.0f} bytes",
                f"{1e6 * each:.0f} µs",
            ),
        ),
    )


def memory() -> Table:
    """The most memory that the client of a long search has held, as the search goes on."""
    return Table(f"a hunt in volume of {LONG} runs on local:2", ("runs", "most MB of the client"), tuple(_memory()))


def _memory() -> Iterator[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    wanted = [LONG // 20, LONG // 4, LONG // 2, LONG]

    def see(now: Hunted) -> None:
        if now.examples in wanted:
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            rows.append((str(now.examples), f"{most / 1024:.0f}"))

    with joined("local:2", STALL_SECONDS) as workers:
        judged = lock.SYSTEM
        chosen = scenario.shipped(judged, "hunt")
        hunt(chosen, reference(judged), judged.properties, Budget(LONG), workers=workers, progress=see)
    yield from rows
