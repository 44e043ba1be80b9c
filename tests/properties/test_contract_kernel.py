"""What must be true of time, messages, links and nodes."""

from typing import Any

import pytest

from crosslayer.harness.kernel.world import World
from crosslayer.harness.model.declarations import Choice
from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.steps import Cut, Duplicate, Heal, Run, RunUntil, Step
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.kernel import PROPERTY
from tests.play import played
from tests.properties.story import BID, HAPPY, NOTHING, fact, wire

PARTED: dict[str, Any] = {"groups": [["buyer-0"], ["seller-0", "shill-0"]], "cut": []}
CUT: dict[str, Any] = {"groups": [], "cut": [["buyer-0", "seller-0"]]}
WHOLE: dict[str, Any] = {"groups": [], "cut": []}


def test_the_happy_path_keeps_the_contract() -> None:
    """Every delivery is explained."""
    assert HAPPY.judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize("kind", ["send", "scored", "audit", "step", "drop", "node", "link", "copy", "tamper"])
def test_time_never_runs_back(kind: str) -> None:
    """An event of any kind before the tick of the one before it breaks the contract."""
    message = Message(9, "buyer-0", "seller-0", "bid", b"")
    early = wire(1000, kind, message) if kind in ("send", "drop", "copy", "tamper") else fact(1000, kind)
    story = HAPPY.before("settlement", early)

    verdict = story.judged(PROPERTY)

    assert verdict.detail == "the clock went back from tick 1003 to 1000"
    assert verdict.evidence == (story.seq("deliver", id=4), story.seq("settlement") - 1)


def test_what_was_never_sent_is_never_delivered() -> None:
    """A delivery needs an earlier sending of that id."""
    story = HAPPY.without("send", id=2)

    assert story.judged(PROPERTY).detail.endswith("was delivered at tick 1001, but never sent")
    assert story.broken_at(PROPERTY) == story.seq("deliver", id=2)


@pytest.mark.parametrize("change", [{"payload": b""}, {"source": "shill-0"}, {"kind": "goods"}, {"to": "shill-0"}])
def test_a_message_arrives_as_it_was_sent(change: dict[str, Any]) -> None:
    """Nothing about a message changes on the way by itself."""
    story = HAPPY.changed("deliver", id=2, to={"message": BID._replace(**change)})

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_message_arrives_as_it_was_last_changed() -> None:
    """After tampering, the changed message must arrive, and not the first one."""
    changed = BID._replace(payload=b"flipped")
    tampered = HAPPY.before("deliver", wire(1001, "tamper", changed), id=2)

    assert tampered.judged(PROPERTY).outcome is Outcome.VIOLATED
    assert tampered.changed("deliver", id=2, to={"message": changed}).judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_copy_may_be_delivered_beside_its_original() -> None:
    """A copy is a sending of its own."""
    twin = BID._replace(id=9)
    story = HAPPY.before("settlement", wire(1050, "copy", twin, of=2), wire(1051, "deliver", twin))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize("kind", ["deliver", "drop"])
def test_a_message_arrives_at_most_once_and_never_after_its_drop(kind: str) -> None:
    """What is over is over, even if somebody tampers with it afterwards."""
    story = HAPPY.before("deliver", wire(1001, kind, BID), wire(1001, "tamper", BID), id=2)

    verdict = story.judged(PROPERTY)

    assert verdict.detail.endswith("after it was already delivered or dropped")
    assert verdict.evidence == (story.seq(kind, id=2), story.seq("deliver", id=2) + (2 if kind == "deliver" else 0))


def test_an_id_is_used_once() -> None:
    """Two messages never share an id."""
    story = HAPPY.before("settlement", wire(1050, "send", BID))

    assert story.judged(PROPERTY).detail == "message 2 was sent a second time at tick 1050"


def test_a_message_reaches_its_receiver_and_nobody_else() -> None:
    """The agent of a delivery is the one whom the message is for."""
    story = HAPPY.changed("deliver", id=2, to={"agent": "shill-0"})

    assert story.judged(PROPERTY).detail.endswith("was delivered to shill-0 at tick 1001")


@pytest.mark.parametrize("state", [PARTED, CUT], ids=["partition", "cut"])
def test_nothing_crosses_a_cut_link(state: dict[str, Any]) -> None:
    """A delivery between two groups, or over a link cut in that direction, breaks the contract."""
    story = HAPPY.before("deliver", fact(1001, "link", **state), id=2)

    verdict = story.judged(PROPERTY)

    assert verdict.detail == "bid 2 from buyer-0 to seller-0 crossed a cut link at tick 1001"
    assert verdict.evidence == (story.seq("link"), story.seq("deliver", id=2))


