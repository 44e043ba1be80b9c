"""Spans of OpenTelemetry as facts: what a program, or a library in it, tells its tracer anyway.

Owns the one provider of this process: in the turn of a program that is asked for spans it makes real ones and hears
them end, and elsewhere none, as if it were not there. Knows nothing of what spans mean. Needs `opentelemetry-sdk`.
"""

from functools import cache
from typing import Any

from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.programs.sources import NOW

try:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
except ImportError:
    trace, SpanProcessor, TracerProvider = None, object, None  # type: ignore[assignment, misc]


class _Hearing(SpanProcessor):
    """Hands a span that ends to the program whose turn it is."""

    def on_end(self, span: Any) -> None:
        """A span has ended."""
        if NOW.turn is not None:
            NOW.turn.span_ended(span)


class _Tracer:
    """A tracer that traces where it is asked to; libraries keep it for good."""

    def __init__(self, traced: Any, untraced: Any) -> None:
        self._traced, self._untraced = traced, untraced

    def __getattr__(self, name: str) -> Any:
        turn = NOW.turn
        return getattr(self._traced if turn is not None and turn.hears_spans else self._untraced, name)


class _Provider:
    """Makes such tracers."""

    def __init__(self) -> None:
        self._traced = TracerProvider(shutdown_on_exit=False)
        self._traced.add_span_processor(_Hearing())
        self._untraced = trace.NoOpTracerProvider()

    def get_tracer(self, *args: Any, **named: Any) -> Any:
        """A tracer for a library."""
        return _Tracer(self._traced.get_tracer(*args, **named), self._untraced.get_tracer(*args, **named))


@cache
def hear() -> None:
    """From now on, spans can be heard. A process has one provider for good: one that was set before must do."""
    if trace is None:
        raise BadInput("Span(…)", "needs opentelemetry-sdk, which is not installed: pip install 'crosslayer[otel]'")
    before = trace.get_tracer_provider()
    if isinstance(before, TracerProvider):
        before.add_span_processor(_Hearing())
    else:
        provider: Any = _Provider()
        trace.set_tracer_provider(provider)
