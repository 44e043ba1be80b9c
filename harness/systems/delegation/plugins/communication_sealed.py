"""The reference communication layer: boxes that only their receiver can open, and only their sender can have made.

Owns sealing and opening: ChaCha20-Poly1305 (RFC 8439) under a key that X25519 (RFC 7748) and HKDF-SHA256 (RFC 5869)
make of the two agents' keys. The nonce is an HMAC of what is sealed, so that the same message gives the same box after
a loss of memory, and no nonce comes twice for two messages.
"""

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crosslayer import Refused, Roster
from crosslayer.harness.systems.delegation.nouns import Box


@lru_cache(1 << 10)
def public(secret: bytes) -> bytes:
    """The X25519 public key of a secret."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


@lru_cache(1 << 12)
def shared(secret: bytes, other: bytes) -> bytes:
    """The key that two agents share."""
    agreed = X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(other))
    return HKDF(SHA256(), 32, None, b"crosslayer delegation").derive(agreed)


class Sealed:
    """One agent's sealing and opening; all know all public keys."""

    def __init__(self, did: str, secret: bytes, publics: Mapping[str, bytes]) -> None:
        self._did, self._secret, self._publics = did, secret, publics

    def seal(self, to: str, body: bytes) -> Box:
        """A box for somebody."""
        key, header = self._key(to), f"{self._did} {to}".encode()
        nonce = hmac.new(key, header + body, hashlib.sha256).digest()[:12]
        sealed = ChaCha20Poly1305(key).encrypt(nonce, body, header)
        return Box(self._did, to, sealed.hex(), nonce.hex())

    def open(self, box: Box) -> tuple[str, bytes]:
        """Who has made a box for the owner, and what is in it. `Refused`: for somebody else, or of somebody else."""
        if box.to != self._did:
            raise Refused("a box for somebody else")
        try:
            cipher, header = ChaCha20Poly1305(self._key(box.sender)), f"{box.sender} {box.to}".encode()
            return box.sender, cipher.decrypt(bytes.fromhex(box.proof), bytes.fromhex(box.body), header)
        except (InvalidTag, ValueError):
            raise Refused("not sealed by its sender") from None

    def _key(self, other: str) -> bytes:
        if other not in self._publics:
            raise Refused("a stranger")
        return shared(self._secret, self._publics[other])


def make(roster: Roster) -> dict[str, Sealed]:
    """One for every agent, each with a secret of its own."""
    secrets = {one.name: roster.secret(one.name, "delegation x25519") for one in roster.members}
    publics = {one.did: public(secrets[one.name]) for one in roster.members}
    return {one.name: Sealed(one.did, secrets[one.name], publics) for one in roster.members}
