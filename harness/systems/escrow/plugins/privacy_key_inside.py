"""The planted defect of the privacy layer: the key travels with the goods, so that nobody need pay for it."""

from crosslayer import Roster
from crosslayer.harness.systems.escrow.nouns import Sealed
from crosslayer.harness.systems.escrow.plugins.privacy_chacha20 import Sealing

KEY = 64
"""Hex digits of a key."""


class KeyInside(Sealing):
    """Sealed goods begin with their key: convenient for those who have lost it, and for all others."""

    def seal(self, item: str, goods: bytes) -> Sealed:
        """The key, then the goods under it."""
        sealed = super().seal(item, goods)
        return Sealed(self.key(item) + sealed.goods, sealed.lock)

    def open(self, goods: str, key: str) -> bytes:
        """The goods by the key that is handed over, or else by the one that came with them."""
        return super().open(goods[KEY:], key or goods[:KEY])


def make(roster: Roster) -> dict[str, KeyInside]:
    """One for every agent, each with a secret of its own."""
    return {name: KeyInside(roster, name) for name in roster.names()}
