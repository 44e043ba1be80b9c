"""Another correct payments layer: books that are nothing but a journal of entries, which are only ever appended.

Owns the entries, in the arbiter's durable store; holds and balances are what follows from them.
"""

from attrs import evolve

from crosslayer import Refused, Roster
from crosslayer.harness.systems.escrow.nouns import BALANCE, Hold, Terms, sha256


class Journal:
    """One agent's journal; that of the arbiter is asked. Its order is the order of all decisions."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._clock, self._store = roster.clock, roster.store(name)

    def open(self, terms: Terms, payee: str, amount: int) -> Hold:
        """Write down a hold. `Refused`: not what the terms say, used before, too late, or too little money."""
        now, holds = self._clock.now, self._holds()
        if (payee, amount) != (terms.seller, terms.amount) or amount < 1:
            raise Refused("the terms say something else")
        if terms.id in holds or now > terms.deadline or self.balance(terms.buyer) < amount:
            raise Refused("no hold can be opened under these terms")
        hold = Hold(terms.id, terms.buyer, payee, amount, terms.lock, terms.deadline)
        self._write(("open", hold, ""))
        return hold

    def claim(self, id_: str, key: str, at: int) -> None:  # noqa: ARG002 - a claimant's clock counts nothing
        """Write down a claim. `Refused`: decided before, the wrong key, or too late by the owner's clock."""
        hold = self._holds().get(id_)
        if hold is None or hold.state != "open" or sha256(key) != hold.lock or self._clock.now > hold.deadline:
            raise Refused("no claim that can be taken")
        self._write(("claimed", hold, key))

    def cancel(self, id_: str, payer: str) -> None:
        """Write down that the payer takes back its money. `Refused`: decided before, or somebody else's."""
        hold = self._holds().get(id_)
        if hold is None or hold.state != "open" or hold.payer != payer:
            raise Refused("no hold to be taken back")
        self._write(("cancelled", hold, ""))

    def expire(self) -> tuple[str, ...]:
        """Write down which holds have just passed their deadline."""
        late = [one for one in self._holds().values() if one.state == "open" and self._clock.now > one.deadline]
        for hold in late:
            self._write(("expired", hold, ""))
        return tuple(hold.id for hold in late)

    def settle(self, id_: str) -> tuple[Hold, ...]:
        """Write down that a decided hold is paid out; what was paid, which may be nothing."""
        hold = self._holds().get(id_)
        if hold is None or hold.ended or hold.state == "open":
            return ()
        self._write(("ended", hold, ""))
        return (evolve(hold, ended=True),)

    def holds(self) -> tuple[Hold, ...]:
        """Every hold as the journal leaves it."""
        return tuple(self._holds().values())

    def balance(self, name: str) -> int:
        """What somebody began with, less its own holds, and all that was paid out to it."""
        holds = self._holds().values()
        spent = sum(hold.amount for hold in holds if hold.payer == name)
        return BALANCE - spent + sum(hold.amount for hold in holds if hold.ended and hold.to == name)

    def _holds(self) -> dict[str, Hold]:
        found: dict[str, Hold] = {}
        for what, hold, key in self._store.get("journal", ()):
            if what == "open":
                found[hold.id] = hold
            elif what == "ended":
                found[hold.id] = evolve(found[hold.id], ended=True)
            else:
                found[hold.id] = evolve(found[hold.id], state=what, key=key)
        return found

    def _write(self, entry: tuple[str, Hold, str]) -> None:
        self._store.put("journal", (*self._store.get("journal", ()), entry))
        self._store.sync()


def make(roster: Roster) -> dict[str, Journal]:
    """A journal for every agent; only the arbiter's is ever asked."""
    return {name: Journal(roster, name) for name in roster.names()}
