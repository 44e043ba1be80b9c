"""Privacy layers with one thing wrong each: the reference with one choice changed, and a factory for every defect."""

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import evolve
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.plugins.privacy_hybrid_x25519 import (
    HybridX25519,
    _Draw,
    _draw,
    _Envelope,
    _exchange,
    _public_key,
    _Wrap,
    _wrap_data,
    _wrapping,
    _wraps,
)
from crosslayer.harness.systems.commerce.ports import Roster

SEPARATOR = b"\n\n\n"
WINDOW = 64


class _Pliable(HybridX25519):
    """The reference, with everything that sealing chooses in a method of its own."""

    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        recipients = self.recipients(audience)
        message = self.message(data)
        draw = self.draw(message, recipients, data)
        self._content_keys.append(draw.content_key)
        keys = tuple((name, self._publics[name]) for name in recipients)
        wraps = _wraps(self._name, self._private, draw, message, keys)
        envelope = _Envelope(self._name, message, _public_key(draw.ephemeral), draw.nonces[0], wraps)
        return evolve(envelope, sealed=self.sealed(draw.content_key, envelope, data)).encode()

    def recipients(self, audience: Sequence[str]) -> list[str]:
        return sorted(set(audience))

    def message(self, data: bytes) -> str:
        return f"{self._name}:{len(self._content_keys)}"

    def draw(self, message: str, recipients: Sequence[str], data: bytes) -> _Draw:
        return _draw(self._seed, message, recipients, data)

    def sealed(self, content_key: bytes, envelope: _Envelope, data: bytes) -> bytes:
        return ChaCha20Poly1305(content_key).encrypt(envelope.nonce, data, envelope.head())


Kind = TypeVar("Kind", bound=HybridX25519)


def _made(roster: Roster, kind: type[Kind], privates: Mapping[str, bytes] | None = None) -> dict[str, Kind]:
    """As the reference's factory, but of this class, and perhaps with these private keys."""
    keys = privates or {name: roster.secret(name, "x25519") for name in roster.names()}
    publics = MappingProxyType({name: _public_key(private) for name, private in keys.items()})
    return {name: kind(name, private, roster.secret(name, "envelopes"), publics) for name, private in keys.items()}


class _ReusesNonce(_Pliable):
    def draw(self, message: str, recipients: Sequence[str], data: bytes) -> _Draw:
        return _draw(self._seed, "", recipients, b"")


def reuses_nonce(roster: Roster) -> dict[str, _ReusesNonce]:
    """Each envelope for one audience has the same keys and nonces, so two of them betray each other.

    Caught by the privacy contract (audit): no bid shows in clear, and no outsider's plugin does the arithmetic.
    """
    return _made(roster, _ReusesNonce)


class _NamesAmount(_Pliable):
    def message(self, data: bytes) -> str:
        return f"{super().message(data)}:amount:{json.loads(data).get('amount')}"


def leaves_amount_in_associated_data(roster: Roster) -> dict[str, _NamesAmount]:
    """The message id, which is associated data and so in clear, tells the amount. Caught by bid_opacity."""
    return _made(roster, _NamesAmount)


class _WrapsToAll(_Pliable):
    def recipients(self, audience: Sequence[str]) -> list[str]:
        return sorted(self._publics)


def wraps_to_everybody(roster: Roster) -> dict[str, _WrapsToAll]:
    """The content key is wrapped for all members, whatever the audience. Caught by bid_opacity."""
    return _made(roster, _WrapsToAll)


class _Escrow(HybridX25519):
    holders: Sequence["_Escrow"] = ()

    def decrypt(self, data: bytes) -> bytes:
        for holder in self.holders:
            holder._opened.clear()  # noqa: SLF001 - the flaw itself
            try:
                return HybridX25519.decrypt(holder, data)
            except Refused:
                continue
        raise Refused("nobody can open it")


def keeps_keys_in_escrow(roster: Roster) -> dict[str, _Escrow]:
    """Envelopes are sound, but every plugin can open with each agent's key. Caught by bid_opacity."""
    made, holders = (_made(roster, _Escrow) for _ in range(2))
    for one in made.values():
        one.holders = tuple(holders.values())
    return made


class _AcceptsReplay(HybridX25519):
    def decrypt(self, data: bytes) -> bytes:
        self._opened.clear()
        return super().decrypt(data)


def accepts_a_replay(roster: Roster) -> dict[str, _AcceptsReplay]:
    """An envelope opens as often as it comes. Caught by the privacy contract (audit): agents de-duplicate."""
    return _made(roster, _AcceptsReplay)


class _Base64:
    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        return b64encode(data)

    def decrypt(self, data: bytes) -> bytes:
        try:
            return b64decode(data, validate=True)
        except ValueError:
            raise Refused("not base64") from None


