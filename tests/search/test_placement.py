"""Deviations and the points at which they can be placed."""

from collections.abc import Sequence

import pytest

from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.model.events import Event
from crosslayer.harness.model.steps import RUNNING_ON, Crash, Cut, Drop, Heal, Partition, Restart, Run, Schedule
from crosslayer.harness.search.explore import TAIL, extended
from crosslayer.harness.search.placement import Placed, placed, splits
from crosslayer.harness.search.timeline import Timeline, timeline
from crosslayer.harness.systems.commerce.acts import COMMERCE, REGISTRY
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import STEPS, ReplayReceipt, WashTrade, Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE
from tests.commerce import SYSTEM
from tests.commerce import shape_of as shape
from tests.play import scenario

SMALL = Population(buyer=1, seller=1)
LINKS_AND_NODES = (Partition, Cut, Heal, Crash, Restart)
CORRUPT = Population(buyer=1, seller=0, shill_seller=1, shill=1)


def line(population: Population, *schedule: object) -> Timeline:
    """What comes after a schedule among these."""
    steps: Schedule = schedule  # type: ignore[assignment]
    return timeline(scenario(population), REFERENCE, steps)


def kinds(found: list[Placed]) -> set[type]:
    """The kinds of steps that were placed."""
    return {type(one.step) for one in found}


@pytest.mark.parametrize(("agents", "sides", "count"), [(2, 2, 1), (3, 2, 3), (3, 3, 4), (4, 4, 14), (8, 2, 127)])
def test_splits_are_counted(agents: int, sides: int, count: int) -> None:
    """There are as many splits as partitions of a set: Stirling numbers of the second kind, less the whole."""
    found = list(splits(agents, sides))

    assert count == len(found) == len(set(found))
    assert all(way[0] == 0 for way in found)


def test_the_whole_vocabulary_is_placed() -> None:
    """Every step but running on is placed somewhere, those that restore included once there is something to restore."""
    plain = kinds(placed(line(CORRUPT))) | kinds(placed(line(Population(buyer=1, seller=1, shill_seller=1, shill=1))))
    restoring = kinds(placed(line(CORRUPT, Partition((0, 1)), Run(20)))) | kinds(placed(line(CORRUPT, *_crash())))

    assert set(STEPS) - set(RUNNING_ON) == plain | restoring
    assert not {Heal, Restart} & plain


def _crash() -> Schedule:
    crash = next(one.step for one in placed(line(CORRUPT)) if type(one.step).__name__ == "Crash")
    return (crash,)


def test_without_corrupt_agents_there_is_no_adversary() -> None:
    """What nobody can do is not placed."""
    assert not {Withhold, WashTrade, ReplayReceipt} & kinds(placed(line(SMALL)))


def test_a_message_is_lost_once() -> None:
    """A message is lost at one point of its way, and each message once."""
    found = line(SMALL)
    sent = {message for point in found.points for message in point.flying}
    drops = [one for one in placed(found) if isinstance(one.step, Drop)]

    assert len(sent) == len(drops)


def test_a_cut_is_placed_where_it_loses_other_messages() -> None:
    """One cut at first, and one just after each message of that link but the last."""
    found = line(SMALL)
    arrivals = [
        point.arrives
        for point in found.points
        if point.arrives is not None and (point.arrives.source, point.arrives.to) == ("buyer-0", "seller-0")
    ]
    cuts = [one for one in placed(found) if one.step == Cut(0, 1)]

    assert len(arrivals) == len(cuts)


@pytest.mark.parametrize(
    "parent",
    [(), (Partition((0, 1, 1)),), (Run(9), Cut(0, 1)), (Run(7), Crash(0)), (Run(11), Partition((0, 0, 1)), Crash(2))],
    ids=repr,
)
def test_links_and_nodes_leave_nothing_out(parent: Schedule) -> None:
    """What links and nodes do to anybody at any point of a run, they do at a distinguishable one.

    So it is after a first fault of links and nodes, too, where a split may replace another one.
    """
    few, every = (_noticed(SMALL, parent, LINKS_AND_NODES, everywhere=everywhere) for everywhere in (False, True))

    assert every == few


def test_the_happy_path_leaves_nothing_out() -> None:
    """What the honest notice of any step at any point of the happy path, they notice at a distinguishable one."""
    robbed = Population(buyer=1, seller=0, shill_seller=1)
    few, every = (_noticed(robbed, (), STEPS, everywhere=everywhere) for everywhere in (False, True))

    assert set() == every - few
    assert len(few) > 300


def _noticed(population: Population, parent: Schedule, kinds: Sequence[type], *, everywhere: bool) -> set[str]:
    """What the honest notice of all deviations of these kinds after a schedule, by deviation."""
    steps = placed(line(population, *parent), everywhere=everywhere)
    return {
        _told(run(scenario(population), REFERENCE, (*extended(parent, one), TAIL), ()).events)
        for one in steps
        if isinstance(one.step, tuple(kinds))
    }


def _told(events: Sequence[Event]) -> str:
    """What each part of each honest agent saw, said and did. Nobody sees what is lost or changed on its way."""
    return shape(
        [
            event._replace(agent=f"{event.agent} {_part(event)}")
            for event in events
            if event.kind not in ("drop", "tamper") and "shill" not in event.agent
        ]
    )


def _part(event: Event) -> str:
    if event.kind == "view":
        return REGISTRY
    (region,) = SYSTEM.regions_of(str(event.data.get("message")) if event.message is None else event.message.kind)
    return str(region)


def test_points_that_commute_are_one() -> None:
    """Far fewer placements than at every point, and none that is not among those."""
    found = line(CORRUPT)
    few, all_of_them = placed(found), placed(found, everywhere=True)

    assert set(few) < set(all_of_them)
    assert 3 * len(few) < len(all_of_them)


def test_what_the_auditor_does_tells_its_points_apart() -> None:
    """A receipt for no trade comes before or after each event of the auditor's commerce, once, and nowhere else."""
    found = line(CORRUPT)
    earlier = found.before([("auditor-0", COMMERCE)])
    trades = [one.after for one in placed(found) if one.step == WashTrade(0, 1)]
    arrivals = [found.arrival(after, found.points[after].now + found.latency) for after in trades]

    assert list(range(earlier[-1] + 1)) == [earlier[arrival] for arrival in arrivals]
