"""Facts about a program that does not know of them: calls of its functions, and states that change.

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


class Watching(AbstractContextManager[None]):
    """A program's probes: calls are heard within this context, states are looked at when they are told to."""

    def __init__(self, probes: Sequence[Call | State], host: Any) -> None:
        self._host = host
        self._states = {one: None for one in probes if isinstance(one, State)}  # type: dict[State, Any]
        self._wrapped = [_wrapped(one, host) for one in probes if isinstance(one, Call)]

    def __enter__(self) -> None:
        for owner, name, _, wrapper in self._wrapped:
            setattr(owner, name, wrapper)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for owner, name, real, _ in self._wrapped:
            setattr(owner, name, real)

    def look(self) -> None:
        """Look at every state, and record what has changed."""
        for one, before in self._states.items():
            seen = one.look(self._host)
            if seen is not None and seen != before:
                self._states[one] = seen
                self._host.record(one.fact, **seen)


def _wrapped(one: Call, host: Any) -> tuple[Any, str, Any, Any]:
    module, _, path = one.path.partition(":")
    owner: Any = import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    real = getattr(owner, name)

    def tell(answer: Any, args: Sequence[Any], named: Mapping[str, Any]) -> None:
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


