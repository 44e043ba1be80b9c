"""Real cryptography, made affordable: keys from the run's seed, and pure results memoised by their bytes.

Owns Ed25519 signing and verifying, and the derivation of all secrets. Knows no agent, message or plugin.

Ed25519 signatures (RFC 8032) are deterministic, so signing and verifying are functions of bytes; a hunt
repeats the same few thousands of them, and a memoised one costs a thousandth. Failed verifications are
memoised, too. And a signature that was made here is known to be good without being verified: the scheme
promises that, and verifying costs three times as much as signing.
"""

import hashlib
from functools import lru_cache

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MEMO = 1 << 16
"""Memoised results of each kind: some 20 MB at the most, so that memory stays flat over a long hunt."""


@lru_cache(MEMO)
def secret(seed: int, name: str, purpose: str) -> bytes:
    """32 bytes that depend on seed, name and purpose and on nothing else (SHA-256 of their unambiguous text)."""
    text = repr((seed, name, purpose)).encode()
    return hashlib.sha256(b"crosslayer secret\0" + text).digest()


@lru_cache(MEMO)
def _private_key(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key)


@lru_cache(MEMO)
def _did(key: bytes) -> str:
    return _private_key(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


_made: dict[str, tuple[str, bytes]] = {}
"""Signatures that were made here, with the DID and the message that each belongs to. Emptied when it is full."""


@lru_cache(MEMO)
def _sign(key: bytes, message: bytes) -> str:
    signature = _private_key(key).sign(message).hex()
    if len(_made) >= MEMO:
        _made.clear()
    _made[signature] = (_did(key), message)
    return signature


@lru_cache(MEMO)
def verify(did: str, message: bytes, signature: str) -> bool:
    """Whether `signature` (128 hex digits) is that of `did` (64 hex digits) on `message`; junk is just False.

    Only lower-case digits count, so that a signature has one spelling and a changed letter is a changed signature.
    """
    if _made.get(signature) == (did, message):
        return True
    try:
        if bytes.fromhex(signature).hex() != signature or bytes.fromhex(did).hex() != did:
            return False
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(did)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


@frozen
class Signer:
    """An agent's signing key. Nobody ever signs with another agent's key."""

    key: bytes = field(repr=False)

    @classmethod
    def from_seed(cls, seed: int, name: str) -> "Signer":
        """The key of this agent in a run of this seed."""
        return cls(secret(seed, name, "ed25519"))

    @property
    def did(self) -> str:
        """The public key, in hex: the agent's name that nobody can take away."""
        return _did(self.key)

    def sign(self, message: bytes) -> str:
        """The Ed25519 signature, in hex."""
        return _sign(self.key, message)
