"""Registries with one thing wrong each: subclasses of the reference, and a factory for every defect."""

import json

from attrs import asdict, evolve

from harness.crypto import verify
from harness.errors import Refused
from harness.nouns import SELLER_ROLES, Card, role_of
from harness.plugins.registry_gossip import Entry, GossipRegistry, View, _reader, _ring, entry_of, view_of
from harness.ports import Outgoing, Roster


def _made[Kind: GossipRegistry](roster: Roster, kind: type[Kind]) -> dict[str, Kind]:
    """As the reference's factory, but of this class."""
    names, read = roster.names(), _reader(roster.members)
    return {member.name: kind(member, _ring(names, place), read) for place, member in enumerate(roster.members)}
