import attrs
import pytest

from crosslayer.harness.kernel.simulation import Simulation
from crosslayer.harness.model.declarations import Probe
from crosslayer.harness.model.events import Event, Message
from crosslayer.harness.model.steps import (
    Crash,
    Drop,
    Duplicate,
    Heal,
    Partition,
    Redirect,
    RunUntil,
    Schedule,
    Step,
    Tamper,
)
from crosslayer.harness.search import probes
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.probes import PROBES
from crosslayer.harness.systems.commerce.steps import (
    BidUnpaid,
    Buy,
    BuyAgain,
    Complain,
    DeliverLate,
    ForgeCard,
    FulfilUnpaid,
    PadReceipts,
    ReplayCard,
    SquatReceipt,
    SquatReference,
    WashTrade,
    Withhold,
)
from crosslayer.harness.systems.commerce.system import REFERENCE
from crosslayer.properties.commerce import JOINT
from tests.commerce import SYSTEM, Reached
from tests.play import scenario

CAST = Population(buyer=2, seller=2, shill_seller=1, shill=2)
ROBBERY = Population(buyer=1, seller=0, shill_seller=1)

HAPPY = (
    "a receipt of the honest guild is reported",
    "an honest buyer bids",
    "a bid is on the wire",
    "an honest seller opens a bid",
    "an honest seller sends goods",
    "an honest buyer accepts goods",
)

SCHEDULES: dict[str, tuple[Population, Schedule]] = {
    **dict.fromkeys(HAPPY, (CAST, ())),
    "a seller is discovered while the network is split": (CAST, (Partition((0, 0, 1)), RunUntil("bid sent"))),
    "a seller is discovered after the network healed": (
        CAST,
        (Partition((0, 0, 1)), RunUntil("gossip delivered"), Heal()),
    ),
    "a forged card is spread": (CAST, (ForgeCard(0, 0),)),
    "a stale card is spread": (CAST, (ReplayCard(),)),
    "an envelope is replayed to its receiver": (CAST, (RunUntil("bid sent"), Duplicate("bid"))),
    "an envelope reaches somebody else": (CAST, (RunUntil("bid sent"), Redirect("bid", 0, 3))),
    "a changed envelope is delivered": (CAST, (RunUntil("bid sent"), Tamper("bid"))),
    "a bid is lost": (CAST, (RunUntil("bid sent"), Drop("bid"))),
    "an honest buyer paid and got nothing by its check": (ROBBERY, (Withhold(),)),
    "late goods answer a complaint": (ROBBERY, (DeliverLate(),)),
    "a receipt for no trade is reported": (CAST, (WashTrade(0, 1),)),
    "corrupt agents close a ring of three or more": (CAST, (WashTrade(0, 1), WashTrade(1, 2), WashTrade(2, 0))),
    "a payer crashes while its stream is open": (CAST, (RunUntil("stream opened"), Crash(0))),
    "the network splits while a bid is under way": (CAST, (RunUntil("bid sent"), Partition((0, 1)))),
    "a served agent complains all the same": (CAST, (Buy(0, 0), RunUntil("stream closed"), Complain(0, 0))),
    "a corrupt agent makes a real purchase": (CAST, (Buy(0, 0),)),
    "a bid comes without a stream": (CAST, (BidUnpaid(),)),
    "goods come that nobody paid for": (CAST, (FulfilUnpaid(),)),
    "a reference is squatted on": (CAST, (SquatReference(),)),
    "a receipt id is squatted on": (CAST, (SquatReceipt(),)),
    "an honest buyer buys once more": (CAST, (RunUntil("goods delivered"), BuyAgain())),
    "receipts say something else than what was traded": (CAST, (PadReceipts(0, 1, 1),)),
}
"""For every situation, who takes part and what is done, so that it arises."""


def _reached(population: Population, *steps: Step) -> tuple[str, ...]:
    reached = Reached()
    simulation = Simulation(scenario(population), REFERENCE, (), probes=(reached,))
    simulation.perform_all(steps)
    simulation.settle()
    return tuple(reached.names)


def test_every_probe_has_a_schedule() -> None:
    """No situation is registered of which it is not shown that it can be reached."""
    assert sorted(one.name for one in PROBES) == sorted(SCHEDULES)


@pytest.mark.parametrize("name", SCHEDULES)
def test_probe_is_reached(name: str) -> None:
    """The schedule made for a situation reaches it."""
    population, schedule = SCHEDULES[name]

    assert name in _reached(population, *schedule)


def test_happy_path_reaches_only_what_is_expected() -> None:
    """With every message in order and everybody honest, there are bids, goods, and nothing else to see."""
    assert HAPPY == _reached(CAST)


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name not in HAPPY])
def test_probe_is_not_reached_without_its_last_deviation(name: str) -> None:
    """What makes the situation is the schedule, not the population: its first step alone is not enough."""
    population, schedule = SCHEDULES[name]
    shorter = schedule[:-1] if isinstance(schedule[0], (RunUntil, WashTrade, Buy)) else schedule[1:]

    assert name not in _reached(population, *shorter)


def test_probes_name_joint_invariants() -> None:
    """Every probe witnesses the antecedent of a joint invariant that exists, and every invariant has some."""
    assert {one.name for one in JOINT} == {one.property for one in PROBES}


def test_a_system_can_be_given_more_probes() -> None:
    """A probe of one's own is asked about every event of its kinds."""
    mine = Probe("the run ends", "commerce_bid_opacity", "end", lambda _, event: event.kind == "end")
    reached = probes.Reached(attrs.evolve(SYSTEM, probes=(*SYSTEM.probes, mine)))

    reached.handlers()["end"](0, Event(3, "end", "", {}))

    assert ["the run ends"] == list(reached.names)


def test_other_messages_are_no_bids() -> None:
    """A lost acknowledgement is no lost bid."""
    reached = Reached()
    lost = Event(3, "drop", "buyer-0", {"reason": "step"}, Message(1, "seller-0", "buyer-0", "ack", b""))

    reached.handlers()["drop"](0, lost)

    assert [] == list(reached.names)


def test_a_closed_stream_is_not_open() -> None:
    """A buyer that crashes after it closed its stream does not crash while it is open."""
    steps = (Withhold(), RunUntil("stream closed"), Crash(0))

    assert "a payer crashes while its stream is open" not in _reached(ROBBERY, *steps)


def test_probes_do_not_judge() -> None:
    """To have reached a situation is no verdict: probes neither violate nor hold."""
    assert (None, "vacuous") == (Reached().violation, Reached().conclude().outcome)
