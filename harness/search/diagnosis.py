"""What is wrong with a system that can be run: things that are declared and never happen.

Owns these hints, a line each. What cannot be right at all is refused when the system is made.
"""

from collections.abc import Iterator, Mapping

from crosslayer.harness.kernel.agents import Agent
from crosslayer.harness.model.system import System
from crosslayer.harness.search.hunting import Hunted

TRIED_MIN = 200
"""So often must a step have been tried, or a moment waited for, before it is called idle."""


def hints(system: System, hunted: Hunted) -> tuple[str, ...]:
    """What a hunt on a system showed to be declared in vain, and what the declaration lacks."""
    return (*_declared(system), *_idle(hunted.tried), *_never(system, hunted))


def declared_in_vain(system: System, hunted: Hunted) -> tuple[str, ...]:
    """The hints that are told after a hunt, which says by itself what it never reached or exercised."""
    return (*_declared(system), *_idle(hunted.tried))


def _declared(system: System) -> Iterator[str]:
    if not system.known_bad:
        yield "no canary: declare a KnownBad plugin, or nothing proves that a search of this system can see"
    classes = list(system.agents.values())
    for kind in system.kinds:
        name = f"on_{kind.replace('-', '_')}"
        if all(isinstance(one, type) and issubclass(one, Agent) and not _takes(one, name) for one in classes):
            yield f"message kind {kind}: no agent has a method {name}, so nobody handles it"


def _takes(agent: type[Agent], name: str) -> bool:
    """Whether agents of this class have a handler of this name, or a way of their own of taking messages in."""
    own = agent.on_message is not Agent.on_message or agent.take is not Agent.take
    return hasattr(agent, name) or own


def _idle(tried: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    for what, (times, applied) in tried.items():
        if times >= TRIED_MIN and not applied:
            yield f"{what}: tried {times} times, and it never did anything"


def _never(system: System, hunted: Hunted) -> Iterator[str]:
    for name, times in hunted.exercised.items():
        if not times:
            yield f"property {name}: exercised in none of {hunted.examples} runs"
    for one in system.probes:
        if not hunted.reached.get(one.name):
            yield f"situation '{one.name}': reached in none of {hunted.examples} runs"
