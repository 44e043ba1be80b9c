"""The points of a run that goes on as it would."""

from itertools import pairwise

from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.steps import Crash, Cut, Run
from crosslayer.harness.search.timeline import timeline
from crosslayer.harness.systems.commerce.acts import COMMERCE, REGISTRY
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.system import REFERENCE
from tests.play import HONEST, scenario


def test_points_are_events_and_one() -> None:
    """There is a point before each event up to the horizon, and one after the last."""
    simulation = Simulation(scenario(HONEST), REFERENCE)
    events = simulation.world.run(10_000, simulation.stage.horizon)

    assert events + 1 == len(timeline(scenario(HONEST), REFERENCE, ()).points)


def test_a_schedule_comes_first() -> None:
    """After ten events there are ten points fewer, and they are the same."""
    whole = timeline(scenario(HONEST), REFERENCE, ()).points
    rest = timeline(scenario(HONEST), REFERENCE, (Run(10),)).points

    assert whole[10:] == rest


def test_gossip_concerns_the_registry_and_looking_both() -> None:
    """An arrival of gossip concerns the receiver's registry; each look of a buyer concerns both its parts."""
    points = timeline(scenario(HONEST), REFERENCE, ()).points
    gossip = {one.concerns for one in points if one.arrives is not None and one.arrives.kind == "gossip"}
    looks = [one.concerns for one in points if len(one.concerns) == 2]

    assert {((name, REGISTRY),) for name in Population(1, 1).names()} >= gossip
    assert looks
    assert {(("buyer-0", REGISTRY), ("buyer-0", COMMERCE))} == set(looks)


def test_of_strange_agents_nothing_is_known() -> None:
    """Where agents or kernel are not the reference, every event concerns both parts of its agent."""
    strange = REFERENCE.replace("kernel", Choice("another", lambda: World))

    assert {2, 0} == {len(one.concerns) for one in timeline(scenario(HONEST), strange, ()).points}


def test_what_is_launched_arrives_in_its_turn() -> None:
    """Due in the same tick, what is launched before a message arrives before it, and what is launched after, behind."""
    comes = timeline(scenario(HONEST), REFERENCE, ())
    flights = {point.arrives: index for index, point in enumerate(comes.points) if point.arrives is not None}
    sent = {
        message: next(index for index, point in enumerate(comes.points) if message in point.flying)
        for message in flights
    }

    assert len(flights) > 10
    for message, index in flights.items():
        tick, first = comes.points[index].tick, sent[message]
        assert comes.arrival(first, tick) > index
        assert first == 0 or comes.arrival(first - 1, tick) <= index


def test_events_are_counted_by_whom_they_concern() -> None:
    """Before a point there are as many events of a part as there are points before it whose next event concerns it."""
    comes = timeline(scenario(HONEST), REFERENCE, ())
    part = ("buyer-0", COMMERCE)
    counted = comes.before([part])

    assert [0, len(comes.points)] == [counted[0], len(counted)]
    assert [part in point.concerns for point in comes.points[:-1]] == [
        after > before for before, after in pairwise(counted)
    ]


def test_what_is_lost_concerns_nobody() -> None:
    """Behind a cut link nothing arrives that anybody notices, and in a crashed agent nothing happens."""
    cut = timeline(scenario(HONEST), REFERENCE, (Cut(0, 1),))
    lost = [
        point for point in cut.points if point.arrives is not None and point.arrives[1:3] == ("buyer-0", "seller-0")
    ]
    down = timeline(scenario(HONEST), REFERENCE, (Crash(0),))

    assert {()} == {point.concerns for point in lost}
    assert {()} == {point.concerns for point in down.points if point.agent == "buyer-0"}
