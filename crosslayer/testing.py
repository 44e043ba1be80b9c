"""Testing a system in Python: `check(SYSTEM)` in a test, one `run`, or a Hypothesis state `machine`."""

from crosslayer.harness.checking import Checked, Run, Vacuous, Violation, check, machine, run

__all__ = ["Checked", "Run", "Vacuous", "Violation", "check", "machine", "run"]
