"""Where a system is found: by the name of one that ships, by entry point, or by dotted path.

Owns the list of shipped systems. They are imported when they are asked for.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from crosslayer.harness.formats.naming import Find
from crosslayer.harness.kernel import foreign
from crosslayer.harness.model.brief import brief, guess
from crosslayer.harness.model.errors import BadInput, NotInstalled
from crosslayer.harness.model.system import System, imported

DEFAULT = "private_commerce"
"""The system of a command that names none."""

SHIPPED = {
    "private_commerce": "crosslayer.harness.systems.commerce.system:PRIVATE_COMMERCE",
    "lock": "crosslayer.harness.systems.lock:SYSTEM",
    "escrow": "crosslayer.harness.systems.escrow.system:SYSTEM",
    "a2a_tasks": "crosslayer.harness.systems.a2a_tasks.system:SYSTEM",
    "http_lock": "crosslayer.harness.systems.http_lock.system:SYSTEM",
    "mcp_bank": "crosslayer.harness.systems.mcp_bank.system:SYSTEM",
    "delegation": "crosslayer.harness.systems.delegation.system:SYSTEM",
}
"""The systems that ship, by name."""

EXTRAS = {"a2a_tasks": "a2a", "http_lock": "http", "mcp_bank": "mcp"}
"""The systems whose programs are written with libraries, and the extra of this distribution that brings these."""

GROUP = "crosslayer.systems"
"""The group of entry points in which other distributions offer systems."""


def find_system(name: str, place: str = "--system") -> System:
    """The system of a shipped name, of an entry point, or at `module:NAME`; `BadInput` if it cannot be had.

    What is at a dotted path is code, and is run: nothing but the command line or a person's own settings may say it.
    """
    at = f"{place} {name}" if place == "--system" else place
    if name in SHIPPED:
        return _shipped(name, at)
    if ":" in name:
        return _loaded(name, at)
    for entry in entry_points(group=GROUP, name=name):
        return _loaded(entry.value, at)
    offered = sorted({*SHIPPED, *(entry.name for entry in entry_points(group=GROUP))})
    known = f"{', '.join(offered)}, or name module:SYSTEM{guess(name, offered)}"
    raise BadInput(at, f"there is no system {brief(name)}; choose one of {known}")


@cache
def _shipped(which: str, place: str) -> System:
    """One of ours: no foreign code but that of its extra."""
    path = SHIPPED[which]
    module, _, name = path.partition(":")
    try:
        system: System = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if which not in EXTRAS or str(error.name).startswith("crosslayer"):
            raise
        extra = EXTRAS[which]
        reason = f"the system {which} needs {error.name}, which is not installed: pip install 'crosslayer[{extra}]'"
        raise NotInstalled(place, reason) from None
    return imported(path) if not system.source else system


@cache
def _loaded(path: str, place: str) -> System:
    found = foreign.found(path, place)
    if type(found) is not System:
        raise BadInput(place, f"{path} is no System")
    return found if found.source else imported(path)


def in_files(chosen: System | None = None, allowed: Sequence[str] = ()) -> Find:
    """Finds the systems that files name: the chosen one by its name, those that ship or are installed by theirs.

    A dotted path in a file is loaded only from one of the `allowed` packages.
    """

    def find_named(name: str, place: str) -> System:
        if chosen is not None and name in (chosen.name, chosen.source):
            return chosen
        module = name.partition(":")[0]
        if ":" in name and not any(module == one or module.startswith(f"{one}.") for one in allowed):
            raise BadInput(place, f"names the system {brief(name)}; to load that code, say --system {brief(name)}")
        offered = () if ":" in name or name in SHIPPED else entry_points(group=GROUP, name=name)
        if ":" not in name and name not in SHIPPED and not offered:
            raise BadInput(
                place, f"speaks of the system {brief(name)}, which is not installed; say --system module:NAME"
            )
        for entry in offered:
            module = entry.module
            if not any(module == one or module.startswith(f"{one}.") for one in allowed):
                raise BadInput(place, f"names the system {brief(name)}; to load that code, say --system {brief(name)}")
        return find_system(name, place)

    return find_named
