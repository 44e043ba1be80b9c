"""The reference privacy layer: each message under a key of its own, wrapped once for each recipient.

Owns the envelope: its canonical bytes, its keys and nonces, and what is refused. Knows nothing of what is inside.

Theory of operation. Sealing draws an ephemeral X25519 key, a content key and all nonces. The content key is
wrapped for each recipient with ChaCha20-Poly1305 under HKDF-SHA256 of two X25519 secrets: ephemeral with
recipient, and sender with recipient. The second one is why only the named sender, or the recipient itself, can
have made a wrap: otherwise anybody could use up a message id in somebody else's name, and the true message would
look like a replay. (Someone in the audience can still rewrite the content for the others in it, as in any scheme
with one shared content key and no signature: a fellow recipient is trusted.)

Every byte is covered. An envelope is refused unless encoding it again gives the same bytes, so there is one
spelling of each; a wrap's associated data bind scheme, sender, message id and recipients; the content's
associated data are the whole envelope up to the ciphertext, foreign wraps included.

All that is drawn is HKDF of the sender's own secret, the message id, the audience and the plaintext, so a seed
always gives the same bytes, and a counter that was set back does not reuse a nonce for another text.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from attrs import evolve, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crosslayer.harness.kernel.store import Store
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.ports import Privacy, Roster

SCHEME = "hybrid-x25519-chacha20poly1305/1"
KEY = 32
NONCE = 12
MEMO = 1 << 12
"""Memoised results of each kind: a few megabytes at the most."""


@lru_cache(MEMO)
def _private_key(private: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(private)


@lru_cache(MEMO)
def _public_key(private: bytes) -> bytes:
    return _private_key(private).public_key().public_bytes_raw()


_agreed: dict[tuple[bytes, bytes], bytes] = {}
"""The secrets of pairs of public keys, each as the one side computed it. Emptied when it is full."""


@lru_cache(MEMO)
def _exchange(private: bytes, public: bytes) -> bytes:
    """The X25519 secret of two keys; `ValueError` for a public key that would make it zero.

    Both sides get the same one, which is the point of it; so if the other side has computed it, that will do.
    """
    own = _public_key(private)
    secret = _agreed.get((public, own))
    if secret is None:
        secret = _private_key(private).exchange(X25519PublicKey.from_public_bytes(public))
        if len(_agreed) >= MEMO:
            _agreed.clear()
        _agreed[own, public] = secret
    return secret


@lru_cache(MEMO)
def _derive(material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, None, info).derive(material)


_encode = json.JSONEncoder(separators=(",", ":")).encode


def _canonical(value: object) -> bytes:
    return _encode(value).encode()


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


@frozen
class _Wrap:
    """The content key, sealed for one recipient."""

    to: str
    nonce: bytes
    sealed: bytes


@frozen
class _Envelope:
    """An envelope's fields, readable but not yet believed: the ciphers refuse what has a wrong size."""

    sender: str
    message: str
    ephemeral: bytes
    nonce: bytes
    wraps: tuple[_Wrap, ...]
    sealed: bytes = b""

    def head(self) -> bytes:
        """The canonical bytes up to the ciphertext: the content's associated data."""
        fields = {
            "v": 1,
            "s": SCHEME,
            "from": self.sender,
            "msg": self.message,
            "eph": _base64(self.ephemeral),
            "n0": _base64(self.nonce),
            "to": [{"to": wrap.to, "n": _base64(wrap.nonce), "w": _base64(wrap.sealed)} for wrap in self.wraps],
        }
        return _canonical(fields).removesuffix(b"}")

    def encode(self) -> bytes:
        """The canonical bytes on the wire."""
        return self.head() + b',"ct":"' + b64encode(self.sealed) + b'"}'


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _bytes(value: object) -> bytes:
    return b64decode(_text(value), validate=True)


