"""Where two runs part: the first difference by cause, and the first in each layer.

Owns the comparison and the alignment. Knows nothing of how the runs came about or how the answer is printed.

Ticks, message numbers and payloads differ between any two stacks, and the order in which agents that do not know of one
another act means nothing. So each agent's history is compared with its own counterpart; of the agents whose histories
differ, the one that differs first is where the runs part, for what led to it was the same in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from attrs import frozen

from crosslayer.harness.explain.sentences import sentence, words
from crosslayer.harness.formats.codec import dumps
from crosslayer.harness.model.events import WIRE, Event
from crosslayer.harness.model.system import System
from crosslayer.harness.picture.past import is_local

ALIGNED_MAX = 600
"""Told events of a run that are aligned with those of another."""


@frozen
class Place:
    """An event of one of two runs: its number and its words; -1 and a word for its absence if there is none."""

    seq: int
    told: str

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"seq": self.seq, "told": self.told}


@frozen
class Parting:
    """Where two runs part in one respect (`by` a cause or a layer): at whose event, and what happens in each."""

    by: str
    agent: str
    left: Place
    right: Place

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"by": self.by, "agent": self.agent, "left": self.left.to_json(), "right": self.right.to_json()}


@frozen
class Pair:
    """One line of two runs side by side: `sort` says whether it is the same in both, or in which of them it is."""

    sort: str
    left: str
    right: str
    first: bool = False


@frozen(kw_only=True)
class Divergence:
    """How two runs differ. `cause` is None if no agent's history differs; `layers` are in the stack's order."""

    cause: Parting | None
    layers: tuple[Parting, ...]
    same_layers: tuple[str, ...]
    pairs: tuple[Pair, ...]
    cut: bool

    @property
    def alike(self) -> bool:
        """Whether nothing that any agent saw, said or did differs."""
        return self.cause is None

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "alike": self.alike,
            "cause": None if self.cause is None else self.cause.to_json(),
            "layers": [one.to_json() for one in self.layers],
            "same_layers": list(self.same_layers),
        }


NOTHING = "nothing of the kind"


def divergence(system: System, left: Sequence[Event], right: Sequence[Event]) -> Divergence:
    """How two runs of one system differ."""
    layers: list[Parting] = []
    same: list[str] = []
    for part in (*(one.name for one in system.layers), "agents"):
        found = _parting(system, left, right, part)
        if found is None:
            same.append(part)
        else:
            layers.append(found)
    cause = _parting(system, left, right, "")
    pairs, cut = _aligned(system, left, right)
    return Divergence(cause=cause, layers=tuple(layers), same_layers=tuple(same), pairs=pairs, cut=cut)


def part_of(system: System, event: Event) -> str:
    """The layer whose doing an event shows, or `agents`."""
    if event.message is not None:
        return system.kinds[event.message.kind].part if event.message.kind in system.kinds else "agents"
    for layer in system.layers:
        if event.kind in layer.witness.values() or event.kind == layer.name:
            return layer.name
    return "agents"


def _parting(system: System, left: Sequence[Event], right: Sequence[Event], part: str) -> Parting | None:
    """The first difference between two runs in what concerns a part (all, if it is empty)."""
    before, after = (_histories(system, events, part) for events in (left, right))
    found: list[tuple[int, int, str]] = []
    for agent in dict.fromkeys((*before, *after)):
        mine, other = before.get(agent, []), after.get(agent, [])
        at = next((n for n, (a, b) in enumerate(zip(mine, other, strict=False)) if a[1] != b[1]), None)
        if at is None:
            if len(mine) == len(other):
                continue
            at = min(len(mine), len(other))
        left_seq = mine[at][0] if at < len(mine) else -1
        right_seq = other[at][0] if at < len(other) else -1
        found.append((left_seq, right_seq, agent))
    if not found:
        return None
    left_seq, right_seq, agent = min(found, key=lambda one: (_early(left, one[0]), _early(right, one[1]), one[2]))
    return Parting(part or "cause", agent, _place(system, left, left_seq), _place(system, right, right_seq))


def _early(events: Sequence[Event], seq: int) -> int:
    return seq if seq >= 0 else len(events)


def _place(system: System, events: Sequence[Event], seq: int) -> Place:
    return Place(seq, NOTHING if seq < 0 else sentence(system, events[seq]))


def _histories(system: System, events: Sequence[Event], part: str) -> Mapping[str, list[tuple[int, bytes]]]:
    """What each agent went through, event by event; under the empty name, what the network and the adversary did."""
    found: dict[str, list[tuple[int, bytes]]] = {}
    for seq, event in enumerate(events):
        if event.kind in ("settlement", "end") or (part and part_of(system, event) != part):
            continue
        found.setdefault(event.agent if is_local(event) else "", []).append((seq, _key(event)))
    return found


def _key(event: Event) -> bytes:
    """What of an event can be compared between runs."""
    message = event.message
    about = () if message is None else (message.kind, message.source, message.to)
    data = {name: value for name, value in event.data.items() if name not in ("of", "index")}
    try:
        return dumps([event.kind, event.agent, about, data])
    except (TypeError, ValueError):
        return repr((event.kind, event.agent, about, sorted(data.items(), key=repr))).encode()


def _aligned(system: System, left: Sequence[Event], right: Sequence[Event]) -> tuple[tuple[Pair, ...], bool]:
    """What is told of two runs side by side, and whether it had to be cut."""
    mine, other = list(_told(system, left)), list(_told(system, right))
    cut = max(len(mine), len(other)) > ALIGNED_MAX
    mine, other = mine[:ALIGNED_MAX], other[:ALIGNED_MAX]
    pairs = list(_pairs(mine, other))
    first = next((number for number, pair in enumerate(pairs) if pair.sort != "same"), None)
    if first is not None:
        one = pairs[first]
        pairs[first] = Pair(one.sort, one.left, one.right, first=True)
    return tuple(pairs), cut


def _pairs(mine: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> Iterator[Pair]:
    matcher = SequenceMatcher(None, [key for key, _ in mine], [key for key, _ in other], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from (Pair("same", one[1], two[1]) for one, two in zip(mine[a:b], other[c:d], strict=True))
        else:
            common = min(b - a, d - c)
            yield from (Pair("differs", mine[a + n][1], other[c + n][1]) for n in range(common))
            yield from (Pair("left", one[1], "") for one in mine[a + common : b])
            yield from (Pair("right", "", one[1]) for one in other[c + common : d])


def _told(system: System, events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Everything but ordinary sending and delivering, without its tick and with it."""
    for event in events:
        if event.kind in WIRE and event.kind in ("send", "deliver"):
            continue
        if event.kind != "end":
            told = words(system, event)
            yield told, f"tick {event.tick}: {told}"
