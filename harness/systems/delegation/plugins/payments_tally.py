"""Another correct payments layer: a tally of all that was ever used under each link, its descendants included.

It serves more than accounts do: what one child leaves, another can use.
"""

from crosslayer import Refused, Roster
from crosslayer.harness.systems.delegation.nouns import Token


class Tally:
    """One agent's tallies; those of the tool server are asked."""

    def __init__(self, roster: Roster, name: str) -> None:
        self._store = roster.store(name)

    def charge(self, token: Token, amount: int) -> None:
        """Count a call of this amount under every link. `Refused`: for one of them, it would be too much."""
        used = {link.id: self._store.get(link.id, (0, 0)) for link in token.links}
        new = {id_: (calls + 1, spend + amount) for id_, (calls, spend) in used.items()}
        for link in token.links:
            calls, spend = new[link.id]
            if amount < 1 or calls > link.grant.calls or spend > link.grant.spend:
                raise Refused("too much")
        for id_, both in new.items():
            self._store.put(id_, both)
        self._store.sync()


def make(roster: Roster) -> dict[str, Tally]:
    """Tallies for every agent; only the tool server's are ever asked."""
    return {name: Tally(roster, name) for name in roster.names()}
