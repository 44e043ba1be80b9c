"""Claims about streaming payments: accrual, reservation, closing, and money that is never made or lost."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nouns import Stream
from crosslayer.harness.systems.commerce.plugins.payments_streaming import Account, make
from crosslayer.harness.systems.commerce.ports import Clock, Member, Roster

BALANCE = 1000
NAMES = ("buyer-0", "buyer-1", "seller-0")
BUYER, RIVAL, SELLER = NAMES


def bank() -> tuple[dict[str, Account], Clock]:
    """Each agent's account at one bank, and the clock by which its streams move."""
    roster = Roster(members=tuple(Member(name, "") for name in NAMES), seed=0, balance=BALANCE)
    return make(roster), roster.clock


def balances(accounts: dict[str, Account]) -> list[int]:
    """All balances, in the order of NAMES."""
    return [account.balance() for account in accounts.values()]


# Accrual


def test_first_tick_moves_at_once() -> None:
    """A stream that has just been opened has already moved one tick's money."""
    accounts, _ = bank()
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")

    assert accounts[SELLER].verify_payment(BUYER, "r") == Stream(BUYER, SELLER, "r", 10, 500, moved=10, open=True)
    assert balances(accounts) == [BALANCE - 10, BALANCE, BALANCE + 10]


@pytest.mark.parametrize(("tick", "moved"), [(7, 10), (8, 20), (10, 40), (11, 45), (10**9, 45)])
def test_rate_moves_each_tick_up_to_the_cap(tick: int, moved: int) -> None:
    """The rate moves with every tick since the opening, and never a credit past the cap."""
    accounts, clock = bank()
    clock.now = 7
    accounts[BUYER].open_stream(SELLER, 10, 45, "r")
    clock.now = tick

    assert accounts[RIVAL].verify_payment(BUYER, "r") == Stream(BUYER, SELLER, "r", 10, 45, moved, open=True)
    assert balances(accounts) == [BALANCE - moved, BALANCE, BALANCE + moved]


@pytest.mark.parametrize("closer", [BUYER, SELLER])
def test_closing_freezes_the_total(closer: str) -> None:
    """Payer or payee may close; from then on nothing moves, and closing again gives the same total."""
    accounts, clock = bank()
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    clock.now = 4
    total = accounts[closer].close_stream(BUYER, "r")
    clock.now = 9

    assert (total, accounts[BUYER].close_stream(BUYER, "r"), accounts[SELLER].close_stream(BUYER, "r")) == (50, 50, 50)
    assert accounts[RIVAL].verify_payment(BUYER, "r") == Stream(BUYER, SELLER, "r", 10, 500, moved=50, open=False)
    assert balances(accounts) == [BALANCE - 50, BALANCE, BALANCE + 50]


# Refusals


@pytest.mark.parametrize(
    ("to", "rate", "total"),
    [
        pytest.param(SELLER, 1, BALANCE + 1, id="more than there is"),
        pytest.param("seller-9", 1, 1, id="unknown payee"),
        pytest.param(BUYER, 1, 1, id="itself"),
        pytest.param(SELLER, 0, 1, id="no rate"),
        pytest.param(SELLER, -1, 1, id="negative rate"),
        pytest.param(SELLER, 1, 0, id="no total"),
        pytest.param(SELLER, 1, -1, id="negative total"),
    ],
)
def test_impossible_stream_is_refused(to: str, rate: int, total: int) -> None:
    """A stream that cannot be is refused, leaves no trace and does not use up its reference."""
    accounts, _ = bank()
    with pytest.raises(Refused):
        accounts[BUYER].open_stream(to, rate, total, "r")

    assert accounts[BUYER].verify_payment(BUYER, "r") is None
    assert balances(accounts) == [BALANCE] * 3
    accounts[BUYER].open_stream(SELLER, 1, BALANCE, "r")


def test_reservation_binds_until_closing() -> None:
    """What is reserved cannot be promised twice; closing sets free what did not move, and no more."""
    accounts, _ = bank()
    accounts[BUYER].open_stream(SELLER, 10, BALANCE - 100, "first")
    with pytest.raises(Refused):
        accounts[BUYER].open_stream(SELLER, 1, 101, "second")
    accounts[BUYER].open_stream(SELLER, 1, 100, "third")
    accounts[BUYER].close_stream(BUYER, "first")

    with pytest.raises(Refused):
        accounts[BUYER].open_stream(SELLER, 1, BALANCE - 100 - 10 + 1, "fourth")
    accounts[BUYER].open_stream(SELLER, 1, BALANCE - 100 - 10, "fifth")


def test_received_money_can_be_spent() -> None:
    """What a stream has moved belongs to its payee at once, before the stream is closed."""
    accounts, _ = bank()
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    accounts[SELLER].open_stream(BUYER, 1, BALANCE + 10, "s")

    opened = Stream(SELLER, BUYER, "s", 1, BALANCE + 10, moved=1, open=True)
    assert accounts[SELLER].verify_payment(SELLER, "s") == opened


