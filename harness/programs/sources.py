"""Time and chance as a program sees them: the world's clock, and a generator that the run seeds.

Owns what stands in for the sources of the process, for exactly as long as a program has its turn: in the modules of the
standard library, and wherever else in the process one of their functions is known by name. Knows nothing of loops, of
networks or of any program. This module alone may name the real clock and the real chance, for it replaces them.
"""

import _thread as _thread_module
import datetime as dt
import importlib.machinery
import logging
import logging.config
import os
import random
import secrets
import signal
import socket
import ssl
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Protocol

EPOCH = 1_735_689_600
"""What a program's calendar says when a run begins: 1 January 2025, 00:00 UTC."""

UPTIME = 1_000
"""What its monotonic clocks say then, in seconds."""

NANO = 1_000_000_000


class Turn(Protocol):
    """Whose turn it is."""

    chance: random.Random
    hears_spans: bool

    @property
    def name(self) -> str:
        """The agent's name."""
        ...

    def now(self) -> int:
        """Nanoseconds since the run began."""
        ...

    def escape(self, what: str) -> BaseException:
        """Note that the program tried this, which a run cannot have; what to raise in it."""
        ...

    def span_ended(self, span: Any) -> None:
        """A span of OpenTelemetry's has ended in the program."""
        ...

    def number(self) -> int:
        """A number that nothing else in this life of the program has, the same in each run."""
        ...

    def synced(self, file: Any) -> None:
        """The program has synced a file."""
        ...

    def never_awaited(self, name: str) -> None:
        """Note that a coroutine of this name was made and never awaited."""
        ...


class _Now:
    """Whose turn it is; None between turns."""

    turn: Turn | None = None


NOW = _Now()


def _calendar() -> int:
    turn = NOW.turn
    return _REAL_TIME_NS() if turn is None else EPOCH * NANO + turn.now()


def _uptime() -> int:
    turn = NOW.turn
    return _REAL_MONOTONIC_NS() if turn is None else UPTIME * NANO + turn.now()


_REAL_TIME_NS, _REAL_MONOTONIC_NS = time.time_ns, time.monotonic_ns


def _standing_in(real: Callable[..., Any], simulated: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is the simulated one in a turn and the real one else: a module may have kept it."""

    def either(*args: Any, **named: Any) -> Any:
        return real(*args, **named) if NOW.turn is None else simulated(*args, **named)

    either.__name__ = getattr(real, "__name__", "either")
    return either


def _chance() -> random.Random:
    turn = NOW.turn
    assert turn is not None  # noqa: S101 - its callers have looked
    return turn.chance


def _drawn(name: str) -> Callable[..., Any]:
    def draw(*args: Any, **named: Any) -> Any:
        return getattr(_chance(), name)(*args, **named)

    return draw


def _seconds(now: Callable[[], int]) -> Callable[[], float]:
    return lambda: now() / NANO


def _gmtime(seconds: float | None = None) -> time.struct_time:
    return _REAL_GMTIME(_calendar() / NANO if seconds is None else seconds)


def _strftime(form: str, when: Any = None) -> str:
    return _REAL_STRFTIME(form, _gmtime() if when is None else when)


def _ctime(seconds: float | None = None) -> str:
    return _REAL_ASCTIME(_gmtime(seconds))


def _asctime(when: Any = None) -> str:
    return _REAL_ASCTIME(_gmtime() if when is None else when)


_REAL_GMTIME, _REAL_STRFTIME, _REAL_ASCTIME = time.gmtime, time.strftime, time.asctime


def _sleep(seconds: float) -> None:
    turn = NOW.turn
    if turn is not None:
        raise turn.escape(f"blocks its event loop with time.sleep({seconds:g}); write `await asyncio.sleep(…)`")


def _thread(*_args: Any, **_named: Any) -> None:
    turn = NOW.turn
    if turn is not None:
        raise turn.escape("starts a thread; `await asyncio.to_thread(…)` runs a function within the loop")


def _synced(file: Any) -> None:
    turn = NOW.turn
    if turn is not None:
        turn.synced(file)


def _warn_unawaited(coroutine: Any) -> None:
    turn = NOW.turn
    if turn is not None:
        turn.never_awaited(coroutine.cr_code.co_qualname)


def place_of(file: str, line: int) -> str:
    """A place in code, without the folders before it, which differ between machines."""
    return f"{file.replace(os.sep, '/').rpartition('/')[2]}:{line}"


def _no_signal(_number: int, _handler: Any) -> Any:
    return signal.SIG_DFL


@cache
def _context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _no_certificates(*_args: Any, **_named: Any) -> ssl.SSLContext:
    """A context that trusts nobody: there is no TLS in the world, and to load the machine's certificates takes long."""
    return _context()


class _Kind(type):
    """Takes every date of the real class for one of its own."""

    real: Any

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.real)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, cls.real)

    def __call__(cls, *args: Any, **named: Any) -> Any:
        return cls.real(*args, **named)

    def __get_pydantic_core_schema__(cls, _source: Any, handler: Callable[[Any], Any]) -> Any:
        """A model that is made in a turn means the real class."""
        return handler(cls.real)


