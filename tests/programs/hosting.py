"""Small systems of programs for tests: one fact, `said`, and a property that is exercised by it."""

from collections.abc import Sequence
from typing import Any

from crosslayer import Event, Fact, Property, Rules, Step, System, on
from crosslayer.programs import AsyncioAgent, Plain, messages
from crosslayer.testing import Run, run


class Said(Rules):
    """Holds when something was said."""

    @on("said")
    def said(self, seq: int, _event: Event) -> None:
        """It was exercised."""
        self.exercised(seq)


def system(decoder: Any = Plain(), *, datagrams: bool = False, **mains: Any) -> System:  # noqa: B008 - a frozen value
    """One agent for each of these programs; an `AsyncioAgent` is taken as it is."""
    agents = {
        name: main if isinstance(main, AsyncioAgent) else AsyncioAgent(main, decoder=decoder)
        for name, main in mains.items()
    }
    return System(
        name="hosted",
        agents=agents,
        messages=messages(decoder, datagrams=datagrams),
        facts=(Fact("said", "{agent} says {what}"),),
        properties=(Property("said", "Something is said.", ("agents",), Said),),
    )


def ran(steps: Sequence[Step] = (), decoder: Any = Plain(), **mains: Any) -> Run:  # noqa: B008 - a frozen value
    """The run of these programs under these steps, with one agent of each."""
    made = system(decoder, **mains)
    return run(made, steps, population=made.population(**dict.fromkeys(mains, 1)))


def said(steps: Sequence[Step] = (), decoder: Any = Plain(), **mains: Any) -> list[tuple[int, str, Any]]:  # noqa: B008
    """What these programs say under these steps: tick, agent and words, in order; none of them may be at fault."""
    done = ran(steps, decoder, **mains)
    assert done.result.fault is None, done.result.fault
    return [(one.tick, one.agent, one.data["what"]) for one in done.result.events if one.kind == "said"]


def complaint(main: Any, **more: Any) -> str:
    """What is said against a program."""
    return str(ran(one=AsyncioAgent(main, **more)).result.fault)
