"""A run as OpenTelemetry spans in OTLP's JSON, for Jaeger and whatever else reads it.

Owns what is a span: the run, and in it each message from its sending to its end, below the message that its sender had
received last. Every agent is a service. Needs the extra `otel`, whose encoder writes the JSON.

All ids are made from the digest of the run, and a tick is a millisecond of a day long past: the same run is the same
file, to the byte.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

import attrs
from opentelemetry.exporter.otlp.json.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event as Moment
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from crosslayer.harness.explain.sentences import words
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.errors import plain
from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.picture.past import is_local

EPOCH = 946_684_800_000_000_000
"""Tick 0 in nanoseconds since 1970: the first day of 2000, for what begins at 0 is taken for a missing time."""

TICK = 1_000_000
"""Nanoseconds of a tick."""

SCOPE = InstrumentationScope("crosslayer")


@attrs.define
class _Flight:
    """What is known of a message: where it was sent, what led to it, and what happened to it on its way."""

    message: Message
    sent: int
    parent: int | None
    ended: int
    lost: str = ""
    evidence: bool = False
    moments: list[Moment] = attrs.field(factory=list)


def otlp(result: Result, evidence: Sequence[int] = (), broken: str = "") -> str:
    """The run as one trace. `evidence` are the events on which the verdict rests, `broken` says what it is."""
    spans = list(_spans(result, frozenset(evidence), broken))
    return json.dumps(encode_spans(spans).to_dict(), separators=(",", ":"))


def _spans(result: Result, evidence: frozenset[int], broken: str) -> Iterator[ReadableSpan]:
    flights, rest = _flights(result, evidence)
    last = result.events[-1].tick if result.events else 0
    stack = {f"crosslayer.stack.{part}": name for part, name in result.header.stack.items()}
    yield ReadableSpan(
        name=result.header.scenario.name,
        context=_context(result, None),
        resource=_service("crosslayer"),
        attributes={"crosslayer.system": result.system.name, "crosslayer.digest": result.digest, **stack},
        events=rest,
        kind=SpanKind.INTERNAL,
        status=Status(StatusCode.ERROR, plain(broken)) if broken else Status(StatusCode.OK),
        start_time=_time(0),
        end_time=_time(last),
        instrumentation_scope=SCOPE,
    )
    services = {name: _service(name) for name in {one.message.source: None for one in flights.values()}}
    for number, one in flights.items():
        yield ReadableSpan(
            name=plain(one.message.kind),
            context=_context(result, number),
            parent=_context(result, one.parent),
            resource=services[one.message.source],
            attributes={
                "messaging.message.id": str(number),
                "messaging.destination.name": plain(one.message.to),
                "messaging.message.body.size": len(one.message.payload),
                **({"crosslayer.evidence": True} if one.evidence else {}),
            },
            events=one.moments,
            kind=SpanKind.PRODUCER,
            status=Status(StatusCode.ERROR, plain(one.lost)) if one.lost else Status(StatusCode.UNSET),
            start_time=_time(one.sent),
            end_time=_time(max(one.sent, one.ended)),
            instrumentation_scope=SCOPE,
        )


def _flights(result: Result, evidence: frozenset[int]) -> tuple[Mapping[int, _Flight], list[Moment]]:
    """All messages by their numbers, each with what its arrival led to; and what happened without any message."""
    flights: dict[int, _Flight] = {}
    received: dict[str, int] = {}
    since: dict[str, int] = {}
    rest: list[Moment] = []
    for seq, event in enumerate(result.events):
        message = event.message
        if message is None:
            number = received.get(event.agent) if is_local(event) and since.get(event.agent) == event.tick else None
            (rest if number is None else flights[number].moments).append(_moment(result, event, seq in evidence))
            continue
        if event.kind in ("send", "copy"):
            parent = received.get(message.source) if event.kind == "send" else event.data.get("of")
            flights[message.id] = _Flight(message, event.tick, parent if parent in flights else None, event.tick)
        flight = flights.get(message.id)
        if flight is None:
            continue
        flight.evidence = flight.evidence or seq in evidence
        flight.ended = event.tick
        if event.kind == "deliver":
            received[event.agent], since[event.agent] = message.id, event.tick
        elif event.kind == "drop":
            flight.lost = f"lost: {event.data.get('reason', 'unknown')}"
        elif event.kind != "send":
            flight.moments.append(_moment(result, event, seq in evidence))
    return flights, rest


def _moment(result: Result, event: Event, is_evidence: bool) -> Moment:  # noqa: FBT001 - told apart by its name
    proof = {"crosslayer.evidence": True} if is_evidence else {}
    return Moment(plain(words(result.system, event)), {"crosslayer.kind": event.kind, **proof}, _time(event.tick))


def _service(name: str) -> Resource:
    return Resource({"service.name": plain(name)})


def _context(result: Result, message: int | None) -> SpanContext:
    """The ids of a message's span, or of the whole run's."""
    name = "run" if message is None else f"message {message}"
    trace, span = (hashlib.sha256(f"{result.digest} {what}".encode()).digest() for what in ("trace", name))
    return SpanContext(int.from_bytes(trace[:16]), int.from_bytes(span[:8]), is_remote=False)


def _time(tick: int) -> int:
    return EPOCH + tick * TICK
