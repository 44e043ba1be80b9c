"""What may and may not happen to money."""

import pytest

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Outcome
from crosslayer.properties.commerce.contracts.payments import PROPERTY
from tests.properties.story import HAPPY, NOTHING, Story, fact, ledger

LAST = HAPPY.without("end")
"""The happy path up to its last look at the money; what is added to it comes after everything."""


def _then(*events: Event) -> Story:
    return Story((*LAST.events, *events))


def _ledger(tick: int = 16001, **changes: object) -> Event:
    """The closing ledger of the happy path, with other streams or balances."""
    event = ledger(tick, 30, is_open=False)
    return event._replace(data={**event.data, **changes})


def test_the_happy_path_keeps_the_contract() -> None:
    """Money that moves as the streams say is neither made nor lost."""
    assert HAPPY.judged(PROPERTY).outcome is Outcome.HOLDS


def test_money_from_nowhere_violates() -> None:
    """The sum of all balances never changes."""
    story = _then(ledger(16001, 30, is_open=False, seller=5001))

    assert story.judged(PROPERTY).detail == "all balances together are 20001 at tick 16001, but were 20000"
    assert story.broken_at(PROPERTY) == len(story.events) - 1


def test_money_that_reaches_somebody_else_violates() -> None:
    """What leaves the payer must reach its payee, even if the sum is right."""
    balances = {**ledger(0, 30).data["balances"], "seller-0": 5000, "shill-0": 5030}
    verdict = _then(_ledger(balances=balances)).judged(PROPERTY)

    assert verdict.detail == "seller-0 has 5000 credits at tick 16001, but its streams account for 5030"


def test_money_that_moves_without_a_stream_violates() -> None:
    """A transfer that no stream explains breaks the contract."""
    balances = {**ledger(0, 30).data["balances"], "shill-0": 4000, "shill_seller-0": 6000}

    assert _then(_ledger(balances=balances)).judged(PROPERTY).outcome is Outcome.VIOLATED


def _open(tick: int, moved: int) -> Story:
    """The happy path up to the goods, then one more look at the still open stream."""
    story = Story(HAPPY.events[: HAPPY.seq("goods_accepted")])
    return Story((*story.events, ledger(tick, moved)))


@pytest.mark.parametrize(
    ("tick", "moved", "wrong"),
    [
        (1100, 500, ""),
        (1100, 499, "moved 499 by tick 1100, but 500 were due"),
        (1100, 501, "moved 501 by tick 1100, past its cap 500"),
        (1003, 40, ""),
        (1003, 41, "moved 41 by tick 1003, but accrued only 40"),
        (1003, 39, "moved 39 by tick 1003, but 40 were due"),
        (1003, 29, "moved 29 by tick 1003, but 30 before"),
    ],
)
def test_a_stream_moves_forward_at_its_rate_up_to_its_cap(tick: int, moved: int, wrong: str) -> None:
    """Up to the rate times the ticks since the opening, that one included; never past the cap, never back."""
    verdict = _open(tick, moved).judged(PROPERTY)

    assert verdict.outcome is (Outcome.VIOLATED if wrong else Outcome.HOLDS)
    assert verdict.detail.endswith(wrong)


def test_less_than_nothing_never_moves() -> None:
    """A stream that pays the payer breaks the contract from its first look on."""
    story = Story((*HAPPY.events[: HAPPY.seq("stream_opened") + 1], ledger(1000, -1)))

    assert story.judged(PROPERTY).detail.endswith("moved -1 by tick 1000, but 0 before")


def test_nothing_moves_after_the_close() -> None:
    """A closed stream stays as it is, whether a closing or an earlier ledger said that it is closed."""
    story = _then(ledger(16001, 40, is_open=False))
    unsaid = Story(event for event in story.events if event.kind != "stream_closed")

    assert story.judged(PROPERTY).detail.endswith("moved from 30 to 40 at tick 16001, after it was closed")
    assert unsaid.judged(PROPERTY).outcome is Outcome.VIOLATED


def test_settled_equals_moved() -> None:
    """The total that a closing tells is what the next ledger shows."""
    still_open, closed = ([["buyer-0", "order-1", "seller-0", 30, is_open]] for is_open in (True, False))
    less = dict(ledger(1002, 20, is_open=False).data)
    story = HAPPY.without("ledger", streams=still_open).changed("ledger", streams=closed, to=less)

    verdict = story.judged(PROPERTY)

    assert verdict.detail == "the stream order-1 of buyer-0 was closed with total 30, but moved 20 by tick 1002"
    assert verdict.evidence == (story.seq("stream_closed"), story.seq("stream_closed") + 1)


