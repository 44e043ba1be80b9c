import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import pytest

from crosslayer.harness.formats.codec import schedule_json
from crosslayer.harness.kernel.environment import is_moment
from crosslayer.harness.kernel.simulation import Performer, Simulation
from crosslayer.harness.kernel.world import Agent
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.effects import Effect, Send, Wake
from crosslayer.harness.model.events import Message
from crosslayer.harness.model.steps import Delay, Deliver, Drop, Run, RunUntil, Step
from crosslayer.harness.search.generation.cases import generator
from crosslayer.harness.search.hunting import STEPS, Budget
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.priorities import Priorities, Scheduler, by_priority, in_time
from crosslayer.harness.search.volume import hunt as in_volume
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL, JOINT
from crosslayer.strategies.hunt import hunt as by_hypothesis
from tests.commerce import drawn_case, schedule_from
from tests.play import begun, scenario, wire, with_operations

FAR = 10_000


class Sender:
    """Sends some numbered notes at the start, and looks at the time once."""

    def __init__(self, notes: Sequence[str]) -> None:
        self.notes = notes

    def start(self) -> Sequence[Effect]:
        return [Wake("late", 40), *(Send("seller-0", "bid", note.encode()) for note in self.notes)]

    def on_message(self, _message: Message) -> Sequence[Effect]:
        return ()

    def on_wake(self, _tag: str) -> Sequence[Effect]:
        return ()


NOTES = {"buyer-0": ("a1", "a2"), "buyer-1": ("b1", "b2"), "shill-0": ("c",)}
LINKS, DELIVERIES = 3, 5
"""Whose links are used, and how many messages are under way on them: the n and the k of the bound."""


def _race() -> Simulation:
    """Three agents write to a seller at the same time; nothing else ever happens."""

    def sender(kit: Kit) -> Agent:
        return Sender(NOTES.get(kit.name, ()))

    stack = REFERENCE.replace("agents", Choice("race", lambda: dict.fromkeys(Population.roles(), sender)))
    return Simulation(scenario(Population(buyer=2, seller=1, shill=1)), stack)


def _arrived(performer: Performer) -> list[str]:
    """The notes in the order in which the seller gets them, held ones at last."""
    simulation = _race()
    performer(simulation, [Run(FAR)])
    simulation.world.hurry()
    simulation.world.run(FAR, FAR)
    delivered = (event.message for event in simulation.journal.events if event.kind == "deliver")
    return [message.payload.decode() for message in delivered if message is not None]


PLANTED: Mapping[int, Sequence[str]] = {1: ("b1", "a1"), 2: ("a1", "b1", "a2"), 3: ("a1", "b1", "a2", "b2")}
"""The order that is the bug, by its depth: each note must come before the next, and each pair is one constraint."""


def _shows(depth: int, arrived: Sequence[str]) -> bool:
    places = [arrived.index(note) for note in PLANTED[depth]]
    return places == sorted(places)


def _hits(depth: int, planted: int, runs: int) -> int:
    return sum(_shows(planted, _arrived(Priorities(generator(0, number), depth, DELIVERIES))) for number in range(runs))


@pytest.mark.parametrize("depth", PLANTED)
def test_the_bound_holds(depth: int) -> None:
    """A bug of depth d shows in at least one of n * k ** (d - 1) runs, n links and k deliveries, over fixed seeds."""
    runs = 400

    assert _hits(depth, depth, runs) / runs >= 1 / (LINKS * DELIVERIES ** (depth - 1))


def test_the_clock_never_shows_these_bugs() -> None:
    """Messages that are sent together arrive in the order in which they were sent, however often one looks."""
    arrived = _arrived(in_time(random.Random(0)))

    assert ["a1", "a2", "b1", "b2", "c"] == arrived
    assert not any(_shows(depth, arrived) for depth in PLANTED)


def test_a_deeper_bug_needs_a_change_of_priorities() -> None:
    """Without a change, a link is emptied before a lower one is heard, so no order of depth two comes about."""
    assert 0 == _hits(1, 2, 100) == _hits(1, 3, 100)
    assert 0 == _hits(2, 3, 100)


def test_every_link_keeps_its_order() -> None:
    """Whatever the priorities, no message overtakes an earlier one on its own link."""
    arrived = [_arrived(by_priority(generator(1, number))) for number in range(60)]

    assert all(one.index("a1") < one.index("a2") and one.index("b1") < one.index("b2") for one in arrived)
    assert 5 < len({tuple(one) for one in arrived})


def test_time_waits_for_messages() -> None:
    """Links that were never lowered are higher than time: nobody wakes while a message could arrive."""
    simulation = _race()
    Priorities(generator(0, 0), 1, DELIVERIES)(simulation, [Run(5)])
    performed = [type(step) for step in simulation.schedule]

    assert (5, 0) == (len(wire(simulation.journal.events, "deliver", "bid")), len(simulation.world.all_in_flight()))
    assert simulation.clock.now < 40
    assert {Deliver, Run} >= {*performed}


