"""What the environment does: running on, and the steps on messages, links and nodes.

Owns one handler per step of these families. Knows nothing of the protocol or of any layer.
"""

from collections.abc import Callable
from typing import Any

from crosslayer.harness.kernel.stage import Done, Stage, nothing
from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.steps import (
    Crash,
    Cut,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Heal,
    Partition,
    Redirect,
    Restart,
    Run,
    RunUntil,
    Tamper,
)

MOMENT_KINDS: dict[str, tuple[str, str]] = {
    "bid sent": ("send", "bid"),
    "bid delivered": ("deliver", "bid"),
    "goods sent": ("send", "goods"),
    "goods delivered": ("deliver", "goods"),
    "stream opened": ("stream_opened", ""),
    "stream closed": ("stream_closed", ""),
    "seller discovered": ("discovered", ""),
    "complaint sent": ("send", "complaint"),
    "receipt sent": ("send", "receipt"),
    "receipt delivered": ("deliver", "receipt"),
    "gossip sent": ("send", "gossip"),
    "gossip delivered": ("deliver", "gossip"),
}
"""For every moment, the kind of the event that it is, and of the event's message if it has one."""


def run(stage: Stage, step: Run) -> Done:
    """Run on for some events."""
    handled = stage.world.run(step.events, stage.horizon)
    return ran(handled)


def ran(events: int) -> Done:
    """What is said of so many events."""
    return Done(events > 0, f"{events} event{'' if events == 1 else 's'} later")


def run_until(stage: Stage, step: RunUntil) -> Done:
    """Run on until a moment."""
    events = stage.world.journal.events
    seen = len(events)
    moved = False
    while stage.world.step(stage.horizon):
        moved = True
        for event in events[seen:]:
            if is_moment(event, step.moment):
                return Done(applied=True, note=f"until the next time: {step.moment}")
        seen = len(events)
    return Done(moved, f"to the end, for this never came: {step.moment}")


def is_moment(event: Event, moment: str) -> bool:
    """Whether this is the event that a moment means."""
    kind, message_kind = MOMENT_KINDS[moment]
    return event.kind == kind and (event.message is None or event.message.kind == message_kind)


def _message(stage: Stage, kind: str, nth: int) -> Message | None:
    flying = stage.world.in_flight(kind)
    return flying[nth % len(flying)] if flying else None


def _told(message: Message) -> str:
    return f"the {message.kind} from {message.source} to {message.to}"


def _on_message(act: Callable[[Stage, Any, Message], str]) -> Callable[[Stage, Any], Done]:
    """A handler that does this to the message that the step means, if there is one."""

    def handler(stage: Stage, step: Any) -> Done:
        message = _message(stage, step.kind, step.nth)
        if message is None:
            return nothing(f"no {step.kind} is under way")
        return Done(applied=True, note=act(stage, step, message))

    return handler


def _drop(stage: Stage, _step: Drop, message: Message) -> str:
    stage.world.drop(message)
    return f"{_told(message)} is lost"


def _duplicate(stage: Stage, _step: Duplicate, message: Message) -> str:
    stage.world.copy(message, message.to)
    return f"{_told(message)} will arrive twice"


def _delay(stage: Stage, step: Delay, message: Message) -> str:
    stage.world.delay(message, step.ticks)
    return f"{_told(message)} takes {step.ticks} ticks longer"


def _deliver(stage: Stage, _step: Deliver, message: Message) -> str:
    stage.world.deliver(message)
    return f"{_told(message)} arrives at once"


def _tamper(stage: Stage, _step: Tamper, message: Message) -> str:
    payload = bytearray(message.payload)
    if payload:
        payload[len(payload) // 2] ^= 1
    stage.world.tamper(message, bytes(payload))
    return f"one bit of {_told(message)} is flipped"


def _redirect(stage: Stage, step: Redirect, message: Message) -> str:
    to = stage.agent(step.to)
    stage.world.copy(message, to)
    return f"a copy of {_told(message)} goes to {to}"


def partition(stage: Stage, step: Partition) -> Done:
    """Split the network."""
    names = stage.population.names()
    groups = {name: step.groups[index % len(step.groups)] for index, name in enumerate(names)}
    if len(set(groups.values())) == 1:
        return nothing("the network stays whole")
    stage.world.partition(groups)
    members: dict[int, list[str]] = {}
    for name, group in groups.items():
        members.setdefault(group, []).append(name)
    told = " | ".join(", ".join(members[group]) for group in sorted(members))
    return Done(applied=True, note=f"the network splits: {told}")


def cut(stage: Stage, step: Cut) -> Done:
    """Cut a link one way."""
    source, to = stage.agent(step.source), stage.agent(step.to)
    if source == to:
        return nothing(f"{source} needs no link to itself")
    stage.world.cut(source, to)
    return Done(applied=True, note=f"nothing from {source} reaches {to} any more")


def heal(stage: Stage, _step: Heal) -> Done:
    """Mend all links."""
    return Done(applied=True, note="all links heal") if stage.world.heal() else nothing("no link is broken")


def crash(stage: Stage, step: Crash) -> Done:
    """Crash an agent."""
    name = stage.agent(step.agent)
    return Done(applied=True, note=f"{name} crashes") if stage.world.crash(name) else nothing(f"{name} is down")


def restart(stage: Stage, step: Restart) -> Done:
    """Restart an agent."""
    name = stage.agent(step.agent)
    return Done(applied=True, note=f"{name} restarts") if stage.world.restart(name) else nothing(f"{name} is up")


HANDLERS: dict[type, Callable[[Stage, Any], Done]] = {
    Run: run,
    RunUntil: run_until,
    Drop: _on_message(_drop),
    Duplicate: _on_message(_duplicate),
    Delay: _on_message(_delay),
    Deliver: _on_message(_deliver),
    Tamper: _on_message(_tamper),
    Redirect: _on_message(_redirect),
    Partition: partition,
    Cut: cut,
    Heal: heal,
    Crash: crash,
    Restart: restart,
}
