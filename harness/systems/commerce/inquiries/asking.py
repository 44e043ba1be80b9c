"""How an inquiry asks a plugin, and what it answers: a flaw, or nothing.

Owns the guarded question that may be refused. Knows no layer.
"""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from crosslayer.harness.kernel.guard import Guard
from crosslayer.harness.model.errors import Refused


@frozen
class Flaw:
    """One answer that is not as it should be: in which check, whose, and what is wrong with it."""

    check: str
    agent: str
    detail: str


class No:
    """The answer of a plugin that refuses."""

    def __repr__(self) -> str:
        return "a refusal"


NO = No()


@frozen(eq=False)
class Desk:
    """Asks the plugins of one layer, each by its agent's name."""

    layer: str
    plugins: Callable[[str], Any]
    guard: Guard

    def ask(self, agent: str, operation: str, *args: Any) -> Any:
        """The plugin's answer, or `NO`."""
        self.guard.beat += 1
        try:
            return self.guard.ask(self.layer, agent, self.plugins(agent), operation, *args)
        except Refused:
            return NO


def names_of(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return ", ".join(names)
