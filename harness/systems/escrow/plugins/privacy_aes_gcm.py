"""Another correct privacy layer: the same sealing by AES-256-GCM (NIST SP 800-38D)."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crosslayer import Roster
from crosslayer.harness.systems.escrow.plugins.privacy_chacha20 import Sealing


class AesSealing(Sealing):
    """One agent's sealing and opening."""

    cipher = AESGCM


def make(roster: Roster) -> dict[str, AesSealing]:
    """One for every agent, each with a secret of its own."""
    return {name: AesSealing(roster, name) for name in roster.names()}
