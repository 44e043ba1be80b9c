"""A registry view changes by its owner's own cards and by received gossip only, and never goes back.

Owns the registry's contract. Every card in a view is a live one that its publisher registered, and leaves it only
after a tombstone of its publisher; a newer card or a withdrawal is never undone by an older card.
"""

from collections.abc import Mapping

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.contract import Contract
from crosslayer.properties.watcher import violated


class _Registry(Contract):
    part = "registry"

    def __init__(self, _population: Population) -> None:
        super().__init__()
        self._registered: set[tuple[str, str]] = set()
        self._tombstones: dict[tuple[str, str], int] = {}
        self._withdrawers: set[str] = set()
        self._unheard_of: dict[tuple[str, str], tuple[int, str]] = {}
        self._newest: dict[tuple[str, str], tuple[int, int]] = {}
        self._withdrawn: dict[tuple[str, str], int] = {}
        self._gone: dict[tuple[str, str], int] = {}

    def facts(self) -> Mapping[str, Handler]:
        return {"registered": self._register, "view": self._view}

    def _register(self, seq: int, event: Event) -> None:
        match event.data:
            case {"card": str() as digest}:
                self._registered.add((event.agent, digest))
                if event.data.get("tombstone") is True:
                    self._tombstones.setdefault((event.agent, digest), seq)
                    self._withdrawers.add(event.agent)

    def _view(self, seq: int, event: Event) -> None:
        match event.data:
            case {"cause": str() as cause, "changes": {**changes}}:
                self.seen += 1
                if cause == "unexplained":
                    who = ", ".join(sorted(str(name) for name in changes)) or "nobody"
                    self.breaks(
                        f"the view of {event.agent} changed at tick {event.tick} (cards of {who}), "
                        "though it registered nothing and no gossip came in",
                        seq,
                    )
                for publisher, card in changes.items():
                    self._change(seq, event, publisher, card)

    def _change(self, seq: int, event: Event, publisher: object, card: object) -> None:
        key = (event.agent, str(publisher))
        match card:
            case None:
                if key in self._newest:
                    self._withdrawn.setdefault(key, seq)
                    self._gone.setdefault(key, seq)
            case [int() as version, str() as digest]:
                self._appearance(seq, event, key, version)
                if (key[1], digest) not in self._unheard_of:
                    self._unheard_of[key[1], digest] = (seq, f"the view of {event.agent} at tick {event.tick}")

    def _appearance(self, seq: int, event: Event, key: tuple[str, str], version: int) -> None:
        newest, newest_seq = self._newest.get(key, (version, seq))
        withdrawn_seq = self._withdrawn.pop(key, None)
        if version < newest:
            self.breaks(f"{_card(event, key, version)} replaces the newer version {newest}", newest_seq, seq)
        elif withdrawn_seq is not None and version == newest:
            self.breaks(f"{_card(event, key, version)} is back after it was withdrawn there", withdrawn_seq, seq)
        else:
            self._newest[key] = (version, seq)

    def verdict(self) -> Verdict:
        # "Never registered" is a claim about the whole run, so that the order of two facts of one moment is moot.
        for (publisher, digest), (seq, where) in self._unheard_of.items():
            if (publisher, digest) not in self._registered:
                return violated(f"{where} holds a card {digest[:12]} that {publisher} never registered", seq)
            tombstone_seq = self._tombstones.get((publisher, digest))
            if tombstone_seq is not None:
                return violated(f"{where} shows the tombstone of {publisher} as a live card", tombstone_seq, seq)
        for (owner, publisher), seq in self._gone.items():
            if publisher not in self._withdrawers:
                return violated(f"the view of {owner} lost the card of {publisher}, who never withdrew it", seq)
        return super().verdict()


def _card(event: Event, key: tuple[str, str], version: int) -> str:
    owner, publisher = key
    return f"version {version} of {publisher}'s card in the view of {owner} at tick {event.tick}"


PROPERTY = Property(
    name="registry",
    claim="A view changes by its owner's own cards and received gossip only, and never goes back.",
    parts=("registry",),
    watch=_Registry,
    joint=False,
)
