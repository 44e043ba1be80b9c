"""NEST traces for tests: runs of ours as NEST tells them, and lines made by hand."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crosslayer.harness.formats import scenario
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.verdicts import Outcome, Verdict
from crosslayer.harness.search.seeded import run_seeded
from crosslayer.harness.systems.commerce.nest.export import lines
from crosslayer.harness.systems.commerce.nest.facts import Facts
from crosslayer.harness.systems.commerce.nest.lines import Line, line_of
from crosslayer.harness.systems.commerce.nest.verdicts import MARKERS, best_basis, judge
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, build
from crosslayer.properties.commerce import PUBLISHED, leaks

SWAPS: Mapping[str, tuple[str, ...]] = {
    "reference": (),
    "in_memory": ("registry=in_memory",),
    "noop": ("privacy=noop",),
    "score_average": ("trust=score_average",),
    "pay_on_close": ("payments=pay_on_close",),
}

DISCOVERY, OPACITY, UNDELIVERED, REWARDED = (one.name for one in PUBLISHED)

HOLDS, VIOLATED, VACUOUS = Outcome.HOLDS, Outcome.VIOLATED, Outcome.VACUOUS

Value = dict[str, Any]


@cache
def ran(swap: str = "reference") -> Result:
    """The original scenario on the reference stack, or with one layer swapped."""
    return run_seeded(scenario.shipped(PRIVATE_COMMERCE, "run"), build(SWAPS[swap]), PUBLISHED)


@cache
def exported(swap: str = "reference") -> tuple[Value, ...]:
    """The same, as the lines of a NEST trace."""
    result = ran(swap)
    return tuple(json.loads(line) for line in lines(result.header, result.events))


def facts(values: Iterable[Value]) -> Facts:
    """What lines say."""
    found = Facts(leaks.shown, leaks.shown_amount)
    for number, value in enumerate(values, 1):
        line = line_of(value, number)
        assert isinstance(line, Line)
        found.take(line)
    return found


def judged(values: Iterable[Value], basis: str | None = None) -> dict[str, Verdict]:
    """The verdicts on the best basis, or on this one."""
    found = facts(values)
    return judge(found, basis or best_basis(found))


def outcomes(values: Iterable[Value]) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
    """The outcomes on the best basis, and on that of the markers."""
    found = facts(values)
    best, published = judge(found, best_basis(found)), judge(found, MARKERS)
    return {name: one.outcome for name, one in best.items()}, {name: one.outcome for name, one in published.items()}


def on_disk(path: Path, values: Iterable[Value]) -> Path:
    """The file into which lines were written."""
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def broadcast(agent: str, msg: str, corr: str = "", ts: float = 1.0) -> Value:
    """An agent tells everybody."""
    return {"ts": ts, "agent": agent, "kind": "broadcast", "size": len(msg), "msg": msg, "corr": corr}


def send(agent: str, to: str, msg: str, corr: str = "", ts: float = 1.0) -> Value:
    """An agent sends a message."""
    return {"ts": ts, "agent": agent, "kind": "send", "to": to, "size": len(msg), "msg": msg, "corr": corr}


def receive(agent: str, source: str, msg: str, corr: str = "", ts: float = 1.0) -> Value:
    """A message arrives."""
    return {"ts": ts, "agent": agent, "kind": "receive", "from": source, "size": len(msg), "msg": msg, "corr": corr}


def dropped(agent: str, source: str, msg: str, corr: str = "", ts: float = 1.0) -> Value:
    """A message does not arrive."""
    return {**receive(agent, source, msg, corr, ts), "kind": "dropped"}


def mark(agent: str, kind: str) -> Value:
    """An agent starts or stops."""
    return {"ts": 0.0, "agent": agent, "kind": kind}


CAST = ("buyer-0", "buyer-1", "seller-0", "seller-1", "shill_seller-0", "shill-0", "auditor-0")
STARTS = tuple(mark(name, "start") for name in CAST)
STOPS = tuple(mark(name, "stop") for name in CAST)


def card(seller: str) -> str:
    """A push of this seller's card."""
    return f'GOSSIP|P[{{"publisher":"{seller}"}}]'


def purchase(
    buyer: str = "buyer-0", seller: str = "seller-0", *, delivers: bool = True, arrives: bool = True
) -> list[Value]:
    """One honest purchase, from the first gossip to the closed stream."""
    ref = f"bid-{buyer}"
    deal = f"{buyer}:{seller}:{ref}"
    bid = f"bid:sealed-{ref}"
    told = [
        receive(buyer, seller, card(seller)),
        broadcast(buyer, f"discovered:{buyer}:{seller}"),
        broadcast(buyer, f"stream:open:{deal}:10"),
        broadcast(buyer, f"bidmeta:{deal}:150"),
        send(buyer, seller, bid, f"corr-{buyer}"),
        (receive if arrives else dropped)(seller, buyer, bid, f"corr-{buyer}"),
    ]
    if delivers:
        told += [
            send(seller, buyer, f"ack:{ref}"),
            broadcast(seller, f"fulfilled:{seller}:{buyer}:{ref}"),
            receive(buyer, seller, f"ack:{ref}"),
        ]
    return [*told, broadcast(buyer, f"stream:close:{deal}:10")]


def scores(**by_name: float | str) -> list[Value]:
    """The auditor's scores; an underscore in a name stands for its dash."""
    return [
        broadcast("auditor-0", f"score:{'-'.join(name.rsplit('_', 1))}:{score}:0.5") for name, score in by_name.items()
    ]


def whole(*parts: Iterable[Value]) -> list[Value]:
    """A trace from start to stop."""
    return [*STARTS, *(value for part in parts for value in part), *STOPS]