def test_a_link_beneath_time_is_held_to_the_horizon() -> None:
    """What is on a link that was lowered beneath time arrives when time has come to an end."""
    held = [number for number in range(40) if _held(Priorities(generator(2, number), 2, 1))]

    assert 5 < len(held) < 35
    assert all("c" in _arrived(Priorities(generator(2, number), 2, 1)) for number in held)


def _held(performer: Performer) -> int:
    simulation = _race()
    performer(simulation, [Run(FAR)])
    assert simulation.clock.now >= 40
    return len(simulation.world.all_in_flight())


# On real agents


def _run(number: int, scheduler: Scheduler = by_priority) -> Simulation:
    """A drawn case on the reference stack, up to its last step."""
    case = drawn_case(generator(5, number).randint, STEPS)
    simulation = Simulation(scenario(case.population), REFERENCE, ALL)
    scheduler(generator(5, number, "order"))(simulation, case.schedule)
    return simulation


def test_what_was_done_is_an_ordinary_schedule() -> None:
    """The steps of a run by priority, written and read, give the same trace without a scheduler."""
    for number in range(12):
        simulation = _run(number)
        done = simulation.settle()
        again = attrs.evolve(simulation.scenario)
        schedule = schedule_from(schedule_json(done.schedule), "here")
        result = Simulation(again, REFERENCE, ALL)
        result.perform_all(schedule)

        assert done.digest == result.settle().digest
        assert () == done.broken


def test_the_clock_does_what_the_schedule_says() -> None:
    """In time, the steps that are done are those that were drawn; by priority, all but running on still are."""
    drawn = drawn_case(generator(5, 0).randint, STEPS).schedule
    ours = {Run, RunUntil, Deliver, Delay}

    assert drawn == _run(0, in_time).schedule
    assert _kept(drawn, ours) == _kept(_run(0).schedule, ours)
    assert {Deliver} <= {type(step) for step in _run(0).schedule}


def _kept(schedule: Iterable[Step], without: set[type[Step]]) -> list[Step]:
    return [step for step in schedule if type(step) not in without]


def test_running_on_ends_where_it_should() -> None:
    """`RunUntil` ends with the event that it names, `Run` after its number of events, both by the horizon."""
    simulation = begun()
    performer = by_priority(generator(0, 0))
    performer(simulation, [RunUntil("bid sent")])
    told = [event for event in simulation.journal.events if is_moment(event, ("send", "bid"))]
    before = simulation.clock.now
    performer(simulation, [Run(0)])

    assert len(told) >= 1 == len({event.agent for event in told})
    assert before == simulation.clock.now
    performer(simulation, [Run(FAR)])
    assert simulation.stage.horizon >= simulation.clock.now > before


def test_a_drawn_delay_is_kept() -> None:
    """A message that the adversary holds back is not brought forward by its link's priority."""
    simulation = begun(RunUntil("bid sent"), Delay("bid", 0, 64))
    before = simulation.clock.now
    Priorities(generator(0, 0), 1, 1)(simulation, [RunUntil("bid delivered")])
    (first, *_) = simulation.world.in_flight("bid")

    assert before + 64 > simulation.clock.now
    assert first not in simulation.world.ready()
    simulation.perform(Drop("bid", 0))
    assert first not in simulation.world.all_in_flight()


def test_a_fault_ends_the_run() -> None:
    """After a plugin's fault nothing is scheduled any more."""

    def fail(*_args: object) -> None:
        raise RuntimeError("out of order")

    simulation = begun(stack=with_operations("privacy", encrypt=fail))
    by_priority(generator(0, 0))(simulation, [RunUntil("complaint sent"), Run(FAR), Withhold()])

    assert simulation.world.fault is not None
    assert "fault" == simulation.journal.events[-1].kind


# In a hunt


@pytest.mark.parametrize("hunt", [by_hypothesis, in_volume])
def test_both_engines_hunt_by_priority(hunt: Any) -> None:
    """Either engine finds a robber by priority, in a case that breaks the promise without a scheduler, under a seed."""
    stack, name = build(["trust=score_average"]), "commerce_undelivered_penalized"
    budget = Budget(150, None, 1)
    one, two = (hunt(scenario(), stack, JOINT, budget, wanted=(name,), scheduler=by_priority) for _ in range(2))

    assert {name} == one.cases.keys() - {"commerce_reputation_earned"}
    assert one.cases == two.cases
    assert Judgement(scenario(), stack, JOINT).breaks(name, one.cases[name])
    assert any(isinstance(step, Deliver) for step in one.cases[name].schedule)


@pytest.mark.parametrize("hunt", [by_hypothesis, in_volume])
def test_reference_survives_any_order(hunt: Any) -> None:
    """By priority, too, the reference stack breaks nothing, and all but the rarest promise was exercised."""
    hunted = hunt(scenario(), REFERENCE, ALL, Budget(60), scheduler=by_priority)

    assert {} == hunted.cases
    assert {"commerce_undelivered_penalized"} >= {name for name, times in hunted.exercised.items() if not times}
