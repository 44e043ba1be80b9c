"""Who can have heard of whom: the pushes of gossip that were really received.

Owns that, and the form of gossip. Knows no marker: that somebody says to have discovered a seller proves nothing here.

An agent knows another if it received that one's card from the agent itself, or from one that knew it when it sent the
card. So a card that somebody pushes without having heard of its publisher tells nobody anything.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from crosslayer.harness.systems.commerce.nest.lines import Line
from crosslayer.harness.systems.commerce.nest.markers import DIGEST_PREFIX, PUSH_PREFIX

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Knowledge:
    """Whose registration has reached whom, so far."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, None]] = {}
        self._unfounded: dict[tuple[str, str], list[str]] = {}

    def sent(self, line: Line) -> None:
        """Somebody sent a message. Anyone who keeps the rules pushes what it knows, so there is little to remember."""
        if line.msg.startswith(PUSH_PREFIX) and line.corr:
            unfounded = [publisher for publisher in _publishers(line.msg) if not self.knows(line.agent, publisher)]
            if unfounded:
                self._unfounded.setdefault((line.agent, line.corr), unfounded)

    def received(self, line: Line) -> None:
        """Somebody received a message."""
        if not line.msg.startswith(PUSH_PREFIX):
            return
        unfounded = self._unfounded.get((line.peer, line.corr), ())
        for publisher in _publishers(line.msg):
            if publisher not in unfounded and self.knows(line.peer, publisher):
                self._known.setdefault(line.agent, {})[publisher] = None

    def knows(self, agent: str, publisher: str) -> bool:
        """Whether news of that publisher has reached this agent by now."""
        return agent == publisher or publisher in self._known.get(agent, {})


def _publishers(msg: str) -> Iterator[str]:
    try:
        cards = json.loads(msg.removeprefix(PUSH_PREFIX))
    except (ValueError, RecursionError):
        return
    for card in cards if isinstance(cards, list) else ():
        match card:
            case {"publisher": str() as publisher}:
                yield publisher


def push(cards: Iterable[tuple[str, int, bool, tuple[str, ...]]]) -> str:
    """A push of cards, each a publisher with version, whether it withdraws, and capabilities."""
    return PUSH_PREFIX + _encode([_card(*card) for card in cards])


def _card(publisher: str, version: int, tombstone: bool, capabilities: tuple[str, ...]) -> dict[str, Any]:  # noqa: FBT001
    card: dict[str, Any] = {
        "agent_id": publisher,
        "capabilities": capabilities,
        "endpoint": None,
        "metadata": {},
        "name": publisher,
    }
    return {"card": card, "publisher": publisher, "tombstone": tombstone, "version": version}


def digest(marks: Any) -> str:
    """A digest of a view."""
    return DIGEST_PREFIX + _encode(marks)
