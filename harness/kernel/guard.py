"""The isolation boundary between harness and plugins: whatever a plugin does becomes an answer, a refusal or a fault.

Owns the one call through which all plugin code is entered, and the watchdog over calls that do not return.
Knows nothing of layers.

A call that loops endlessly cannot be told from a slow one by counting steps, short of tracing every line. So
the watchdog looks at the process's CPU time (not at a clock on the wall): a timer beats every half of the
budget, and a call that is still the same one after two beats is ended. It decides only *whether* a hung call
is given up, never the order of events, so runs that end are as deterministic as without it. It needs the main
thread of a POSIX system; elsewhere a hung plugin hangs the run.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from crosslayer.harness.kernel import interrupts, pulse
from crosslayer.harness.model.errors import PluginFault, Refused

CPU_SECONDS = 4.0
"""CPU time for one event's handling; the slowest honest one here takes some milliseconds."""


class Hang(BaseException):
    """Raised by the watchdog inside the code that does not return."""

    def __init__(self, cpu_seconds: float) -> None:
        super().__init__(f"did not return within {cpu_seconds:g} s of CPU time")


class Guard:
    """Enters plugin code. One per run; `beat` tells the watchdogs that the run is getting on.

    `must_answer` are the operations, by part, whose interface leaves no room for a `Refused`; elsewhere it is the
    caller who asked amiss. A factory (`make`) must always answer. `last` is the last call of a plugin, whether it is
    under way or over.
    """

    def __init__(self, cpu_seconds: float = CPU_SECONDS, must_answer: Iterable[tuple[str, str]] = ()) -> None:
        self.beat = 0
        self._must_answer = frozenset(must_answer)
        self.last = ("", "", "")
        self._cpu_seconds = cpu_seconds
        self._inside = ("agents", "", "")
        self._last_beat = -1
        self._watching = False
        self._depth = 0
        self._held: Any = None
        self._interrupts: Any = None
        self._crumb = pulse.crumb()

    def call(self, part: str, agent: str, operation: str, function: Callable[..., Any], *args: Any) -> Any:
        """The plugin's answer, or its `Refused`; anything else that happens is a `PluginFault`."""
        outer, crumb = self._inside, self._crumb
        self._inside = self.last = (part, agent, operation)
        before = _stamp(args) if args else None
        back = crumb.enter(self._inside) if crumb is not None else 0
        try:
            answer = function(*args)
        except BaseException as error:
            fault = self._fault(error, changed=bool(args) and _stamp(args) != before)
            if fault is None:
                raise
            raise fault from error
        finally:
            self._inside = outer
            if crumb is not None:
                crumb.back(back)
        if args and _stamp(args) != before:
            raise _changed(part, agent, operation)
        return answer

    def ask(self, part: str, agent: str, plugin: Any, operation: str, *args: Any) -> Any:
        """As `call`, of the plugin's operation of this name: to look it up is to enter the plugin, too."""
        outer, crumb = self._inside, self._crumb
        self._inside = self.last = (part, agent, operation)
        before = _stamp(args) if args else None
        back = crumb.enter(self._inside) if crumb is not None else 0
        try:
            answer = getattr(plugin, operation)(*args)
        except BaseException as error:
            fault = self._fault(error, changed=bool(args) and _stamp(args) != before)
            if fault is None:
                raise
            raise fault from error
        finally:
            self._inside = outer
            if crumb is not None:
                crumb.back(back)
        if args and _stamp(args) != before:
            raise _changed(part, agent, operation)
        return answer

    def sweep(self, part: str, operation: str, questions: Iterable[tuple[str, Any, tuple[Any, ...]]]) -> list[Any]:
        """What plugins of several agents answer, one after another, as `ask` would, where nothing may be refused.

        A question is an agent, its plugin and the arguments, of which none can be changed. It costs a third of as many
        calls.
        """
        outer, crumb = self._inside, self._crumb
        answers = []
        back = crumb.enter((part, "", operation)) if crumb is not None else 0
        try:
            for agent, plugin, args in questions:
                self._inside = self.last = (part, agent, operation)
                if crumb is not None:
                    crumb.enter(self._inside)
                answers.append(getattr(plugin, operation)(*args))
        except BaseException as error:
            fault = self._fault(error, changed=False, must=True)
            if fault is None:
                raise
            raise fault from error
        finally:
            self._inside = outer
            if crumb is not None:
                crumb.back(back)
        return answers

    def _fault(self, error: BaseException, *, changed: bool, must: bool = False) -> Exception | None:
        """What an exception out of the call under way amounts to; None if it may pass as it is."""
        part, agent, operation = self._inside
        if isinstance(error, PluginFault) or interrupts.is_real(error):
            return None
        if isinstance(error, Refused):
            if must or operation == "make" or (part, operation) in self._must_answer:
                return PluginFault(part, agent, operation, f"refused where it must answer: {text_of(error)}")
            if changed:
                return _changed(part, agent, operation)
            return None if type(error) is Refused and type(error.args) is tuple else Refused(text_of(error))
        return PluginFault(part, agent, operation, describe(error), endless=isinstance(error, Hang))

    def blamed(self, error: BaseException, agent: str) -> PluginFault | None:
        """Whose fault an exception is that came between two calls; None for an interrupt, or a bug of ours.

        An answer may be an object with code of its own, which raises only when it is looked at. `agent` is the one
        whose turn it was, if it was anybody's.
        """
        if isinstance(error, PluginFault):
            return error
        fault = self._blamed(error, agent)
        if fault is not None:
            fault.__cause__ = error
        return fault

    def _blamed(self, error: BaseException, agent: str) -> PluginFault | None:
        if interrupts.is_real(error):
            return None
        if isinstance(error, Hang):
            part, name, operation = self._inside
            return PluginFault(part, name or agent, operation or "handler", str(error), endless=True)
        modules = list(_modules(error))
        ours = [one for one in modules if one.startswith("crosslayer.")]
        foreign = not _is_known(modules[-1]) if modules else False
        innermost = ours[-1] if ours else ""
        if agent and (innermost in _HANDLING or (".agents." in innermost and not foreign)):
            return PluginFault("agents", agent, "handler", describe(error))
        if self.last[0] and (foreign or innermost.endswith(_ASKING)):
            return PluginFault(*self.last, describe(error))
        return PluginFault("agents", agent, "handler", describe(error)) if agent else None

    def watch(self) -> AbstractContextManager[None]:
        """Turn a call that does not return into a fault, for as long as this context is open.

        A watch within a watch only does the turning: winding the timer up costs as much as handling an event.
        """
        return _Watch(self)

    def hold(self) -> None:
        """Keep the timer running between watches, until `release`: worth it where many short ones follow each other.

        What happens between two watches is no plugin's call, and is never ended, however long it takes.
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
        self._interrupts = interrupts.watch()
        pulse.follow(self)
        previous = signal.signal(signal.SIGVTALRM, self._on_timer)
        signal.setitimer(signal.ITIMER_VIRTUAL, self._cpu_seconds / 2, self._cpu_seconds / 2)
        return signal.SIG_DFL if previous is None else previous

    def wind_down(self, previous: Any) -> None:
        """Stop the timer that `wind_up` started, and put the signal handler back that it answered."""
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
        interrupts.unwatch(self._interrupts)
        self._watching = False

    def hung(self) -> PluginFault:
        """The fault of the call that is under way."""
        return PluginFault(*self._inside, str(Hang(self._cpu_seconds)), endless=True)

    def _on_timer(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._depth:
            return
        if self._last_beat == self.beat:
            raise Hang(self._cpu_seconds)
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
        if isinstance(error, Hang):
            raise self._guard.hung() from None


def _stamp(args: tuple[Any, ...]) -> int | None:
    """What changes when an argument does; None where there is something mutable among them."""
    try:
        return hash(args)
    except TypeError:
        return None


_HANDLING = ("crosslayer.harness.kernel.world", "crosslayer.harness.kernel.agents")
"""Modules of ours that call an agent's own handlers."""

