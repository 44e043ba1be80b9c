"""The one door through which code that is not ours gets into a process.

Owns importing by name, and whether this process may do that. Knows nothing of what is imported.

The door is open (a user of the library has chosen the process) unless somebody closes it: the command line closes
it in the process that prints and answers, and does the work anew in a child when `Foreign` says that it must.
"""

import builtins
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from attrs import define, field

from crosslayer.harness.kernel import interrupts, pulse
from crosslayer.harness.kernel.guard import describe
from crosslayer.harness.model.errors import BadInput


class Foreign(Exception):
    """Code that is not ours is needed here, where it must not be loaded."""


_HARMLESS = frozenset(("print", "input", "breakpoint"))
"""Builtins that tools replace, and on which no verdict rests."""


@define
class Visit:
    """One opening of the door: which names were brought in, and what of ours was there before."""

    names: list[str] = field(factory=list)
    _before: dict[tuple[str, ...], object] = field(factory=dict)
    _recursion: int = 0

    def begin(self, name: str) -> None:
        """Code of this name comes in."""
        if not self.names:
            self._before = dict(_ours())
            self._recursion = sys.getrecursionlimit()
        self.names.append(name)

    def replaced(self) -> str:
        """What the visitors have put something else in the place of, or taken away; empty if nothing."""
        if not self.names:
            return ""
        now = dict(_ours())
        for key, value in self._before.items():
            if now.get(key) is not value:
                return ".".join(key)
        return ""

    def bent(self) -> str:
        """As `replaced`; or else what the visitors have done to the interpreter."""
        found = self.replaced()
        if not found and self.names and sys.getrecursionlimit() != self._recursion:
            return f"the recursion limit, which is {sys.getrecursionlimit()} now"
        return found


def _ours() -> Iterator[tuple[tuple[str, ...], object]]:
    """All functions, classes and constants of ours that are loaded, and the builtins on which they rest."""
    for name, value in vars(builtins).items():
        if getattr(value, "__module__", "") == "builtins" and name not in _HARMLESS:
            yield ("builtins", name), value
    for module_name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and module_name.partition(".")[0] == "crosslayer":
            for name, value in list(vars(module).items()):
                if not name.startswith("_") and isinstance(value, FunctionType | type | int | str | tuple):
                    yield (module_name, name), value
                if isinstance(value, type) and value.__module__ == module_name:
                    yield from (
                        ((module_name, name, inner), method)
                        for inner, method in list(vars(value).items())
                        if isinstance(method, FunctionType | property)
                    )


_visits: list[Visit | None] = []
"""The state of the door: open and unwatched if empty; otherwise the last one tells: None for closed."""


@contextmanager
def closed() -> Iterator[None]:
    """Nothing foreign is loaded for as long as this context is open: `Foreign` is raised instead."""
    _visits.append(None)
    try:
        yield
    finally:
        _visits.pop()


@contextmanager
def opened() -> Iterator[Visit]:
    """Foreign code may be loaded, and it is noted what it does to ours."""
    visit = Visit()
    _visits.append(visit)
    try:
        yield visit
    finally:
        _visits.pop()


def bring_in(name: str, load: Callable[[], Any]) -> Any:
    """What `load` answers, which imports foreign code of this name. `Foreign` if that must not be done here.

    The working folder is on the import path for it, behind everything else.
    """
    visit = _visits[-1] if _visits else Visit()
    if visit is None:
        raise Foreign(name)
    visit.begin(name)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    crumb = pulse.crumb()
    watched = interrupts.watch()
    back = crumb.enter((pulse.IMPORT, "", f"import of {name}")) if crumb is not None else 0
    pulse.tick()
    try:
        return load()
    finally:
        interrupts.unwatch(watched)
        if crumb is not None:
            crumb.back(back)


def found(path: str, place: str) -> Any:
    """Whatever is at `module:name`; `BadInput` if nothing is, or if it cannot be loaded."""
    module_name, _, attribute = path.partition(":")
    if not module_name or not attribute:
        raise BadInput(place, "write a dotted path as module:factory")

    def load() -> Any:
        value: Any = imported(module_name, place)
        for name in attribute.split("."):
            value = getattr(value, name, _MISSING)
            if value is _MISSING:
                raise BadInput(place, f"{module_name} has no {attribute}")
        return value

    return bring_in(path, lambda: unharmed(load, place, f"{path} cannot be loaded"))


def imported(name: str, place: str) -> Any:
    """The module of this name; `BadInput` if it cannot be imported."""
    return unharmed(lambda: importlib.import_module(name), place, f"{name} cannot be imported")


def unharmed(load: Callable[[], Any], place: str, wrong: str) -> Any:
    """What `load` answers; `BadInput` if it raises, whatever that is, unless a person has interrupted it."""
    try:
        return load()
    except BadInput:
        raise
    except BaseException as error:
        if interrupts.is_real(error):
            raise
        raise BadInput(place, f"{wrong}: {describe(error)}") from None


RECURSION_MAX = 200_000
"""The highest recursion limit in a process of its own: beyond it, endless recursion takes all memory first."""


def bound_recursion() -> None:
    """From now on, no recursion limit of this process is higher than that, whatever plugins ask for."""
    real = sys.setrecursionlimit
    sys.setrecursionlimit = lambda limit: real(min(limit, RECURSION_MAX))


_MISSING = object()
