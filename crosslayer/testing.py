"""Testing a system in Python: `check(SYSTEM)`, one `run`, a Hypothesis state `machine`, or plain strategies."""

from crosslayer.harness.checking import Checked, Run, Vacuous, Violation, check, machine, run
from crosslayer.harness.search.priorities import by_priority
from crosslayer.strategies.partitions import partitions
from crosslayer.strategies.populations import populations
from crosslayer.strategies.schedules import plans, schedules, steps

__all__ = [
    "Checked",
    "Run",
    "Vacuous",
    "Violation",
    "by_priority",
    "check",
    "machine",
    "partitions",
    "plans",
    "populations",
    "run",
    "schedules",
    "steps",
]
