from typing import Any

import pytest

from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.systems.commerce.nest_plugins.making import Workshop
from crosslayer.harness.systems.commerce.nest_plugins.privacy import NestPrivacy, introduce
from crosslayer.harness.systems.commerce.ports import Member, Roster
from tests.systems.commerce.nest_plugins.classes import Clear, Sealed

ROSTER = Roster((Member("a", "aa"), Member("b", "bb"), Member("c", "cc")), seed=1)


def trio() -> tuple[NestPrivacy, NestPrivacy, NestPrivacy]:
    """Three agents who know each other's keys."""
    made = Workshop("privacy", ROSTER).make_all(Sealed)
    introduce(made)
    first, second, third = (NestPrivacy(name, one) for name, one in made.items())
    return first, second, third


def test_keys_are_exchanged_beforehand() -> None:
    """Plugins that have public keys and know peers can write to each other at once."""
    first, second, _ = trio()

    assert b"bid" == second.decrypt(first.encrypt(b"bid", ("b",)))


def test_whatever_decrypt_raises_is_its_no() -> None:
    """An outsider, a replay and a changed byte are refused, each with the plugin's own exception as the reason."""
    first, second, third = trio()
    envelope = first.encrypt(b"bid", ("b",))
    second.decrypt(envelope)

    for reader, data, reason in (
        (third, envelope, "LookupError"),
        (second, envelope, "LookupError"),
        (second, envelope[:-1] + b"!", "PermissionError"),
    ):
        with pytest.raises(Refused, match=reason):
            reader.decrypt(data)


def test_nobody_is_introduced_who_has_no_key() -> None:
    """A plugin without keys is left alone."""
    introduce({"a": Clear(), "b": Clear()})


class Waits(Clear):
    """Cannot be read at once."""

    async def decrypt(self, data: bytes) -> Any:
        class Never:
            def __await__(self) -> Any:
                yield

        await Never()


def test_waiting_is_no_refusal() -> None:
    """A suspension within decrypt is a fault like any other."""
    with pytest.raises(PluginFault, match="decrypt: waits for something"):
        NestPrivacy("a", Waits()).decrypt(b"x")