def encodes_in_base64(roster: Roster) -> dict[str, _Base64]:
    """An encoding is taken for encryption. Caught by bid_opacity."""
    return {name: _Base64() for name in roster.names()}


def has_one_key_for_all(roster: Roster) -> dict[str, HybridX25519]:
    """All agents of all runs have one private key, which stands in the source code.

    Caught by bid_opacity: somebody with no secret of this run opens its envelopes.
    """
    return _made(roster, HybridX25519, dict.fromkeys(roster.names(), b"\x11" * 32))


def derives_keys_from_names(roster: Roster) -> dict[str, HybridX25519]:
    """A private key is the hash of its owner's name, which everybody knows. Caught by bid_opacity."""
    return _made(roster, HybridX25519, {name: hashlib.sha256(name.encode()).digest() for name in roster.names()})


class _Unauthenticated(_Pliable):
    def sealed(self, content_key: bytes, envelope: _Envelope, data: bytes) -> bytes:
        return _stream(content_key, envelope.nonce, data)

    def _open(self, envelope: _Envelope, wrap: _Wrap) -> bytes:
        sender = self._publics[envelope.sender]
        material = _exchange(self._private, envelope.ephemeral) + _exchange(self._private, sender)
        bound = _wrap_data(envelope.sender, envelope.message, [each.to for each in envelope.wraps])
        wrapping = _wrapping(material, envelope.ephemeral, sender, _public_key(self._private))
        return _stream(wrapping.decrypt(wrap.nonce, wrap.sealed, bound), envelope.nonce, envelope.sealed)


def _stream(key: bytes, nonce: bytes, data: bytes) -> bytes:
    return Cipher(ChaCha20(key, bytes(4) + nonce), None).encryptor().update(data)


def has_no_integrity(roster: Roster) -> dict[str, _Unauthenticated]:
    """The content is a bare key stream, so a flipped bit opens. Caught by the privacy contract (audit)."""
    return _made(roster, _Unauthenticated)


class _Deterministic(_Pliable):
    def message(self, data: bytes) -> str:
        return f"{self._name}:{hashlib.sha256(data).hexdigest()[:16]}"


def seals_the_same_alike(roster: Roster) -> dict[str, _Deterministic]:
    """The same plaintext gives the same bytes. Caught by the privacy contract (audit)."""
    return _made(roster, _Deterministic)


class _Utf16(HybridX25519):
    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        return data.decode().encode("utf-16-be") + SEPARATOR + super().encrypt(data, audience)

    def decrypt(self, data: bytes) -> bytes:
        return super().decrypt(data.rpartition(SEPARATOR)[2])


def carries_plaintext_in_utf16(roster: Roster) -> dict[str, _Utf16]:
    """A sound envelope travels with the plaintext beside it, in UTF-16. Caught by bid_opacity."""
    return _made(roster, _Utf16)


class _LeaksKey(_Pliable):
    def message(self, data: bytes) -> str:
        return f"{super().message(data)}:{self._private.hex()}"


def leaks_private_key(roster: Roster) -> dict[str, _LeaksKey]:
    """The sender's private key is in the message id, in hex. Caught by the privacy contract (audit), which knows it."""
    return _made(roster, _LeaksKey)


class _Reformats(HybridX25519):
    def decrypt(self, data: bytes) -> bytes:
        return json.dumps(json.loads(super().decrypt(data))).encode()


def reformats_plaintext(roster: Roster) -> dict[str, _Reformats]:
    """The reader gets the same JSON in other bytes than were sealed. Caught by the privacy contract."""
    return _made(roster, _Reformats)


def _number(data: bytes) -> tuple[str, int]:
    named = json.loads(data)
    return named["from"], int(named["msg"].rpartition(":")[2])


class _OneWay(HybridX25519):
    def decrypt(self, data: bytes) -> bytes:
        plaintext = super().decrypt(data)
        sender, number = _number(data)
        newest = self.__dict__.setdefault("_newest", {})
        if number < newest.get(sender, -1):
            raise Refused("older than the newest")
        newest[sender] = number
        return plaintext


def has_a_one_way_window(roster: Roster) -> dict[str, _OneWay]:
    """Of two envelopes that change places the older is lost. Caught by the privacy contract (inquiry)."""
    return _made(roster, _OneWay)


class _Window(HybridX25519):
    def decrypt(self, data: bytes) -> bytes:
        plaintext = super().decrypt(data)
        window = self.__dict__.setdefault("_window", [])
        window.append(data)
        if len(window) > WINDOW:
            old = json.loads(window.pop(0))
            self._opened.discard((old["from"], old["msg"]))
        return plaintext


