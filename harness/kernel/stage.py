"""What a step may touch: the world, who is in it, and the adversary's memory.

Owns the resolution of a step's relative arguments into names. Knows no step.
"""

from collections.abc import Iterable
from typing import Any

import attrs
from attrs import define, field

from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.arguments import Agents, argument_of
from crosslayer.harness.model.effects import Effect
from crosslayer.harness.model.population import Population
from crosslayer.harness.model.steps import Step, StepResult
from crosslayer.harness.model.system import System


@define(eq=False)
class Stage:
    """Everything that step handlers work on. `horizon` is the last tick that steps may run to.

    `parts` is what the system's own composition hands to its acts.
    """

    system: System
    world: World
    population: Population
    horizon: int
    parts: Any = None
    _counts: dict[str, int] = field(factory=dict)

    def agent(self, index: int) -> str:
        """Any agent."""
        names = self.population.names()
        return names[index % len(names)]

    def pick(self, step: Step, name: str) -> str | None:
        """The agent that a field of a step means; None if there is no agent that could be meant."""
        argument = argument_of(getattr(attrs.fields(type(step)), name))
        if not isinstance(argument, Agents):
            raise TypeError(f"{type(step).__name__}.{name} means no agent; declare it with agent(...)")
        return argument.pick(self.population, getattr(step, name))

    def acting(self, step: Step, name: str) -> str | None:
        """As `pick`, but None also where that agent is down, and so cannot act."""
        found = self.pick(step, name)
        return None if found is None or self.world.is_down(found) else found

    def player(self, step: Step, name: str) -> Any:
        """As `acting`, but the agent itself, as its role made it: what it knows is what its adversary knows."""
        found = self.acting(step, name)
        return None if found is None else self.world.agents[found]

    def act(self, name: str, effects: Iterable[Effect], note: str) -> StepResult:
        """Let an agent do something now, as if its own handler had asked for it."""
        self.world.perform(name, effects)
        return StepResult(applied=True, note=note)

    def count(self, what: str) -> int:
        """How often this was asked for before: the adversary's way to new ids."""
        number = self._counts.get(what, 0)
        self._counts[what] = number + 1
        return number
