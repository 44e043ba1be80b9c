"""The reference privacy layer: goods sealed under a key of their own, and a hash-lock that names the key.

Owns sealing and opening by ChaCha20-Poly1305 (RFC 8439). A key is an HMAC of the item under a secret of the owner's, so
it can be had again after a loss of memory; each key seals one item, so its nonce may be constant.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from crosslayer import Refused, Roster
from crosslayer.harness.systems.escrow.nouns import Sealed, sha256

NONCE = bytes(12)
"""One key seals one message, and is never used again."""


class Sealing:
    """One agent's sealing and opening, by an AEAD cipher with keys of 32 bytes."""

    cipher: type[ChaCha20Poly1305] | type[AESGCM] = ChaCha20Poly1305

    def __init__(self, roster: Roster, name: str) -> None:
        self._secret = roster.secret(name, "escrow goods")

    def seal(self, item: str, goods: bytes) -> Sealed:
        """The goods under the key of this item, and the SHA-256 of that key."""
        key = self.key(item)
        return Sealed(self.cipher(bytes.fromhex(key)).encrypt(NONCE, goods, None).hex(), sha256(key))

    def key(self, item: str) -> str:
        """The key of an item, in hex."""
        return hmac.new(self._secret, item.encode(), hashlib.sha256).hexdigest()

    def open(self, goods: str, key: str) -> bytes:
        """The goods, in clear; `Refused` if this is not their key, or they were changed."""
        try:
            return self.cipher(bytes.fromhex(key)).decrypt(NONCE, bytes.fromhex(goods), None)
        except (InvalidTag, ValueError):
            raise Refused("the key does not open the goods") from None


def make(roster: Roster) -> dict[str, Sealing]:
    """One for every agent, each with a secret of its own."""
    return {name: Sealing(roster, name) for name in roster.names()}
