"""The privacy layer that keeps no secret: what goes in comes out.

Owns nothing. It is the known-bad swap that must break the opacity of bids, and nothing else.
"""

from collections.abc import Sequence

from crosslayer.harness.systems.commerce.ports import Privacy, Roster


class NoPrivacy:
    """Seals nothing; anybody can read it, as often as they like."""

    def encrypt(self, data: bytes, audience: Sequence[str]) -> bytes:  # noqa: ARG002 - that is the flaw
        """The data itself, whatever the audience."""
        return data

    def decrypt(self, data: bytes) -> bytes:
        """The data itself; never refuses."""
        return data


def make(roster: Roster) -> dict[str, Privacy]:
    """One handle per member."""
    return {name: NoPrivacy() for name in roster.names()}
