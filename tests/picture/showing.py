"""Counterexamples on show, for the tests of pictures."""

from functools import cache
from pathlib import Path

import attrs

from crosslayer.harness.formats.counterexample import Counterexample, load
from crosslayer.harness.keep.replay import stack_of
from crosslayer.harness.picture.exhibit import Exhibit, exhibit
from crosslayer.harness.systems.finding import in_files
from tests.cases import robbery

ROOT = Path(__file__).parents[2]
STALE_WRITE = ROOT / "corpus" / "lock" / "no_stale_write-bb86cb76d0885aa2.json"
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\x1b[2J\u202egnp.exe"


def shown(one: Counterexample, file: str = "one.json") -> Exhibit:
    """A counterexample, run again."""
    return exhibit(one, stack_of(one, (), (), file), one.system.properties, file)


@cache
def stale_write() -> Exhibit:
    """One of the lock: a system without a word of commerce."""
    return shown(load(STALE_WRITE, in_files()), str(STALE_WRITE))


@cache
def robbed() -> Exhibit:
    """One of commerce."""
    return shown(robbery())


@cache
def hostile() -> Exhibit:
    """One whose file is full of markup, terminal sequences and changes of direction."""
    why = (
        {"step": HOSTILE, "needed": True, "without": HOSTILE, "order": "", "free": {HOSTILE: [1]}, "weaker": [HOSTILE]},
    )
    return shown(attrs.evolve(robbery(), why=why, passing={"change": HOSTILE}), f"{HOSTILE}.json")