_ASKING = (".handles", ".audit", ".guard", ".ports", ".nouns", ".layers", ".composing")
"""Modules of ours that look at what plugins answer."""

_LIBRARIES = frozenset(("crosslayer", "attr", "attrs", "cattrs", "cryptography", "hypothesis", "networkx"))


def _modules(error: BaseException) -> Iterator[str]:
    """The modules through which an exception came, the one that raised it last."""
    traceback = error.__traceback__
    while traceback is not None:
        yield str(traceback.tb_frame.f_globals.get("__name__", ""))
        traceback = traceback.tb_next


def place_of(fault: PluginFault) -> str:
    """File, line and function of the innermost code of a stranger's that an exception came through; empty if none."""
    found, cause = "", fault.__cause__
    traceback = None if cause is None else cause.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if not _is_known(str(frame.f_globals.get("__name__", ""))):
            path = Path(frame.f_code.co_filename)
            path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
            found = f"{path}:{traceback.tb_lineno}, in {frame.f_code.co_name}"
        traceback = traceback.tb_next
    return found


def _is_known(module: str) -> bool:
    root = module.partition(".")[0]
    return root in _LIBRARIES or root in sys.stdlib_module_names


def text_of(error: BaseException) -> str:
    """An exception's text on one line, of limited length; even one that raises when it is asked for it."""
    try:
        return " ".join(str(error).split())[:200]
    except BaseException as second:
        if interrupts.is_real(second):
            raise
        return "(its text cannot be had)"


def describe(error: BaseException) -> str:
    """An exception in one short line."""
    if isinstance(error, Hang):
        return str(error)
    if isinstance(error, RecursionError):
        return "recurses without end"
    text, name = text_of(error), type.__getattribute__(type(error), "__name__")
    return f"raised {name}: {text}" if text else f"raised {name}"


def expect(part: str, agent: str, operation: str, answer: object, kind: type | tuple[type, ...]) -> None:
    """`PluginFault` unless the answer is of this kind (a bool is no number)."""
    if type(answer) is kind:
        return
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(answer, kinds) and not (isinstance(answer, bool) and bool not in kinds):
        return
    names = " or ".join(one.__name__ for one in kinds)
    raise PluginFault(part, agent, operation, f"answered {type(answer).__name__} where {names} is due")
