"""What an adversary in the middle of a connection does to messages of the application: say one again, change one.

Owns two steps, for systems that declare them (`acts=MIDDLE`). TCP protects a stream from the network, and not from an
adversary that writes segments itself. Knows no protocol, but that JSON may have a head of HTTP before it.
"""

import re

import attrs
from attrs import frozen

from crosslayer.harness.kernel.altering import CHANGED, altered
from crosslayer.harness.kernel.stage import Stage
from crosslayer.harness.model.arguments import kind, number, position
from crosslayer.harness.model.declarations import Act
from crosslayer.harness.model.effects import Send
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import Step, StepResult, skipped
from crosslayer.harness.programs.tcp import CONNECT, DATA, MIDDLE_PORTS, OPEN, Segment

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"(?i)^(content-length:\s*)\d+", re.MULTILINE)


@frozen
class SayAgain(Step):
    """The nth message of a kind under way is said again by an adversary in the middle, on a connection of its own."""

    kind: str = kind()
    nth: int = position()


@frozen
class Rewrite(Step):
    """A field of the JSON in the nth message of a kind under way is changed by an adversary in the middle.

    `place` is the field, wrapping around. Lengths and checksums are put right.
    """

    kind: str = kind()
    nth: int = position()
    place: int = number(0, *range(16))


def _segment(stage: Stage, step: SayAgain | Rewrite) -> tuple[Message, Segment] | None:
    """The message that a step means, if there is one and it carries bytes."""
    flying = stage.world.in_flight(step.kind)
    message = flying[step.nth % len(flying)] if flying else None
    segment = None if message is None else Segment.read(message.payload)
    return (message, segment) if message is not None and segment is not None and segment.flag == DATA else None


def say_again(stage: Stage, step: SayAgain) -> StepResult:
    """Open a connection in the sender's name, and send the same bytes on it; answers are swallowed."""
    found = _segment(stage, step)
    if found is None:
        return skipped(f"no {step.kind} with anything to say is under way")
    message, segment = found
    if segment.source_port < segment.port:
        return skipped(f"the {step.kind} from {message.source} is an answer: nobody would take it on a new connection")
    own = MIDDLE_PORTS[stage.count("said again") % len(MIDDLE_PORTS)]
    sends = [
        Send(message.to, CONNECT, Segment(own, segment.port, OPEN, 0).payload()),
        Send(message.to, message.kind, Segment(own, segment.port, DATA, 1, 1, data=segment.data).payload()),
    ]
    return stage.act(message.source, sends, f"the {message.kind} from {message.source} to {message.to} is said again")


def rewrite(stage: Stage, step: Rewrite) -> StepResult:
    """Change a field of the JSON behind the head, and what the head says of its length."""
    found = _segment(stage, step)
    if found is None:
        return skipped(f"no {step.kind} with anything to say is under way")
    message, segment = found
    head, gap, body = segment.data.rpartition(_HEAD_END)
    if not gap or body[:1] not in (b"{", b"["):
        return skipped(f"no JSON in the {step.kind} from {message.source} to {message.to}")
    changed, told = altered(body, CHANGED, step.place)
    head = _LENGTH.sub(rb"\g<1>%d" % len(changed), head)
    stage.world.tamper(message, attrs.evolve(segment, data=head + gap + changed).payload())
    whose = f"the {message.kind} from {message.source} to {message.to}"
    return StepResult(applied=True, note=told.replace("{}", whose, 1))


MIDDLE = (Act(SayAgain, say_again, theme="middle"), Act(Rewrite, rewrite, theme="middle"))
"""The acts of an adversary in the middle."""
