from typing import Any

import pytest

from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.systems.commerce.nest_plugins.making import Workshop
from crosslayer.harness.systems.commerce.nest_plugins.payments import Ledger, NestPayments
from crosslayer.harness.systems.commerce.nouns import Stream
from crosslayer.harness.systems.commerce.ports import Member, Roster
from tests.systems.commerce.nest_plugins.classes import Forgetful, Metered, Prepaid, Unmetered
from tests.systems.commerce.nest_plugins.nest import types

BOTH = pytest.mark.parametrize("make", [Prepaid, Metered])


class Town:
    """Payer `a`, payee `b` and bystander `c`, each with 100 credits in a plugin of this class."""

    def __init__(self, make: Any) -> None:
        self.roster = Roster(tuple(Member(name, name * 2) for name in "abc"), seed=1, balance=100)
        self.made = Workshop("payments", self.roster).make_all(make)
        ledger = Ledger(self.roster, self.made, types)
        self.a, self.b, self.c = (NestPayments(name, ledger) for name in "abc")

    def at(self, tick: int) -> "Town":
        """The same town, later."""
        self.roster.clock.now = tick
        return self

    def opened(self, rate: int = 10, cap: int = 35) -> "Town":
        """With a stream from `a` to `b`."""
        self.a.open_stream("b", rate, cap, "r")
        return self

    def money(self) -> tuple[int, int, int]:
        """Each agent's balance."""
        return self.a.balance(), self.b.balance(), self.c.balance()


@BOTH
@pytest.mark.parametrize(("tick", "moved"), [(0, 10), (1, 20), (2, 30), (3, 35), (9, 35)])
def test_money_moves_tick_by_tick_up_to_the_cap(make: Any, tick: int, moved: int) -> None:
    """The first tick is paid at once; then each tick that passes, the last one in part."""
    town = Town(make).opened().at(tick)

    assert (100 - moved, 100 + moved, 100) == town.money()
    assert Stream("a", "b", "r", 10, 35, moved, open=True) == town.c.verify_payment("a", "r")


@BOTH
@pytest.mark.parametrize("closer", ["a", "b"])
def test_either_party_closes_and_no_more_moves(make: Any, closer: str) -> None:
    """The total is what has moved, the same if asked again; afterwards the stream stands still."""
    town = Town(make).opened().at(1)
    totals = [getattr(town, closer).close_stream("a", "r"), town.at(8).a.close_stream("a", "r")]

    assert [20, 20] == totals
    assert (80, 120, 100) == town.money()
    assert Stream("a", "b", "r", 10, 35, 20, open=False) == town.a.verify_payment("a", "r")


@BOTH
def test_references_belong_to_their_payer(make: Any) -> None:
    """Two payers may use one reference, although NEST's plugins keep all references in one place."""
    town = Town(make).opened()
    town.c.open_stream("b", 5, 10, "r")

    assert [10, 5] == [one.moved for one in map(town.b.verify_payment, "ac", "rr") if one is not None]


@BOTH
@pytest.mark.parametrize(
    ("to", "rate", "cap", "ref"),
    [("a", 1, 1, "x"), ("z", 1, 1, "x"), ("b", 0, 1, "x"), ("b", 1, 0, "x"), ("b", 1, 1, "r"), ("b", 1, 66, "x")],
    ids=["itself", "nobody", "no rate", "no cap", "reference", "reserved"],
)
def test_what_a_stream_may_not_be_is_refused(make: Any, to: str, rate: int, cap: int, ref: str) -> None:
    """Parties, numbers, reference and reservation are looked after, whatever the plugin would let pass."""
    town = Town(make).opened()

    with pytest.raises(Refused):
        town.a.open_stream(to, rate, cap, ref)
    assert (90, 110, 100) == town.money()


@BOTH
def test_strangers_cannot_close(make: Any) -> None:
    """Only the parties close, and only what there is."""
    town = Town(make).opened()

    for payments, ref in ((town.c, "r"), (town.a, "x")):
        with pytest.raises(Refused):
            payments.close_stream("a", ref)
    assert town.b.verify_payment("a", "x") is None


def test_streams_that_are_not_metered_show() -> None:
    """What has moved is what left the payer, not what the terms say."""
    town = Town(Unmetered)
    town.a.open_stream("b", 10, 35, "r")

    assert Stream("a", "b", "r", 10, 35, 0, open=True) == town.at(2).a.verify_payment("a", "r")
    assert 10 == town.a.close_stream("a", "r")


def test_money_that_goes_nowhere_shows() -> None:
    """A credit too many that leaves the payer counts as moved, and never reaches the payee."""
    town = Town(Forgetful).opened().at(1)

    assert (78, 120, 100) == town.money()
    assert 22 == getattr(town.a.verify_payment("a", "r"), "moved", None)


def test_a_plugin_that_says_no_is_heard() -> None:
    """Its `ValueError` at the opening is a refusal; in the middle of a stream it ends the metering."""
    town = Town(Prepaid).opened(10, 100)
    town.made["a"].balances["a"] = 15

    with pytest.raises(Refused, match="credits available"):
        town.a.open_stream("b", 10, 20, "x")
    assert (5, 120, 100) == town.at(5).money()


def test_a_payment_that_the_plugin_does_not_know_is_none() -> None:
    """Where NEST says failed or refunded, there is no stream."""
    town = Town(Prepaid).opened()
    town.made["b"].paid.clear()

    assert town.b.verify_payment("a", "r") is None


class Odd(Prepaid):
    """Answers nonsense to one question."""

    def balance(self, agent: str) -> Any:
        return str(super().balance(agent))


class Vague(Prepaid):
    """Says yes instead of a status."""

    async def verify_payment(self, ref: str) -> Any:
        return True


def test_nonsense_is_a_fault() -> None:
    """Balances are integers, statuses are NEST's."""
    with pytest.raises(PluginFault, match="balance: answered str where int is due"):
        Town(Odd).a.balance()
    with pytest.raises(PluginFault, match="verify_payment: answered bool where PaymentStatus is due"):
        Town(Vague).opened().a.verify_payment("a", "r")
