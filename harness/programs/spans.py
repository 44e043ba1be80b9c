"""Spans of OpenTelemetry as facts: what a program, or a library in it, tells its tracer anyway.

Owns the one processor that hears spans end in this process, and hands each to the program whose turn it is. Knows
nothing of what spans mean. Needs `opentelemetry-sdk`.
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


@cache
def hear() -> None:
    """From now on, spans are heard. A process has one provider for good, so there is one processor."""
    if trace is None:
        raise BadInput("Span(…)", "needs opentelemetry-sdk, which is not installed: pip install 'crosslayer[otel]'")
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider(shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
    provider.add_span_processor(_Hearing())
