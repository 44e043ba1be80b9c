"""The reference payments layer: the arbiter's books, with holds that are claimed by the key to a hash-lock.

Owns balances and holds, in the arbiter's durable store. A hold is decided once, when it is asked for, and from then on
nothing else can be: `open` becomes `claimed`, `cancelled` or `expired`. It is paid out once, later, as was decided.
"""

from attrs import evolve

from crosslayer import Refused, Roster
from crosslayer.harness.systems.escrow.nouns import BALANCE, Hold, Terms, sha256


class Holds:
    """One agent's books; those of the arbiter are asked. Everything that was decided survives a loss of memory."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._clock, self._store, self._names = roster.clock, roster.store(name), roster.names()

    def open(self, terms: Terms, payee: str, amount: int) -> Hold:
        """Take the payer's money. `Refused`: not what the terms say, used before, too late, or too little money."""
        self._check_terms(terms, payee, amount)
        if f"hold {terms.id}" in self._store:
            raise Refused("there is a hold for these terms")
        self._check_time(terms.deadline, self._clock.now)
        self._check_money(terms.buyer, amount)
        self._pay(terms.buyer, -amount)
        return self._save(Hold(terms.id, terms.buyer, payee, amount, terms.lock, terms.deadline))

    def claim(self, id_: str, key: str, at: int) -> None:
        """Decide for the payee. `Refused`: decided before, the wrong key, or past the deadline by the owner's clock."""
        hold = self._undecided(id_)
        self._check_key(hold, key)
        self._check_time(hold.deadline, self._time_of_claim(at))
        self._save(evolve(hold, state="claimed", key=key))

    def cancel(self, id_: str, payer: str) -> None:
        """Decide for the payer, at its own wish. `Refused`: decided before, or somebody else's."""
        hold = self._undecided(id_)
        if hold.payer != payer:
            raise Refused("the hold of somebody else")
        self._save(evolve(hold, state="cancelled"))

    def expire(self) -> tuple[str, ...]:
        """Decide for the payer wherever the deadline has passed; those holds."""
        late = [hold for hold in self.holds() if hold.state == "open" and self._clock.now > hold.deadline]
        return tuple(self._save(evolve(hold, state="expired")).id for hold in late)

    def settle(self, id_: str) -> tuple[Hold, ...]:
        """Pay out as was decided, once; what was paid, which is nothing where there is nothing to be paid."""
        hold = self._store.get(f"hold {id_}")
        if hold is None or hold.ended or hold.state == "open":
            return ()
        self._pay(hold.to, hold.amount)
        return (self._save(evolve(hold, ended=True)),)

    def holds(self) -> tuple[Hold, ...]:
        """All holds that there ever were."""
        return tuple(self._store.get(key) for key in self._store if key.startswith("hold "))

    def balance(self, name: str) -> int:
        """What somebody has, without what is held."""
        found: int = self._store.get(f"balance {name}", BALANCE)
        return found

    def _undecided(self, id_: str) -> Hold:
        hold: Hold | None = self._store.get(f"hold {id_}")
        if hold is None:
            raise Refused("no such hold")
        if hold.state != "open":
            raise Refused(f"the hold is {hold.state}")
        return hold

    def _check_terms(self, terms: Terms, payee: str, amount: int) -> None:
        if payee != terms.seller or amount != terms.amount:
            raise Refused("not what the terms say")

    def _check_money(self, payer: str, amount: int) -> None:
        if not 0 < amount <= self.balance(payer):
            raise Refused("not enough money")

    def _check_key(self, hold: Hold, key: str) -> None:
        if sha256(key) != hold.lock:
            raise Refused("the wrong key")

    def _check_time(self, deadline: int, now: int) -> None:
        if now > deadline:
            raise Refused("past the deadline")

    def _time_of_claim(self, _at: int) -> int:
        """The owner's own clock: what the claimant says of the time counts nothing."""
        return self._clock.now

    def _pay(self, name: str, amount: int) -> None:
        self._store.put(f"balance {name}", self.balance(name) + amount)

    def _save(self, hold: Hold) -> Hold:
        """Store a hold, with all that was paid; both survive, or neither."""
        self._store.put(f"hold {hold.id}", hold)
        self._store.sync()
        return hold


def make(roster: Roster) -> dict[str, Holds]:
    """Books for every agent; only the arbiter's are ever asked."""
    return {name: Holds(roster, name) for name in roster.names()}
