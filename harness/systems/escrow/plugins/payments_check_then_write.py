"""A planted defect of the payments layer: a refund is checked when it is asked for, and written later unchecked."""

from attrs import evolve

from crosslayer import Refused, Roster
from crosslayer.harness.systems.escrow.nouns import Hold
from crosslayer.harness.systems.escrow.plugins.payments_holds import Holds


class CheckThenWrite(Holds):
    """A hold that its payer takes back stays open until it is paid: a claim in between is taken as well."""

    def cancel(self, id_: str, payer: str) -> None:
        """Check, and leave the writing to the payment."""
        if self._undecided(id_).payer != payer:
            raise Refused("the hold of somebody else")
        self._store.put(f"cancel {id_}", "asked")
        self._store.sync()

    def settle(self, id_: str) -> tuple[Hold, ...]:
        """Pay back what was asked for, whatever has become of the hold since; then go on as always."""
        if self._store.get(f"cancel {id_}") != "asked":
            return super().settle(id_)
        self._store.put(f"cancel {id_}", "paid")
        hold: Hold = self._store.get(f"hold {id_}")
        refunded = evolve(hold, state="cancelled", ended=True)
        self._pay(hold.payer, hold.amount)
        self._save(refunded if hold.state == "open" else hold)
        return (refunded, *super().settle(id_))


def make(roster: Roster) -> dict[str, CheckThenWrite]:
    """Books for every agent; only the arbiter's are ever asked."""
    return {name: CheckThenWrite(roster, name) for name in roster.names()}