@pytest.mark.parametrize("closed", [False, True])
def test_reference_is_used_once(*, closed: bool) -> None:
    """A payer cannot use a reference again, open or closed, to whomever it pays."""
    accounts, _ = bank()
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    if closed:
        accounts[BUYER].close_stream(BUYER, "r")

    with pytest.raises(Refused):
        accounts[BUYER].open_stream(RIVAL, 1, 1, "r")


def test_references_belong_to_their_payer() -> None:
    """The same reference of two payers names two streams."""
    accounts, clock = bank()
    accounts[RIVAL].open_stream(SELLER, 1, 5, "r")
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    clock.now = 2
    accounts[SELLER].close_stream(RIVAL, "r")

    assert accounts[SELLER].verify_payment(BUYER, "r") == Stream(BUYER, SELLER, "r", 10, 500, moved=30, open=True)
    assert accounts[SELLER].verify_payment(RIVAL, "r") == Stream(RIVAL, SELLER, "r", 1, 5, moved=3, open=False)


def test_third_party_cannot_close() -> None:
    """Only payer and payee may close a stream, before and after it has been closed."""
    accounts, _ = bank()
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    with pytest.raises(Refused):
        accounts[RIVAL].close_stream(BUYER, "r")
    afterwards = accounts[BUYER].verify_payment(BUYER, "r")
    accounts[BUYER].close_stream(BUYER, "r")

    assert afterwards == Stream(BUYER, SELLER, "r", 10, 500, moved=10, open=True)
    with pytest.raises(Refused):
        accounts[RIVAL].close_stream(BUYER, "r")


def test_unknown_stream() -> None:
    """A stream that was never opened cannot be closed or verified, not even under its payee's name."""
    accounts, _ = bank()
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    with pytest.raises(Refused):
        accounts[SELLER].close_stream(SELLER, "r")

    assert accounts[SELLER].verify_payment(SELLER, "r") is None


# Any history


@define
class TickByTick:
    """The plainest ledger there is: a loop that moves money every tick."""

    credits: dict[str, int] = field(factory=lambda: dict.fromkeys(NAMES, BALANCE))
    streams: dict[tuple[str, str], Stream] = field(factory=dict)

    def reserved(self, payer: str) -> int:
        return sum(each.cap - each.moved for each in self.streams.values() if each.payer == payer and each.open)

    def move(self, key: tuple[str, str]) -> None:
        old = self.streams[key]
        step = min(old.rate, old.cap - old.moved) if old.open else 0
        self.credits[old.payer] -= step
        self.credits[old.payee] += step
        self.streams[key] = Stream(old.payer, old.payee, old.ref, old.rate, old.cap, old.moved + step, old.open)

    def tick(self) -> None:
        for key in self.streams:
            self.move(key)

    def open(self, payer: str, payee: str, rate: int, cap: int, ref: str) -> bool:
        free = self.credits[payer] - self.reserved(payer)
        if payer == payee or (payer, ref) in self.streams or free < cap:
            return False
        self.streams[payer, ref] = Stream(payer, payee, ref, rate, cap, 0, open=True)
        self.move((payer, ref))
        return True

    def close(self, closer: str, payer: str, ref: str) -> bool:
        old = self.streams.get((payer, ref))
        if old is None or closer not in (old.payer, old.payee):
            return False
        self.streams[payer, ref] = Stream(old.payer, old.payee, old.ref, old.rate, old.cap, old.moved, open=False)
        return True


names, refs = st.sampled_from(NAMES), st.sampled_from(["r", "s"])
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 30)),
        st.tuples(st.just("open"), names, names, st.integers(1, 90), st.integers(1, 1200), refs),
        st.tuples(st.just("close"), names, names, refs),
    ),
    max_size=15,
)


def succeeds(operation: Callable[..., object], *arguments: object) -> bool:
    """Whether the operation is done rather than refused."""
    try:
        operation(*arguments)
    except Refused:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(deeds)
def test_ledger_agrees_with_a_loop(deeds: list[tuple[Any, ...]]) -> None:
    """At every tick of any history, refusals, streams and balances are those of a ledger that loops over ticks.

    Besides, the sum of all balances stays what it was, and no balance ever falls below zero.
    """
    accounts, clock = bank()
    model = TickByTick()
    for name, *arguments in deeds:
        match name, arguments:
            case "wait", [ticks]:
                for _ in range(ticks):
                    clock.now += 1
                    model.tick()
                    assert balances(accounts) == list(model.credits.values())
            case "open", [payer, payee, rate, cap, ref]:
                opened = succeeds(accounts[payer].open_stream, payee, rate, cap, ref)
                assert opened == model.open(payer, payee, rate, cap, ref)
            case "close", [closer, payer, ref]:
                assert succeeds(accounts[closer].close_stream, payer, ref) == model.close(closer, payer, ref)
        assert balances(accounts) == list(model.credits.values())
        assert {key: accounts[SELLER].verify_payment(*key) for key in model.streams} == model.streams
        assert sum(balances(accounts)) == BALANCE * len(NAMES)
        assert min(balances(accounts)) >= 0