def test_a_closed_stream_stays_closed() -> None:
    """Neither right after its closing nor later is it open again."""
    at_once = HAPPY.before("end", ledger(16000, 30)).without("stream_closed")
    never = HAPPY.changed("ledger", to={"streams": [["buyer-0", "order-1", "seller-0", 30, True]]}).without("ledger")

    assert at_once.judged(PROPERTY).detail.endswith("is open again at tick 16000, after it was closed")
    assert never.judged(PROPERTY).outcome is Outcome.HOLDS
    assert _then(_ledger(streams=[["buyer-0", "order-1", "seller-0", 30, True]])).judged(PROPERTY).outcome is (
        Outcome.VIOLATED
    )


def test_a_closing_that_leaves_the_stream_open_violates() -> None:
    """After a closing the ledger shows the stream closed."""
    story = Story((*HAPPY.events[: HAPPY.seq("stream_closed") + 1], ledger(1002, 30)))

    assert story.judged(PROPERTY).detail.endswith("is still open at tick 1002, after it was closed")


@pytest.mark.parametrize(("total", "outcome"), [(30, Outcome.HOLDS), (60, Outcome.VIOLATED)])
def test_closing_again_tells_the_same_total(total: int, outcome: Outcome) -> None:
    """The settled total is told again if asked again."""
    again = fact(1003, "stream_closed", "seller-0", payer="buyer-0", ref="order-1", total=total)

    assert HAPPY.before("settlement", again).judged(PROPERTY).outcome is outcome


def test_a_stream_that_nobody_opened_violates() -> None:
    """Every stream in the ledger was opened."""
    story = HAPPY.without("stream_opened")

    assert story.judged(PROPERTY).detail.endswith("is in the ledger at tick 1000, but was never opened")


def test_a_stream_to_another_payee_violates() -> None:
    """A stream pays whom it was opened to."""
    story = HAPPY.changed("stream_opened", to={"payee": "shill_seller-0"})

    assert story.judged(PROPERTY).detail.endswith("pays seller-0 at tick 1000, but was opened to shill_seller-0")


def test_a_reference_is_opened_once() -> None:
    """A payer's reference that was used always names that stream; another payer may use the same."""
    again = fact(3000, "stream_opened", "buyer-0", payee="seller-0", ref="order-1", rate=10, cap=500)
    another = again._replace(agent="shill-0")

    assert HAPPY.before("settlement", again).judged(PROPERTY).detail.endswith("was opened again at tick 3000")
    assert HAPPY.before("settlement", another).judged(PROPERTY).outcome is Outcome.HOLDS


def test_a_stream_never_disappears() -> None:
    """The ledger forgets nothing."""
    assert _then(_ledger(streams=[])).judged(PROPERTY).outcome is Outcome.VIOLATED


def test_a_stream_without_money_never_disappears_either() -> None:
    """Even a stream that moved nothing stays in the ledger, though that is wrong in itself."""
    opened = fact(1000, "stream_opened", "buyer-0", payee="seller-0", ref="order-1", rate=0, cap=500)
    empty = fact(1001, "ledger", balances={}, streams=[])
    story = Story((opened, fact(1000, "ledger", balances={}, streams=[["buyer-0", "order-1", "seller-0", 0, True]])))

    assert story.judged(PROPERTY).outcome is Outcome.HOLDS
    assert Story((*story.events, empty)).judged(PROPERTY).detail.endswith("is gone from the ledger at tick 1001")


def test_balances_may_start_anywhere() -> None:
    """The first look is the baseline, even if streams were running by then."""
    late = Story(event for seq, event in enumerate(HAPPY.events) if seq > 0)

    assert late.judged(PROPERTY).outcome is Outcome.HOLDS


@pytest.mark.parametrize("total", [0, 10, 20, 40])
def test_a_closing_settles_what_was_due(total: int) -> None:
    """The total at the first closing is the rate for every tick of the stream, neither less nor more."""
    story = HAPPY.changed("stream_closed", to={"total": total})

    verdict = story.judged(PROPERTY)

    assert verdict.detail.endswith(f"was closed at tick 1002 with total {total}, but 30 were due")
    assert story.broken_at(PROPERTY) == story.seq("stream_closed")


@pytest.mark.parametrize(
    "data",
    [{"balances": None}, {"balances": {"buyer-0": "rich"}}, {"streams": None}, {"streams": [["buyer-0", 1]]}],
)
def test_a_malformed_ledger_is_absent(data: dict[str, object]) -> None:
    """Half a ledger proves nothing: the next good one is compared with the last good one."""
    story = HAPPY.before("end", _ledger(16000, **data))

    assert story.judged(PROPERTY) == HAPPY.judged(PROPERTY)


def test_without_money_it_is_vacuous() -> None:
    """No stream, no ledger, no audit: nothing to judge."""
    assert NOTHING.judged(PROPERTY).outcome is Outcome.VACUOUS
