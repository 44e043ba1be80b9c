"""What led to what: causal pasts and vector clocks of a run's events.

Owns the order of causes: an agent's events in a row, and each message from its sending to its arrival. Takes it from
the events alone, and knows nothing of how it is drawn.
"""

from collections.abc import Iterable, Iterator, Sequence

from crosslayer.harness.model.events import Event

Causes = Sequence[tuple[int, ...]]
"""For every event, the sequence numbers of those that led to it at once."""


def causes(events: Sequence[Event]) -> Causes:
    """The immediate causes of every event.

    What happens on the network (a loss, a change, a copy) is no event of an agent: it follows from the sending alone.
    """
    last: dict[str, int] = {}
    wire: dict[int, int] = {}
    found: list[tuple[int, ...]] = []
    for seq, event in enumerate(events):
        before: list[int] = []
        message = event.message
        if message is not None and event.kind != "send":
            origin = event.data.get("of") if event.kind == "copy" else message.id
            before += [wire[origin]] if origin in wire else []
        if is_local(event):
            before += [last[event.agent]] if event.agent in last else []
            last[event.agent] = seq
        if message is not None and event.kind in ("send", "copy", "tamper"):
            wire[message.id] = seq
        found.append(tuple(dict.fromkeys(before)))
    return found


def is_local(event: Event) -> bool:
    """Whether an event belongs to the history of its agent."""
    return bool(event.agent) and event.kind not in ("drop", "copy", "tamper")


def past(causes_: Causes, seqs: Iterable[int]) -> set[int]:
    """These events and all that led to them."""
    found: set[int] = set()
    waiting = [seq for seq in seqs if 0 <= seq < len(causes_)]
    while waiting:
        seq = waiting.pop()
        if seq not in found:
            found.add(seq)
            waiting.extend(causes_[seq])
    return found


def clocks(events: Sequence[Event]) -> Iterator[tuple[int, dict[str, int]]]:
    """For every event of an agent's history, its number and its vector clock: how much of each history led to it."""
    now: dict[str, dict[str, int]] = {}
    sent: dict[int, dict[str, int]] = {}
    for seq, event in enumerate(events):
        message = event.message
        if event.kind in ("copy", "tamper") and message is not None:
            origin = event.data.get("of") if event.kind == "copy" else message.id
            sent[message.id] = sent.get(origin, {}) if isinstance(origin, int) else {}
        if not is_local(event):
            continue
        clock = dict(now.get(event.agent, {}))
        if event.kind == "deliver" and message is not None:
            for name, count in sent.get(message.id, {}).items():
                clock[name] = max(clock.get(name, 0), count)
        clock[event.agent] = clock.get(event.agent, 0) + 1
        now[event.agent] = clock
        if event.kind == "send" and message is not None:
            sent[message.id] = clock
        yield seq, clock
