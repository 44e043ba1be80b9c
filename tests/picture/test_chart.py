import attrs
import pytest

from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.model.steps import Crash, Drop, Duplicate, Partition, Restart, RunUntil, Tamper
from crosslayer.harness.model.system import BadSystem
from crosslayer.harness.picture.chart import CHANGED, COPIED, DROPPED, LATE, ROOM, chart
from crosslayer.harness.picture.drawing import svg
from crosslayer.harness.picture.exhibit import Exhibit
from crosslayer.harness.systems.lock import SYSTEM
from tests.picture.showing import robbed, stale_write


@pytest.mark.parametrize("one", [robbed(), stale_write()], ids=["commerce", "lock"])
def test_all_evidence_is_shown(one: Exhibit) -> None:
    """Every event of the evidence is a mark or the end of an arrow, and highlighted."""
    drawn = one.chart(ROOM)
    marked = {mark.seq for mark in drawn.marks if mark.evidence}
    arrows = sum(arrow.evidence for arrow in drawn.arrows)
    wire = [seq for seq in one.verdict.evidence if one.result.events[seq].message is not None]

    assert set(one.verdict.evidence) - set(wire) == marked
    assert bool(wire) == bool(arrows)


def test_steps_stand_as_flags_with_their_numbers() -> None:
    """The adversary's step is there, under its number in the schedule; running on is none."""
    assert [2] == [mark.number for mark in stale_write().chart(ROOM).marks if mark.sort == "step"]


def test_a_late_message_is_called_late() -> None:
    """A message that took longer than the network's latency is told apart."""
    late = [arrow for arrow in stale_write().chart(ROOM).arrows if LATE in arrow.fates]

    assert ["granted"] == [arrow.kind for arrow in late]


def test_what_becomes_of_messages_is_told_apart() -> None:
    """Lost, changed and copied messages have signs of their own, and down agents and splits are bands."""
    schedule = (Drop("acquire"), Duplicate("acquire"), Tamper("acquire"), Crash(0), Partition((0, 1, 1)))
    result = run(
        stale_write().result.header.scenario,
        reference(SYSTEM),
        (*schedule, RunUntil("held"), Restart(0)),
        SYSTEM.properties,
    )
    drawn = chart(result, whole=True, room=60)
    fates = {fate for arrow in drawn.arrows for fate in arrow.fates}

    assert {DROPPED, CHANGED, COPIED} <= fates
    assert {True, False} == {band.lane < 0 for band in drawn.bands}
    assert all(sign in svg(drawn, "all") for sign in ("✕ lost", "≠ changed", "⇉ copy"))


def test_nothing_is_lost_by_folding() -> None:
    """Every event is shown, folded, or a step that only let time pass."""
    one = stale_write()
    drawn = one.chart(ROOM)
    silent = sum(event.kind in ("step", "end") for event in one.result.events)

    assert drawn.events - silent <= drawn.shown + sum(fold.count for fold in drawn.folds) <= drawn.events


def test_a_chart_has_room_for_so_much() -> None:
    """A small room makes a small chart, whatever the length of the run."""
    assert stale_write().chart(8).rows < stale_write().chart(40).rows <= 40 * 3


def test_a_system_may_order_its_lanes() -> None:
    """Groups of roles come in the order in which the system has them; an unknown role is refused."""
    ordered = attrs.evolve(SYSTEM, lanes=(("server",), ("worker",)))
    result = stale_write().result
    header = attrs.evolve(result.header, system=ordered)
    drawn = chart(attrs.evolve(result, header=header), stale_write().verdict.evidence)

    assert ["server-0", "worker-0", "worker-1"] == [lane.name for lane in drawn.lanes]
    assert [0, 1, 1] == [lane.group for lane in drawn.lanes]
    with pytest.raises(BadSystem, match="there is no role 'nobody'"):
        attrs.evolve(SYSTEM, lanes=(("nobody",),))
