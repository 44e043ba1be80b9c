"""What the environment does: running on, and the steps on messages, links and nodes.

Owns one handler per step of these families. Knows nothing of the protocol or of any layer.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from crosslayer.harness.kernel.altering import altered
from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.model.arguments import Kinds, Moments
from crosslayer.harness.model.effects import Send
from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.steps import (
    Alter,
    Crash,
    Cut,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Forget,
    Heal,
    Inject,
    Partition,
    Redirect,
    Restart,
    Run,
    RunUntil,
    Step,
    StepResult,
    Tamper,
    skipped,
)
from crosslayer.harness.model.system import System

NEVER_CAME = "for this never came"
"""What is said of a moment for which a run waited in vain."""

JUNK = b'\xff{"ref":["'
"""A message that is neither text nor JSON nor whole."""


def run(stage: Stage, step: Run) -> StepResult:
    """Run on for some events."""
    handled = stage.world.run(step.events, stage.horizon)
    return ran(handled)


def ran(events: int) -> StepResult:
    """What is said of this number of events."""
    return StepResult(events > 0, f"{events} event{'' if events == 1 else 's'} later")


def run_until(stage: Stage, step: RunUntil) -> StepResult:
    """Run on until a moment."""
    events = stage.world.journal.events
    wanted = moment(stage.system, step.moment)
    seen = len(events)
    moved = False
    while stage.world.step(stage.horizon):
        moved = True
        for event in events[seen:]:
            if is_moment(event, wanted):
                return StepResult(applied=True, note=f"until the next time: {step.moment}")
        seen = len(events)
    return StepResult(moved, f"to the end, {NEVER_CAME}: {step.moment}")


def moment(system: System, name: str) -> tuple[str, str]:
    """The kind of the event that a moment is, and of the event's message; `ValueError` for an unknown moment."""
    system.check_argument(Moments(), name)
    return system.all_moments[name].event


def is_moment(event: Event, wanted: tuple[str, str]) -> bool:
    """Whether this is the event that a moment means."""
    kind, message_kind = wanted
    return event.kind == kind and (event.message is None or event.message.kind == message_kind)


def _message(stage: Stage, kind: str, nth: int) -> Message | None:
    flying = stage.world.in_flight(kind)
    return flying[nth % len(flying)] if flying else None


def _told(message: Message) -> str:
    return f"the {message.kind} from {message.source} to {message.to}"


def _on_message(
    act: Callable[[Stage, Any, Message], str], why_not: Callable[[Stage, Message], str] = lambda *_: ""
) -> Callable[[Stage, Any], StepResult]:
    """A handler that does this to the message that the step means, if there is one and nothing speaks against it."""

    def handler(stage: Stage, step: Any) -> StepResult:
        message = _message(stage, step.kind, step.nth)
        if message is None:
            stage.system.check_argument(Kinds(), step.kind)
            return skipped(f"no {step.kind} is under way")
        reason = why_not(stage, message) if stage.world.is_ordered(message.kind) else ""
        if reason:
            return skipped(reason)
        return StepResult(applied=True, note=act(stage, step, message))

    return handler


def _in_order(stage: Stage, message: Message) -> str:
    """Why an ordered message cannot arrive out of turn."""
    return "" if stage.world.is_next(message) else f"{_told(message)} cannot overtake: this link keeps its order"


def _only_once(_stage: Stage, message: Message) -> str:
    """Why an ordered link neither copies nor changes what it carries."""
    return f"{_told(message)} cannot be copied or changed: this link is ordered"


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


def _alter(stage: Stage, step: Alter, message: Message) -> str:
    payload, told = altered(message.payload, step.way, step.place, _earlier(stage, message))
    stage.world.tamper(message, payload)
    return told.replace("{}", _told(message), 1)


def _earlier(stage: Stage, message: Message) -> bytes:
    """What the last other message of the same kind said when it was sent; nothing if there was none."""
    sent = (event.message for event in reversed(stage.world.journal.events) if event.kind == "send")
    found = (one.payload for one in sent if one and one.kind == message.kind and one.id != message.id)
    return next(found, b"")


def _redirect(stage: Stage, step: Redirect, message: Message) -> str:
    to = stage.agent(step.to)
    stage.world.copy(message, to)
    return f"a copy of {_told(message)} goes to {to}"


def partition(stage: Stage, step: Partition) -> StepResult:
    """Split the network."""
    names = stage.population.names()
    groups = {name: step.groups[index % len(step.groups)] for index, name in enumerate(names)}
    if len(set(groups.values())) == 1:
        return skipped("the network stays whole")
    stage.world.partition(groups)
    members: dict[int, list[str]] = {}
    for name, group in groups.items():
        members.setdefault(group, []).append(name)
    told = " | ".join(", ".join(members[group]) for group in sorted(members))
    return StepResult(applied=True, note=f"the network splits: {told}")


def cut(stage: Stage, step: Cut) -> StepResult:
    """Cut a link one way."""
    source, to = stage.agent(step.source), stage.agent(step.to)
    if source == to:
        return skipped(f"{source} needs no link to itself")
    stage.world.cut(source, to)
    return StepResult(applied=True, note=f"nothing from {source} reaches {to} any more")


def heal(stage: Stage, _step: Heal) -> StepResult:
    """Restore all links."""
    return StepResult(applied=True, note="all links heal") if stage.world.heal() else skipped("no link is broken")


def crash(stage: Stage, step: Crash) -> StepResult:
    """Crash an agent."""
    name = stage.agent(step.agent)
    return StepResult(applied=True, note=f"{name} crashes") if stage.world.crash(name) else skipped(f"{name} is down")


def forget(stage: Stage, step: Forget) -> StepResult:
    """Crash an agent that loses its memory."""
    name = stage.agent(step.agent)
    if stage.world.rebuild is None:
        return skipped(f"nothing could make {name} anew")
    if not stage.world.forget(name):
        return skipped(f"{name} is down")
    return StepResult(applied=True, note=f"{name} crashes and loses its memory")


def restart(stage: Stage, step: Restart) -> StepResult:
    """Restart an agent."""
    name = stage.agent(step.agent)
    return StepResult(applied=True, note=f"{name} restarts") if stage.world.restart(name) else skipped(f"{name} is up")


def inject(stage: Stage, step: Inject) -> StepResult:
    """A malformed message."""
    name = stage.acting(step, "sender")
    if name is None:
        return skipped("no corrupt agent is there and up")
    to = stage.agent(step.to)
    stage.system.check_argument(Kinds(), step.kind)
    return stage.act(name, [Send(to, step.kind, JUNK)], f"{name} sends {to} a malformed {step.kind}")


HANDLERS: dict[type[Step], Callable[[Stage, Any], StepResult]] = {
    Run: run,
    RunUntil: run_until,
    Drop: _on_message(_drop),
    Duplicate: _on_message(_duplicate, _only_once),
    Delay: _on_message(_delay),
    Deliver: _on_message(_deliver, _in_order),
    Tamper: _on_message(_tamper, _only_once),
    Redirect: _on_message(_redirect, _only_once),
    Alter: _on_message(_alter, _only_once),
    Inject: inject,
    Partition: partition,
    Cut: cut,
    Heal: heal,
    Crash: crash,
    Forget: forget,
    Restart: restart,
}
"""What every shared step does: one class, one handler."""


@cache
def handlers(system: System) -> Mapping[type[Step], Callable[[Stage, Any], StepResult]]:
    """What every step of a system does."""
    return {**HANDLERS, **{act.step: act.perform for act in system.acts}}
