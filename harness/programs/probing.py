"""Facts about a program that does not know of them: calls of its functions, messages, spans, states that change.

Owns when each is recorded. Knows nothing of any system's facts.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import wraps
from importlib import import_module
from types import TracebackType
from typing import Any

from attrs import frozen

from crosslayer.harness.programs import spans

Told = Callable[..., Mapping[str, Any] | None]


@frozen
class Call:
    """Each call of the function at `path` (`module:name` or `module:Class.name`) that answers is a fact of this kind.

    `told(answer, *arguments)` gives the fact's data as JSON can say it, or None where there is nothing to tell.
    """

    path: str
    fact: str
    told: Told


@frozen
class State:
    """What `look(host)` sees (as JSON can say it, as a mapping), recorded as a fact of this kind when it has changed.

    It is looked at after each turn of the program: at a table, a file, an object that the program's module holds. None
    says that there is nothing to see yet.
    """

    fact: str
    look: Callable[[Any], Mapping[str, Any] | None]


@frozen
class Heard:
    """Each message of a kind that a decoder finds, once it has arrived wholly, is a fact of this kind.

    `told(peer, content)` gives the fact's data: of who sent it, and of the JSON in it (None if there is none).
    """

    message: str
    fact: str
    told: Callable[[str, Any], Mapping[str, Any] | None]


@frozen
class Span:
    """Each span of OpenTelemetry's of this name that ends in the program is a fact of this kind.

    `told(attributes)` gives the fact's data of the span's attributes, or None. Needs `opentelemetry-sdk`.
    """

    name: str
    fact: str
    told: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]

    def __attrs_post_init__(self) -> None:
        spans.hear()


def tool_calls(*tools: str, fact: str = "asked") -> tuple[Heard, ...]:
    """What a server of MCP is asked for: facts with `by`, `tool`, `arguments` in words, and each argument by name."""
    return tuple(Heard(f"tools/call {tool}", fact, _tool_call) for tool in tools)


def _tool_call(peer: str, content: Any) -> Mapping[str, Any] | None:
    params = content.get("params") if isinstance(content, dict) else None
    if not isinstance(params, dict):
        return None
    arguments = params.get("arguments")
    told = arguments if isinstance(arguments, dict) else {}
    return {
        **told,
        "by": peer,
        "tool": str(params.get("name")),
        "arguments": ", ".join(f"{name}={value}" for name, value in told.items()),
    }


ProbeOf = Call | State | Heard | Span
"""Any probe of a program."""


class Watching(AbstractContextManager[None]):
    """A program's probes: calls are heard within this context, states are looked at when they are told to."""

    def __init__(self, probes: Sequence[ProbeOf], host: Any) -> None:
        self._host = host
        self._states = {one: None for one in probes if isinstance(one, State)}  # type: dict[State, Any]
        self._heard = {one.message: one for one in probes if isinstance(one, Heard)}
        self._spans = {one.name: one for one in probes if isinstance(one, Span)}
        calls: dict[str, list[Call]] = {}
        for one in probes:
            if isinstance(one, Call):
                calls.setdefault(one.path, []).append(one)
        self._wrapped = [_wrapped(path, told, host) for path, told in calls.items()]

    def __enter__(self) -> None:
        for owner, name, _, wrapper in self._wrapped:
            setattr(owner, name, wrapper)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for owner, name, real, _ in self._wrapped:
            setattr(owner, name, real)

    def heard(self, peer: str, kind: str, content: Any) -> None:
        """A message has arrived wholly."""
        one = self._heard.get(kind)
        data = one.told(peer, content) if one is not None else None
        if one is not None and data is not None:
            self._host.record(one.fact, **data)

    def span_ended(self, span: Any) -> None:
        """A span has ended."""
        one = self._spans.get(span.name)
        data = one.told(dict(span.attributes or {})) if one is not None else None
        if one is not None and data is not None:
            self._host.record(one.fact, **data)

    def look(self) -> None:
        """Look at every state, and record what has changed."""
        for one, before in self._states.items():
            seen = one.look(self._host)
            if seen is not None and seen != before:
                self._states[one] = seen
                self._host.record(one.fact, **seen)


def _wrapped(place: str, probes: Sequence[Call], host: Any) -> tuple[Any, str, Any, Any]:
    module, _, path = place.partition(":")
    owner: Any = import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    real = getattr(owner, name)

    def tell(answer: Any, args: Sequence[Any], named: Mapping[str, Any]) -> None:
        for one in probes:
            data = one.told(answer, *args, **named)
            if data is not None:
                host.record(one.fact, **data)

    if inspect.iscoroutinefunction(real):

        @wraps(real)
        async def waited(*args: Any, **named: Any) -> Any:
            answer = await real(*args, **named)
            tell(answer, args, named)
            return answer

        return owner, name, real, waited

    @wraps(real)
    def called(*args: Any, **named: Any) -> Any:
        answer = real(*args, **named)
        tell(answer, args, named)
        return answer

    return owner, name, real, called
