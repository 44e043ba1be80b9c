"""The audience of an envelope reads exactly what was sealed, once; nobody else reads anything.

Owns the privacy contract. The same plaintext sealed twice differs, so no two seals share an envelope; a
replayed or a made-up envelope opens to nobody.
"""

from collections.abc import Mapping
from typing import NamedTuple

from crosslayer.harness.model.events import Event
from crosslayer.harness.model.verdicts import Handler, Property, Verdict
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.properties.contract import Contract
from crosslayer.properties.watcher import violated


class _Seal(NamedTuple):
    seq: int
    sender: str
    audience: tuple[str, ...]
    plaintext: str


class _Privacy(Contract):
    part = "privacy"

    def __init__(self, _population: Population) -> None:
        super().__init__()
        self._seals: dict[str, _Seal] = {}
        self._readings: dict[tuple[str, str], int] = {}
        self._unsealed: list[tuple[int, str]] = []

    def facts(self) -> Mapping[str, Handler]:
        return {"sealed": self._sealed, "opened": self._opened}

    def _sealed(self, seq: int, event: Event) -> None:
        match event.data:
            case {"audience": [*audience], "plaintext": str() as plaintext, "envelope": str() as envelope}:
                self.seen += 1
                names = tuple(name for name in audience if isinstance(name, str))
                first = self._seals.setdefault(envelope, _Seal(seq, event.agent, names, plaintext))
                if first.seq != seq:
                    self.breaks(
                        f"{event.agent} sealed at tick {event.tick} the very envelope that {first.sender} had sealed",
                        first.seq,
                        seq,
                    )

    def _opened(self, seq: int, event: Event) -> None:
        match event.data:
            case {"plaintext": str() as plaintext, "envelope": str() as envelope}:
                self.seen += 1
                reader = f"{event.agent} opened at tick {event.tick}"
                first = self._readings.setdefault((event.agent, envelope), seq)
                if first != seq:
                    self.breaks(f"{reader} an envelope that it had opened before", first, seq)
                seal = self._seals.get(envelope)
                if seal is None:
                    self._unsealed.append((seq, f"{reader} an envelope that nobody sealed"))
                elif event.agent not in seal.audience:
                    self.breaks(f"{reader} an envelope that {seal.sender} sealed for others", seal.seq, seq)
                elif plaintext != seal.plaintext:
                    self.breaks(f"{reader} something else than {seal.sender} sealed", seal.seq, seq)

    def verdict(self) -> Verdict:
        # Without any seal the trace does not record sealing at all, and nothing can be said of what was opened.
        if self._unsealed and self._seals:
            seq, detail = self._unsealed[0]
            return violated(detail, seq)
        return super().verdict()


PROPERTY = Property(
    name="privacy",
    claim="The audience of an envelope reads exactly what was sealed, once; nobody else reads anything.",
    parts=("privacy",),
    watch=_Privacy,
    joint=False,
)
