"""Claims about payment in arrears: the stream is there, but its money moves only at the end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.nouns import Stream
from crosslayer.harness.systems.commerce.plugins import payments_streaming
from crosslayer.harness.systems.commerce.plugins.payments_pay_on_close import make
from crosslayer.harness.systems.commerce.ports import Member, Roster

BALANCE = 1000
NAMES = ("buyer-0", "buyer-1", "seller-0")
BUYER, RIVAL, SELLER = NAMES


def roster() -> Roster:
    """Two buyers and a seller, each with the same balance."""
    return Roster(members=tuple(Member(name, "") for name in NAMES), seed=0, balance=BALANCE)


def test_nothing_moves_while_open() -> None:
    """An open stream can be verified by anybody, and shows that no money has moved, however late it is."""
    world = roster()
    accounts = make(world)
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    world.clock.now = 10**6

    assert accounts[RIVAL].verify_payment(BUYER, "r") == Stream(BUYER, SELLER, "r", 10, 500, moved=0, open=True)
    assert [account.balance() for account in accounts.values()] == [BALANCE] * 3


@pytest.mark.parametrize("closer", [BUYER, SELLER])
def test_closing_moves_all_that_accrued(closer: str) -> None:
    """When payer or payee closes, what accrued moves at once, once, and no more afterwards."""
    world = roster()
    accounts = make(world)
    accounts[BUYER].open_stream(SELLER, 10, 500, "r")
    world.clock.now = 4
    total = accounts[closer].close_stream(BUYER, "r")
    world.clock.now = 9

    assert (total, accounts[SELLER].close_stream(BUYER, "r")) == (50, 50)
    assert accounts[RIVAL].verify_payment(BUYER, "r") == Stream(BUYER, SELLER, "r", 10, 500, moved=50, open=False)
    assert [account.balance() for account in accounts.values()] == [BALANCE - 50, BALANCE, BALANCE + 50]


def test_it_refuses_what_streaming_refuses() -> None:
    """An open stream's cap is reserved although nothing moves, and a third party cannot close it."""
    accounts = make(roster())
    accounts[BUYER].open_stream(SELLER, 10, BALANCE, "r")

    with pytest.raises(Refused):
        accounts[BUYER].open_stream(SELLER, 1, 1, "s")
    with pytest.raises(Refused):
        accounts[RIVAL].open_stream(RIVAL, 1, 1, "r")
    with pytest.raises(Refused):
        accounts[RIVAL].close_stream(BUYER, "r")


names = st.sampled_from(NAMES)
streams = st.lists(
    st.tuples(names, names, st.integers(1, 90), st.integers(1, 500), st.integers(0, 30), st.booleans()), max_size=8
)


@settings(max_examples=100, deadline=None)
@given(streams)
def test_money_is_conserved_and_moves_only_at_the_end(streams: list[tuple[str, str, int, int, int, bool]]) -> None:
    """At every tick balances add up and open streams have moved nothing; a total is what streaming would give."""
    world, total = roster(), BALANCE * len(NAMES)
    accounts, streaming = make(world), payments_streaming.make(world)
    for number, (payer, payee, rate, cap, ticks, closes) in enumerate(streams):
        ref = f"stream-{number}"
        try:
            accounts[payer].open_stream(payee, rate, cap, ref)
            streaming[payer].open_stream(payee, rate, cap, ref)
        except Refused:
            continue
        for _ in range(ticks):
            world.clock.now += 1
            still = Stream(payer, payee, ref, rate, cap, moved=0, open=True)
            assert accounts[SELLER].verify_payment(payer, ref) == still
            assert sum(account.balance() for account in accounts.values()) == total
        if closes:
            assert accounts[payee].close_stream(payer, ref) == streaming[payee].close_stream(payer, ref)
        assert sum(account.balance() for account in accounts.values()) == total
        assert min(account.balance() for account in accounts.values()) >= 0
