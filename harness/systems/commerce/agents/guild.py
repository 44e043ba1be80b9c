"""The honest guild: sellers settle among themselves in a directed cycle of co-signed receipts.

Owns who is whose successor. Knows nothing of sales.
"""

from typing import ClassVar

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.agents.drafts import Drafts, cosign
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint, Receiver, Waker
from crosslayer.harness.systems.commerce.agents.wire import read_receipt, write


def guild_id(issuer: str, counterparty: str) -> str:
    """The id of the receipt between two neighbours."""
    return f"guild:{issuer}:{counterparty}"


class Guild:
    """Issues one receipt to the next seller of the cycle, and co-signs the one of the seller before."""

    durable: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint, drafts: Drafts) -> None:
        self._endpoint = endpoint
        self._drafts = drafts

    def start(self) -> None:
        """Ask the next seller for its co-signature."""
        name = self._endpoint.kit.name
        successor = self._successor(name)
        if successor != name:
            draft = self._drafts.issue(guild_id(name, successor), successor, "payment")
            self._endpoint.post(successor, "draft", write(draft))

    def resume(self) -> None:
        """What was asked for is in the outbox, and its draft with the other drafts."""

    def receivers(self) -> dict[str, Receiver]:
        """Drafts to co-sign."""
        return {"draft": self._on_draft}

    def wakers(self) -> dict[str, Waker]:
        """None."""
        return {}

    def _on_draft(self, source: str, payload: bytes) -> None:
        kit = self._endpoint.kit
        draft = read_receipt(payload)
        members = kit.population.of("seller")
        if source not in members or self._successor(source) != kit.name:
            raise Refused("a draft from outside the guild")
        expected = (guild_id(source, kit.name), kit.dids[source], kit.signer.did, "payment", "")
        if (draft.id, draft.issuer, draft.counterparty, draft.category, draft.ref) != expected:
            raise Refused("a draft of something else")
        if not verify(draft.issuer, draft.body(), draft.signature):
            raise Refused("a draft that is not signed")
        self._endpoint.post(source, "receipt", write(cosign(kit, draft)))

    def _successor(self, name: str) -> str:
        members = self._endpoint.kit.population.of("seller")
        return members[(members.index(name) + 1) % len(members)]
