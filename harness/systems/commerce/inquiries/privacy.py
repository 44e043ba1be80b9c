"""An inquiry into envelopes: pairs that differ in the secret alone, changed copies, impostors, several readers.

Owns the questions and what is changed in an envelope. An envelope is bytes; where it is JSON, its leaves are changed
and compared, too. Nothing is assumed of what they mean.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.guard import expect
from crosslayer.harness.systems.commerce.inquiries.asking import NO, Desk, Flaw
from crosslayer.harness.systems.commerce.ports import Roster

ONE = b'{"amount":111111,"note":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}'
OTHER = b'{"amount":987042,"note":"q7Zt0bXk3MwE9sLr2UcJ5vYh8DnF1gPa6oTiS4Re"}'
"""Two secrets of one length, of which one is easier to compress."""

MANY = 66
"""Envelopes that are opened before an old one comes again: more than any window of 64."""

FIELD = re.compile(r"[^A-Za-z0-9+/=_-]+")
"""What stands between the fields of a text; it is in no base64 and no hex."""

FORGED = 12
"""Envelopes that an impostor makes, so that the last has no number that the true sender used."""

STRIDE = 23
"""Every so many bytes of an envelope are changed, where not all of them are."""


@frozen
class Impostor(Roster):
    """Each agent's true secrets but those of one agent, for which somebody without them stands in."""

    without: str = ""

    def secret(self, name: str, purpose: str) -> bytes:
        """As of any roster; of that one agent, something else."""
        return super().secret(name, f"{purpose} of an impostor" if name == self.without else purpose)

    def signer(self, name: str) -> Signer:
        """As of any roster; of that one agent, another key."""
        return Signer.from_seed(self.seed, f"an impostor of {name}") if name == self.without else super().signer(name)


@frozen(eq=False)
class Post:
    """Who seals and who opens."""

    desk: Desk

    def seals(self, name: str, text: bytes, *audience: str) -> bytes:
        """An envelope of one agent's."""
        envelope = self.desk.ask(name, "encrypt", text, audience)
        expect("privacy", name, "encrypt", envelope, bytes)
        return envelope  # type: ignore[no-any-return]

    def reads(self, name: str, envelope: bytes) -> bytes | None:
        """What an agent reads; None if it refuses."""
        text = self.desk.ask(name, "decrypt", envelope)
        if text is NO:
            return None
        expect("privacy", name, "decrypt", text, bytes)
        return text  # type: ignore[no-any-return]


def flaws(post: Post, sender: str, reader: str, third: str, *, thorough: bool) -> Iterator[Flaw]:
    """All that is wrong with the envelopes of a sender; `thorough` leaves out nothing, however long it takes."""
    ones: list[bytes] = []
    others: list[bytes] = []
    for text, kept in ((ONE, ones), (OTHER, others), (OTHER, others), (ONE, ones)):
        kept.append(post.seals(sender, text, reader))
    yield from _tells(sender, ones, others)
    yield from _readers(post, sender, reader, third)
    true, other = (post.seals(sender, text, reader, third) for text in (ONE, OTHER))
    yield from _integrity(post, reader, true, other, third, every=1 if thorough else STRIDE)
    if thorough:
        yield from _window(post, sender, reader)


def _tells(sender: str, ones: Sequence[bytes], others: Sequence[bytes]) -> Iterator[Flaw]:
    """Nothing in an envelope may be the same whenever the secret is, and another when that is another."""
    parts = [{"length": len(envelope), **_parts(envelope)} for envelope in (*ones, *others)]
    for where in parts[0]:
        one, again, other, fourth = (part.get(where) for part in parts)
        if one == again and other == fourth and one != other:
            yield Flaw("secrecy", sender, f"the {where} of an envelope depends on what is sealed, and on nothing else")
            return


def _parts(envelope: bytes) -> Mapping[str, Any]:
    """What can be told apart in an envelope, by where it stands.

    The leaves of one that is JSON, the fields that make up a leaf, and pieces of a certain length, which chance never
    makes equal.
    """
    try:
        leaves = dict(_walk(json.loads(envelope), ""))
    except (ValueError, RecursionError):
        return _pieces("envelope", envelope)
    parts: dict[str, Any] = {}
    for path, value in leaves.items():
        parts[f"part {path}"] = value
        if isinstance(value, str):
            parts.update((f"part {path}, field {number}", one) for number, one in enumerate(FIELD.split(value)))
            parts.update(_pieces(f"part {path}", value))
    return parts