class _Datetime(dt.datetime, metaclass=_Kind):
    real = dt.datetime

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        """The present moment of the world."""
        return cls.real.now(tz) if NOW.turn is None else _from_calendar(tz)

    @classmethod
    def utcnow(cls) -> Any:
        """The present moment of the world, without a time zone."""
        return cls.now(dt.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        """The present moment of the world; its local time is UTC."""
        return cls.now()

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: Any = None) -> Any:
        """A moment by its seconds since 1970; without a time zone, in UTC."""
        if NOW.turn is None:
            return cls.real.fromtimestamp(timestamp, tz)
        moment = cls.real.fromtimestamp(timestamp, dt.UTC if tz is None else tz)
        return moment.replace(tzinfo=None) if tz is None else moment


class _Date(dt.date, metaclass=_Kind):
    real = dt.date

    @classmethod
    def today(cls) -> Any:
        """The present day of the world."""
        return cls.real.today() if NOW.turn is None else _from_calendar(None).date()


def _from_calendar(zone: Any) -> Any:
    made = _UTC_START + dt.timedelta(microseconds=(_calendar() - EPOCH * NANO) // 1_000)
    return made.replace(tzinfo=None) if zone is None else made.astimezone(zone)


_UTC_START = dt.datetime.fromtimestamp(EPOCH, dt.UTC)


class _Random(random.Random):
    """A generator of a program's own; without a seed, the run seeds it."""

    def __init__(self, seed: Any = None) -> None:
        if seed is None and NOW.turn is not None:
            seed = NOW.turn.chance.getrandbits(128)
        super().__init__(seed)

    def seed(self, a: Any = None, version: int = 2) -> None:
        """Begin again."""
        if a is None and NOW.turn is not None:
            a = NOW.turn.chance.getrandbits(128)
        super().seed(a, version)


_DRAWS = tuple(
    name for name, value in vars(random).items() if isinstance(getattr(value, "__self__", None), random.Random)
)
"""The functions of `random` that draw from the process's one generator: its methods."""


def _table() -> dict[Any, Any]:
    """What stands in for each function and class of the process."""
    found: dict[Any, Any] = {
        time.time: _seconds(_calendar),
        time.time_ns: _calendar,
        time.gmtime: _gmtime,
        time.localtime: _gmtime,
        time.strftime: _strftime,
        time.ctime: _ctime,
        time.asctime: _asctime,
        time.sleep: _sleep,
        os.urandom: lambda size: _chance().randbytes(size),
        os.getpid: lambda: 1,
        os.fsync: _synced,
        socket.gethostname: lambda: NOW.turn.name if NOW.turn else "",
        signal.signal: _no_signal,
        ssl.create_default_context: _no_certificates,
        uuid.getnode: lambda: 0x0200_0000_0001,
    }
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        found[getattr(time, name)] = _seconds(_uptime)
        found[getattr(time, f"{name}_ns")] = _uptime
    for name in ("start_new_thread", "start_joinable_thread"):  # Python 3.11 reports neither to an audit hook
        if hasattr(_thread_module, name):
            found[getattr(_thread_module, name)] = _thread
    if hasattr(os, "fdatasync"):
        found[os.fdatasync] = _synced
    if hasattr(os, "getrandom"):
        found[os.getrandom] = lambda size, _flags=0: _chance().randbytes(size)
    for name in _DRAWS:
        found[getattr(random, name)] = _drawn(name)
    functions = {real: _standing_in(real, simulated) for real, simulated in found.items()}
    return {**functions, dt.datetime: _Datetime, dt.date: _Date, random.Random: _Random}


_STANDING_IN = _table()
_SCANNED = (BuiltinFunctionType, FunctionType, MethodType, type)
_OURS = ("crosslayer", "_pytest", "hypothesis", "pytest")
"""Packages that go on seeing the real sources."""

Patch = tuple[dict[str, Any], str, Any, Any]
"""A namespace, a name in it, what stands there and what stands there in a turn."""


def _unheard(*_args: Any, **_named: Any) -> None:
    """What a program logs, and how it wants that to be done, is not heard in a run."""


_LOG = logging.Logger._log  # noqa: SLF001 - every method of a logger ends here


class _Places:
    """Every place in the process where one of the sources is known by name."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._modules = 0
        self._waiting: dict[str, Mapping[str, Callable[[Any], Any]]] = {}
        self.patches: list[Patch] = [
            (vars(warnings), "_warn_unawaited_coroutine", vars(warnings)["_warn_unawaited_coroutine"], _warn_unawaited),
            (vars(uuid), "_generate_time_safe", vars(uuid).get("_generate_time_safe"), None),
            (vars(uuid), "_last_timestamp", None, None),
            (vars(tempfile), "_name_sequence", None, None),
            (vars(uuid), "_UuidCreate", vars(uuid).get("_UuidCreate"), None),
            (vars(logging), "basicConfig", logging.basicConfig, _unheard),
            (vars(logging.config), "dictConfig", logging.config.dictConfig, _unheard),
        ]

    def look(self) -> list[Patch]:
        """All of them; modules that were loaded since are looked at now."""
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            for name, module in list(sys.modules.items()):
                if name not in self._seen and isinstance(module, ModuleType):
                    self._seen.add(name)
                    if name.partition(".")[0] not in _OURS and name != __name__:
                        self._add(vars(module))
                        for one, make in self._waiting.pop(name, {}).items():
                            if one in vars(module):
                                real = vars(module)[one]
                                self.patches.append((vars(module), one, real, make(real)))
        return self.patches

    def when_loaded(self, module: str, makers: Mapping[str, Callable[[Any], Any]]) -> None:
        """Once a library's module is loaded, let what `makers` make of the values of these names stand for them."""
        self._waiting[module] = makers
        self._modules = 0
        self._seen.discard(module)

    def _add(self, names: dict[str, Any]) -> None:
        for name, value in list(names.items()):
            if type(value) in _SCANNED and value in _STANDING_IN:
                self.patches.append((names, name, value, _STANDING_IN[value]))


PLACES = _Places()


@contextmanager
def real() -> Iterator[None]:
    """In this context, within a turn, the sources are the process's again: for what the engine does there itself."""
    turn, NOW.turn = NOW.turn, None
    try:
        yield
    finally:
        NOW.turn = turn


def _load(loader: Any, module: ModuleType) -> None:
    """A module that is loaded in a turn sees the real sources: it is loaded once, in whichever run comes first."""
    with real():
        _REAL_LOAD(loader, module)


_LOADER: Any = importlib.machinery.SourceFileLoader
_REAL_LOAD = _LOADER.exec_module


@contextmanager
def simulated(turn: Turn) -> Iterator[None]:
    """In this context, it is a program's turn: time and chance are the world's, and no warning is heard."""
    patches = PLACES.look()
    NOW.turn = turn
    for names, name, _, standing_in in patches:
        names[name] = standing_in
    logging.Logger._log = _unheard  # type: ignore[method-assign]  # noqa: SLF001
    _LOADER.exec_module = _load
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _LOADER.exec_module = _REAL_LOAD
        logging.Logger._log = _LOG  # type: ignore[method-assign]  # noqa: SLF001
        for names, name, real, _ in patches:
            names[name] = real
        NOW.turn = None


_ = secrets  # its functions draw from `os.urandom`, through `random`, and need no other stand-in
