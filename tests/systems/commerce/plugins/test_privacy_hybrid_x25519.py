"""The reference privacy layer: the audience reads once, nobody else reads, and no byte can change."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.plugins import privacy_hybrid_x25519 as module
from crosslayer.harness.systems.commerce.plugins.privacy_hybrid_x25519 import HybridX25519, make, nonces
from crosslayer.harness.systems.commerce.ports import Member, Privacy, Roster

NAMES = ("auditor-0", "buyer-0", "buyer-1", "seller-0", "shill-0")
BID = b'{"amount":150,"ref":"buyer-0/seller-0"}'

few = settings(max_examples=40, deadline=None)


def handles(seed: int = 0) -> dict[str, Privacy]:
    """Fresh handles of everybody."""
    return make(Roster(tuple(Member(name, Signer.from_seed(seed, name).did) for name in NAMES), seed))


def encode(fields: object) -> bytes:
    """JSON as it is on the wire."""
    return json.dumps(fields, separators=(",", ":")).encode()


def can_open(handle: Privacy, envelope: bytes) -> bool:
    """Whether this handle opens the envelope rather than refuse it."""
    try:
        handle.decrypt(envelope)
    except Refused:
        return False
    return True


SEALED = handles()["buyer-0"].encrypt(BID, ["seller-0", "auditor-0"])
FIELDS: dict[str, Any] = json.loads(SEALED)


@few
@given(st.binary(max_size=200), st.sets(st.sampled_from(NAMES), min_size=1))
def test_exactly_the_audience_reads(data: bytes, audience: set[str]) -> None:
    """Every recipient reads what was sealed; nobody else does, and the sender only if it is in the audience."""
    everybody = handles()
    envelope = everybody["buyer-0"].encrypt(data, sorted(audience, reverse=True))

    assert {name for name in NAMES if can_open(everybody[name], envelope)} == audience
    assert {handles()[name].decrypt(envelope) for name in sorted(audience)} == {data}


def test_a_replay_is_refused() -> None:
    """Each recipient opens an envelope once; a later message of the same sender is no replay."""
    everybody = handles()
    first = everybody["buyer-0"].encrypt(BID, ["seller-0", "auditor-0"])
    second = everybody["buyer-0"].encrypt(BID, ["seller-0"])

    assert [can_open(everybody["seller-0"], first) for _ in range(3)] == [True, False, False]
    assert can_open(everybody["auditor-0"], first)
    assert can_open(everybody["seller-0"], second)


def test_a_failed_opening_does_not_count() -> None:
    """A changed copy that arrives first does not keep the true envelope out."""
    seller = handles()["seller-0"]

    assert not can_open(seller, encode(FIELDS | {"ct": FIELDS["n0"] * 2}))
    assert seller.decrypt(SEALED) == BID


@few
@given(st.integers(0, len(SEALED) * 8 - 1))
def test_a_flipped_bit_is_refused(position: int) -> None:
    """Any one bit of an envelope, the other recipient's wrap included, is noticed by every recipient."""
    changed = bytearray(SEALED)
    changed[position // 8] ^= 1 << position % 8

    assert not can_open(handles()["seller-0"], bytes(changed))
    assert not can_open(handles()["auditor-0"], bytes(changed))


def test_no_bit_at_all_can_flip() -> None:
    """The same claim, checked at each of the thousands of positions for one recipient."""
    seller = handles()["seller-0"]
    opened = []
    for position in range(len(SEALED) * 8):
        changed = bytearray(SEALED)
        changed[position // 8] ^= 1 << position % 8
        if can_open(seller, bytes(changed)):
            opened.append(position)

    assert opened == []


def respelled() -> dict[str, bytes]:
    """The same envelope in other words."""
    loose = FIELDS["to"][0] | {"more": 1}
    return {
        "spaces": json.dumps(FIELDS).encode(),
        "order of keys": json.dumps(FIELDS, separators=(",", ":"), sort_keys=True).encode(),
        "a further key": encode(FIELDS | {"more": 1}),
        "a further key in a wrap": encode(FIELDS | {"to": [loose, FIELDS["to"][1]]}),
        "order of recipients": encode(FIELDS | {"to": FIELDS["to"][::-1]}),
        "a recipient twice": encode(FIELDS | {"to": [FIELDS["to"][0], *FIELDS["to"]]}),
        "a recipient less": encode(FIELDS | {"to": FIELDS["to"][1:]}),
        "no recipient": encode(FIELDS | {"to": []}),
        "version 1.0": SEALED.replace(b'"v":1', b'"v":1.0', 1),
        "a key twice": SEALED.replace(b'"v":1', b'"v":1,"v":1', 1),
        "utf-16": SEALED.decode().encode("utf-16"),
        "other message": encode(FIELDS | {"msg": "buyer-0:1"}),
        "message of another": encode(FIELDS | {"msg": "shill-0:0"}),
        "other sender": encode(FIELDS | {"from": "shill-0", "msg": "shill-0:0"}),
        "unknown sender": encode(FIELDS | {"from": "ghost-0", "msg": "ghost-0:0"}),
        "ephemeral key short": encode(FIELDS | {"eph": "AAAA"}),
        "nonce short": encode(FIELDS | {"n0": "AAAA"}),
        "nonce of a wrap short": encode(FIELDS | {"to": [wrap | {"n": "AAAA"} for wrap in FIELDS["to"]]}),
        "wrap short": encode(FIELDS | {"to": [wrap | {"w": "AAAA"} for wrap in FIELDS["to"]]}),
        "text empty": encode(FIELDS | {"ct": ""}),
        "ephemeral key zero": encode(FIELDS | {"eph": base64.b64encode(bytes(32)).decode()}),
    }


@pytest.mark.parametrize("envelope", respelled().values(), ids=respelled().keys())
def test_an_envelope_has_one_spelling(envelope: bytes) -> None:
    """Other JSON or other fields around the same secret text are refused."""
    seller = handles()["seller-0"]

    with pytest.raises(Refused):
        seller.decrypt(envelope)


def test_loose_base64_is_refused() -> None:
    """Padding bits that decode to nothing cannot carry a change."""
    envelope = handles()["buyer-0"].encrypt(b"1", ["seller-0"])
    text = json.loads(envelope)["ct"]
    assert text.endswith("=")
    twin = next(
        text[:-2] + letter + "="
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        if letter != text[-2] and base64.b64decode(text[:-2] + letter + "=") == base64.b64decode(text)
    )

    assert not can_open(handles()["seller-0"], envelope.replace(text.encode(), twin.encode()))


def test_nobody_can_seal_in_anothers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shill that knows all public keys, and claims the buyer's, cannot use up a message id of the buyer."""
    shill = handles()["shill-0"]
    assert isinstance(shill, HybridX25519)
    own, publics = shill._private, shill._publics  # noqa: SLF001 - the adversary knows what it holds
    claimed = {own: publics["buyer-0"]}
    honest = module._public_key  # noqa: SLF001
    with monkeypatch.context() as patch:
        patch.setattr(module, "_public_key", lambda private: claimed.get(private) or honest(private))
        forged = HybridX25519("buyer-0", own, bytes(32), publics).encrypt(b"junk", ["seller-0"])
    seller = handles()["seller-0"]

    assert nonces(forged)
    assert not can_open(seller, forged)
    assert seller.decrypt(handles()["buyer-0"].encrypt(BID, ["seller-0"])) == BID


@pytest.mark.parametrize("audience", [[], ["nobody-0"], ["seller-0", "nobody-0"]])
def test_sealing_for_nobody_is_refused(audience: list[str]) -> None:
    """An audience that is empty or holds a stranger has no envelope, and its attempt uses up no message id."""
    buyer = handles()["buyer-0"]

    with pytest.raises(Refused):
        buyer.encrypt(BID, audience)
    assert buyer.encrypt(BID, ["seller-0", "auditor-0"]) == SEALED


@few
@given(
    st.binary(max_size=300)
    | st.text().map(str.encode)
    | st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ).map(encode)
)
@example(b'{"from":' + b"[" * 100_000)
@example(b'{"from":' + b"1" * 5_000 + b"}")
@example(b"NaN")
def test_junk_is_refused(data: bytes) -> None:
    """Bytes that are no envelope get a plain no, never another exception."""
    with pytest.raises(Refused):
        handles()["seller-0"].decrypt(data)


@few
@given(
    st.sampled_from(sorted(FIELDS)),
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.just([{}]) | st.just({"to": 1}),
)
def test_a_field_of_junk_is_refused(key: str, junk: object) -> None:
    """An envelope with one field replaced by a value of any type gets a plain no."""
    assume(junk != FIELDS[key])
    with pytest.raises(Refused):
        handles()["seller-0"].decrypt(encode(FIELDS | {key: junk}))


def test_the_same_text_twice_differs() -> None:
    """Two envelopes of one text to one audience share neither key nor nonce nor ciphertext."""
    buyer = handles()["buyer-0"]
    first, second = (json.loads(buyer.encrypt(BID, ["seller-0"])) for _ in range(2))

    assert [key for key in first if first[key] == second[key]] == ["v", "s", "from"]


def test_the_text_is_not_in_the_envelope() -> None:
    """Neither the bid nor a common encoding of it is on the wire."""
    spellings = (BID, b"150", BID.hex().encode(), base64.b64encode(BID)[:-2], json.dumps(BID.decode()).encode()[1:-1])

    assert [spelling for spelling in spellings if spelling in SEALED] == []


def test_no_secret_is_in_an_envelope() -> None:
    """What a handle names as secret, raw, in hex or in base64, is in none of its envelopes."""
    buyer = handles()["buyer-0"]
    wire = b"".join(buyer.encrypt(BID, ["seller-0"]) for _ in range(20))
    assert isinstance(buyer, HybridX25519)
    secrets = buyer.secrets()

    assert len(set(secrets)) == 2 + 20
    for secret in secrets:
        assert secret not in wire
        assert secret.hex().encode() not in wire
        assert base64.b64encode(secret)[:-1] not in wire


def test_no_nonce_comes_twice_under_a_key() -> None:
    """Over many envelopes of all senders every (key, nonce) is new, and each has one per recipient and one more."""
    everybody = handles()
    pairs = [
        pair
        for name in NAMES
        for number in range(30)
        for pair in nonces(everybody[name].encrypt(b"%d" % (number % 2), ["seller-0", "buyer-1"]))
    ]

    assert len(pairs) == len(NAMES) * 30 * 3
    assert len(set(pairs)) == len({nonce for _, nonce in pairs}) == len(pairs)


def test_a_counter_set_back_reuses_no_nonce() -> None:
    """Two handles of one agent in one state that seal different texts do so under different keys and nonces."""
    first, second = (nonces(handles()["buyer-0"].encrypt(text, ["seller-0"])) for text in (b"1", b"2"))

    assert {*first}.isdisjoint(second)


def test_nonces_of_other_bytes_are_none() -> None:
    """What is not an envelope of this format has no nonces that could be read."""
    assert [nonces(data) for data in (b"", b"{}", b"junk", SEALED[:-1], SEALED + b" ")] == [()] * 5


def test_the_seed_decides_every_byte() -> None:
    """One seed gives the same envelopes again and again, another seed gives others."""
    again, other = (handles(seed)["buyer-0"].encrypt(BID, ["auditor-0", "seller-0"]) for seed in (0, 1))

    assert again == SEALED
    assert other != SEALED
    assert hashlib.sha256(SEALED).hexdigest() == "43d707b568111f9aaf6fecebbaa09b2867d8e40b2a022f7c819c56951fa46da3"


def test_runs_of_different_seeds_cannot_read_each_other() -> None:
    """An envelope of one seed is refused under another."""
    assert not can_open(handles(1)["seller-0"], SEALED)
