"""The reference payments layer: accounts, of which each is filled out of the one above it.

Owns one account for each link that was ever used, in the tool server's durable store: what is left of its grant.
"""

from crosslayer import Refused, Roster
from crosslayer.harness.systems.delegation.nouns import Link, Token


class Divided:
    """One agent's accounts; those of the tool server are asked. All of it survives a loss of memory."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._store = roster.store(name)

    def charge(self, token: Token, amount: int) -> None:
        """Take a call of this amount from the token's own account. `Refused`: there is not enough, here or above."""
        for link in token.links:
            if link.id not in self._store:
                self._open(link)
        self._check_amount(amount)
        self._take(token.id, 1, amount)
        self._store.sync()

    def _open(self, link: Link) -> None:
        """An account with what its link grants, which is less in the account above."""
        calls, spend = link.grant.calls, link.grant.spend
        self._check_part(calls, spend)
        if link.parent:
            self._take(link.parent, calls, spend)
        self._store.put(link.id, (calls, spend))

    def _check_amount(self, amount: int) -> None:
        if amount < 1:
            raise Refused("no amount")

    def _check_part(self, calls: int, spend: int) -> None:
        if calls < 0 or spend < 0:
            raise Refused("less than nothing")

    def _take(self, id_: str, calls: int, spend: int) -> None:
        left_calls, left_spend = self._store.get(id_, (0, 0))
        if calls > left_calls or spend > left_spend:
            raise Refused("not enough left")
        self._store.put(id_, (left_calls - calls, left_spend - spend))


def make(roster: Roster) -> dict[str, Divided]:
    """Accounts for every agent; only the tool server's are ever asked."""
    return {name: Divided(roster, name) for name in roster.names()}
