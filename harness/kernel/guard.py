"""The wall between harness and plugins: whatever a plugin does becomes an answer, a refusal or a fault.

Owns the one call through which all plugin code is entered, and the watchdog over calls that do not return.
Knows nothing of layers.

A call that loops for ever cannot be told from a slow one by counting steps, short of tracing every line. So
the watchdog looks at the process's CPU time (not at a clock on the wall): a timer beats every half of the
budget, and a call that is still the same one after two beats is ended. It decides only *whether* a hung call
is given up, never the order of events, so runs that end are as deterministic as without it. It needs the main
thread of a POSIX system; elsewhere a hung plugin hangs the run.
"""

import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from types import FrameType, TracebackType
from typing import Any

from crosslayer.harness.model.errors import PluginFault, Refused

CPU_SECONDS = 4.0
"""CPU time for one event's handling; the slowest honest one here takes some milliseconds."""


class _Hang(BaseException):
    """Raised by the watchdog inside the code that does not return."""


class Guard:
    """Enters plugin code. One per run; `beat` tells the watchdog that the run is getting on.

    `must_answer` are the operations, by part, whose interface leaves no room for a `Refused`; elsewhere it is the
    caller who asked amiss. A factory (`make`) must always answer.
    """

    def __init__(self, cpu_seconds: float = CPU_SECONDS, must_answer: Iterable[tuple[str, str]] = ()) -> None:
        self.beat = 0
        self._must_answer = frozenset(must_answer)
        self._cpu_seconds = cpu_seconds
        self._inside = ("agents", "", "")
        self._last_beat = -1
        self._watching = False
        self._depth = 0
        self._held: Any = None

    def call(self, part: str, agent: str, operation: str, function: Callable[..., Any], *args: Any) -> Any:
        """The plugin's answer, or its `Refused`; anything else that happens is a `PluginFault`."""
        outer = self._inside
        self._inside = (part, agent, operation)
        before = _stamp(args) if args else None
        try:
            answer = function(*args)
        except Refused as refusal:
            if operation == "make" or (part, operation) in self._must_answer:
                raise PluginFault(part, agent, operation, f"refused where it must answer: {refusal}") from None
            if args and _stamp(args) != before:
                raise _changed(part, agent, operation) from None
            raise
        except PluginFault:
            raise
        except _Hang:
            raise self.hung() from None
        except RecursionError:
            raise PluginFault(part, agent, operation, "recurses without end") from None
        except (Exception, SystemExit) as error:
            raise PluginFault(part, agent, operation, describe(error)) from error
        finally:
            self._inside = outer
        if args and _stamp(args) != before:
            raise _changed(part, agent, operation)
        return answer

    def sweep(self, part: str, operation: str, questions: Iterable[tuple[str, Callable[[], Any]]]) -> list[Any]:
        """What plugins of several agents answer, one after another, as `call` would, where nothing may be refused.

        The questions have no arguments. It costs a third of as many calls.
        """
        outer = self._inside
        answers = []
        agent = ""
        try:
            for agent, question in questions:
                self._inside = (part, agent, operation)
                answers.append(question())
        except PluginFault:
            raise
        except _Hang:
            raise self.hung() from None
        except RecursionError:
            raise PluginFault(part, agent, operation, "recurses without end") from None
        except Refused as refusal:
            raise PluginFault(part, agent, operation, f"refused where it must answer: {refusal}") from None
        except (Exception, SystemExit) as error:
            raise PluginFault(part, agent, operation, describe(error)) from error
        finally:
            self._inside = outer
        return answers

    def watch(self) -> AbstractContextManager[None]:
        """Turn a call that does not return into a fault, for as long as this context is open.

        A watch within a watch only does the turning: winding the timer up costs as much as handling an event.
        """
        return _Watch(self)

    def hold(self) -> None:
        """Keep the timer running between watches, until `release`: worth it where many short ones follow each other.

        What happens between two watches is nobody's call, and is never ended, however long it takes.
        """
        if self._held is None:
            self._held = self.wind_up()

    def release(self) -> None:
        """End a `hold`, if there is one."""
        if self._held is not None:
            self.wind_down(self._held)
            self._held = None

    def enter(self) -> None:
        """A watch begins."""
        if not self._depth:
            self._last_beat = -1
        self._depth += 1

    def leave(self) -> None:
        """A watch ends."""
        self._depth -= 1

    def wind_up(self) -> Any:
        """Start the timer; the signal handler that was there before, or None where no timer can be started."""
        if self._watching or not hasattr(signal, "SIGVTALRM"):
            return None
        if threading.current_thread() is not threading.main_thread():
            return None
        self._watching = True
        previous = signal.signal(signal.SIGVTALRM, self._on_timer)
        signal.setitimer(signal.ITIMER_VIRTUAL, self._cpu_seconds / 2, self._cpu_seconds / 2)
        return signal.SIG_DFL if previous is None else previous

    def wind_down(self, previous: Any) -> None:
        """Stop the timer that `wind_up` started, and put the signal handler back that it answered."""
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
        self._watching = False

    def hung(self) -> PluginFault:
        """The fault of the call that is under way."""
        part, agent, operation = self._inside
        return PluginFault(part, agent, operation, f"did not return within {self._cpu_seconds:g} s of CPU time")

    def _on_timer(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._depth:
            return
        if self._last_beat == self.beat:
            raise _Hang
        self._last_beat = self.beat


def _changed(part: str, agent: str, operation: str) -> PluginFault:
    return PluginFault(part, agent, operation, "changed an argument that it was given")


class _Watch:
    """`Guard.watch` as a class: one is entered for every event, and a generator would cost three times as much."""

    __slots__ = ("_guard", "_previous")

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def __enter__(self) -> None:
        self._guard.enter()
        self._previous = self._guard.wind_up()

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._guard.leave()
        if self._previous is not None:
            self._guard.wind_down(self._previous)
        if isinstance(error, _Hang):
            raise self._guard.hung() from None


def _stamp(args: tuple[Any, ...]) -> int | None:
    """What changes when an argument does; None where there is something mutable among them."""
    try:
        return hash(args)
    except TypeError:
        return None


def describe(error: BaseException) -> str:
    """An exception in one short line."""
    text = " ".join(str(error).split())[:200]
    return f"raised {type(error).__name__}: {text}" if text else f"raised {type(error).__name__}"


def expect(part: str, agent: str, operation: str, answer: object, kind: type | tuple[type, ...]) -> None:
    """`PluginFault` unless the answer is of this kind (a bool is no number)."""
    if type(answer) is kind:
        return
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(answer, kinds) and not (isinstance(answer, bool) and bool not in kinds):
        return
    names = " or ".join(one.__name__ for one in kinds)
    raise PluginFault(part, agent, operation, f"answered {type(answer).__name__} where {names} is due")