@pytest.mark.parametrize(
    "state",
    [
        {"groups": [["buyer-0", "seller-0"], ["shill-0"]], "cut": []},
        {"groups": [["seller-0"], ["shill-0"]], "cut": []},
        {"groups": [], "cut": [["seller-0", "shill-0"]]},
        {"groups": 7, "cut": [["seller-0"], 8, [1, 2]]},
    ],
    ids=["same group", "in no group", "another link", "malformed"],
)
def test_a_whole_link_carries(state: dict[str, Any]) -> None:
    """Within a group, and over links that nobody cut, messages pass."""
    story = HAPPY.before("deliver", fact(201, "link", **state), id=1).changed(
        "deliver", id=3, to={"kind": "drop", "reason": "step"}
    )

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_the_last_word_about_the_links_counts() -> None:
    """Each link event tells the whole state: healing restores everything, and so does settlement."""
    cut = fact(1001, "link", **CUT)
    healed = HAPPY.before("deliver", cut, fact(1001, "link", **WHOLE), id=2)
    settled = HAPPY.before("deliver", cut, fact(1001, "settlement"), id=2)

    assert healed.judged(PROPERTY).outcome is Outcome.HOLDS
    assert settled.judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_crashed_agent_receives_nothing() -> None:
    """Until it restarts, or settlement restarts everybody, all its input is lost."""
    crash, restart = (fact(1001, "node", "seller-0", state=state) for state in ("crashed", "restarted"))
    down = HAPPY.before("deliver", crash, id=2)

    assert down.judged(PROPERTY).detail.endswith("was delivered at tick 1001, while seller-0 was down")
    assert down.judged(PROPERTY).evidence == (down.seq("node"), down.seq("deliver", id=2))
    assert HAPPY.before("deliver", crash, restart, id=2).judged(PROPERTY).outcome is Outcome.HOLDS
    assert HAPPY.before("deliver", crash, fact(1001, "settlement"), id=2).judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    ("reason", "announced"),
    [("link", fact(1000, "link", **CUT)), ("crash", fact(1000, "node", "seller-0", state="crashed"))],
    ids=["link", "crash"],
)
def test_a_message_is_lost_for_a_reason_that_was_announced(reason: str, announced: Event) -> None:
    """A link must be cut, or a receiver be down, before it may lose a message; a step needs no other reason."""
    story = HAPPY.changed("deliver", id=2, to={"kind": "drop", "reason": reason})
    by_a_step = HAPPY.changed("deliver", id=2, to={"kind": "drop", "reason": "step"})

    assert story.judged(PROPERTY).outcome is Outcome.VIOLATED
    assert story.broken_at(PROPERTY) == story.seq("drop", id=2)
    assert by_a_step.judged(PROPERTY).outcome is Outcome.HOLDS
    assert story.before("drop", announced, id=2).judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_crash_of_somebody_else_matters_not() -> None:
    """Only the receiver must be up."""
    story = HAPPY.before("deliver", fact(1001, "node", "buyer-0", state="crashed"), id=2).changed(
        "deliver", id=3, to={"kind": "drop", "reason": "step"}
    )

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS


def test_without_a_delivery_it_is_vacuous() -> None:
    """Nothing delivered, nothing to judge."""
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS


class _Swallows(World):
    """Loses every third message, and says nothing."""

    def _launch(self, message: Message, tick: int) -> None:
        if message.id % 3 or message.kind != "gossip":
            super()._launch(message, tick)


class _HealsHalf(World):
    """Says that all links are whole, and keeps the cuts."""

    def heal(self) -> bool:
        cut = dict(self._cut)
        healed = super().heal()
        self._cut = cut
        return healed


class _CopiesBadly(World):
    """Puts a copy on its way that says something else, and announces it as it is."""

    def copy(self, message: Message, to: str) -> None:
        super().copy(message._replace(payload=message.payload + b" "), to)


@pytest.mark.parametrize(
    ("kind", "schedule", "detail"),
    [
        (_Swallows, (), "and neither arrived nor was lost by anything"),
        (_HealsHalf, (Cut(0, 2), Heal(), Run(400)), "though its link was whole"),
        (_CopiesBadly, (RunUntil("bid sent"), Duplicate("bid")), "is no copy of bid"),
    ],
)
def test_a_kernel_is_not_believed(kind: type[World], schedule: tuple[Step, ...], detail: str) -> None:
    """What a kernel says of itself is no excuse: messages, links and copies are watched from outside."""
    result = played(*schedule, stack=REFERENCE.replace("kernel", Choice("bad", lambda: kind)))

    assert detail in result.contracts["kernel"].detail


@pytest.mark.parametrize(
    ("done", "step", "applied", "told"),
    [
        (wire(1001, "drop", BID, reason="step"), "Run", True, "a drop at tick 1001 was no step's doing"),
        (wire(1001, "drop", BID, reason="step"), "Drop", False, "a drop at tick 1001 was no step's doing"),
        (wire(1001, "tamper", BID), "Deliver", True, "a tamper at tick 1001 was no step's doing"),
        (wire(1001, "copy", BID._replace(id=9), of=2), "RunUntil", True, "a copy at tick 1001 was no step's doing"),
        (fact(1001, "link", **CUT), "Crash", True, "the step Crash at tick 1001 did not happen: there was no node"),
        (fact(1001, "node", "shill-0", state="crashed"), "Delay", True, "a node at tick 1001 was no step's doing"),
        (fact(1001, "opened", "seller-0"), "Partition", True, "the step Partition at tick 1001 did not happen"),
        (fact(1001, "opened", "seller-0"), "Cut", True, "the step Cut at tick 1001 did not happen"),
    ],
)
def test_a_step_does_what_it_says_and_nothing_else(done: Event, step: str, *, applied: bool, told: str) -> None:
    """What happens to messages, links and nodes is the doing of a step that says so."""
    said = fact(1001, "step", index=0, step=step, applied=applied, note="")
    story = HAPPY.before("deliver", done, said, id=2)
    own = HAPPY.before("deliver", done, said._replace(data={**said.data, "step": "Buy"}), id=2)

    assert story.judged(PROPERTY).detail.startswith(told)
    assert "step" not in own.judged(PROPERTY).detail


def test_what_was_sent_before_settlement_has_ended_at_the_end() -> None:
    """Even where nothing arrives any more, so that nothing overtakes it."""
    lost = Message(9, "seller-0", "buyer-0", "gossip", b"unheard")
    story = HAPPY.before("settlement", wire(1050, "send", lost))

    assert story.judged(PROPERTY).detail.endswith("was sent at tick 1050, and neither arrived nor was lost by anything")