@lru_cache(MEMO)
def _parse(data: bytes) -> _Envelope | None:
    """The envelope of which these are the canonical bytes, or None if there is none."""
    try:
        raw = json.loads(data)
        envelope = _Envelope(
            sender=_text(raw["from"]),
            message=_text(raw["msg"]),
            ephemeral=_bytes(raw["eph"]),
            nonce=_bytes(raw["n0"]),
            wraps=tuple(_Wrap(_text(wrap["to"]), _bytes(wrap["n"]), _bytes(wrap["w"])) for wrap in raw["to"]),
            sealed=_bytes(raw["ct"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return envelope if envelope.encode() == data else None


@frozen
class _Draw:
    """All that is random in one envelope. `nonces` are the content's, then one for each recipient."""

    ephemeral: bytes
    content_key: bytes
    nonces: tuple[bytes, ...]


def _draw(seed: bytes, message: str, recipients: Sequence[str], data: bytes) -> _Draw:
    info = _canonical([SCHEME, "draw", message, recipients, hashlib.sha256(data).hexdigest()])
    stream = _derive(seed, info, 2 * KEY + NONCE * (1 + len(recipients)))
    nonces = tuple(stream[start : start + NONCE] for start in range(2 * KEY, len(stream), NONCE))
    return _Draw(stream[:KEY], stream[KEY : 2 * KEY], nonces)


def _wrapping(material: bytes, ephemeral: bytes, sender: bytes, recipient: bytes) -> ChaCha20Poly1305:
    """The cipher of one wrap, bound to the public keys of all three parties to it."""
    return ChaCha20Poly1305(_derive(material, b"".join((SCHEME.encode(), b" wrap", ephemeral, sender, recipient)), KEY))


def _wrap_data(sender: str, message: str, recipients: Sequence[str]) -> bytes:
    """The associated data of a wrap."""
    return _canonical([SCHEME, sender, message, recipients])


_Keys = tuple[tuple[str, bytes], ...]
"""Recipients, each with its public key."""


def _wraps(sender: str, private: bytes, draw: _Draw, message: str, keys: _Keys) -> tuple[_Wrap, ...]:
    """The content key, wrapped for each recipient."""
    own, ephemeral = _public_key(private), _public_key(draw.ephemeral)
    bound = _wrap_data(sender, message, [name for name, _ in keys])
    wraps = []
    for (name, public), nonce in zip(keys, draw.nonces[1:], strict=True):
        material = _exchange(draw.ephemeral, public) + _exchange(private, public)
        sealed = _wrapping(material, ephemeral, own, public).encrypt(nonce, draw.content_key, bound)
        wraps.append(_Wrap(name, nonce, sealed))
    return tuple(wraps)


@lru_cache(MEMO)
def _seal(sender: str, secrets: tuple[bytes, bytes], message: str, keys: _Keys, data: bytes) -> tuple[bytes, bytes]:
    """An envelope on the wire, and its content key: a function of its arguments, like all that is drawn.

    The sender's secrets are its private key and the seed from which it draws.
    """
    private, seed = secrets
    draw = _draw(seed, message, [name for name, _ in keys], data)
    wraps = _wraps(sender, private, draw, message, keys)
    envelope = _Envelope(sender, message, _public_key(draw.ephemeral), draw.nonces[0], wraps)
    sealed = ChaCha20Poly1305(draw.content_key).encrypt(envelope.nonce, data, envelope.head())
    return evolve(envelope, sealed=sealed).encode(), draw.content_key


@lru_cache(MEMO)
def _unseal(private: bytes, sender: bytes, envelope: _Envelope, wrap: _Wrap) -> bytes | None:
    """The plaintext for the owner of this wrap, if all that it hangs on was made by this sender; else None."""
    try:
        material = _exchange(private, envelope.ephemeral) + _exchange(private, sender)
        bound = _wrap_data(envelope.sender, envelope.message, [each.to for each in envelope.wraps])
        wrapping = _wrapping(material, envelope.ephemeral, sender, _public_key(private))
        content_key = wrapping.decrypt(wrap.nonce, wrap.sealed, bound)
        return ChaCha20Poly1305(content_key).decrypt(envelope.nonce, envelope.sealed, envelope.head())
    except (InvalidTag, ValueError):
        return None


_SEALED, _OPENED = "sealed", "opened "
"""Where the number of sealed messages stands in the store, and how the keys of opened ones begin."""


def _pair(key: str) -> tuple[str, str]:
    sender, _, message = key.removeprefix(_OPENED).partition(" ")
    return sender, message


class HybridX25519:
    """One agent's sealing and opening. It holds its own private key and all public keys.

    The sender can open its own envelope only if it is in the audience. A sender's message id that the owner has opened
    is never opened again; an attempt that failed does not count.
    """

    def __init__(
        self, name: str, private: bytes, seed: bytes, publics: Mapping[str, bytes], store: Store | None = None
    ) -> None:
        """`private` is the owner's X25519 key; `seed` is the secret from which its envelopes are drawn.

        The store keeps the number of the next message, and what was opened: a number that is used twice would draw the
        same key twice, and what is forgotten could be replayed.
        """
        self._name = name
        self._private = private
        self._seed = seed
        self._publics = publics
        self._store = Store() if store is None else store
        self._earlier: int = self._store.get(_SEALED, 0)
        self._content_keys: list[bytes] = []
        self._opened = {_pair(key) for key in self._store if key.startswith(_OPENED)}

    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        """An envelope for the audience, in any order; `Refused` if that is empty or names a stranger."""
        recipients = sorted(set(audience))
        if not recipients:
            raise Refused("nobody to seal for")
        for name in recipients:
            if name not in self._publics:
                raise Refused(f"no public key of {name}")
        message = f"{self._name}:{self._earlier + len(self._content_keys)}"
        keys = tuple((name, self._publics[name]) for name in recipients)
        envelope, content_key = _seal(self._name, (self._private, self._seed), message, keys, data)
        self._content_keys.append(content_key)
        self._store.put(_SEALED, self._earlier + len(self._content_keys))
        self._store.sync()
        return envelope

    def decrypt(self, data: bytes) -> bytes:
        """The plaintext; `Refused` if malformed, not for the owner, opened before, or changed in any byte."""
        envelope = _parse(data)
        if envelope is None:
            raise Refused("malformed envelope")
        wrap = next((wrap for wrap in envelope.wraps if wrap.to == self._name), None)
        if wrap is None or envelope.sender not in self._publics:
            raise Refused(f"not an envelope for {self._name}")
        if (envelope.sender, envelope.message) in self._opened:
            raise Refused(f"{envelope.message} was opened before")
        plaintext = self._open(envelope, wrap)
        if plaintext is None:
            raise Refused("changed on its way")
        self._opened.add((envelope.sender, envelope.message))
        self._store.put(f"{_OPENED}{envelope.sender} {envelope.message}", value=True)
        self._store.sync()
        return plaintext

    def secrets(self) -> tuple[bytes, ...]:
        """The owner's private key, the secret it draws from, and the content keys of all that it sealed."""
        return (self._private, self._seed, *self._content_keys)

    def _open(self, envelope: _Envelope, wrap: _Wrap) -> bytes | None:
        return _unseal(self._private, self._publics[envelope.sender], envelope, wrap)


def nonces(envelope: bytes) -> tuple[tuple[str, str], ...]:
    """Each (key id, nonce) of an envelope of this format; empty for any other bytes.

    A key id names one key without giving it away: the ephemeral public key stands for the content key, and together
    with a recipient's name for that recipient's wrap key. One pair in two different envelopes is a nonce used twice.
    """
    parsed = _parse(envelope)
    if parsed is None:
        return ()
    ephemeral = parsed.ephemeral.hex()
    wraps = ((f"{ephemeral} {wrap.to}", wrap.nonce.hex()) for wrap in parsed.wraps)
    return ((ephemeral, parsed.nonce.hex()), *wraps)


def make(roster: Roster) -> dict[str, Privacy]:
    """One handle per member, each with its own private key and all the public ones."""
    privates = {name: roster.secret(name, "x25519") for name in roster.names()}
    publics = MappingProxyType({name: _public_key(private) for name, private in privates.items()})
    return {
        name: HybridX25519(name, private, roster.secret(name, "envelopes"), publics, roster.store(name))
        for name, private in privates.items()
    }
