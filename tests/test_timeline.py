"""The points of a run that goes on as it would."""

from harness.kernel import World
from harness.nouns import Population
from harness.simulation import Simulation
from harness.stack import REFERENCE, Choice
from harness.steps import Run
from harness.timeline import COMMERCE, REGISTRY, timeline
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
