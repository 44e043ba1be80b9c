"""What every benchmark does alike: race contenders fairly, and say the result as a table.

Owns the stopwatch. Knows nothing of what is measured.

A shared machine is noisy, and its noise only ever adds time. So contenders take turns, one round after the
other, and of each the best round counts; ratios of best rounds repeat to some 10 percent where single runs
differ twofold.
"""

import gc
import time
from collections.abc import Callable, Mapping

from attrs import frozen


@frozen
class Table:
    """What a benchmark found: a title, the names of the columns, and rows of texts."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def seconds_of(work: Callable[[], object]) -> float:
    """How long one call takes, with no garbage of others to collect in it."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def race(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The best seconds of each contender over this number of interleaved rounds, after one round to warm up."""
    for work in contenders.values():
        work()
    taken = [{name: seconds_of(work) for name, work in contenders.items()} for _ in range(rounds)]
    return {name: min(one[name] for one in taken) for name in contenders}