def _pieces(where: str, value: Any) -> Mapping[str, Any]:
    return {f"{where} from place {start}": value[start : start + 8] for start in range(0, len(value) - 7, 4)}


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walk(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _walk(part, f"{path}[{number}]")
    else:
        yield path, value


def _integrity(post: Post, reader: str, envelope: bytes, other: bytes, third: str, *, every: int) -> Iterator[Flaw]:
    """No changed copy opens, and none of them keeps the true envelope from opening."""
    for what, changed in _changes(envelope, other, third, every):
        if changed != envelope and post.reads(reader, changed) is not None:
            yield Flaw("integrity", reader, f"it opened an envelope {what}")
            return
    if post.reads(reader, envelope) != ONE:
        yield Flaw("audience", reader, "after changed copies of it, the true envelope does not open")
    if post.reads(reader, envelope) is not None:
        yield Flaw("replay", reader, "it opened the same envelope twice")


def _changes(envelope: bytes, other: bytes, third: str, every: int) -> Iterator[tuple[str, bytes]]:
    yield "without its last byte", envelope[:-1]
    yield "without its first half", envelope[len(envelope) // 2 :]
    yield "with a blank behind it", envelope + b" "
    yield "with a line break before it", b"\n" + envelope
    for position in range(0, len(envelope), every):
        changed = bytearray(envelope)
        changed[position] ^= 1 << position % 7
        yield f"with byte {position} changed", bytes(changed)
    yield from _respelt(envelope, other, third)


def _respelt(envelope: bytes, other: bytes, third: str) -> Iterator[tuple[str, bytes]]:
    """Changes of whole fields, where an envelope is JSON."""
    try:
        whole, foreign = json.loads(envelope), dict(_walk(json.loads(other), ""))
    except (ValueError, RecursionError):
        return
    if not isinstance(whole, dict):
        return
    yield "in another spelling", json.dumps(whole, indent=1).encode()
    yield "with a field too many", _compact({**whole, "audit": 1})
    for key in whole:
        yield f"without its field {key}", _compact({name: value for name, value in whole.items() if name != key})
    for path, value in _walk(whole, ""):
        for put in (foreign.get(path), third, value + 1 if type(value) is int else value):
            if put != value and type(put) is type(value):
                yield f"with another {path}", _compact(_with(whole, path, put, ""))


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _with(value: Any, path: str, put: Any, here: str) -> Any:
    """A copy of a JSON value with another leaf at this path."""
    if isinstance(value, dict):
        return {key: _with(part, path, put, f"{here}.{key}" if here else key) for key, part in value.items()}
    if isinstance(value, list):
        return [_with(part, path, put, f"{here}[{number}]") for number, part in enumerate(value)]
    return put if here == path else value


def _readers(post: Post, sender: str, reader: str, third: str) -> Iterator[Flaw]:
    """Every recipient reads every byte, whatever it is."""
    for text, audience in (
        (ONE, (reader, third)),
        (OTHER, (third, reader)),
        (b"", (reader,)),
        (b" blanks around it\n", (reader,)),
        (bytes(range(256)), (reader,)),
    ):
        envelope = post.seals(sender, text, *audience)
        for name in audience:
            if post.reads(name, envelope) != text:
                kind = f"one of {len(audience)} recipients" if len(audience) > 1 else "the recipient"
                yield Flaw("audience", name, f"{kind} does not read the {len(text)} bytes that were sealed")


def _window(post: Post, sender: str, reader: str) -> Iterator[Flaw]:
    """However many others came in between, late is not replayed, and a replay is refused."""
    late, early = (post.seals(sender, ONE, reader) for _ in range(2))
    post.reads(reader, early)
    for number in range(MANY):
        post.reads(reader, post.seals(sender, b"%d" % number, reader))
    if post.reads(reader, early) is not None:
        yield Flaw("replay", reader, f"it opened an envelope again, after {MANY} others")
    if post.reads(reader, late) != ONE:
        yield Flaw("audience", reader, f"it does not open an envelope that comes late, after {MANY} others")


def impostures(post: Post, forger: Post, sender: str, reader: str) -> Iterator[Flaw]:
    """Nobody without the secrets of a sender writes in its name: not where an envelope names its sender."""
    envelope = [forger.seals(sender, ONE, reader) for _ in range(FORGED)][-1]
    if sender.encode() in envelope and post.reads(reader, envelope) is not None:
        yield Flaw("sender", reader, f"it opened what somebody without any secret of {sender} sealed in that name")
