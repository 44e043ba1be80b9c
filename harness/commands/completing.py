"""What can stand where a name is due: plugins, properties, systems, steps, schemas.

Owns the candidates of every flag that takes a name, and the short names of properties. A key press loads no foreign
code: what would need it has no candidates.
"""

from collections.abc import Callable, Iterable
from importlib.metadata import entry_points

import click

from crosslayer.harness.formats.schema import NAMES
from crosslayer.harness.kernel import foreign
from crosslayer.harness.kernel.stack import catalogue
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import RUNNING_ON
from crosslayer.harness.model.system import System
from crosslayer.harness.systems.finding import DEFAULT, GROUP, SHIPPED, find_system

Completer = Callable[[click.Context, click.Parameter, str], list[str]]


def of_system(candidates: Callable[[System], Iterable[str]]) -> Completer:
    """Completes with what the system that is named on the command line offers, or else the default one."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            with foreign.closed():
                system = find_system(context.params.get("system_name") or DEFAULT)
                return [one for one in candidates(system) if one.startswith(incomplete)]
        except (foreign.Foreign, BadInput):
            return []

    return complete


def systems(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The systems that ship or are installed."""
    offered = {*SHIPPED, *(entry.name for entry in entry_points(group=GROUP))}
    return [one for one in sorted(offered) if one.startswith(incomplete)]


def schemas(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The names of schemas."""
    return [one for one in NAMES if one.startswith(incomplete)]


def assignments(system: System) -> Iterable[str]:
    """Each plugin of each part, as `--stack` takes it: those that ship, and those that are installed."""
    for part, choices in catalogue(system).items():
        yield from (f"{part}={choice.name}" for choice in choices)
        yield from (f"{part}={entry.name}" for entry in entry_points(group=f"crosslayer.{part}"))


def property_names(system: System) -> Iterable[str]:
    """Each property, by its full name and by its short one."""
    names = [one.name for one in system.properties]
    return dict.fromkeys([*names, *(short_name(system, one) for one in names)])


def deviations(system: System) -> Iterable[str]:
    """Each step that is a deviation."""
    return (one.__name__ for one in system.vocabulary if one not in RUNNING_ON)


def short_name(system: System, name: str) -> str:
    """A joint invariant's name without what the names of all of them begin with."""
    joint = [one.name for one in system.joint]
    first = joint[0].partition("_")[0] + "_" if len(joint) > 1 else ""
    return name.removeprefix(first) if name in joint and all(one.startswith(first) for one in joint) else name
