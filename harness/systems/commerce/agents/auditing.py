"""The auditor: takes in evidence, passes it to the trust plugin once, scores everybody at the end.

Owns which evidence was seen. Knows nothing of what makes evidence good; that is the trust layer's business.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint, Receiver, Waker
from crosslayer.harness.systems.commerce.agents.wire import read_complaint, read_receipt, write
from crosslayer.harness.systems.commerce.nouns import Evidence, Receipt

_READERS: Mapping[str, Callable[[bytes], Evidence]] = {"receipt": read_receipt, "complaint": read_complaint}
"""How reported evidence is read from the keys under which it is stored, by how they begin."""


class Auditing:
    """The owner of the trust plugin that counts."""

    durable: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._reported: set[Evidence] = set()

    def start(self) -> None:
        """Nothing to do."""

    def resume(self) -> None:
        """What was reported is not reported again."""
        for key in self._endpoint.store:
            what, _, told = key.partition(" ")
            if what in _READERS:
                self._reported.add(_READERS[what](told.encode()))

    def receivers(self) -> dict[str, Receiver]:
        """Receipts and complaints come in."""
        return {"receipt": self._on_receipt, "complaint": self._on_complaint}

    def wakers(self) -> dict[str, Waker]:
        """The last thing that happens."""
        return {"score": self._score}

    def _on_receipt(self, _source: str, payload: bytes) -> None:
        receipt = read_receipt(payload)
        self._report(receipt.issuer, receipt)

    def _on_complaint(self, _source: str, payload: bytes) -> None:
        complaint = read_complaint(payload)
        self._report(complaint.subject, complaint)

    def _report(self, did: str, evidence: Evidence) -> None:
        kit = self._endpoint.kit
        if did not in kit.names:
            raise Refused("evidence about nobody")
        # Ids belong to their issuers and are proved by signatures, so only the very same evidence is a
        # repetition: junk under another's id must not keep the real one out.
        if evidence not in self._reported:
            self._reported.add(evidence)
            what = "receipt" if isinstance(evidence, Receipt) else "complaint"
            self._endpoint.store.put(f"{what} {write(evidence).decode()}", value=True)
            kit.trust.report(kit.names[did], evidence)

    def _score(self, _rest: str) -> None:
        kit = self._endpoint.kit
        for name in kit.population.names():
            if name != kit.name:
                kit.trust.score(name)
