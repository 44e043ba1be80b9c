"""Keys, signatures and secrets are real, and functions of the run's seed."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.kernel.crypto import Signer, secret, verify

VECTORS = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
            "be24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        b"\x72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
            "2aeeb00d291612bb0c00"
        ),
    ),
)
"""RFC 8032, section 7.1, tests 1 and 2: key, public key, message, signature."""

ALICE = Signer.from_seed(1, "alice")


@pytest.mark.parametrize(("key", "did", "message", "signature"), VECTORS)
def test_signatures_are_those_of_the_standard(key: str, did: str, message: bytes, signature: str) -> None:
    """Public key, signature and verification agree with the vectors of RFC 8032."""
    signer = Signer(bytes.fromhex(key))

    assert (signer.did, signer.sign(message)) == (did, signature)
    assert verify(did, message, signature)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 511), st.binary(max_size=40))
def test_a_flipped_bit_of_a_signature_is_noticed(position: int, message: bytes) -> None:
    """No single bit of a signature can change."""
    forged = bytearray.fromhex(ALICE.sign(message))
    forged[position // 8] ^= 1 << position % 8

    assert not verify(ALICE.did, message, forged.hex())


def test_a_signature_is_for_one_message_and_one_key() -> None:
    """Another message or another key is not verified by it."""
    signature = ALICE.sign(b"message")

    assert verify(ALICE.did, b"message", signature)
    assert not verify(ALICE.did, b"massage", signature)
    assert not verify(Signer.from_seed(1, "bob").did, b"message", signature)


JUNK = st.text(max_size=20) | st.binary(max_size=70).map(bytes.hex)


@settings(max_examples=50, deadline=None)
@given(JUNK, JUNK)
def test_junk_is_just_false(did: str, signature: str) -> None:
    """Keys and signatures that are not hex, or of a wrong length, are false, never an error."""
    assert verify(did, b"", signature) is False
    assert verify(ALICE.did, b"", signature) is False
    assert verify(did, b"", ALICE.sign(b"")) is False


def test_secrets_differ_by_every_argument() -> None:
    """Seed, name and purpose all count, and no two triples run together."""
    triples = [
        *itertools.product((0, 1, 11), ("a", "a-1", "1a"), ("x", "1", "")),
        (1, "a', 'b", "c"),
        (1, "a", "b', 'c"),
    ]

    assert len({secret(*triple) for triple in triples}) == len(triples)


def test_secrets_are_pinned() -> None:
    """A secret is 32 bytes and the same in every process and release: committed counterexamples rest on it."""
    assert secret(1, "buyer-0", "x25519").hex() == "72b2520c789ee8aa67565d98b778f0322fdd74e1aa6be7336f9690abb58eb208"


def test_an_agents_key_is_its_own() -> None:
    """A seed and a name always give the same key; another seed or name gives another."""
    dids = {Signer.from_seed(seed, name).did for seed in (0, 1) for name in ("alice", "bob")}

    assert Signer.from_seed(1, "alice") == ALICE
    assert len(dids) == 4


def test_a_key_is_not_printed() -> None:
    """A signer's repr, which may end up in a report, does not show its key."""
    assert ALICE.key.hex() not in repr(ALICE)
    assert repr(ALICE.key) not in repr(ALICE)