def forgets_after_sixty_four(roster: Roster) -> dict[str, _Window]:
    """A replay is refused only until sixty-four others have come. Caught by the privacy contract (inquiry)."""
    return _made(roster, _Window)


class _SpendsAttempts(HybridX25519):
    def decrypt(self, data: bytes) -> bytes:
        try:
            return super().decrypt(data)
        except Refused as refusal:
            if "changed" in str(refusal):
                named = json.loads(data)
                self._opened.add((named["from"], named["msg"]))
            raise


def spends_failed_attempts(roster: Roster) -> dict[str, _SpendsAttempts]:
    """A changed copy uses up the message id, so the true envelope does not open. Caught by the privacy contract."""
    return _made(roster, _SpendsAttempts)


class _Anonymous(_Pliable):
    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        recipients, message = self.recipients(audience), self.message(data)
        draw = self.draw(message, recipients, data)
        self._content_keys.append(draw.content_key)
        ephemeral, bound = _public_key(draw.ephemeral), _wrap_data(self._name, message, recipients)
        wraps = []
        for name, nonce in zip(recipients, draw.nonces[1:], strict=True):
            public = self._publics[name]
            cipher = _wrapping(_exchange(draw.ephemeral, public), ephemeral, b"", public)
            wraps.append(_Wrap(name, nonce, cipher.encrypt(nonce, draw.content_key, bound)))
        envelope = _Envelope(self._name, message, ephemeral, draw.nonces[0], tuple(wraps))
        return evolve(envelope, sealed=self.sealed(draw.content_key, envelope, data)).encode()

    def _open(self, envelope: _Envelope, wrap: _Wrap) -> bytes | None:
        bound = _wrap_data(envelope.sender, envelope.message, [each.to for each in envelope.wraps])
        material = _exchange(self._private, envelope.ephemeral)
        try:
            cipher = _wrapping(material, envelope.ephemeral, b"", _public_key(self._private))
            key = cipher.decrypt(wrap.nonce, wrap.sealed, bound)
            return ChaCha20Poly1305(key).decrypt(envelope.nonce, envelope.sealed, envelope.head())
        except (InvalidTag, ValueError):
            return None


def lets_anybody_write(roster: Roster) -> dict[str, _Anonymous]:
    """An envelope names its sender, and anybody can have made it. Caught by the privacy contract (inquiry)."""
    return _made(roster, _Anonymous)


class _NamesDigest(_Pliable):
    def message(self, data: bytes) -> str:
        return f"{super().message(data)}:{hashlib.sha256(data).hexdigest()[:6]}"


def names_a_digest(roster: Roster) -> dict[str, _NamesDigest]:
    """The message id ends in a piece of the plaintext's digest, which few bids have. Caught by the privacy contract."""
    return _made(roster, _NamesDigest)


class _Compresses(_Pliable):
    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:
        return super().encrypt(zlib.compress(data), audience)

    def decrypt(self, data: bytes) -> bytes:
        return zlib.decompress(super().decrypt(data))


def compresses_first(roster: Roster) -> dict[str, _Compresses]:
    """How long an envelope is, tells how regular its content is. Caught by the privacy contract (inquiry)."""
    return _made(roster, _Compresses)


class _FirstReads(HybridX25519):
    def decrypt(self, data: bytes) -> bytes:
        plaintext = super().decrypt(data)
        if json.loads(data)["to"][0]["to"] != self._name:
            raise Refused("not the first recipient")
        return plaintext


def lets_only_the_first_read(roster: Roster) -> dict[str, _FirstReads]:
    """Of several recipients one reads. Caught by the privacy contract (inquiry): every bid has one recipient."""
    return _made(roster, _FirstReads)


def _lasting(roster: Roster, kind: type[Kind]) -> dict[str, Kind]:
    """As the reference's factory, the durable stores included, but of this class."""
    keys = {name: roster.secret(name, "x25519") for name in roster.names()}
    publics = MappingProxyType({name: _public_key(private) for name, private in keys.items()})
    return {
        name: kind(name, private, roster.secret(name, "envelopes"), publics, roster.store(name))
        for name, private in keys.items()
    }


class _ForgetsOpened(HybridX25519):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._opened = set()


def forgets_what_it_opened(roster: Roster) -> dict[str, HybridX25519]:
    """What was opened is kept in memory alone. Caught by the privacy contract (inquiry): a replay after a restart."""
    return _lasting(roster, _ForgetsOpened)


class _ForgetsNumbers(HybridX25519):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._earlier = 0


def numbers_anew_after_a_restart(roster: Roster) -> dict[str, HybridX25519]:
    """The number of the next message is kept in memory alone.

    Caught by the privacy contract (audit): what is sealed after a restart looks like a replay.
    """
    return _lasting(roster, _ForgetsNumbers)
