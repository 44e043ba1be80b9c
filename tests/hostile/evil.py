"""Plugins that are as bad as can be, by name: `tests.hostile.evil:trust__exits` is a trust layer whose `score` exits.

They are reference plugins, but for one operation of each layer.
"""

import atexit
import builtins
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from crosslayer.harness.explain import report
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.systems.commerce.agents.roles import ROLES
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE

OPERATIONS = {"registry": "gossip_round", "payments": "open_stream", "privacy": "encrypt", "trust": "score"}
"""One operation of each layer that every run calls."""


class Own(BaseException):
    """An exception that `except Exception` does not see."""


class Unspeakable(Exception):
    """An exception that cannot be told."""

    def __str__(self) -> str:
        raise Own


class Look:
    """An object that cannot be looked at."""

    def __getattribute__(self, name: str) -> Any:
        raise Own(name)


class Mapping(dict[str, Any]):
    """A mapping that has nothing of what it says."""

    def __getitem__(self, key: str) -> Any:
        raise Own(key)


def own(*_: Any) -> None:
    """Raise what `except Exception` does not see."""
    raise Own("\x1b[2J")


def generator_exit(*_: Any) -> None:
    """Raise what ends generators."""
    raise GeneratorExit


def interrupt(*_: Any) -> None:
    """Pretend that Ctrl-C was pressed."""
    raise KeyboardInterrupt


def leaves(*_: Any) -> None:
    """Leave Python, in its own way."""
    sys.exit(0)


def unspeakable(*_: Any) -> None:
    """Raise what cannot be told."""
    raise Unspeakable


def answers_what_cannot_be_looked_at(*_: Any) -> Any:
    """Answer an object that fails when it is looked at."""
    return Look()


def recurses(*args: Any) -> None:
    """Recurse, with no limit."""
    sys.setrecursionlimit(10**9)
    recurses(*args)


def exits(*_: Any) -> None:
    """End the process, and claim success."""
    os._exit(0)


def is_killed(*_: Any) -> None:
    """Be killed, as by a system that is short of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def crashes(*_: Any) -> None:
    """Crash."""
    os.kill(os.getpid(), signal.SIGSEGV)


def sleeps(*_: Any) -> None:
    """Wait for an hour."""
    time.sleep(3_600)


def spins(*_: Any) -> None:
    """Never return, and hear no timer."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGVTALRM})
    while True:
        pass


def garbles(*_: Any) -> None:
    """Write into every pipe there is."""
    for handle in range(3, 20):
        try:
            os.write(handle, b"{}" * 40)
        except OSError:
            continue


def closes(*_: Any) -> None:
    """Close everything that is open."""
    os.closerange(3, 100)


def patches(*_: Any) -> None:
    """Say that all is well, whatever was found."""
    report.exit_status = lambda *_: 0


def patches_builtins(*_: Any) -> None:
    """Replace what Python itself is made of."""
    builtins.sorted = lambda *_, **__: []


def prints(real: Any, *args: Any) -> Any:
    """Print what looks like an answer, and much more."""
    print('{"verdicts": {}}\x1b[2J')  # noqa: T201 - a bad plugin
    os.write(1, b"\x07" * 50_000 + b"\n")
    return real(*args)


def silences(real: Any, *args: Any) -> Any:
    """Close standard output and standard error."""
    sys.stdout = sys.stderr = None
    os.closerange(1, 3)
    return real(*args)


def dawdles(real: Any, *args: Any) -> Any:
    """Take its time."""
    time.sleep(0.02)
    return real(*args)


_done: list[str] = []


def once(what: str) -> bool:
    """Whether this was not done yet in this process: a machine has room for few of its kind."""
    if what in _done:
        return False
    _done.append(what)
    return True


def lingers(real: Any, *args: Any) -> Any:
    """Leave a thread running, and a word for the end."""
    if once("lingers"):
        threading.Thread(target=time.sleep, args=(3_600,)).start()
        atexit.register(lambda: os._exit(1))
    return real(*args)


def forks(real: Any, *args: Any) -> Any:
    """Become two."""
    if once("forks"):
        os.fork()
    return real(*args)


HARMLESS = (dawdles, prints, silences, lingers, forks)
"""What is bad manners, and no reason to doubt a verdict."""


class Evil:
    """A plugin that does one thing in its own way."""

    def __init__(self, real: Any, operation: str, deed: Callable[..., Any]) -> None:
        self._real, self._operation, self._deed = real, operation, deed

    def __getattr__(self, name: str) -> Any:
        usual = getattr(self._real, name)
        if name != self._operation:
            return usual
        return (lambda *args: self._deed(usual, *args)) if self._deed in HARMLESS else self._deed


class Falling:
    """A plugin that fails when it is let go of."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __del__(self) -> None:
        raise Own


def falls(roster: Any) -> Any:
    """A trust layer that fails in `__del__`."""
    return {name: Falling(one) for name, one in reference(PRIVATE_COMMERCE).factory("trust")(roster).items()}


def hides(roster: Any) -> Any:
    """A trust layer whose plugins cannot be looked at."""
    return {name: Look() for name in roster.names()}


def maps(roster: Any) -> Any:
    """A trust layer whose mapping is none."""
    return Mapping(dict.fromkeys(roster.names()))


def steals(roster: Any) -> Any:
    """A trust layer that takes the members off the roster."""
    made = reference(PRIVATE_COMMERCE).factory("trust")(roster)
    object.__setattr__(roster, "members", ())
    return made


def deed_of(name: str) -> Callable[..., Any]:
    """What is done under this name."""
    deed: Callable[..., Any] = globals()[name]
    return deed


def __getattr__(name: str) -> Any:
    part, _, deed = name.partition("__")
    if part == "agents" and deed:
        return lambda: {**ROLES, "auditor": deed_of(deed)}
    if part not in OPERATIONS or not deed:
        raise AttributeError(name)
    make = reference(PRIVATE_COMMERCE).factory(part)
    return lambda roster: {who: Evil(one, OPERATIONS[part], deed_of(deed)) for who, one in make(roster).items()}
